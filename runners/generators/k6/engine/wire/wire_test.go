package wire

import (
	"bufio"
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"sync/atomic"
	"testing"
	"time"
)

// exchange sends one request through the wire, as k6 does, and reads the answer.
func exchange(t *testing.T, w *Wire, url string, timeout time.Duration) (State, error) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), timeout)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		t.Fatal(err)
	}
	w.Reset()
	response, err := (&http.Client{Transport: w}).Do(request)
	if err == nil {
		_, err = io.Copy(io.Discard, response.Body)
		_ = response.Body.Close()
	}
	return w.State(), err
}

// senders are the two ways that requests go: by k6/http, and without it.
var senders = map[string]func(*testing.T, *Wire, string, time.Duration) (State, error){
	"k6/http": exchange,
	"exchange": func(t *testing.T, w *Wire, url string, timeout time.Duration) (State, error) {
		t.Helper()
		w.Reset()
		if w.Exchange(t.Context(), NewRequest(http.MethodGet, url, http.Header{}, nil, timeout)) == 0 {
			return w.State(), errors.New("no answer")
		}
		return w.State(), nil
	},
}

func bound(t *testing.T, c *Connections, disableKeepAlives bool) *Wire {
	t.Helper()
	w := New(c, time.Now())
	if err := w.Bind(&http.Transport{DisableKeepAlives: disableKeepAlives}, &net.Dialer{}); err != nil {
		t.Fatal(err)
	}
	return w
}

// raw is a server that answers each connection's n-th request with a text, and
// then closes it where close says so.
func raw(t *testing.T, answer func(connection, request int) (text string, ends bool)) (url string, requests *atomic.Int64) {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = listener.Close() })
	requests = new(atomic.Int64)
	serve := func(c net.Conn, connection int) {
		defer c.Close() //nolint:errcheck
		reader := bufio.NewReader(c)
		for n := 0; ; n++ {
			if _, err := http.ReadRequest(reader); err != nil {
				return
			}
			requests.Add(1)
			text, ends := answer(connection, n)
			if _, err := io.WriteString(c, text); err != nil || ends {
				return
			}
		}
	}
	go func() {
		for connection := 0; ; connection++ {
			c, err := listener.Accept()
			if err != nil {
				return
			}
			go serve(c, connection)
		}
	}()
	return "http://" + listener.Addr().String(), requests
}

const ok = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"

func TestARequestIsWrittenThenAnswered(t *testing.T) {
	const pause = 30 * time.Millisecond
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		time.Sleep(pause)
		_, _ = io.WriteString(w, "ok")
	}))
	defer server.Close()
	connections := new(Connections)
	w := bound(t, connections, false)
	for range 3 {
		state, err := exchange(t, w, server.URL, time.Minute)
		if err != nil || state.Failure != "" || !state.Began {
			t.Fatalf("%+v %v", state, err)
		}
		if state.Ended-state.Written < pause {
			t.Errorf("answered %v after it was written", state.Ended-state.Written)
		}
	}
	if connections.Open() != 1 || connections.Connects() != 1 {
		t.Errorf("%d open of %d", connections.Open(), connections.Connects())
	}
}

func TestAConnectionOpenedAheadIsUsedUnlessItEnded(t *testing.T) {
	server := httptest.NewServer(http.NotFoundHandler())
	defer server.Close()
	connections := new(Connections)
	for _, ends := range []bool{false, true} {
		w := bound(t, connections, false)
		before := connections.Connects()
		if err := w.Connect(t.Context(), server.Listener.Addr().String()); err != nil {
			t.Fatal(err)
		}
		if ends {
			for alive(w.spare.Conn) { // the server may not have accepted it yet
				server.CloseClientConnections()
				time.Sleep(time.Millisecond)
			}
		}
		if state, err := exchange(t, w, server.URL, time.Minute); err != nil || state.Failure != "" {
			t.Fatalf("%+v %v", state, err)
		}
		wanted := 1
		if ends {
			wanted = 2
		}
		if got := connections.Connects() - before; got != wanted {
			t.Errorf("ended %v: %d connections", ends, got)
		}
	}
}

func TestARequestIsNeverSentTwice(t *testing.T) {
	for name, send := range senders {
		// The second request on a connection is read and not answered: Go's transport
		// would send it again on a new one.
		url, requests := raw(t, func(_, request int) (string, bool) {
			if request == 1 {
				return "", true
			}
			return ok, false
		})
		w := bound(t, new(Connections), false)
		if state, err := send(t, w, url, time.Minute); err != nil || state.Failure != "" {
			t.Fatalf("%s: %+v %v", name, state, err)
		}
		state, err := send(t, w, url, time.Minute)
		if err == nil || state.Failure != ConnectionClosed || state.Written == 0 || state.Ended == 0 {
			t.Errorf("%s: %+v %v", name, state, err)
		}
		if got := requests.Load(); got != 2 {
			t.Errorf("%s: the target got %d requests", name, got)
		}
		if state, err := send(t, w, url, time.Minute); err != nil || state.Failure != "" {
			t.Errorf("%s: afterwards: %+v %v", name, state, err)
		}
	}
}

func TestFailuresAreCalledByTheirName(t *testing.T) {
	for name, send := range senders {
		t.Run(name, func(t *testing.T) { failuresAreCalledByTheirName(t, send) })
	}
}

func failuresAreCalledByTheirName(t *testing.T, send func(*testing.T, *Wire, string, time.Duration) (State, error)) {
	t.Helper()
	answers := map[string]struct {
		text string
		ends bool
	}{
		ConnectionClosed:  {"", true},
		MalformedResponse: {"SSH-2.0-nothing\r\n\r\n", true},
		TruncatedBody:     {"HTTP/1.1 200 OK\r\nContent-Length: 20\r\n\r\nok", true},
		Timeout:           {"HTTP/1.1 200 OK\r\n", false},
		"":                {ok, false},
	}
	for want, answer := range answers {
		url, _ := raw(t, func(int, int) (string, bool) { return answer.text, answer.ends })
		state, err := send(t, bound(t, new(Connections), false), url, 300*time.Millisecond)
		if state.Failure != want || (err == nil) != (want == "") || state.Written == 0 {
			t.Errorf("%q: %+v %v", want, state, err)
		}
	}
	chunk, _ := raw(t, func(int, int) (string, bool) {
		return "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\nok\r\n", true
	})
	if state, _ := send(t, bound(t, new(Connections), false), chunk, time.Minute); state.Failure != MalformedResponse {
		t.Errorf("a chunk that is none: %+v", state)
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	url := "http://" + listener.Addr().String()
	_ = listener.Close()
	state, _ := send(t, bound(t, new(Connections), false), url, time.Minute)
	if state.Failure != ConnectionRefused || state.Written != 0 {
		t.Errorf("refused: %+v", state)
	}
	secure := httptest.NewTLSServer(http.NotFoundHandler())
	defer secure.Close()
	if state, _ := send(t, bound(t, new(Connections), false), secure.URL, time.Minute); state.Failure != TLS || state.Written != 0 {
		t.Errorf("an unknown authority: %+v", state)
	}
	if state, _ := send(t, bound(t, new(Connections), false), "http://no-such-host.invalid", time.Minute); state.Failure != DNS {
		t.Errorf("an unknown host: %+v", state)
	}
}

func TestConnectionsAreCountedWhenTheyEnd(t *testing.T) {
	server := httptest.NewServer(http.NotFoundHandler())
	defer server.Close()
	connections := new(Connections)
	w := bound(t, connections, true)
	for n := 1; n <= 3; n++ {
		if _, err := exchange(t, w, server.URL, time.Minute); err != nil {
			t.Fatal(err)
		}
		for connections.Open() != 0 {
			time.Sleep(time.Millisecond)
		}
		if connections.Connects() != n {
			t.Errorf("%d connections for %d requests", connections.Connects(), n)
		}
	}
}
