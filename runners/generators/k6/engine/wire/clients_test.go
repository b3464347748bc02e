package wire

import (
	"context"
	"crypto/tls"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"
)

// A server that wants a certificate says so in an alert, which comes after the
// client's first request went out, or while it does.
func TestAMissingCertificateOfTheClientIsNamedWhateverComesFirst(t *testing.T) {
	for _, http2 := range []bool{true, false} {
		for _, ahead := range []bool{true, false} {
			t.Run(fmt.Sprintf("HTTP/2 %v, connected ahead %v", http2, ahead), func(t *testing.T) {
				missingCertificate(t, http2, ahead)
			})
		}
	}
}

func missingCertificate(t *testing.T, http2, ahead bool) {
	t.Helper()
	server := httptest.NewUnstartedServer(http.NotFoundHandler())
	server.EnableHTTP2 = http2
	server.TLS = &tls.Config{ClientAuth: tls.RequireAnyClientCert}
	server.Config.ErrorLog = nil
	server.StartTLS()
	defer server.Close()
	const exchanges = 300
	unsaid := 0
	for range exchanges {
		w := New(new(Connections), time.Now())
		transport := &http.Transport{
			TLSClientConfig:   &tls.Config{InsecureSkipVerify: true}, //nolint:gosec
			ForceAttemptHTTP2: http2,
		}
		if err := w.Bind(transport, &net.Dialer{}); err != nil {
			t.Fatal(err)
		}
		if ahead {
			if err := w.Connect(t.Context(), server.Listener.Addr().String()); err != nil {
				t.Fatal(err)
			}
		}
		state, err := exchange(t, w, server.URL, time.Minute)
		switch state.Failure {
		case TLS:
		case ConnectionReset, ConnectionClosed:
			unsaid++ // the alert did not outlive the reset
		default:
			t.Errorf("%s: %v", state.Failure, err)
		}
	}
	if unsaid > exchanges/20 {
		t.Errorf("%d of %d alerts were not heard", unsaid, exchanges)
	}
}

// HTTP/2 notices the end of a connection before the request goes out, and then says
// only that there is no connection.
func TestAServerThatHangsUpAfterTheHandshakeClosedTheConnection(t *testing.T) {
	server := httptest.NewUnstartedServer(http.NotFoundHandler())
	server.EnableHTTP2 = true
	server.StartTLS()
	defer server.Close()
	listener, err := tls.Listen("tcp", "127.0.0.1:0", server.TLS)
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close() //nolint:errcheck
	go func() {
		for {
			c, err := listener.Accept()
			if err != nil {
				return
			}
			if shaken, ok := c.(*tls.Conn); ok {
				_ = shaken.HandshakeContext(context.Background())
			}
			_ = c.Close()
		}
	}()
	for range 300 {
		w := New(new(Connections), time.Now())
		transport := &http.Transport{
			TLSClientConfig:   &tls.Config{InsecureSkipVerify: true}, //nolint:gosec
			ForceAttemptHTTP2: true,
		}
		if err := w.Bind(transport, &net.Dialer{}); err != nil {
			t.Fatal(err)
		}
		state, err := exchange(t, w, "https://"+listener.Addr().String(), time.Minute)
		if state.Failure != ConnectionClosed && state.Failure != ConnectionReset {
			t.Errorf("%s: %v", state.Failure, err)
		}
	}
}
