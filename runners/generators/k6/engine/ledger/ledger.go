// Package ledger keeps the books: each due request is counted once as due and
// once as ended, so that due = done + failed + shed + dropped + in flight.
package ledger

import (
	"time"

	"plimsoll.dev/k6-engine/histogram"
)

// Outcome is how a due request ended (docs/failure-kinds.md).
type Outcome string

// The outcomes.
const (
	Done     Outcome = "done"
	Failed   Outcome = "failed"
	Shed     Outcome = "shed"
	Dropped  Outcome = "dropped"
	InFlight Outcome = "in-flight"
)

const (
	// MostEndpoints is how many names are kept apart: a script that names URLs
	// must not fill the memory.
	MostEndpoints = 512
	// OtherEndpoints is where the names past the limit are filed.
	OtherEndpoints = "(other)"
	// Unbuilt stands for the endpoint of a request that could not be made.
	Unbuilt = "(not built)"
)

// Key is the second of the due time, the stage and the endpoint.
type Key struct {
	Second, Stage int
	Endpoint      string
}

// Count of requests.
type Count struct {
	Key
	Due, Sent int
}

// Cell holds requests that ended alike. Histograms are nil where nothing is measured.
type Cell struct {
	Key
	Outcome Outcome
	Failure string
	Count   int
	// Statuses are answers by status; nil unless the status decided the outcome.
	Statuses                  map[string]int
	ResponseTime, ServiceTime *histogram.Histogram
}

// End of a request.
type End struct {
	Outcome Outcome
	// Failure is set where the outcome is failed.
	Failure string
	// Status is the answer's where it decided the outcome, such as "503"; "" otherwise.
	Status string
	// Response counts from the due time; not read where the request did not end
	// (dropped, in flight).
	Response time.Duration
	// Service counts from the first byte written; negative where none was.
	Service time.Duration
}

type cellKey struct {
	Key
	Outcome Outcome
	Failure string
}

// Closed is what became known between two closings.
type Closed struct {
	Counts                   []*Count
	Cells                    []*Cell
	Lateness, ConnectionWait *histogram.Histogram
}

// Ledger is not safe for concurrent use, but for Recycle.
type Ledger struct {
	counts map[Key]*Count
	cells  map[cellKey]*Cell
	names  map[string]bool
	closed *Closed
	spares
	everDue  int
	everDone int
}

// New gives an empty ledger.
func New() *Ledger {
	l := &Ledger{names: map[string]bool{}}
	l.begin()
	return l
}

func (l *Ledger) begin() {
	l.counts = map[Key]*Count{}
	l.cells = map[cellKey]*Cell{}
	l.closed = &Closed{Lateness: l.take(), ConnectionWait: l.take()}
}

// Name is the name an endpoint is filed under.
func (l *Ledger) Name(endpoint string) string {
	if l.names[endpoint] {
		return endpoint
	}
	if len(l.names) >= MostEndpoints-1 && endpoint != Unbuilt {
		return OtherEndpoints
	}
	l.names[endpoint] = true
	return endpoint
}

// Due counts a request, and how late the schedule was with it.
func (l *Ledger) Due(key Key, lateness time.Duration) {
	l.everDue++
	l.count(key).Due++
	l.closed.Lateness.Record(lateness)
}

// Sent counts a request of which a byte was written.
func (l *Ledger) Sent(key Key) { l.count(key).Sent++ }

// Waited records how long a request waited for a connection.
func (l *Ledger) Waited(d time.Duration) { l.closed.ConnectionWait.Record(d) }

// Ended is called once for each due request.
func (l *Ledger) Ended(key Key, end End) {
	l.everDone++
	at := cellKey{key, end.Outcome, end.Failure}
	ended := end.Outcome != Dropped && end.Outcome != InFlight
	cell := l.cells[at]
	if cell == nil {
		cell = &Cell{Key: key, Outcome: end.Outcome, Failure: end.Failure}
		if ended {
			cell.ResponseTime, cell.ServiceTime = l.take(), l.take()
		}
		l.cells[at] = cell
		l.closed.Cells = append(l.closed.Cells, cell)
	}
	cell.Count++
	if end.Status != "" {
		if cell.Statuses == nil {
			cell.Statuses = map[string]int{}
		}
		cell.Statuses[end.Status]++
	}
	if !ended {
		return
	}
	cell.ResponseTime.Record(end.Response)
	if end.Service >= 0 {
		cell.ServiceTime.Record(end.Service)
	}
}

// Open is how many due requests have not ended.
func (l *Ledger) Open() int { return l.everDue - l.everDone }

// Close hands out what was gathered and begins anew. Give the histograms back
// with Recycle.
func (l *Ledger) Close() *Closed {
	closed := l.closed
	l.begin()
	return closed
}

func (l *Ledger) count(key Key) *Count {
	count := l.counts[key]
	if count == nil {
		count = &Count{Key: key}
		l.counts[key] = count
		l.closed.Counts = append(l.closed.Counts, count)
	}
	return count
}
