package openloop

import (
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"plimsoll.dev/k6-engine/arrivals"
	"plimsoll.dev/k6-engine/ledger"
	"plimsoll.dev/k6-engine/traffic"
	"plimsoll.dev/k6-engine/wire"
)

// bench is a dispatcher with VUs that do as the test says.
type bench struct {
	*dispatcher
	clock    time.Duration
	busyOnes []*worker
	unnamed  []*request
	sum      map[ledger.Outcome]int
	due      int
	sent     int
}

func newBench(vus, queueLimit int, endpoint *string) *bench {
	b := &bench{sum: map[ledger.Outcome]int{}}
	profile := &arrivals.Profile{Kind: "open", Arrivals: "even", Stages: []arrivals.Stage{{DurationMs: 1}}}
	b.dispatcher = &dispatcher{
		queueLimit: queueLimit, endpoint: endpoint, arrivals: arrivals.Of(profile, 1),
		now:  func() time.Duration { return b.clock },
		name: func(r *request) { b.unnamed = append(b.unnamed, r) },
		wake: func() {}, ledger: ledger.New(), busy: map[*worker]*request{},
	}
	for range vus {
		b.idle = append(b.idle, &worker{
			turn:  &traffic.Turn{Wire: wire.New(new(wire.Connections), time.Now())},
			turns: make(chan *request, 1),
		})
	}
	return b
}

func (b *bench) arrive(n int) {
	b.mu.Lock()
	r := &request{Key: ledger.Key{Second: n / 50}, iteration: n, user: -1, due: b.clock}
	idle := append([]*worker(nil), b.idle...)
	b.handOver(r)
	b.mu.Unlock()
	for _, w := range idle {
		select {
		case <-w.turns:
			b.busyOnes = append(b.busyOnes, w)
		default:
		}
	}
}

func (b *bench) answer(i int, j judged, sends bool) {
	w := b.busyOnes[i]
	r := b.busy[w]
	if sends {
		b.sends(r, fmt.Sprint("endpoint ", r.iteration%3))
	}
	if b.done(w, r, j) == nil {
		b.busyOnes = append(b.busyOnes[:i], b.busyOnes[i+1:]...)
	}
}

func (b *bench) nameAll() {
	for _, r := range b.unnamed {
		b.named(r, fmt.Sprint("endpoint ", r.iteration%3))
	}
	b.unnamed = nil
}

func (b *bench) gather() {
	closed := b.ledger.Close()
	for _, c := range closed.Counts {
		b.due += c.Due
		b.sent += c.Sent
	}
	for _, c := range closed.Cells {
		b.sum[c.Outcome] += c.Count
	}
}

func TestTheBooksBalanceWhateverHappens(t *testing.T) {
	only := "only"
	for seed := range uint64(300) {
		random := rand.New(rand.NewPCG(seed, 1)) //nolint:gosec
		var endpoint *string
		if seed%4 == 0 {
			endpoint = &only
		}
		b := newBench(1+random.IntN(5), random.IntN(6), endpoint)
		arrived, sent := 0, 0
		for range 200 {
			b.clock += time.Duration(random.IntN(5)) * time.Millisecond
			switch what := random.IntN(10); {
			case what < 5:
				b.arrive(arrived)
				arrived++
			case what < 8 && len(b.busyOnes) > 0:
				j := judged{state: wire.State{Began: true, Written: b.clock + 1, Ended: b.clock + 2}, outcome: "done"}
				switch random.IntN(4) {
				case 0:
					j = judged{}
				case 1:
					j.state.Failure = wire.Timeout
				}
				if j.state.Written != 0 {
					sent++
				}
				b.answer(random.IntN(len(b.busyOnes)), j, j.state.Began)
			case what == 8:
				b.nameAll()
			default:
				b.gather()
			}
		}
		b.cutAll()
		b.nameAll()
		for _, w := range b.busyOnes { // the ones that were cut come back
			b.done(w, &request{counted: true}, judged{})
		}
		b.gather()
		ended := 0
		for _, count := range b.sum {
			ended += count
		}
		// Those cut while a VU was still building them come into the books when it returns.
		building := arrived - b.due
		if building < 0 || building > 5 || ended != b.due || b.sent != sent {
			t.Fatalf("seed %d: %d arrived, %d due, %d ended, %d sent of %d: %v", seed, arrived, b.due, ended, b.sent, sent, b.sum)
		}
	}
}

func TestACutRequestComesIntoTheBooksWhenItsEndpointIsKnown(t *testing.T) {
	b := newBench(1, 1, nil)
	b.arrive(0)
	w := b.busyOnes[0]
	r := b.busy[w]
	b.cutAll()
	if b.gather(); b.due != 0 {
		t.Errorf("%d due before the endpoint is known", b.due)
	}
	b.done(w, r, judged{})
	if b.gather(); b.due != 1 || b.sum[ledger.InFlight] != 1 {
		t.Errorf("%d due, %v", b.due, b.sum)
	}
}

func TestTheVUThatWasBusyLastIsNext(t *testing.T) {
	b := newBench(5, 10, nil)
	for n := range 20 {
		b.arrive(n)
		b.answer(0, judged{state: wire.State{Began: true, Written: 1, Ended: 2}, outcome: "done"}, true)
	}
	if b.busyMax != 1 || len(b.idle) != 5 {
		t.Errorf("%d busy, %d idle", b.busyMax, len(b.idle))
	}
}

func TestAnAnswerWakesTheScheduleOnlyWhereItHasMoreToDo(t *testing.T) {
	answered := judged{state: wire.State{Began: true, Written: 1, Ended: 2}, outcome: "done"}
	woken := 0
	load := func(p *arrivals.Profile) *bench {
		b := newBench(2, 0, nil)
		b.arrivals = arrivals.Of(p, 1)
		b.wake = func() { woken++ }
		b.arrivals.Enter(0, 0)
		return b
	}

	open := load(&arrivals.Profile{
		Kind: "open", Arrivals: "even", Stages: []arrivals.Stage{{StartPerSecond: 10, EndPerSecond: 10, DurationMs: 200}},
	})
	open.sleepsUntil = heartbeat
	open.arrive(0)
	open.answer(0, answered, true)
	if woken != 0 {
		t.Error("woken long before the next request is due")
	}
	open.arrivals.Advance()
	open.sleepsUntil = milliseconds(open.nextAt())
	open.arrive(1)
	open.answer(0, answered, true)
	if woken != 0 {
		t.Error("woken before the next request is due, for which it sleeps")
	}
	open.arrivals.Advance()
	open.arrive(2)
	open.arrive(3)
	if open.answer(0, answered, true); woken != 0 {
		t.Error("woken before all is answered")
	}
	if open.answer(0, answered, true); woken != 1 {
		t.Error("not woken at the end")
	}

	users := load(&arrivals.Profile{Kind: "closed", Stages: []arrivals.Stage{{Users: 1, DurationMs: 1000}}})
	users.arrivals.Advance()
	users.arrive(0)
	users.busy[users.busyOnes[0]].user = 0
	users.clock, users.sleepsUntil = time.Millisecond, heartbeat
	if users.answer(0, answered, true); woken != 2 {
		t.Error("not woken for a user that asks again at once")
	}
}

func TestWaitingRequestsGoOutInTheirOrder(t *testing.T) {
	var q queue
	next, taken := 0, 0
	random := rand.New(rand.NewPCG(1, 1)) //nolint:gosec
	for range 5000 {
		if random.IntN(5) < 3 {
			q.push(&request{iteration: next})
			next++
		} else if r := q.shift(); r != nil {
			if r.iteration != taken {
				t.Fatalf("%d instead of %d", r.iteration, taken)
			}
			taken++
		}
	}
	if q.size != next-taken {
		t.Errorf("%d wait of %d", q.size, next-taken)
	}
}

func TestASleepEndsInTimeOrWhenWoken(t *testing.T) {
	for name, s := range map[string]sleeper{"of this system": newSleeper(), "of Go": newGoSleeper()} {
		for range 50 {
			begin := time.Now()
			if !s.sleep(2 * time.Millisecond) {
				t.Errorf("%s: nobody woke it", name)
			}
			if slept := time.Since(begin); slept < 2*time.Millisecond {
				t.Errorf("%s: slept only %v", name, slept)
			}
		}
		if !s.sleep(-time.Second) {
			t.Errorf("%s: slept in the past", name)
		}
		s.wake()
		if s.sleep(time.Hour) {
			t.Errorf("%s: a sleep after the waking", name)
		}
		for pause := range 200 {
			go func() {
				time.Sleep(time.Duration(pause) * 5 * time.Microsecond)
				s.wake()
			}()
			if s.sleep(time.Hour) {
				t.Errorf("%s: not woken", name)
			}
		}
		s.close()
	}
}
