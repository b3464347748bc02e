package wire

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"
)

func TestARequestGoesOutAsItIsEachTimeItIsSent(t *testing.T) {
	var got atomic.Value
	server := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		got.Store(fmt.Sprintf("%s %s %s %q %q %d %q %q",
			r.Method, r.RequestURI, r.Host, r.UserAgent(), r.Header.Get("X-One"), r.ContentLength, r.TransferEncoding, body))
	}))
	defer server.Close()
	host := strings.TrimPrefix(server.URL, "http://")
	header := http.Header{"User-Agent": {"k6"}, "X-One": {"1"}}
	named := http.Header{"User-Agent": {""}, "Host": {"orders.test"}}
	text, empty := "Grüße", ""
	for want, r := range map[string]*Request{
		`GET /a?b=%C3%BC ` + host + ` "k6" "1" 0 [] ""`:           NewRequest(http.MethodGet, server.URL+"/a?b=%C3%BC", header, nil, time.Minute),
		`POST /a ` + host + ` "k6" "1" 7 [] "Grüße"`:              NewRequest(http.MethodPost, server.URL+"/a", header, &text, time.Minute),
		`PUT / orders.test "" "" 0 [] ""`:                         NewRequest(http.MethodPut, server.URL, named, &empty, time.Minute),
		`GET /%2F/with%20body ` + host + ` "k6" "1" 7 [] "Grüße"`: NewRequest(http.MethodGet, server.URL+"/%2F/with%20body", header, &text, time.Minute),
	} {
		w := bound(t, new(Connections), false)
		for range 3 {
			w.Reset()
			if status := w.Exchange(t.Context(), r); status != http.StatusOK || got.Load() != want {
				t.Errorf("%d: %s\nwanted %s", status, got.Load(), want)
			}
		}
	}
}

func TestAnAnswerOfAnyShapeIsReadToItsEndOnOneConnection(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/large":
			_, _ = w.Write(make([]byte, 1<<20))
		case "/none":
			w.WriteHeader(http.StatusNoContent)
		case "/moved":
			http.Redirect(w, r, "/large", http.StatusFound)
		case "/garbled":
			w.Header().Set("Content-Encoding", "gzip")
			_, _ = io.WriteString(w, "not compressed")
		default:
			http.NotFound(w, r)
		}
	}))
	defer server.Close()
	connections := new(Connections)
	w := bound(t, connections, false)
	w.base.DisableCompression = true // as k6 has it
	for path, want := range map[string]int{
		"/large": 200, "/none": 204, "/moved": 302, "/garbled": 200, "/": 404,
	} {
		for _, method := range []string{http.MethodGet, http.MethodHead} {
			w.Reset()
			status := w.Exchange(t.Context(), NewRequest(method, server.URL+path, http.Header{}, nil, time.Minute))
			if state := w.State(); status != want || state.Failure != "" || state.Ended < state.Written {
				t.Errorf("%s %s: %d %+v", method, path, status, state)
			}
		}
	}
	if connections.Connects() != 1 {
		t.Errorf("%d connections", connections.Connects())
	}
}

func TestWhatIsNoAnswerHasNoStatus(t *testing.T) {
	upgrade, _ := raw(t, func(int, int) (string, bool) {
		return "HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\nUpgrade: x\r\n\r\n", false
	})
	for what, r := range map[string]struct {
		request *Request
		began   bool
	}{
		"another protocol":        {NewRequest(http.MethodGet, upgrade, http.Header{}, nil, time.Minute), true},
		"an address that is none": {NewRequest(http.MethodGet, "http://localhost/%zz", http.Header{}, nil, time.Minute), false},
		"a header that can't be":  {NewRequest(http.MethodGet, upgrade, http.Header{"X": {"a\nb"}}, nil, time.Minute), true},
	} {
		w := bound(t, new(Connections), false)
		w.Reset()
		status := w.Exchange(t.Context(), r.request)
		if state := w.State(); status != 0 || state.Began != r.began || state.Ended != 0 && state.Failure == "" {
			t.Errorf("%s: %d %+v", what, status, state)
		}
	}
}
