package openloop

import (
	"os"
	"runtime"
	"time"

	"plimsoll.dev/k6-engine/histogram"
	"plimsoll.dev/k6-engine/ledger"
	"plimsoll.dev/k6-engine/protocol"
)

// closedSecond is one closed second, or the part of it that belongs to a stage.
type closedSecond struct {
	books  *ledger.Closed
	health protocol.Health
}

// lineMaker makes lines of closed seconds, away from the schedule.
type lineMaker struct {
	ledger  *ledger.Ledger
	steps   *ledger.Steps
	stream  *protocol.Stream
	closed  chan closedSecond
	done    chan struct{}
	encoder histogram.Encoder
}

// mostUnwritten is how many seconds may wait for a reader that does not read.
const mostUnwritten = 3600

func newLineMaker(books *ledger.Ledger, steps *ledger.Steps, stream *protocol.Stream) *lineMaker {
	m := &lineMaker{
		ledger: books, steps: steps, stream: stream,
		closed: make(chan closedSecond, mostUnwritten), done: make(chan struct{}),
	}
	go m.run()
	return m
}

func (m *lineMaker) add(second closedSecond) { m.closed <- second }

// finish returns when everything added is written.
func (m *lineMaker) finish() {
	close(m.closed)
	<-m.done
}

func (m *lineMaker) run() {
	defer close(m.done)
	for second := range m.closed {
		if err := m.stream.Write(m.line(second)); err != nil {
			os.Exit(1) // nobody reads any more
		}
	}
}

func (m *lineMaker) line(closed closedSecond) protocol.Second {
	health, books := closed.health, closed.books
	health.Lateness = m.encode(books.Lateness)
	health.ConnectionWait = m.encode(books.ConnectionWait)
	line := protocol.Second{
		Kind:   "second",
		Second: health.Second,
		Counts: make([]protocol.Count, 0, len(books.Counts)),
		Cells:  make([]protocol.Cell, 0, len(books.Cells)),
		Health: health,
	}
	for _, c := range books.Counts {
		line.Counts = append(line.Counts, protocol.Count{
			Second: c.Second, Stage: c.Stage, Endpoint: c.Endpoint, Due: c.Due, Sent: c.Sent,
		})
	}
	for _, c := range books.Cells {
		cell := protocol.Cell{
			Second: c.Second, Stage: c.Stage, Endpoint: c.Endpoint,
			Outcome: string(c.Outcome), Count: c.Count, Statuses: c.Statuses,
			ResponseTime: m.encode(c.ResponseTime), ServiceTime: m.encode(c.ServiceTime),
		}
		if c.Outcome == ledger.Failed {
			cell.Failure = &c.Failure
		}
		line.Cells = append(line.Cells, cell)
	}
	steps, remarks := m.steps.Close()
	line.Remarks = remarks
	for _, s := range steps {
		step := protocol.Step{
			Second: s.Second, Stage: s.Stage, Kind: s.Kind, Name: s.Name,
			Outcome: string(s.Outcome), Count: s.Count, Statuses: s.Statuses, ServiceTime: m.encodeOf(m.steps, s.ServiceTime),
		}
		if s.Outcome == ledger.Failed {
			step.Failure = &s.Failure
		}
		line.Steps = append(line.Steps, step)
	}
	return line
}

func (m *lineMaker) encode(h *histogram.Histogram) *string { return m.encodeOf(m.ledger, h) }

// encodeOf also gives the histogram back. Nothing recorded is null.
func (m *lineMaker) encodeOf(owner interface{ Recycle(h *histogram.Histogram) }, h *histogram.Histogram) *string {
	if h == nil {
		return nil
	}
	defer owner.Recycle(h)
	if h.Total() == 0 {
		return nil
	}
	// On one processor the schedule comes first.
	runtime.Gosched()
	text, err := m.encoder.Encode(h)
	if err != nil {
		panic(err) // writing to memory does not fail
	}
	return &text
}

// epochMs is an instant of the clock in milliseconds since 1970.
func epochMs(t time.Time) float64 { return float64(t.UnixMicro()) / 1000 }
