package wire

import (
	"crypto/tls"
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
			state, err := exchange(t, w, server.URL, time.Minute)
			switch state.Failure {
			case TLS:
			case ConnectionReset, ConnectionClosed:
				unsaid++ // the alert did not outlive the reset
			default:
				t.Errorf("HTTP/2 %v: %s: %v", http2, state.Failure, err)
			}
		}
		if unsaid > exchanges/20 {
			t.Errorf("HTTP/2 %v: %d of %d alerts were not heard", http2, unsaid, exchanges)
		}
	}
}
