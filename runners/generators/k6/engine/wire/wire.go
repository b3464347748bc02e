// Package wire stands between a VU of k6 and its HTTP transport. It knows what
// k6's own metrics do not say: when a request's first byte was written and its
// answer complete, why it failed, and which connections there are. It opens
// connections ahead of the load, and keeps the transport from sending a request
// a second time, which k6 would not tell.
package wire

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"sync/atomic"
	"time"
)

// Connections counts those of all VUs.
type Connections struct {
	open, connects atomic.Int64
}

// Open is how many there are now.
func (c *Connections) Open() int { return int(c.open.Load()) }

// Connects is how many there ever were.
func (c *Connections) Connects() int { return int(c.connects.Load()) }

// Dialer opens connections, with the script's options about names and addresses.
type Dialer interface {
	DialContext(ctx context.Context, network, address string) (net.Conn, error)
}

// Wire belongs to one VU, which has one request at a time.
type Wire struct {
	base        *http.Transport
	dialer      Dialer
	connections *Connections
	epoch       time.Time
	// spare was opened ahead and has not been used.
	spare *conn
	// elsewhere is where requests go while the wire is diverted.
	elsewhere atomic.Pointer[string]
	diverted  atomic.Bool
	// shaken is the last connection of HTTP/2 whose handshake is over.
	shaken atomic.Pointer[tls.Conn]

	// Of the request in flight, or the last one. Instants count from the epoch, 0 is none.
	number    atomic.Int64
	secure    atomic.Bool
	began     atomic.Bool
	written   atomic.Int64
	answering atomic.Bool
	// arrived: the last bytes of the answer so far.
	arrived   atomic.Int64
	completed atomic.Int64
	failure   atomic.Pointer[string]
	lost      atomic.Pointer[error]
}

// New makes a wire whose instants count from the epoch.
func New(connections *Connections, epoch time.Time) *Wire {
	return &Wire{connections: connections, epoch: epoch}
}

// Bind puts the wire between a VU and its transport, which must not have been used.
func (w *Wire) Bind(transport http.RoundTripper, dialer Dialer) error {
	base, ok := transport.(*http.Transport)
	if !ok {
		return fmt.Errorf("the transport of this k6 is a %T: the engine was written for another release", transport)
	}
	w.base, w.dialer = base, dialer
	base.DialContext = w.dial
	base.Proxy = nil            // the load goes to the target itself, whatever the environment says
	base.CloseIdleConnections() // there are none; it prepares HTTP/2, where the script's options do
	if upgrade := base.TLSNextProto["h2"]; upgrade != nil {
		base.TLSNextProto["h2"] = func(authority string, shaken *tls.Conn) http.RoundTripper {
			w.shaken.Store(shaken)
			return upgrade(authority, shaken)
		}
	}
	return nil
}

// Bound: Bind was called.
func (w *Wire) Bound() bool { return w.base != nil }

// Connect opens a connection ahead of the first request.
func (w *Wire) Connect(ctx context.Context, address string) error {
	opened, err := w.open(ctx, "tcp", address)
	if err != nil {
		return err
	}
	w.spare = opened
	return nil
}

// Divert sends requests to another address, over plain HTTP, on connections that
// are not counted.
func (w *Wire) Divert(address string) {
	w.elsewhere.Store(&address)
	w.diverted.Store(true)
}

// Restore ends a diversion and its connections.
func (w *Wire) Restore() {
	w.diverted.Store(false)
	w.CloseIdle()
}

// CloseIdle closes the connections that have no request.
func (w *Wire) CloseIdle() {
	if w.base != nil {
		w.base.CloseIdleConnections()
	}
}

// Reset forgets the last request.
func (w *Wire) Reset() {
	w.number.Add(1)
	w.began.Store(false)
	w.written.Store(0)
	w.answering.Store(false)
	w.arrived.Store(0)
	w.completed.Store(0)
	w.failure.Store(nil)
	w.lost.Store(nil)
}

// State of a request.
type State struct {
	// Began: it came as far as the transport.
	Began bool
	// Written and Ended count from the epoch; 0: not yet.
	Written, Ended time.Duration
	// Failure is empty where the answer was complete or is still due.
	Failure string
}

// State of the request in flight, or of the last one.
func (w *Wire) State() State {
	s := State{Began: w.began.Load(), Written: time.Duration(w.written.Load()), Ended: time.Duration(w.completed.Load())}
	if failure := w.failure.Load(); failure != nil {
		s.Failure = *failure
	}
	return s
}

// RoundTrip sends one request.
func (w *Wire) RoundTrip(request *http.Request) (*http.Response, error) {
	w.began.Store(true)
	if w.diverted.Load() {
		request = request.Clone(request.Context())
		request.URL.Scheme, request.URL.Host = "http", *w.elsewhere.Load()
	}
	w.secure.Store(request.URL.Scheme == "https")
	response, err := w.base.RoundTrip(request)
	if err != nil {
		w.failed(err, false)
		return nil, err
	}
	response.Body = &body{response.Body, w}
	return response, nil
}

func (w *Wire) now() int64 { return int64(time.Since(w.epoch)) }

// complete: the answer is whole since its last bytes arrived.
func (w *Wire) complete() {
	// A clock that was set meanwhile must not end a request before it began.
	w.completed.CompareAndSwap(0, max(w.written.Load(), w.arrived.Load()))
}

func (w *Wire) failed(err error, inBody bool) {
	if errors.Is(err, errSecondTry) || saysOnlyThatItEnded(err) {
		if lost := w.lost.Load(); lost != nil {
			err = *lost
		} else {
			err = io.EOF
		}
	}
	// Under TLS the bytes that came may be no answer yet but the end of the handshake, or half an alert.
	answering := w.answering.Load() && !w.secure.Load()
	kind := kindOf(err, progress{written: w.written.Load() != 0, answering: answering, inBody: inBody})
	ended := w.now()
	if w.refusedByTLS() {
		kind = TLS
	}
	if kind == TLS {
		w.written.Store(0) // only a handshake was
	}
	w.failure.Store(&kind)
	w.completed.CompareAndSwap(0, ended)
}

// refusedByTLS: the connection was ended by an alert of the server, mostly because
// the client's certificate will not do. It comes after the handshake, and the errors
// that HTTP/2 has for requests often hide it; a closed connection still tells.
func (w *Wire) refusedByTLS() bool {
	shaken := w.shaken.Load()
	if shaken == nil {
		return false
	}
	raw, ok := shaken.NetConn().(*conn)
	if !ok || raw.usedFor != w.number.Load() {
		return false
	}
	raw.awaitLastWords()
	if !raw.closed.Load() {
		return false // to read it would be to wait for more
	}
	_, err := shaken.Read(make([]byte, 1))
	return err != nil && kindOf(err, progress{written: true}) == TLS
}

// errSecondTry: a transport sends a request again where a kept connection ended
// before the answer. The target would get two where one was due.
var errSecondTry = errors.New("the connection ended, and a request is sent only once")

func (w *Wire) dial(ctx context.Context, network, address string) (net.Conn, error) {
	if w.written.Load() != 0 {
		return nil, errSecondTry
	}
	if elsewhere := w.elsewhere.Load(); elsewhere != nil && address == *elsewhere {
		return w.openElsewhere(ctx, network, address)
	}
	w.shaken.Store(nil)
	if spare := w.spare; spare != nil {
		w.spare = nil
		if alive(spare.Conn) {
			spare.usedFor = w.number.Load()
			return spare, nil
		}
		_ = spare.Close()
	}
	return w.open(ctx, network, address)
}

func (w *Wire) open(ctx context.Context, network, address string) (*conn, error) {
	opened, err := w.dialer.DialContext(ctx, network, address)
	if err != nil {
		return nil, err
	}
	w.connections.open.Add(1)
	w.connections.connects.Add(1)
	return w.connOf(opened), nil
}

func (w *Wire) connOf(opened net.Conn) *conn {
	number := w.number.Load()
	return &conn{Conn: opened, wire: w, stamped: stampedReaderOf(opened), openedFor: number, usedFor: number}
}

func (w *Wire) openElsewhere(ctx context.Context, network, address string) (*conn, error) {
	opened, err := new(net.Dialer).DialContext(ctx, network, address)
	if err != nil {
		return nil, err
	}
	c := w.connOf(opened)
	c.closed.Store(true) // it is not counted
	return c, nil
}

// conn tells its wire what passes.
type conn struct {
	net.Conn
	wire *Wire
	// stamped is nil where only the time of reading is known.
	stamped *stampedReader
	// openedFor is the number of the request that it was opened for, usedFor that of
	// the first that went over it: a later one where it was opened ahead.
	openedFor, usedFor int64
	closed             atomic.Bool
	// unread was said by the server before it hung up.
	unread atomic.Pointer[[]byte]
}

func (c *conn) Write(p []byte) (int, error) {
	if w := c.wire; w.secure.Load() && c.openedFor == w.number.Load() {
		w.written.Store(w.now()) // what came before was the handshake
	} else {
		w.written.CompareAndSwap(0, w.now())
	}
	n, err := c.Conn.Write(p)
	if err != nil && c.wire.secure.Load() {
		c.keepLastWords()
	}
	return n, err
}

// keepLastWords takes what the server said before it hung up, which Go's HTTP/2 does
// not read where its first write fails.
func (c *conn) keepLastWords() {
	_ = c.SetReadDeadline(time.Now().Add(lastWords))
	if words, _ := io.ReadAll(io.LimitReader(c.Conn, 1<<14)); len(words) > 0 {
		c.unread.Store(&words)
	}
}

// awaitLastWords gives the reader a moment where the server has hung up: it may have
// said why, in an alert that no certificate came. The connection is closed when that
// is read.
func (c *conn) awaitLastWords() {
	for end := time.Now().Add(lastWords); !c.closed.Load() && time.Now().Before(end); {
		time.Sleep(time.Millisecond)
	}
}

const lastWords = 100 * time.Millisecond

func (c *conn) Read(p []byte) (int, error) {
	n, ago, err := c.read(p)
	if err != nil && n == 0 {
		if words := c.unread.Swap(nil); words != nil {
			n, err = copy(p, *words), nil
			if rest := (*words)[n:]; len(rest) > 0 {
				c.unread.Store(&rest)
			}
		}
	}
	if n > 0 {
		c.wire.answering.Store(true)
		c.wire.arrived.Store(c.wire.now() - int64(ago))
	}
	if err != nil {
		c.wire.lost.Store(&err)
	}
	return n, err
}

func (c *conn) read(p []byte) (int, time.Duration, error) {
	if c.stamped == nil {
		n, err := c.Conn.Read(p)
		return n, 0, err
	}
	return c.stamped.read(p)
}

func (c *conn) Close() error {
	if c.closed.CompareAndSwap(false, true) {
		c.wire.connections.open.Add(-1)
	}
	return c.Conn.Close()
}

// body tells its wire when the answer is complete.
type body struct {
	io.ReadCloser
	wire *Wire
}

func (b *body) Read(p []byte) (int, error) {
	n, err := b.ReadCloser.Read(p)
	switch {
	case errors.Is(err, io.EOF):
		b.wire.complete()
	case err != nil && b.wire.completed.Load() == 0: // k6 may read on after the end
		b.wire.failed(err, true)
	}
	return n, err
}
