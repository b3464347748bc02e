package wire

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"net/url"
	"time"
)

// Request is one that a VU may send any number of times, one after another.
type Request struct {
	template http.Request
	body     []byte
	timeout  time.Duration
	// fault: it can't be sent.
	fault error
}

// NewRequest makes a request. What is wrong with its address comes out when it is sent.
func NewRequest(method, address string, header http.Header, body *string, timeout time.Duration) *Request {
	r := &Request{timeout: timeout}
	var target *url.URL
	if target, r.fault = url.Parse(address); r.fault != nil {
		return r
	}
	r.template = http.Request{
		Method: method, URL: target, Host: header.Get("Host"), Header: header,
		Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
	}
	if body != nil {
		r.body = []byte(*body)
		r.template.ContentLength = int64(len(r.body))
		r.template.GetBody = r.reader
	}
	return r
}

func (r *Request) reader() (io.ReadCloser, error) {
	if len(r.body) == 0 {
		return http.NoBody, nil
	}
	return io.NopCloser(bytes.NewReader(r.body)), nil
}

// Exchange sends a request and reads its answer, of which it keeps nothing but the
// status: 0 where there is none, and State says why. A redirection is an answer as any.
//
// It does what k6/http does for a request whose body nobody reads, without k6's own
// measurements, cookies and copies of headers, which nobody looks at: a fifth of the
// CPU of a request.
func (w *Wire) Exchange(ctx context.Context, r *Request) (status int) {
	if r.fault != nil {
		return 0
	}
	ctx, cancel := context.WithTimeout(ctx, r.timeout)
	defer cancel()
	request := r.template.WithContext(ctx)
	if r.template.GetBody != nil {
		request.Body, _ = r.reader()
	}
	response, err := w.RoundTrip(request)
	if err != nil {
		return 0
	}
	defer func() { _ = response.Body.Close() }()
	if response.StatusCode == http.StatusSwitchingProtocols {
		return 0 // nobody asked for another one
	}
	if _, err := io.Copy(io.Discard, response.Body); err != nil {
		return 0
	}
	return response.StatusCode
}
