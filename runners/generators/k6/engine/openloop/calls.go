package openloop

import (
	"context"
	"errors"

	"plimsoll.dev/k6-engine/calls"
	"plimsoll.dev/k6-engine/traffic"
	"plimsoll.dev/k6-engine/wire"
)

// service is what the plan calls; nil where requests are HTTP.
func (x *Executor) service() *calls.Service {
	if x.config.Calls == nil {
		return nil
	}
	return calls.NewService(x.config.Calls)
}

func callerOf(service *calls.Service, own *wire.Wire) *calls.Caller {
	if service == nil {
		return nil
	}
	return calls.NewCaller(service, own)
}

// learnCalls reads what there is to call and lets the script look at all its calls.
func (w *worker) learnCalls() error {
	ctx, cancel := context.WithTimeout(context.Background(), calls.ConnectDeadline)
	defer cancel()
	defer w.turn.Caller.Close()
	if err := w.turn.Caller.Service().Load(ctx, w.turn.Caller); err != nil {
		return err
	}
	w.turn.Purpose = traffic.Check
	if err := w.vu.RunOnce(); err != nil {
		return errors.New(firstLine(err))
	}
	return nil
}
