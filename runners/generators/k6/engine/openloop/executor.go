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
	"syscall"
	"time"

	"go.k6.io/k6/errext"
	"go.k6.io/k6/lib"
	"go.k6.io/k6/lib/executor"
	"go.k6.io/k6/metrics"

	"plimsoll.dev/k6-engine/arrivals"
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
}

// Run is: VUs → connections → "ready" → the conductor's start → the schedule → "finished".
func (x *Executor) Run(parent context.Context, _ chan<- metrics.SampleContainer) error {
	stream := output.Stream()
	if stream == nil {
		return errors.New("the executor open-loop writes to the output plimsoll: add --out plimsoll=fd:3")
	}
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
	if err := x.prepare(senders, asker); err != nil {
		return err
	}

	orders := listen(stream)
	err = stream.Write(protocol.Ready{
		Kind: "ready", Protocol: protocol.Version, ProcessID: os.Getpid(),
		Engine:   protocol.Engine{Name: "k6", Version: k6Version(), Build: x.config.Build.Ptr()},
		SelfTest: map[string]float64{"startMs": inMilliseconds(time.Since(epoch))},
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
	return x.load(parent, cancel, stream, orders, connections, epoch, senders, asker)
}

// activateAll takes the VUs: the first asks for names, the others send.
func (x *Executor) activateAll(
	ctx context.Context, connections *wire.Connections, epoch time.Time,
) ([]*worker, *sync.WaitGroup, error) {
	workers := make([]*worker, 0, x.config.vus())
	var returned sync.WaitGroup
	for range x.config.vus() {
		vu, err := x.state.GetPlannedVU(x.GetLogger(), false)
		if err != nil {
			return nil, &returned, err
		}
		returned.Add(1)
		workers = append(workers, activate(ctx, x.config, vu, wire.New(connections, epoch), func() {
			x.state.ReturnVU(vu, false)
			returned.Done()
		}))
	}
	return workers, &returned, nil
}

// prepare lets every VU begin its script, opens the connections and builds the
// first request. Nothing is sent.
func (x *Executor) prepare(senders []*worker, asker *worker) error {
	if err := asker.connect(""); err != nil {
		return errext.WithHint(err, "the script could not begin")
	}
	if _, err := asker.nameOf(0, 0); err != nil {
		return errext.WithHint(
			errors.New("the scenario's requests function failed: "+firstLine(err)), "correct the requests function")
	}
	if err := connectAll(senders, x.config.Address); err != nil {
		return errext.WithHint(err, "check that the service is running and that the address and port are right; "+
			"it may limit its connections, or this machine its open files (ulimit -n)")
	}
	return nil
}

// orders of the conductor, as channels that are closed.
type orders struct{ start, stop, orphaned chan struct{} }

func listen(stream *protocol.Stream) orders {
	o := orders{make(chan struct{}), make(chan struct{}), make(chan struct{})}
	once := func(c chan struct{}) func() { return sync.OnceFunc(func() { close(c) }) }
	stop := once(o.stop)
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

// load drives the schedule to its end.
func (x *Executor) load(
	parent context.Context, cancel func(), stream *protocol.Stream, orders orders,
	connections *wire.Connections, epoch time.Time, senders []*worker, asker *worker,
) error {
	books := ledger.New()
	lines := newLineMaker(books, stream)
	names := newNamer()
	var complained sync.Once
	complain := func(err error) {
		if errors.Is(err, context.Canceled) || parent.Err() != nil {
			return
		}
		complained.Do(func() { x.GetLogger().Error("a request could not be made: " + firstLine(err)) })
	}
	limit := math.MaxInt
	if x.config.QueueLimit.Valid {
		limit = int(x.config.QueueLimit.Int64)
	}
	debug.FreeOSMemory() // what starting took

	sleep := newSleeper()
	defer sleep.close()
	started := time.Now()
	origin := started.Sub(epoch)
	d := &dispatcher{
		queueLimit: limit, endpoint: x.config.Endpoint.Ptr(),
		arrivals: arrivals.Of(&x.config.Profile, x.config.Seed),
		now:      func() time.Duration { return time.Since(started) },
		name:     names.add, wake: sleep.wake,
		ledger: books, idle: make([]*worker, 0, len(senders)), busy: make(map[*worker]*request, len(senders)),
	}
	d.vitals.take()
	var serving sync.WaitGroup
	for _, w := range senders {
		d.idle = append(d.idle, w)
		serving.Go(func() { w.serve(d, origin, complain) })
	}
	go names.run(asker, d, complain)

	if err := stream.Write(protocol.Started{Kind: "started", StartedAt: epochMs(started)}); err != nil {
		return err
	}
	s := newSchedule(&x.config.Profile, d, sleep, lines, connections)
	reason := s.drive(x.config.grace(), orders, parent.Done())

	for deadline := time.Now().Add(patience); d.answered() && time.Now().Before(deadline); {
		time.Sleep(time.Millisecond)
	}
	d.cutAll()
	ended := time.Now()
	names.finish()
	cancel()
	for _, w := range senders {
		close(w.turns)
	}
	serving.Wait()
	s.closeLast()
	lines.finish()
	x.state.AddFullIterations(1)
	return stream.End(protocol.Finished{Kind: "finished", EndedAt: epochMs(ended), Reason: reason})
}

// patience with answers that are complete when the load ends, until they are in the books.
const patience = 200 * time.Millisecond

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
