package openloop

import (
	"fmt"
	"net"
	"net/http"
	"sync"
	"sync/atomic"
	"time"

	"plimsoll.dev/k6-engine/arrivals"
	"plimsoll.dev/k6-engine/histogram"
	"plimsoll.dev/k6-engine/ledger"
	"plimsoll.dev/k6-engine/wire"
)

const (
	rehearsalPerSecond = 500
	rehearsalMs        = 300
	// rehearsalGrace: a request of the rehearsal that takes longer is left alone.
	rehearsalGrace = 5 * time.Second
)

// rehearse lets everything that the load will need work before it counts, on a
// server of our own: each VU runs its script once, then a short schedule is
// driven with books, whose sums must agree. The target gets nothing.
func (x *Executor) rehearse(senders []*worker, asker *worker, epoch time.Time) (map[string]float64, error) {
	server, err := listenOnLoopback()
	if err != nil {
		return nil, err
	}
	defer server.close()
	for _, w := range senders {
		w.turn.Wire.Divert(server.address)
	}
	defer func() {
		for _, w := range senders {
			w.turn.Wire.Restore()
		}
	}()
	began := time.Now()
	_ = atOnce(senders, (*worker).tryOnce) // a scenario's function may throw, and will be heard of when it counts
	whole := time.Since(began)
	first := server.requests.Load()

	tested := &rehearsalLines{}
	p := play{
		profile: &arrivals.Profile{
			Kind: "open", Arrivals: "even",
			Stages: []arrivals.Stage{{
				StartPerSecond: rehearsalPerSecond, EndPerSecond: rehearsalPerSecond, DurationMs: rehearsalMs,
			}},
		},
		seed: x.config.Seed, queueLimit: rehearsalPerSecond, grace: rehearsalGrace, endpoint: x.config.Endpoint.Ptr(),
		senders: senders, asker: asker, connections: new(wire.Connections), epoch: epoch,
		books: ledger.New(), lines: tested, complain: func(error) {}, cut: func() {},
	}
	if _, _, err := p.run(orders{}, nil, func(time.Time) error { return nil }); err != nil {
		return nil, err
	}
	arrived := int(server.requests.Load() - first)
	if tested.ended != tested.due || tested.failed == 0 && arrived != tested.sent {
		return nil, fmt.Errorf("the engine's own test failed: %d requests were due, %d ended, %d were sent, %d arrived",
			tested.due, tested.ended, tested.sent, arrived)
	}
	return map[string]float64{
		"firstTurnsMs":        inMilliseconds(whole),
		"warmUpRequests":      float64(tested.due),
		"warmUpLatenessP99Ms": inMilliseconds(tested.lateness.Quantile(0.99)),
		"warmUpLatenessP50Ms": inMilliseconds(tested.lateness.Quantile(0.5)),
	}, nil
}

// rehearsalLines adds up what would be lines.
type rehearsalLines struct {
	due, sent, ended, failed int
	lateness                 histogram.Histogram
}

func (r *rehearsalLines) add(second closedSecond) {
	for _, c := range second.books.Counts {
		r.due += c.Due
		r.sent += c.Sent
	}
	for _, c := range second.books.Cells {
		r.ended += c.Count
		if c.Outcome != ledger.Done {
			r.failed += c.Count
		}
	}
	r.lateness.Add(second.books.Lateness)
}

func (*rehearsalLines) finish() {}

// loopback is a server that answers everything at once.
type loopback struct {
	address  string
	requests atomic.Int64
	server   http.Server
	stopped  sync.WaitGroup
}

func listenOnLoopback() (*loopback, error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, fmt.Errorf("the engine can't listen on 127.0.0.1 for its own test: %w", err)
	}
	l := &loopback{address: listener.Addr().String()}
	l.server.Handler = http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		l.requests.Add(1)
		_, _ = w.Write([]byte("ok"))
	})
	l.stopped.Go(func() { _ = l.server.Serve(listener) })
	return l, nil
}

func (l *loopback) close() {
	_ = l.server.Close()
	l.stopped.Wait()
}
