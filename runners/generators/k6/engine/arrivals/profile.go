// Package arrivals says when the next request is due. It is the same arithmetic
// as scenarios/load-schedule.ts and runners/generators/autocannon/arrivals.ts;
// testdata/golden.json, which the TypeScript tests write and check, holds both
// to it.
package arrivals

import (
	"errors"
	"fmt"
	"math"
)

// Profile is the plan's load profile (model/load-profile.ts).
type Profile struct {
	Kind        string  `json:"kind"`
	Arrivals    string  `json:"arrivals"`
	ThinkTimeMs float64 `json:"thinkTimeMs"`
	Stages      []Stage `json:"stages"`
}

// Stage has rates in an open profile and users in a closed one.
type Stage struct {
	Name           string  `json:"name"`
	Kind           string  `json:"kind"`
	StartPerSecond float64 `json:"startPerSecond"`
	EndPerSecond   float64 `json:"endPerSecond"`
	Users          int     `json:"users"`
	DurationMs     float64 `json:"durationMs"`
}

// Arrivals is whatever makes requests due: a schedule (open loop) or users
// (closed loop). Instants are milliseconds from the start of the load.
type Arrivals interface {
	// NextAt is infinite where nothing is due by itself.
	NextAt() float64
	NextStage() int
	// NextUser is −1 in an open loop.
	NextUser() int
	// Advance: the next request was handed over.
	Advance()
	// Enter: a stage begins.
	Enter(stage int, at float64)
	// Ended: a user's request ended.
	Ended(user int, at float64)
}

// Validate gives every fault of the profile.
func (p *Profile) Validate() []error {
	var faults []error
	switch {
	case p.Kind != "open" && p.Kind != "closed":
		faults = append(faults, fmt.Errorf("profile.kind %q is neither open nor closed", p.Kind))
	case p.Kind == "open" && p.Arrivals != "even" && p.Arrivals != "poisson":
		faults = append(faults, fmt.Errorf("profile.arrivals %q is neither even nor poisson", p.Arrivals))
	}
	if len(p.Stages) == 0 {
		faults = append(faults, errors.New("profile.stages is empty"))
	}
	for i, s := range p.Stages {
		for _, value := range []float64{s.StartPerSecond, s.EndPerSecond, s.DurationMs, float64(s.Users), p.ThinkTimeMs} {
			if !(value >= 0) || math.IsInf(value, 1) {
				faults = append(faults, fmt.Errorf("profile.stages[%d] has the value %v", i, value))
			}
		}
	}
	return faults
}

// Starts are the offsets at which the stages start, and as the last element
// where the profile ends.
func (p *Profile) Starts() []float64 {
	starts := make([]float64, 1, len(p.Stages)+1)
	for i, s := range p.Stages {
		starts = append(starts, starts[i]+s.DurationMs)
	}
	return starts
}

// StageAt is the stage that an offset belongs to; −1 outside the profile.
func (p *Profile) StageAt(offset float64) int {
	if offset < 0 {
		return -1
	}
	end := 0.0
	for i, s := range p.Stages {
		if end += s.DurationMs; offset < end {
			return i
		}
	}
	return -1
}

// Of makes the arrivals of a profile from the run's seed.
func Of(p *Profile, seed int64) Arrivals {
	if p.Kind == "closed" {
		return newUsers(p, seed)
	}
	return newSchedule(p, seed)
}
