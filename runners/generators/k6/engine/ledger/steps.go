package ledger

import (
	"sync"
	"time"

	"plimsoll.dev/k6-engine/histogram"
)

// StepKey is a step of an iteration: the second and stage are the iteration's.
type StepKey struct {
	Second, Stage int
	// Kind: http, grpc, websocket, group or check.
	Kind, Name string
}

// Step holds steps of iterations that ended alike.
type Step struct {
	StepKey
	Outcome Outcome
	Failure string
	Count   int
	// Statuses are answers by status code; nil unless the status decided the outcome.
	Statuses map[int]int
	// ServiceTime is nil where nothing is measured.
	ServiceTime *histogram.Histogram
}

type stepCellKey struct {
	StepKey
	Outcome Outcome
	Failure string
}

// Steps are counted beside the books: an iteration is due once, whatever it does.
// Safe for concurrent use.
type Steps struct {
	spares

	mu      sync.Mutex
	cells   map[stepCellKey]*Step
	ordered []*Step
	names   map[string]bool
	remarks []string
	said    map[string]bool
}

// mostRemarks is how many different things a run says of its script.
const mostRemarks = 10

// NewSteps gives empty ones.
func NewSteps() *Steps {
	return &Steps{cells: map[stepCellKey]*Step{}, names: map[string]bool{}, said: map[string]bool{}}
}

// Add counts a step. Its service is negative where it is not known.
func (s *Steps) Add(key StepKey, outcome Outcome, failure string, status int, service time.Duration) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if name := key.Kind + " " + key.Name; !s.names[name] {
		if len(s.names) < MostEndpoints {
			s.names[name] = true
		} else {
			key.Name = OtherEndpoints
		}
	}
	at := stepCellKey{key, outcome, failure}
	step := s.cells[at]
	if step == nil {
		step = &Step{StepKey: key, Outcome: outcome, Failure: failure}
		s.cells[at] = step
		s.ordered = append(s.ordered, step)
	}
	step.Count++
	if status != 0 {
		if step.Statuses == nil {
			step.Statuses = map[int]int{}
		}
		step.Statuses[status]++
	}
	if service >= 0 {
		if step.ServiceTime == nil {
			step.ServiceTime = s.take()
		}
		step.ServiceTime.Record(service)
	}
}

// Remark keeps what the user should know of the script, once.
func (s *Steps) Remark(text string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.said[text] && len(s.said) < mostRemarks {
		s.said[text] = true
		s.remarks = append(s.remarks, text)
	}
}

// Close hands out what was gathered and begins anew.
func (s *Steps) Close() ([]*Step, []string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	steps, remarks := s.ordered, s.remarks
	s.cells, s.ordered, s.remarks = map[stepCellKey]*Step{}, nil, nil
	return steps, remarks
}
