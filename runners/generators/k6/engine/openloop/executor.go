package openloop

import (
	"context"
	"errors"
	"math"
	"os"
	"os/signal"
	"runtime/debug"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	"go.k6.io/k6/errext"
	"go.k6.io/k6/lib"
	"go.k6.io/k6/lib/executor"
	"go.k6.io/k6/metrics"

	"plimsoll.dev/k6-engine/ledger"
	"plimsoll.dev/k6-engine/output"
	"plimsoll.dev/k6-engine/protocol"
	"plimsoll.dev/k6-engine/wire"
)

// Executor runs one load.
type Executor struct {
	*executor.BaseExecutor
	config *Config
	state  *lib.ExecutionState
	steps  *ledger.Steps
}

// Run is: VUs → rehearsal → connections → "ready" → the conductor's start → the
// schedule → "finished". Without the output plimsoll it starts at once and is silent.
func (x *Executor) Run(parent context.Context, _ chan<- metrics.SampleContainer) error {
	stream := output.Stream()
	epoch := time.Now()
	connections := new(wire.Connections)
	ctx, cancel := context.WithCancel(parent)
	defer cancel()
	ctx = lib.WithScenarioState(ctx, &lib.ScenarioState{
		Name: x.config.Name, Executor: kind, StartTime: epoch,
		ProgressFn: func() (float64, []string) { return 0, nil },
	})
	workers, allReturned, err := x.activateAll(ctx, connections, epoch)
	defer func() { cancel(); allReturned.Wait() }()
	if err != nil {
		return err
	}
	senders, asker := workers[1:], workers[0]
	tested, err := x.prepare(senders, asker, epoch)
	if err != nil {
		return err
	}
	p := x.play(cancel, connections, epoch, senders, asker)
	if stream == nil {
		p.books, p.lines = noBooks{}, noLines{}
		_, _, err = p.run(orders{}, parent.Done(), func(time.Time) error { return nil })
		x.state.AddFullIterations(1)
		return err
	}

	orders := listen(stream)
	tested["startMs"] = inMilliseconds(time.Since(epoch))
	err = stream.Write(protocol.Ready{
		Kind: "ready", Protocol: protocol.Version, ProcessID: os.Getpid(),
		Engine:   protocol.Engine{Name: "k6", Version: k6Version(), Build: x.config.Build.Ptr()},
		SelfTest: tested,
	})
	if err != nil {
		return err
	}
	select {
	case <-orders.start:
	case <-orders.stop:
		return stream.End(protocol.Finished{Kind: "finished", EndedAt: epochMs(time.Now()), Reason: "stopped"})
	case <-parent.Done():
		return parent.Err()
	}
	return x.load(parent, stream, orders, p)
}

// activateAll takes the VUs: the first asks for names, the others send.
func (x *Executor) activateAll(
	ctx context.Context, connections *wire.Connections, epoch time.Time,
) ([]*worker, *sync.WaitGroup, error) {
	workers := make([]*worker, 0, x.config.vus())
	var returned sync.WaitGroup
	service := x.service()
	for range x.config.vus() {
		vu, err := x.state.GetPlannedVU(x.GetLogger(), false)
		if err != nil {
			return nil, &returned, err
		}
		returned.Add(1)
		own := wire.New(connections, epoch)
		workers = append(workers, activate(ctx, x.config, vu, own, callerOf(service, own), x.script(connections), func() {
			x.state.ReturnVU(vu, false)
			returned.Done()
		}))
	}
	return workers, &returned, nil
}

// script follows a VU that runs a user's; nil where each iteration is one request.
func (x *Executor) script(connections *wire.Connections) *script {
	if x.config.Script == nil {
		return nil
	}
	return newScript(x.config.Script, x.steps, connections)
}

// prepare builds the first request, rehearses, and opens the connections. Nothing
// is sent to the target. It gives what the rehearsal measured.
func (x *Executor) prepare(senders []*worker, asker *worker, epoch time.Time) (map[string]float64, error) {
	if err := asker.connect(""); err != nil {
		if x.config.Script != nil {
			return nil, errext.WithHint(errors.New("the script could not begin: "+x.config.Script.exceptionText(err)), "correct the script")
		}
		return nil, errext.WithHint(
			errors.New("the requests can't be made: "+firstLine(err)), "correct the endpoint or set the variable")
	}
	if x.config.Calls != nil {
		if err := asker.learnCalls(); err != nil {
			return nil, errext.WithHint(err, "correct the methods, messages or .proto files of the scenario's traffic")
		}
	}
	if _, err := asker.nameOf(0, 0); err != nil {
		return nil, errext.WithHint(
			errors.New("the scenario's requests function failed: "+firstLine(err)), "correct the requests function")
	}
	tested := map[string]float64{}
	if x.config.Rehearse {
		var err error
		if tested, err = x.rehearse(senders, asker, epoch); err != nil {
			return nil, errext.WithHint(err, "this k6 differs from the one that the engine was written for")
		}
	}
	if err := connectAll(senders, x.config.Address); err != nil {
		return nil, errext.WithHint(err, "check that the service is running and that the address and port are right; "+
			"it may limit its connections, or this machine its open files (ulimit -n)")
	}
	return tested, nil
}

// play is the plan's.
func (x *Executor) play(
	cut func(), connections *wire.Connections, epoch time.Time, senders []*worker, asker *worker,
) *play {
	limit := math.MaxInt
	if x.config.QueueLimit.Valid {
		limit = int(x.config.QueueLimit.Int64)
	}
	var complained sync.Once
	complain := func(err error) {
		if !errors.Is(err, context.Canceled) {
			complained.Do(func() { x.GetLogger().Error("a request could not be made: " + firstLine(err)) })
		}
	}
	return &play{
		profile: &x.config.Profile, seed: x.config.Seed,
		queueLimit: limit, grace: x.config.grace(), endpoint: x.config.Endpoint.Ptr(),
		senders: senders, asker: asker, connections: connections, epoch: epoch,
		complain: complain, cut: cut,
	}
}

// orders of the conductor, as channels that are closed.
type orders struct {
	start, stop, orphaned chan struct{}
	// halt is a stop that comes from within.
	halt func()
}

func listen(stream *protocol.Stream) orders {
	o := orders{start: make(chan struct{}), stop: make(chan struct{}), orphaned: make(chan struct{})}
	once := func(c chan struct{}) func() { return sync.OnceFunc(func() { close(c) }) }
	stop := once(o.stop)
	o.halt = stop
	// k6 would cut all requests. Ctrl-C reaches the whole process group, and the
	// conductor decides what it means.
	signal.Reset(os.Interrupt, syscall.SIGTERM)
	signal.Ignore(os.Interrupt)
	terminated := make(chan os.Signal, 1)
	signal.Notify(terminated, syscall.SIGTERM)
	go func() {
		<-terminated
		stop()
	}()
	orphaned := once(o.orphaned)
	go protocol.Listen(protocol.Orders{
		Start: once(o.start),
		Stop:  stop,
		Orphaned: func() {
			orphaned()
			stop()
		},
		Misread: func(err error) {
			_ = stream.End(protocol.Failed{Kind: "failed", Reason: err.Error(), Hint: "see runners/generators/port.ts"})
			os.Exit(1)
		},
	})
	return o
}

// load drives the plan's schedule and writes its lines. A script that aborts the
// test ends it as a stop does, with k6's exit code for that.
func (x *Executor) load(parent context.Context, stream *protocol.Stream, orders orders, p *play) error {
	books := ledger.New()
	p.books, p.lines = books, newLineMaker(books, x.steps, stream)
	var aborted atomic.Pointer[error]
	complain := p.complain
	p.complain = func(err error) {
		switch {
		case errext.IsInterruptError(err):
			aborted.CompareAndSwap(nil, &err)
			orders.halt()
		case parent.Err() == nil:
			complain(err)
		}
	}
	debug.FreeOSMemory() // what starting took

	reason, ended, err := p.run(orders, parent.Done(), func(started time.Time) error {
		return stream.Write(protocol.Started{Kind: "started", StartedAt: epochMs(started)})
	})
	if err != nil {
		return err
	}
	x.state.AddFullIterations(1)
	if abort := aborted.Load(); abort != nil {
		var interrupt *errext.InterruptError
		if x.config.Script != nil && errors.As(*abort, &interrupt) {
			interrupt.Reason = x.config.Script.withoutRoot(interrupt.Reason)
		}
		return *abort
	}
	return stream.End(protocol.Finished{Kind: "finished", EndedAt: epochMs(ended), Reason: reason})
}

// firstLine: k6's errors of scripts carry their stack.
func firstLine(err error) string {
	line, _, _ := strings.Cut(err.Error(), "\n")
	return strings.TrimPrefix(line, "Error: ")
}

func k6Version() string {
	if info, ok := debug.ReadBuildInfo(); ok {
		for _, module := range info.Deps {
			if module.Path == "go.k6.io/k6" {
				return module.Version
			}
		}
	}
	return "unknown"
}
