package arrivals

import "math"

// schedule walks through the due times of an open profile. Everything follows
// from A(t), the integral of the piecewise linear rate: even arrivals are due
// where A(t) = n + ½, Poisson arrivals are a process of rate 1 sent through the
// inverse of A.
type schedule struct {
	profile *Profile
	seed    int64
	stage   int
	over    bool
	nextAt  float64
	// stageStart is the offset of the current stage, areaBefore is A there.
	stageStart, areaBefore float64
	// area is that under the stage's rate at the next due time, stageArea at its end.
	area, stageArea float64
	gaps            *Random
}

func newSchedule(p *Profile, seed int64) *schedule {
	s := &schedule{profile: p, seed: seed}
	s.begin()
	s.settle()
	return s
}

func (s *schedule) NextAt() float64    { return s.nextAt }
func (s *schedule) NextStage() int     { return s.stage }
func (s *schedule) NextUser() int      { return -1 }
func (s *schedule) Enter(int, float64) {} // the schedule knows its stages
func (s *schedule) Ended(int, float64) {} // an answer makes nothing due
func (s *schedule) current() *Stage    { return &s.profile.Stages[s.stage] }

func (s *schedule) Advance() {
	if s.gaps == nil {
		s.area++
	} else {
		s.area += s.gaps.Exponential()
	}
	s.settle()
}

func (s *schedule) begin() {
	s.stageArea = areaUpTo(s.current(), s.current().DurationMs)
	if s.profile.Arrivals == "even" {
		s.area = firstEvenArea(s.areaBefore)
		return
	}
	// The exponential has no memory, so a stream of gaps of its own per stage is
	// still one Poisson process. Iterations have the streams 0, 1, …
	s.gaps = NewRandom(StreamSeed(s.seed, int64(-1-s.stage)))
	s.area = s.gaps.Exponential()
}

// settle moves on through stages that hold no further due time.
func (s *schedule) settle() {
	for !s.over && s.area >= s.stageArea {
		if s.stage == len(s.profile.Stages)-1 {
			s.over = true
			break
		}
		s.stageStart += s.current().DurationMs
		s.areaBefore += s.stageArea
		s.stage++
		s.begin()
	}
	if s.over {
		s.nextAt = math.Inf(1)
		return
	}
	// Rounding must not carry a due time over the stage's (half-open) end.
	const epsilon = 1.0 / (1 << 52)
	s.nextAt = s.stageStart + min(elapsedAt(s.current(), s.area), s.current().DurationMs*(1-epsilon))
}

const msPerSecond = 1000

// areaUpTo gives the arrivals expected in the first so many ms of a stage: a trapezium.
func areaUpTo(s *Stage, elapsed float64) float64 {
	if s.DurationMs <= 0 {
		return 0
	}
	slope := (s.EndPerSecond - s.StartPerSecond) / s.DurationMs
	return (s.StartPerSecond + slope*elapsed/2) * elapsed / msPerSecond
}

// elapsedAt is the inverse of areaUpTo, in the form of the quadratic's root that
// loses no digits when the slope is near 0.
func elapsedAt(s *Stage, area float64) float64 {
	perMs := s.StartPerSecond / msPerSecond
	slope := (s.EndPerSecond/msPerSecond - perMs) / s.DurationMs
	if slope == 0 {
		return area / perMs
	}
	return 2 * area / (perMs + math.Sqrt(max(0, perMs*perMs+2*slope*area)))
}

// firstEvenArea is the area from a stage's start to the first n + ½; sums that
// should be whole numbers are taken as such.
func firstEvenArea(before float64) float64 {
	if nearest := math.Floor(before + 0.5); math.Abs(before-nearest) < 1e-6 {
		before = nearest
	}
	return math.Ceil(before-0.5) + 0.5 - before
}
