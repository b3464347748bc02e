package openloop

import (
	"math"
	"sync"
	"time"

	"plimsoll.dev/k6-engine/arrivals"
	"plimsoll.dev/k6-engine/ledger"
	"plimsoll.dev/k6-engine/protocol"
	"plimsoll.dev/k6-engine/wire"
)

// request of the schedule on its way. Instants count from the start of the load.
type request struct {
	ledger.Key
	iteration, user int
	due             time.Duration
	handedOver      time.Duration
	// counted: its endpoint is known and it is in the books as due.
	counted bool
	waited  bool
	// end is what it ended as before its endpoint was known.
	end *ledger.End
}

// judged is what became of a request that a VU had.
type judged struct {
	state            wire.State
	outcome, failure string
	status           string
}

// dispatcher decides what happens to due requests: each goes to a free VU, or
// waits, or is dropped, and ends exactly once in the books.
type dispatcher struct {
	queueLimit int
	endpoint   *string
	arrivals   arrivals.Arrivals
	now        func() time.Duration
	// name asks for the endpoint of a request that no VU has yet.
	name func(*request)
	// wake: a VU is free or an answer made something due.
	wake func()

	mu sync.Mutex
	// sleepsUntil is when the schedule looks again if nobody wakes it.
	sleepsUntil time.Duration
	ledger      books
	waiting     queue
	idle        []*worker
	busy        map[*worker]*request
	stopped     bool
	vitals      vitals
	queueMax    int
	busyMax     int
	waited      int
}

// handOver is called with the lock held.
func (d *dispatcher) handOver(r *request) {
	r.handedOver = d.now()
	if last := len(d.idle) - 1; d.waiting.size == 0 && last >= 0 {
		// The one that was busy last: spares stay spare.
		free := d.idle[last]
		d.idle = d.idle[:last]
		d.give(free, r)
		free.turns <- r
		return
	}
	if d.waiting.size < d.queueLimit {
		d.waiting.push(r)
		d.queueMax = max(d.queueMax, d.waiting.size)
	} else {
		d.ended(r, ledger.End{Outcome: ledger.Dropped})
	}
	if d.endpoint != nil {
		d.count(r, *d.endpoint, r.handedOver)
	} else {
		d.name(r)
	}
}

func (d *dispatcher) give(w *worker, r *request) {
	d.busy[w] = r
	d.busyMax = max(d.busyMax, len(d.busy))
}

// count puts a request into the books as due, once.
func (d *dispatcher) count(r *request, endpoint string, at time.Duration) {
	if r.counted {
		return
	}
	r.counted = true
	r.Endpoint = d.ledger.Name(endpoint)
	d.ledger.Due(r.Key, at-r.due)
	if r.end != nil {
		d.ledger.Ended(r.Key, *r.end)
	}
}

// ended puts the end of a request into the books, or keeps it until its endpoint is known.
func (d *dispatcher) ended(r *request, end ledger.End) {
	if r.counted {
		d.ledger.Ended(r.Key, end)
	} else {
		r.end = &end
	}
}

// named: the namer knows a request's endpoint.
func (d *dispatcher) named(r *request, endpoint string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.count(r, endpoint, r.handedOver)
}

// sends: a VU has built the request and sends it now. This is the moment that
// the generator's own lateness ends, unless it had to wait for a VU.
func (d *dispatcher) sends(r *request, endpoint string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	at := r.handedOver
	if !r.waited {
		at = d.now()
	}
	d.count(r, endpoint, at)
}

// done takes the end of a VU's request and gives it the next one; nil where none waits.
func (d *dispatcher) done(w *worker, r *request, j judged) *request {
	d.mu.Lock()
	defer d.mu.Unlock()
	if _, isMine := d.busy[w]; !isMine {
		d.count(r, ledger.Unbuilt, r.handedOver) // it was cut, and may have been before it was built
		return nil
	}
	delete(d.busy, w)
	d.count(r, ledger.Unbuilt, r.handedOver)
	end := d.endOf(r, j)
	if end.Service >= 0 {
		d.ledger.Sent(r.Key)
	}
	d.ended(r, end)
	now := d.now()
	d.arrivals.Ended(r.user, inMilliseconds(now))
	next := d.next()
	if next != nil {
		next.waited = true
		d.waited++
		d.ledger.Waited(now - next.handedOver)
		d.give(w, next)
	} else {
		d.idle = append(d.idle, w)
	}
	if d.awaited() {
		d.wake()
	}
	return next
}

// awaited: the schedule has something to do earlier than it knows, or nothing more. With the lock held.
func (d *dispatcher) awaited() bool {
	at := d.nextAt()
	return at < inMilliseconds(d.sleepsUntil) || math.IsInf(at, 1) && d.outstanding() == 0
}

func (d *dispatcher) next() *request {
	if d.stopped {
		return nil
	}
	return d.waiting.shift()
}

func (d *dispatcher) endOf(r *request, j judged) ledger.End {
	end := ledger.End{Outcome: ledger.Outcome(j.outcome), Failure: j.failure, Status: j.status, Service: -1}
	at := j.state.Ended
	switch {
	case !j.state.Began:
		end.Outcome, end.Failure, end.Status = ledger.Failed, wire.RequestError, ""
	case j.state.Failure != "":
		end.Outcome, end.Failure, end.Status = ledger.Failed, j.state.Failure, ""
	case j.outcome == "":
		// Complete, but k6 could not make sense of it (a compressed body that is none).
		end.Outcome, end.Failure = ledger.Failed, wire.MalformedResponse
	}
	if at == 0 {
		at = d.now()
	}
	end.Response = at - r.due
	if j.state.Written != 0 {
		end.Service = at - j.state.Written
	}
	return end
}

// outstanding requests may still end without being cut. With the lock held.
func (d *dispatcher) outstanding() int {
	if d.stopped {
		return len(d.busy)
	}
	return len(d.busy) + d.waiting.size
}

// nextAt is infinite where nothing more will be due. With the lock held.
func (d *dispatcher) nextAt() float64 {
	if d.stopped {
		return math.Inf(1)
	}
	return d.arrivals.NextAt()
}

// answered: a VU has a complete answer that is not in the books yet.
func (d *dispatcher) answered() bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	for w := range d.busy {
		if w.turn.Wire.State().Ended != 0 {
			return true
		}
	}
	return false
}

// cutAll ends what has not ended: it is in flight, sent or not. What is not
// built yet comes into the books when its endpoint is known.
func (d *dispatcher) cutAll() {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.stopped = true
	for w, r := range d.busy {
		if w.script != nil && r.counted {
			w.script.cut()
		}
		if r.counted && w.turn.Wire.State().Written != 0 {
			d.ledger.Sent(r.Key)
		}
		d.ended(r, ledger.End{Outcome: ledger.InFlight})
	}
	clear(d.busy)
	for r := d.waiting.shift(); r != nil; r = d.waiting.shift() {
		d.ended(r, ledger.End{Outcome: ledger.InFlight})
	}
}

// close hands out what became known since the last call. With the lock held.
func (d *dispatcher) close(second, stage int, connections *wire.Connections) closedSecond {
	cpu, stallMax, rss := d.vitals.take()
	closed := closedSecond{
		books: d.ledger.Close(),
		health: protocol.Health{
			Second: second, Stage: stage,
			CPUMs: inMilliseconds(cpu), StallMaxMs: inMilliseconds(stallMax), RSSBytes: rss,
			WaitedForConnection: d.waited, QueueLengthMax: d.queueMax, InFlightMax: d.busyMax,
			ConnectionsOpen: connections.Open(), ConnectsTotal: connections.Connects(),
		},
	}
	d.waited, d.queueMax, d.busyMax = 0, d.waiting.size, len(d.busy)
	return closed
}
