package calls

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"math"
	"net"
	"sync"
	"sync/atomic"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/connectivity"
	"google.golang.org/grpc/credentials"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/stats"
	"google.golang.org/grpc/status"

	"plimsoll.dev/k6-engine/wire"
)

// Caller makes the calls of one VU, one after another, over one connection.
type Caller struct {
	service *Service
	wire    *wire.Wire
	dialer  wire.Dialer
	tls     *tls.Config
	conn    *grpc.ClientConn

	// Of the connection that is there or was tried last.
	undialled, unshaken, lost atomic.Pointer[error]
	// answered: the server said how the call in flight, or the last one, ended.
	answered atomic.Bool
	// answer is the last complete one, and of is its call.
	answer []byte
	of     *Call
}

// NewCaller makes a caller that tells a VU's wire what happens.
func NewCaller(service *Service, own *wire.Wire) *Caller {
	return &Caller{service: service, wire: own}
}

// Service that is called.
func (c *Caller) Service() *Service { return c.service }

// Bind gives it the VU's names, addresses and certificates.
func (c *Caller) Bind(dialer wire.Dialer, config *tls.Config) {
	c.dialer, c.tls = dialer, config
}

// Connect opens the connection ahead of the first call. Where certificates are not
// agreed on it gives no error: each call will fail of that and say so.
func (c *Caller) Connect(ctx context.Context) error {
	if !c.service.config.KeepAlive {
		return nil
	}
	if err := c.ready(ctx); err != nil && c.whyNot(err) != wire.TLS {
		return err
	}
	return nil
}

// Call makes a call. It gives the name of the code that the server ended it with, or
// "" where it did not: then the wire knows why.
func (c *Caller) Call(ctx context.Context, call *Call) string {
	c.wire.Try()
	c.answer, c.of = nil, call
	ctx, cancel := context.WithTimeout(ctx, call.deadline)
	defer cancel()
	if !c.service.config.KeepAlive {
		defer c.Close()
	}
	if err := c.ready(ctx); err != nil {
		c.wire.Fail(c.whyNot(err))
		return ""
	}
	c.answered.Store(false)
	var answer []byte
	err := c.conn.Invoke(
		metadata.NewOutgoingContext(ctx, call.metadata), "/"+call.method, call.message, &answer, grpc.ForceCodec(asIs{}))
	code := status.Code(err)
	switch {
	case code == codes.DeadlineExceeded:
		c.wire.Fail(wire.KindOf(context.DeadlineExceeded, c.wire.Written()))
		return ""
	case !c.answered.Load():
		c.wire.Fail(c.whyNot(err))
		return ""
	}
	c.wire.Complete()
	c.answer = answer
	return nameOf(code)
}

// Text is the last answer in JSON.
func (c *Caller) Text() (string, error) {
	if c.of == nil {
		return "", nil
	}
	return c.of.text(c.answer)
}

// Close ends the connection.
func (c *Caller) Close() {
	if c.conn != nil {
		_ = c.conn.Close()
		c.conn = nil
	}
}

// errNotReady: the connection failed, and whyNot knows of what.
var errNotReady = errors.New("no connection")

// ready has a connection, or tries once to open one: grpc's own second tries would
// wait longer and longer, and calls in between fail untried.
func (c *Caller) ready(ctx context.Context) error {
	if c.conn != nil && c.conn.GetState() == connectivity.Ready {
		return nil
	}
	c.Close()
	c.undialled.Store(nil)
	c.unshaken.Store(nil)
	c.lost.Store(nil)
	conn, err := grpc.NewClient("passthrough:///"+c.service.config.Address, c.options()...)
	if err != nil {
		return err
	}
	c.conn = conn
	conn.Connect()
	for tried := false; ; {
		state := conn.GetState()
		switch state {
		case connectivity.Ready:
			return nil
		case connectivity.Connecting:
			tried = true
		case connectivity.Idle:
			if tried {
				return c.notReady()
			}
		case connectivity.TransientFailure, connectivity.Shutdown:
			return c.notReady()
		}
		if !conn.WaitForStateChange(ctx, state) {
			return ctx.Err()
		}
	}
}

func (c *Caller) notReady() error {
	for _, known := range []*atomic.Pointer[error]{&c.undialled, &c.unshaken, &c.lost} {
		if err := known.Load(); err != nil {
			return fmt.Errorf("%w: %w", errNotReady, *err)
		}
	}
	return fmt.Errorf("%w: it does not speak gRPC", errNotReady)
}

func (c *Caller) options() []grpc.DialOption {
	terms := insecure.NewCredentials()
	if c.service.config.Secure {
		config := c.tls.Clone()
		config.NextProtos = nil // grpc's own
		terms = credentials.NewTLS(config)
	}
	return []grpc.DialOption{
		grpc.WithContextDialer(func(ctx context.Context, address string) (net.Conn, error) {
			link, err := c.wire.Link(ctx, c.dialer, address)
			if err != nil {
				c.undialled.Store(&err)
				return nil, err
			}
			return link, nil
		}),
		grpc.WithTransportCredentials(heard{terms, c}),
		grpc.WithStatsHandler(c),
		grpc.WithNoProxy(), // the load goes to the target itself, whatever the environment says
		grpc.WithDisableServiceConfig(),
		grpc.WithDisableRetry(),
		grpc.WithIdleTimeout(0),
		grpc.WithDefaultCallOptions(grpc.MaxCallRecvMsgSize(math.MaxInt32)),
	}
}

// whyNot is the kind of failure of a call that the server did not end.
func (c *Caller) whyNot(err error) string {
	if errors.Is(err, context.DeadlineExceeded) {
		return wire.KindOf(context.DeadlineExceeded, c.wire.Written())
	}
	if undialled := c.undialled.Load(); undialled != nil {
		return wire.KindOf(*undialled, false)
	}
	if unshaken := c.unshaken.Load(); unshaken != nil {
		if kind := wire.KindOf(*unshaken, false); kind != wire.RequestError {
			return kind
		}
		return wire.TLS
	}
	if lost := c.lost.Load(); lost != nil {
		return wire.KindOf(*lost, c.wire.Written())
	}
	return wire.MalformedResponse
}

// heard are credentials that tell why a handshake failed, and why a connection was
// lost: grpc makes texts of both.
type heard struct {
	credentials.TransportCredentials
	caller *Caller
}

func (h heard) ClientHandshake(
	ctx context.Context, authority string, raw net.Conn,
) (net.Conn, credentials.AuthInfo, error) {
	conn, info, err := h.TransportCredentials.ClientHandshake(ctx, authority, raw)
	if err != nil {
		h.caller.unshaken.Store(&err)
		return nil, nil, err
	}
	return &noted{Conn: conn, caller: h.caller, unreadable: make(chan struct{})}, info, nil
}

func (h heard) Clone() credentials.TransportCredentials {
	return heard{h.TransportCredentials.Clone(), h.caller}
}

type noted struct {
	net.Conn
	caller *Caller
	// unreadable is closed when a read fails.
	unreadable chan struct{}
	once       sync.Once
}

func (n *noted) note(err error) {
	if !errors.Is(err, net.ErrClosed) {
		n.caller.lost.CompareAndSwap(nil, &err)
	}
}

func (n *noted) Read(p []byte) (int, error) {
	count, err := n.Conn.Read(p)
	if err != nil {
		n.note(err)
		n.once.Do(func() { close(n.unreadable) })
	}
	return count, err
}

// Write fails where the server has hung up. Why it did is read, and only until the
// connection is closed for this failure: an alert that a certificate is missing.
func (n *noted) Write(p []byte) (int, error) {
	count, err := n.Conn.Write(p)
	if err != nil && !errors.Is(err, net.ErrClosed) {
		select {
		case <-n.unreadable:
		case <-time.After(lastWords):
		}
		n.note(err)
	}
	return count, err
}

const lastWords = 100 * time.Millisecond

// TagRPC is grpc's.
func (c *Caller) TagRPC(ctx context.Context, _ *stats.RPCTagInfo) context.Context { return ctx }

// HandleRPC hears of what passes.
func (c *Caller) HandleRPC(_ context.Context, event stats.RPCStats) {
	switch event.(type) {
	case *stats.OutHeader:
		c.wire.Wrote()
	case *stats.InTrailer:
		c.answered.Store(true)
	}
}

// TagConn is grpc's.
func (c *Caller) TagConn(ctx context.Context, _ *stats.ConnTagInfo) context.Context { return ctx }

// HandleConn is grpc's.
func (c *Caller) HandleConn(context.Context, stats.ConnStats) {}

// asIs takes and gives messages in their binary form.
type asIs struct{}

func (asIs) Marshal(message any) ([]byte, error) {
	binary, ok := message.([]byte)
	if !ok {
		return nil, fmt.Errorf("a %T is no binary message", message)
	}
	return binary, nil
}

func (asIs) Unmarshal(data []byte, message any) error {
	binary, ok := message.(*[]byte)
	if !ok {
		return fmt.Errorf("a %T takes no binary message", message)
	}
	*binary = append([]byte(nil), data...)
	return nil
}

func (asIs) Name() string { return "proto" }

// ConnectDeadline bounds what is done before the load.
const ConnectDeadline = 20 * time.Second
