package calls

import (
	"context"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/health"
	healthpb "google.golang.org/grpc/health/grpc_health_v1"
	"google.golang.org/grpc/reflection"

	"plimsoll.dev/k6-engine/wire"
)

const check = "grpc.health.v1.Health/Check"

func serve(t *testing.T, listener net.Listener) *grpc.Server {
	t.Helper()
	server := grpc.NewServer()
	healthpb.RegisterHealthServer(server, health.NewServer())
	reflection.Register(server)
	go func() { _ = server.Serve(listener) }()
	t.Cleanup(server.Stop)
	return server
}

func listen(t *testing.T, address string) net.Listener {
	t.Helper()
	listener, err := net.Listen("tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	return listener
}

type bench struct {
	*Caller
	connections *wire.Connections
}

func newBench(config *Config) bench {
	config.KeepAlive = true
	connections := new(wire.Connections)
	caller := NewCaller(NewService(config), wire.New(connections, time.Now()))
	caller.Bind(new(net.Dialer), nil)
	return bench{caller, connections}
}

func (b bench) make(t *testing.T, method, message string, deadline time.Duration) (string, wire.State) {
	t.Helper()
	call, err := b.service.Prepare(method, message, map[string]string{"X-Who": "me"}, deadline)
	if err != nil {
		t.Fatal(err)
	}
	b.wire.Reset()
	code := b.Call(t.Context(), call)
	return code, b.wire.State()
}

func (b bench) load(t *testing.T) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	if err := b.service.Load(ctx, b.Caller); err != nil {
		t.Fatal(err)
	}
}

func TestCallsByReflection(t *testing.T) {
	listener := listen(t, "127.0.0.1:0")
	serve(t, listener)
	b := newBench(&Config{Address: listener.Addr().String(), Methods: []string{check}})
	b.load(t)
	for message, want := range map[string]string{`{}`: "OK", `{"service":"none"}`: "NOT_FOUND"} {
		code, state := b.make(t, check, message, time.Minute)
		if code != want || state.Failure != "" || state.Written == 0 || state.Ended < state.Written {
			t.Errorf("%s: %q %+v", message, code, state)
		}
	}
	b.make(t, check, `{}`, time.Minute)
	if text, err := b.Text(); err != nil || text != `{"status":"SERVING"}` {
		t.Error(text, err)
	}
	if b.connections.Connects() != 1 {
		t.Errorf("%d connections", b.connections.Connects())
	}
}

func TestAConnectionThatIsGoneIsTriedAtOnceForEachCall(t *testing.T) {
	listener := listen(t, "127.0.0.1:0")
	address := listener.Addr().String()
	server := serve(t, listener)
	b := newBench(&Config{Address: address, Methods: []string{check}})
	b.load(t)
	server.Stop()
	for range 5 {
		code, state := b.make(t, check, `{}`, time.Minute)
		// Closed or reset: written while the server was closing, the system says one or the other.
		gone := []string{string(wire.ConnectionRefused), string(wire.ConnectionClosed), string(wire.ConnectionReset)}
		if code != "" || !slices.Contains(gone, string(state.Failure)) {
			t.Fatalf("%q %+v", code, state)
		}
	}
	if _, state := b.make(t, check, `{}`, time.Minute); state.Failure != wire.ConnectionRefused || state.Written != 0 {
		t.Errorf("%+v", state)
	}
	serve(t, listen(t, address))
	if code, state := b.make(t, check, `{}`, time.Minute); code != "OK" {
		t.Errorf("%q %+v", code, state)
	}
}

func TestWhatSpeaksNoGRPC(t *testing.T) {
	web := httptest.NewServer(http.NotFoundHandler())
	defer web.Close()
	listener := listen(t, "127.0.0.1:0")
	serve(t, listener)
	b := newBench(&Config{Address: listener.Addr().String(), Methods: []string{check}})
	b.load(t)
	b.service.config.Address = web.Listener.Addr().String()
	b.Close()
	if code, state := b.make(t, check, `{}`, time.Minute); code != "" || state.Failure != wire.MalformedResponse {
		t.Errorf("%q %+v", code, state)
	}

	silent := listen(t, "127.0.0.1:0")
	defer silent.Close() //nolint:errcheck
	b.service.config.Address = silent.Addr().String()
	b.Close()
	if code, state := b.make(t, check, `{}`, 50*time.Millisecond); code != "" || state.Failure != wire.ConnectTimeout {
		t.Errorf("%q %+v", code, state)
	}
}

func TestFilesAreCompiledAndEveryFaultIsTold(t *testing.T) {
	folder := t.TempDir()
	write := func(name, text string) {
		if err := os.WriteFile(filepath.Join(folder, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write("item.proto", `syntax = "proto3"; package shop; message Item { string id = 1; }`)
	write("shop.proto", `syntax = "proto3"; package shop; import "item.proto"; import "google/protobuf/empty.proto";
		service Shop { rpc Get(Item) returns (google.protobuf.Empty); rpc All(Item) returns (stream Item); }`)
	write("broken.proto", "syntax = \"proto3\";\nmessage A { Nothing a = 1; }\nmessage B { Nought b = 1; }")
	service := NewService(&Config{
		ProtoFiles: []string{"shop.proto"}, ImportPaths: []string{folder},
		Methods: []string{"shop.Shop/Get", "shop.Shop/Buy", "shop.Store/Get", "shop.Shop/All"},
	})
	err := service.Load(t.Context(), nil)
	for _, part := range []string{
		"shop.Shop has no method Buy; it has Get, All", "there is no service shop.Store; there are shop.Shop", "shop.Shop/All is a stream",
	} {
		if err == nil || !strings.Contains(err.Error(), part) {
			t.Errorf("not said: %s: %v", part, err)
		}
	}
	if _, err := service.Prepare("shop.Shop/Get", `{"id":"1"}`, nil, 0); err != nil {
		t.Error(err)
	}
	if _, err := service.Prepare("shop.Shop/Get", `{"ident":"1"}`, nil, 0); err == nil || !strings.Contains(err.Error(), "no shop.Item") {
		t.Error(err)
	}
	service = NewService(&Config{ProtoFiles: []string{"broken.proto"}, ImportPaths: []string{folder}})
	if err := service.Load(t.Context(), nil); err == nil || !strings.Contains(err.Error(), "Nothing") || !strings.Contains(err.Error(), "Nought") {
		t.Error(err)
	}
	service = NewService(&Config{ProtoFiles: []string{"none.proto"}, ImportPaths: []string{folder}})
	if err := service.Load(t.Context(), nil); err == nil || !strings.Contains(err.Error(), "none.proto") {
		t.Error(err)
	}
}
