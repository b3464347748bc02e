package openloop

import (
	"context"
	"fmt"
	"sync"
	"time"

	"go.k6.io/k6/errext"
	"go.k6.io/k6/lib"

	"plimsoll.dev/k6-engine/calls"
	"plimsoll.dev/k6-engine/traffic"
	"plimsoll.dev/k6-engine/wire"
)

// worker is a VU with its connection.
type worker struct {
	vu    lib.ActiveVU
	turn  *traffic.Turn
	turns chan *request
	// script is nil where each iteration is one request.
	script *script
}

// activate makes a worker of an initialized VU. returned is called when the VU
// is given back, after ctx has ended.
func activate(
	ctx context.Context, c *Config, vu lib.InitializedVU, own *wire.Wire, caller *calls.Caller, followed *script,
	returned func(),
) *worker {
	turn := &traffic.Turn{Purpose: traffic.Connect, Wire: own, Caller: caller, OnSend: func(string) {}}
	if followed != nil {
		turn.Script = followed.turn
	}
	active := vu.Activate(&lib.VUActivationParams{
		RunContext: traffic.WithTurn(ctx, turn),
		Scenario:   c.Name, Exec: c.GetExec(), Env: c.GetEnv(), Tags: c.GetTags(),
		GetNextIterationCounters: func() (uint64, uint64) {
			number := uint64(turn.Iteration) //nolint:gosec // not negative
			return number, number
		},
		DeactivateCallback: func(lib.InitializedVU) { returned() },
	})
	return &worker{vu: active, turn: turn, script: followed}
}

// connect opens the worker's connection; without an address it only lets the script begin.
func (w *worker) connect(address string) error {
	w.turn.Purpose, w.turn.Address = traffic.Connect, address
	if err := w.vu.RunOnce(); err != nil {
		return err
	}
	return w.turn.ConnectError
}

// nameOf asks the script for the endpoint of a request.
func (w *worker) nameOf(iteration, stage int) (string, error) {
	t := w.turn
	t.Purpose, t.Iteration, t.Stage, t.Endpoint = traffic.Name, iteration, stage, ""
	err := w.vu.RunOnce()
	return t.Endpoint, err
}

// tryOnce sends a first request, of which nothing is kept: a machine may have files
// for the connections to the target, and not for twice as many.
func (w *worker) tryOnce() error {
	t := w.turn
	defer t.Wire.CloseIdle()
	t.Wire.Reset()
	t.Purpose, t.Iteration, t.Stage, t.OnSend = traffic.Send, 0, 0, func(string) {}
	return w.vu.RunOnce()
}

// serveAll lets the workers wait for requests until their turns are closed.
func serveAll(workers []*worker, d *dispatcher, origin time.Duration, complain func(error)) *sync.WaitGroup {
	serving := new(sync.WaitGroup)
	for _, w := range workers {
		w.turns = make(chan *request, 1)
		d.idle = append(d.idle, w)
		serving.Go(func() { w.serve(d, origin, complain) })
	}
	return serving
}

// serve sends what comes until turns is closed.
func (w *worker) serve(d *dispatcher, origin time.Duration, complain func(error)) {
	for r := range w.turns {
		for r != nil {
			r = d.done(w, r, w.send(d, r, origin, complain))
		}
	}
}

func (w *worker) send(d *dispatcher, r *request, origin time.Duration, complain func(error)) judged {
	t := w.turn
	t.Wire.Reset()
	t.Purpose, t.Iteration, t.Stage = traffic.Send, r.iteration, r.Stage
	t.Endpoint, t.Outcome, t.Failure, t.Status = "", "", "", ""
	t.OnSend = func(endpoint string) { d.sends(r, endpoint) }
	if w.script != nil {
		w.script.begin(r)
	}
	err := w.vu.RunOnce()
	if w.script != nil {
		t.Wire.End()
	}
	if err != nil && (w.script == nil || errext.IsInterruptError(err)) {
		complain(err)
	}
	state := t.Wire.State()
	if state.Written != 0 {
		state.Written -= origin
	}
	if state.Ended != 0 {
		state.Ended -= origin
	}
	if w.script != nil {
		return w.script.judge(state, err)
	}
	return judged{state: state, outcome: t.Outcome, failure: t.Failure, status: t.Status}
}

// namer asks for the endpoints of requests that no VU has yet, one after another.
type namer struct {
	mu      sync.Mutex
	some    *sync.Cond
	list    []*request
	closing bool
	done    chan struct{}
}

func newNamer() *namer {
	n := &namer{done: make(chan struct{})}
	n.some = sync.NewCond(&n.mu)
	return n
}

func (n *namer) add(r *request) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.list = append(n.list, r)
	n.some.Signal()
}

func (n *namer) take() []*request {
	n.mu.Lock()
	defer n.mu.Unlock()
	for len(n.list) == 0 && !n.closing {
		n.some.Wait()
	}
	list := n.list
	n.list = nil
	return list
}

func (n *namer) run(w *worker, d *dispatcher, complain func(error)) {
	defer close(n.done)
	for list := n.take(); list != nil; list = n.take() {
		for _, r := range list {
			endpoint, err := w.nameOf(r.iteration, r.Stage)
			if err != nil {
				complain(err)
			}
			d.named(r, endpoint)
		}
	}
}

// finish returns when all that was added has its name.
func (n *namer) finish() {
	n.mu.Lock()
	n.closing = true
	n.some.Signal()
	n.mu.Unlock()
	<-n.done
}

// connectAll opens the connections.
func connectAll(workers []*worker, address string) error {
	if err := atOnce(workers, func(w *worker) error { return w.connect(address) }); err != nil {
		return fmt.Errorf("could not open %d connections to %s: %w", len(workers), address, err)
	}
	return nil
}

// atOnce does something with every worker and gives the first error. Not with all
// together: a listener's queue of unaccepted connections is short.
func atOnce(workers []*worker, do func(*worker) error) error {
	const together = 64
	var group sync.WaitGroup
	free := make(chan struct{}, together)
	faults := make(chan error, len(workers))
	for _, w := range workers {
		free <- struct{}{}
		group.Go(func() {
			defer func() { <-free }()
			if err := do(w); err != nil {
				faults <- err
			}
		})
	}
	group.Wait()
	close(faults)
	return <-faults
}
