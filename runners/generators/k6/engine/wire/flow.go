package wire

import (
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"net"
	"net/http"
	"net/http/httptrace"
	"sync"
	"sync/atomic"
	"time"
)

// Flow stands between a VU that runs a user's script and its HTTP transport. The
// script may send any number of requests, also several at once: each carries the
// run's headers and is bounded in time, none is sent a second time on a connection
// of its own, and why it failed is kept in the order of the failures.
type Flow struct {
	base        *http.Transport
	dialer      Dialer
	connections *Connections
	timeout     time.Duration
	// spare was opened ahead, to spareAddress, and has not been used.
	spareMu      sync.Mutex
	spare        net.Conn
	spareAddress string

	mu       sync.Mutex
	headers  map[string]string
	failures []string
	underWay map[*flight]bool
}

// NewFlow makes the flow of one VU; no request takes longer than the timeout.
func NewFlow(connections *Connections, timeout time.Duration) *Flow {
	return &Flow{connections: connections, timeout: timeout, underWay: map[*flight]bool{}}
}

// Bind puts the flow between a VU and its transport, which must not have been used.
func (f *Flow) Bind(transport http.RoundTripper, dialer Dialer) error {
	base, ok := transport.(*http.Transport)
	if !ok {
		return fmt.Errorf("the transport of this k6 is a %T: the engine was written for another release", transport)
	}
	f.base, f.dialer = base, dialer
	base.DialContext = f.dial
	base.Proxy = nil
	return nil
}

// Bound: Bind was called.
func (f *Flow) Bound() bool { return f.base != nil }

// Connect opens a connection ahead of the first request.
func (f *Flow) Connect(ctx context.Context, address string) error {
	opened, err := f.dialer.DialContext(ctx, "tcp", address)
	if err != nil {
		return err
	}
	f.spareMu.Lock()
	defer f.spareMu.Unlock()
	f.spare, f.spareAddress = f.counted(opened), address
	return nil
}

// Begin is an iteration's: its requests carry these headers.
func (f *Flow) Begin(headers map[string]string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.headers = headers
	f.failures = f.failures[:0]
	clear(f.underWay)
}

// Failure is the kind of the first request that failed and was not asked for yet.
func (f *Flow) Failure() string {
	f.mu.Lock()
	defer f.mu.Unlock()
	if len(f.failures) == 0 {
		return RequestError // it never came as far as the transport
	}
	first := f.failures[0]
	f.failures = f.failures[1:]
	return first
}

// UnderWay are the requests whose answer is not complete, as method and URL.
func (f *Flow) UnderWay() (requests [][2]string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for e := range f.underWay {
		requests = append(requests, [2]string{e.method, e.url})
	}
	return requests
}

// flight is one request and its answer.
type flight struct {
	method, url        string
	written, answering atomic.Bool
}

type flightKey struct{}

// RoundTrip sends one request.
func (f *Flow) RoundTrip(request *http.Request) (*http.Response, error) {
	e := &flight{method: request.Method, url: request.URL.String()}
	ctx, cancel := context.WithTimeout(context.WithValue(request.Context(), flightKey{}, e), f.timeout)
	sent := request.Clone(httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{
		WroteHeaders:         func() { e.written.Store(true) },
		GotFirstResponseByte: func() { e.answering.Store(true) },
	}))
	f.mu.Lock()
	for name, value := range f.headers {
		sent.Header.Set(name, value)
	}
	f.underWay[e] = true
	f.mu.Unlock()
	response, err := f.base.RoundTrip(sent)
	if err != nil {
		f.ended(e, err, false)
		cancel()
		return nil, err
	}
	response.Body = &flowBody{ReadCloser: response.Body, flow: f, flight: e, cancel: cancel}
	return response, nil
}

// ended: err is nil where the answer is complete.
func (f *Flow) ended(e *flight, err error, inBody bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if !f.underWay[e] {
		return
	}
	delete(f.underWay, e)
	if err == nil {
		return
	}
	if errors.Is(err, errSecondTry) || saysOnlyThatItEnded(err) {
		err = io.EOF
	}
	f.failures = append(f.failures,
		kindOf(err, progress{written: e.written.Load(), answering: e.answering.Load(), inBody: inBody}))
}

func (f *Flow) dial(ctx context.Context, network, address string) (net.Conn, error) {
	if e, ok := ctx.Value(flightKey{}).(*flight); ok && e.written.Load() {
		return nil, errSecondTry
	}
	if spare := f.takeSpare(address); spare != nil {
		return spare, nil
	}
	opened, err := f.dialer.DialContext(ctx, network, address)
	if err != nil {
		return nil, err
	}
	return f.counted(opened), nil
}

func (f *Flow) takeSpare(address string) net.Conn {
	f.spareMu.Lock()
	defer f.spareMu.Unlock()
	if f.spare == nil || address != f.spareAddress {
		return nil
	}
	spare := f.spare
	f.spare = nil
	if counted, ok := spare.(*countedConn); ok && alive(counted.Conn) {
		return spare
	}
	_ = spare.Close()
	return nil
}

func (f *Flow) counted(opened net.Conn) net.Conn {
	f.connections.open.Add(1)
	f.connections.connects.Add(1)
	return &countedConn{Conn: opened, connections: f.connections}
}

// countedConn is one of the open connections until it is closed.
type countedConn struct {
	net.Conn
	connections *Connections
	closed      atomic.Bool
}

func (c *countedConn) Close() error {
	if c.closed.CompareAndSwap(false, true) {
		c.connections.open.Add(-1)
	}
	return c.Conn.Close()
}

// flowBody tells its flow when the answer is complete.
type flowBody struct {
	io.ReadCloser
	flow   *Flow
	flight *flight
	cancel func()
}

func (b *flowBody) Read(p []byte) (int, error) {
	n, err := b.ReadCloser.Read(p)
	switch {
	case errors.Is(err, io.EOF):
		b.flow.ended(b.flight, nil, true)
	case err != nil:
		b.flow.ended(b.flight, err, true)
	}
	return n, err
}

func (b *flowBody) Close() error {
	b.flow.ended(b.flight, nil, true)
	b.cancel()
	return b.ReadCloser.Close()
}

// Headers are those of the run with the stage's.
func Headers(common map[string]string, stageHeader, stage string) map[string]string {
	all := maps.Clone(common)
	all[stageHeader] = stage
	return all
}

// Begin and End are for iterations that may send any number of requests, on flows:
// the wire then only keeps the instants of the whole.
func (w *Wire) Begin() {
	w.began.Store(true)
	w.written.Store(w.now())
}

// End is called when the iteration has returned.
func (w *Wire) End() { w.completed.Store(w.now()) }
