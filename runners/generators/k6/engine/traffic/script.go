package traffic

import (
	"sync"
	"time"

	"go.k6.io/k6/js/common"
	"go.k6.io/k6/lib"
	"go.k6.io/k6/metrics"

	"plimsoll.dev/k6-engine/wire"
)

// Script is what a VU needs that runs a user's script. It is the VU's own.
type Script struct {
	Flow *wire.Flow
	// Samples takes what k6 measures, in place of k6's own outputs.
	Samples chan<- metrics.SampleContainer

	// iterations that were begun: turns that only connect are none of them.
	iterations int64

	mu     sync.Mutex
	pauses []pause
}

type pause struct{ from, to time.Time }

// bind puts the script's part in the place of k6's.
func (s *Script) bind(state *lib.State) error {
	if err := s.Flow.Bind(state.Transport, state.Dialer); err != nil {
		return err
	}
	state.Transport, state.Samples = s.Flow, s.Samples
	state.GetScenarioVUIter = func() uint64 { return uint64(max(0, s.iterations-1)) } //nolint:gosec // not negative
	return nil
}

// Forget is called before an iteration.
func (s *Script) Forget() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.pauses = s.pauses[:0]
}

func (s *Script) paused(from, to time.Time) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.pauses = append(s.pauses, pause{from, to})
}

// Thought is how long the iteration slept.
func (s *Script) Thought() (sum time.Duration) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, p := range s.pauses {
		sum += p.to.Sub(p.from)
	}
	return sum
}

// ThoughtIn is how long it slept between two instants.
func (s *Script) ThoughtIn(from, to time.Time) (sum time.Duration) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, p := range s.pauses {
		begin, end := p.from, p.to
		if begin.Before(from) {
			begin = from
		}
		if end.After(to) {
			end = to
		}
		sum += max(0, end.Sub(begin))
	}
	return sum
}

// begins: the user's function runs next.
func (i *instance) begins(turn *Turn) {
	s, state := turn.Script, i.vu.State()
	state.Iteration = s.iterations
	if err := i.vu.Runtime().Set("__ITER", s.iterations); err != nil {
		common.Throw(i.vu.Runtime(), err)
	}
	s.iterations++
	turn.Wire.Begin()
}

// sleep is k6's own, which also tells how much of an iteration was a user's thinking.
func (i *instance) sleep(seconds float64) {
	ctx := i.vu.Context()
	from := time.Now()
	timer := time.NewTimer(time.Duration(seconds * float64(time.Second)))
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-ctx.Done():
	}
	if turn, ok := ctx.Value(turnKey{}).(*Turn); ok && turn.Script != nil {
		turn.Script.paused(from, time.Now())
	}
}
