package openloop

import (
	"math"
	"time"

	"plimsoll.dev/k6-engine/arrivals"
	"plimsoll.dev/k6-engine/ledger"
	"plimsoll.dev/k6-engine/wire"
)

// schedule hands over what is due, and closes seconds and stages in between.
type schedule struct {
	d           *dispatcher
	sleeper     sleeper
	lines       lines
	connections *wire.Connections
	starts      []float64
	end         time.Duration
	iteration   int
	stage       int
	second      int
	// edge is the next end of a second or stage, in ms.
	edge float64
}

const (
	// heartbeat: it looks at its own stalls and at the end at least this often.
	heartbeat = 10 * time.Millisecond

	secondMs = 1000
)

func newSchedule(
	p *arrivals.Profile, d *dispatcher, sleep sleeper, lines lines, connections *wire.Connections,
) *schedule {
	starts := p.Starts()
	s := &schedule{
		d: d, sleeper: sleep, lines: lines, connections: connections,
		starts: starts[:len(starts)-1], end: milliseconds(starts[len(starts)-1]),
	}
	for s.stage+1 < len(s.starts) && s.starts[s.stage+1] == 0 {
		s.stage++
	}
	d.arrivals.Enter(s.stage, 0)
	s.edge = s.nextEdge()
	return s
}

// drive returns when the load is over: all is answered, or the grace has passed.
func (s *schedule) drive(grace time.Duration, o orders, aborted <-chan struct{}) (reason string) {
	over, reason := s.end, "completed"
	stop := o.stop
	for {
		select {
		case <-stop:
			if now := s.d.now(); now < over {
				over, reason = now, "stopped"
			}
			s.stopSending(over)
			stop = nil
		case <-o.orphaned:
			grace = 0
		case <-aborted:
			over, grace, reason = min(over, s.d.now()), 0, "stopped"
			s.stopSending(over)
			aborted = nil
		default:
		}
		s.d.mu.Lock()
		now := s.d.now()
		s.drain(now)
		outstanding := s.d.outstanding()
		next := min(milliseconds(min(s.d.nextAt(), s.edge, maxMs)), now+heartbeat)
		s.d.sleepsUntil = next
		s.d.mu.Unlock()
		if now >= over && (outstanding == 0 || now >= over+grace) {
			return reason
		}
		if s.sleeper.sleep(next - s.d.now()) {
			s.d.mu.Lock()
			s.d.vitals.woke(next, s.d.now())
			s.d.mu.Unlock()
		}
	}
}

// maxMs keeps an infinite instant within a Duration.
const maxMs = 1e12

// stopSending: what came due before is handed over, then nothing more is, and
// what waits is not sent.
func (s *schedule) stopSending(at time.Duration) {
	s.d.mu.Lock()
	defer s.d.mu.Unlock()
	s.drain(at)
	s.d.stopped = true
}

// drain hands over everything that is due by now, and passes the edges between,
// in order. With the dispatcher's lock held.
func (s *schedule) drain(now time.Duration) {
	nowMs := inMilliseconds(now)
	for {
		due := s.d.nextAt()
		switch {
		case s.edge <= due && s.edge <= nowMs:
			s.passEdge()
		case due <= nowMs:
			s.handOver(due)
		default:
			return
		}
	}
}

func (s *schedule) handOver(due float64) {
	a := s.d.arrivals
	r := &request{
		Key:       ledger.Key{Second: int(math.Floor(due / secondMs)), Stage: a.NextStage()},
		iteration: s.iteration, user: a.NextUser(), due: milliseconds(due),
	}
	s.iteration++
	a.Advance()
	s.d.handOver(r)
}

func (s *schedule) passEdge() {
	at := s.edge
	s.lines.add(s.d.close(s.second, s.stage, s.connections))
	if at >= float64(s.second+1)*secondMs {
		s.second++
	}
	for s.stage+1 < len(s.starts) && s.starts[s.stage+1] <= at {
		s.stage++
		s.d.arrivals.Enter(s.stage, at)
	}
	s.edge = s.nextEdge()
}

func (s *schedule) nextEdge() float64 {
	edge := float64(s.second+1) * secondMs
	if s.stage+1 < len(s.starts) {
		edge = min(edge, s.starts[s.stage+1])
	}
	return edge
}

// closeLast writes what became known after the last edge.
func (s *schedule) closeLast() {
	s.d.mu.Lock()
	defer s.d.mu.Unlock()
	s.lines.add(s.d.close(s.second, s.stage, s.connections))
}
