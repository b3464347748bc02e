package openloop

import (
	"time"

	"plimsoll.dev/k6-engine/arrivals"
	"plimsoll.dev/k6-engine/wire"
)

// play is one schedule with the VUs that send its requests.
type play struct {
	profile     *arrivals.Profile
	seed        int64
	queueLimit  int
	grace       time.Duration
	endpoint    *string
	senders     []*worker
	asker       *worker
	connections *wire.Connections
	// epoch is the one that the wires' instants count from.
	epoch    time.Time
	books    books
	lines    lines
	complain func(error)
	// cut ends the VUs' requests that are still unanswered when the load is over.
	cut func()
}

// run drives the schedule to its end, and all requests into the books.
// begun is told the instant of offset 0.
func (p *play) run(o orders, aborted <-chan struct{}, begun func(time.Time) error) (string, time.Time, error) {
	names := newNamer()
	sleep := newSleeper()
	defer sleep.close()
	started := time.Now()
	origin := started.Sub(p.epoch)
	d := &dispatcher{
		queueLimit: p.queueLimit, endpoint: p.endpoint,
		arrivals: arrivals.Of(p.profile, p.seed),
		now:      func() time.Duration { return time.Since(started) },
		name:     names.add, wake: sleep.wake,
		ledger: p.books, idle: make([]*worker, 0, len(p.senders)), busy: make(map[*worker]*request, len(p.senders)),
	}
	d.vitals.take()
	serving := serveAll(p.senders, d, origin, p.complain)
	go names.run(p.asker, d, p.complain)

	if err := begun(started); err != nil {
		return "", started, err
	}
	s := newSchedule(p.profile, d, sleep, p.lines, p.connections)
	reason := s.drive(p.grace, o, aborted)

	for deadline := time.Now().Add(patience); d.answered() && time.Now().Before(deadline); {
		time.Sleep(time.Millisecond)
	}
	d.cutAll()
	ended := time.Now()
	names.finish()
	p.cut()
	for _, w := range p.senders {
		close(w.turns)
	}
	serving.Wait()
	s.closeLast()
	p.lines.finish()
	return reason, ended, nil
}

// patience with answers that are complete when the load ends, until they are in the books.
const patience = 200 * time.Millisecond
