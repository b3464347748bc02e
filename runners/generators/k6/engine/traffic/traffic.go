// Package traffic is the JavaScript module k6/x/plimsoll, by which a script
// learns which request is due and says what it was:
//
//	turn()           number of the request that is due; −1 where none is wanted now,
//	                 −2 where all calls are to be looked at
//	stage()          its stage
//	send(endpoint)   it is built and goes out now; false where only its name was wanted
//	judge(outcome, failure, status)
//	                 what the complete answer counts as: failure is "" but for "failed", and
//	                 status 0 or "" unless it decided
//	sleep(seconds)   of a user's script: thinking, which is no part of a response time
//
// where the body of an answer is not looked at, which k6/http is for:
//
//	request(endpoint, method, url, headers, body, timeoutMs)
//	                 one to send; body may be null
//	exchange(request)
//	                 says what it is, as send() does, and sends it: the status of its answer, to be
//	                 judged; 0 where there is none, where only its name was wanted, and where what that
//	                 status of this request counts as was said before
//
// and where the plan has gRPC calls:
//
//	call(method, message, metadata, deadlineMs)
//	                 one to make, message in JSON; throws what is wrong with it
//	invoke(call)     makes it: the name of the code that the server ended it with, or ""
//	text()           what it answered, in JSON
package traffic

import (
	"context"
	"net/http"
	"time"

	"github.com/grafana/sobek"
	"go.k6.io/k6/js/common"
	"go.k6.io/k6/js/modules"
	"go.k6.io/k6/lib"

	"plimsoll.dev/k6-engine/calls"
	"plimsoll.dev/k6-engine/wire"
)

func init() { modules.Register("k6/x/plimsoll", new(module)) }

// Purpose of a turn.
type Purpose int

// The purposes.
const (
	// Connect only opens a connection, to Address.
	Connect Purpose = iota
	// Check only looks at the calls, before the load.
	Check
	// Name only asks for the name of the endpoint.
	Name
	// Send is a request of the load.
	Send
)

// Turn is what one VU has to do now. It is the VU's own.
type Turn struct {
	Purpose   Purpose
	Iteration int
	Stage     int
	Address   string
	Wire      *wire.Wire
	// Script is set where a user's script runs, nil where each iteration is one request.
	Script *Script
	// Caller is nil where the plan has no gRPC calls.
	Caller *calls.Caller
	// OnSend is told the endpoint when the request is built.
	OnSend func(endpoint string)

	// What the script said. Outcome is empty where it judged nothing.
	Endpoint, Outcome, Failure, Status string
	// ConnectError is why no connection could be opened.
	ConnectError error

	// What was exchanged last and is to be judged; nil where a script reads bodies.
	answered *prepared
	status   int
}

// prepared is a request with what the script said of an answer to it. Each call into
// the interpreter costs more than the sending: what was judged once is not asked again.
type prepared struct {
	*wire.Request
	endpoint string
	// Of the last status that was judged; 0: none.
	status                     int
	outcome, failure, byStatus string
}

type turnKey struct{}

// WithTurn hands a turn to the VU that runs in the context.
func WithTurn(ctx context.Context, turn *Turn) context.Context {
	return context.WithValue(ctx, turnKey{}, turn)
}

type (
	module   struct{}
	instance struct {
		vu modules.VU
		// The turn of a context: one per iteration, asked for by each call.
		last   context.Context //nolint:containedctx // only compared
		turnOf *Turn
	}
)

func (*module) NewModuleInstance(vu modules.VU) modules.Instance { return &instance{vu: vu} }

func (i *instance) Exports() modules.Exports {
	return modules.Exports{Named: map[string]any{
		"turn": i.turn, "stage": i.stage, "send": i.send, "judge": i.judge, "sleep": i.sleep,
		"request": i.request, "exchange": i.exchange,
		"call": i.call, "invoke": i.invoke, "text": i.text,
	}}
}

// current is the VU's turn. Throws where the script is not run by our executor.
func (i *instance) current() *Turn {
	if ctx := i.vu.Context(); ctx != nil {
		if ctx == i.last {
			return i.turnOf
		}
		if turn, ok := ctx.Value(turnKey{}).(*Turn); ok {
			i.last, i.turnOf = ctx, turn
			return turn
		}
	}
	panic(i.vu.Runtime().NewTypeError("k6/x/plimsoll works only in iterations of the executor open-loop"))
}

func (i *instance) turn(sobek.FunctionCall) sobek.Value {
	turn, state := i.current(), i.vu.State()
	if turn.Script != nil {
		return i.turnOfScript(turn, state)
	}
	if !turn.Wire.Bound() {
		if err := turn.Wire.Bind(state.Transport, state.Dialer); err != nil {
			common.Throw(i.vu.Runtime(), err)
		}
		state.Transport = turn.Wire
		if turn.Caller != nil {
			turn.Caller.Bind(state.Dialer, state.TLSConfig)
		}
	}
	switch turn.Purpose {
	case Connect:
		if turn.Address != "" {
			turn.ConnectError = turn.connect(i.vu.Context())
		}
		return i.vu.Runtime().ToValue(nothing)
	case Check:
		return i.vu.Runtime().ToValue(checking)
	default:
		return i.vu.Runtime().ToValue(turn.Iteration)
	}
}

// What turn() gives besides numbers of requests.
const (
	nothing  = -1
	checking = -2
)

func (t *Turn) connect(ctx context.Context) error {
	if t.Caller == nil {
		return t.Wire.Connect(ctx, t.Address)
	}
	ctx, cancel := context.WithTimeout(ctx, calls.ConnectDeadline)
	defer cancel()
	return t.Caller.Connect(ctx)
}

func (i *instance) turnOfScript(turn *Turn, state *lib.State) sobek.Value {
	if !turn.Script.Flow.Bound() {
		if err := turn.Script.bind(state); err != nil {
			common.Throw(i.vu.Runtime(), err)
		}
	}
	if turn.Purpose == Connect {
		if turn.Address != "" {
			turn.ConnectError = turn.Script.Flow.Connect(i.vu.Context(), turn.Address)
		}
		return i.vu.Runtime().ToValue(-1)
	}
	return i.vu.Runtime().ToValue(turn.Iteration)
}

func (i *instance) stage(sobek.FunctionCall) sobek.Value {
	return i.vu.Runtime().ToValue(i.current().Stage)
}

func (i *instance) send(call sobek.FunctionCall) sobek.Value {
	turn := i.current()
	turn.Endpoint = call.Argument(0).String()
	if turn.Purpose == Send {
		turn.OnSend(turn.Endpoint)
		if turn.Script != nil {
			i.begins(turn)
		}
	}
	return i.vu.Runtime().ToValue(turn.Purpose == Send)
}

func (i *instance) judge(call sobek.FunctionCall) sobek.Value {
	turn := i.current()
	turn.Outcome, turn.Failure = call.Argument(0).String(), call.Argument(1).String()
	if status := call.Argument(2).String(); status != "0" {
		turn.Status = status
	}
	if p := turn.answered; p != nil {
		p.status, p.outcome, p.failure, p.byStatus = turn.status, turn.Outcome, turn.Failure, turn.Status
		turn.answered = nil
	}
	return sobek.Undefined()
}

func (i *instance) request(call sobek.FunctionCall) sobek.Value {
	rt, state := i.vu.Runtime(), i.vu.State()
	header := http.Header{"User-Agent": {state.Options.UserAgent.String}}
	headers := call.Argument(3).ToObject(rt)
	for _, name := range headers.Keys() {
		header.Set(name, headers.Get(name).String())
	}
	var body *string
	if given := call.Argument(4); !common.IsNullish(given) {
		text := given.String()
		body = &text
	}
	timeout := time.Duration(call.Argument(5).ToFloat() * float64(time.Millisecond))
	return rt.ToValue(&prepared{
		Request:  wire.NewRequest(call.Argument(1).String(), call.Argument(2).String(), header, body, timeout),
		endpoint: call.Argument(0).String(),
	})
}

func (i *instance) exchange(call sobek.FunctionCall) sobek.Value {
	p, ok := call.Argument(0).Export().(*prepared)
	if !ok {
		panic(i.vu.Runtime().NewTypeError("exchange takes what request gave"))
	}
	turn := i.current()
	turn.Endpoint, turn.answered = p.endpoint, nil
	if turn.Purpose != Send {
		return i.vu.Runtime().ToValue(0)
	}
	turn.OnSend(p.endpoint)
	status := turn.Wire.Exchange(i.vu.Context(), p.Request)
	if status == 0 {
		return i.vu.Runtime().ToValue(0)
	}
	if status == p.status {
		turn.Outcome, turn.Failure, turn.Status = p.outcome, p.failure, p.byStatus
		return i.vu.Runtime().ToValue(0)
	}
	turn.answered, turn.status = p, status
	return i.vu.Runtime().ToValue(status)
}

func (i *instance) caller() *calls.Caller {
	caller := i.current().Caller
	if caller == nil {
		panic(i.vu.Runtime().NewTypeError("the plan has no gRPC calls"))
	}
	return caller
}

func (i *instance) call(call sobek.FunctionCall) sobek.Value {
	md := map[string]string{}
	if err := i.vu.Runtime().ExportTo(call.Argument(2), &md); err != nil {
		common.Throw(i.vu.Runtime(), err)
	}
	deadline := time.Duration(call.Argument(3).ToFloat() * float64(time.Millisecond))
	prepared, err := i.caller().Service().Prepare(call.Argument(0).String(), call.Argument(1).String(), md, deadline)
	if err != nil {
		common.Throw(i.vu.Runtime(), err)
	}
	return i.vu.Runtime().ToValue(prepared)
}

func (i *instance) invoke(call sobek.FunctionCall) sobek.Value {
	prepared, ok := call.Argument(0).Export().(*calls.Call)
	if !ok {
		panic(i.vu.Runtime().NewTypeError("invoke takes what call gave"))
	}
	return i.vu.Runtime().ToValue(i.caller().Call(i.vu.Context(), prepared))
}

func (i *instance) text(sobek.FunctionCall) sobek.Value {
	text, err := i.caller().Text()
	if err != nil {
		common.Throw(i.vu.Runtime(), err)
	}
	return i.vu.Runtime().ToValue(text)
}
