package wire

import (
	"context"
	"net"
	"sync/atomic"
)

// Link is a connection for calls of a protocol of its own, and counted. Unlike those
// of HTTP requests it does not say when a byte was written: much passes on it that
// belongs to no call.
type Link struct {
	net.Conn
	connections *Connections
	closed      atomic.Bool
}

// Link opens one.
func (w *Wire) Link(ctx context.Context, dialer Dialer, address string) (*Link, error) {
	opened, err := dialer.DialContext(ctx, "tcp", address)
	if err != nil {
		return nil, err
	}
	w.connections.open.Add(1)
	w.connections.connects.Add(1)
	return &Link{Conn: opened, connections: w.connections}, nil
}

// Close ends it.
func (l *Link) Close() error {
	if l.closed.CompareAndSwap(false, true) {
		l.connections.open.Add(-1)
	}
	return l.Conn.Close()
}

// What follows is for exchanges that do not go through RoundTrip.

// Try: the exchange came as far as here.
func (w *Wire) Try() { w.began.Store(true) }

// Wrote: its first byte goes out.
func (w *Wire) Wrote() { w.written.CompareAndSwap(0, w.now()) }

// Complete: its answer is there.
func (w *Wire) Complete() { w.completed.CompareAndSwap(0, w.now()) }

// Fail ends it without an answer.
func (w *Wire) Fail(kind string) {
	w.failure.Store(&kind)
	w.completed.CompareAndSwap(0, w.now())
}

// Written: a byte of the exchange went out.
func (w *Wire) Written() bool { return w.written.Load() != 0 }

// KindOf says what an error of a connection means.
func KindOf(err error, written bool) string { return kindOf(err, progress{written: written}) }
