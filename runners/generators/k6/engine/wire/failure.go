package wire

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"net"
	"os"
	"strings"
	"syscall"
)

// Kinds of failure, as docs/failure-kinds.md lists them.
const (
	Timeout           = "timeout"
	ConnectionRefused = "connection-refused"
	ConnectionReset   = "connection-reset"
	ConnectionClosed  = "connection-closed"
	ConnectTimeout    = "connect-timeout"
	DNS               = "dns"
	TLS               = "tls"
	TruncatedBody     = "truncated-body"
	MalformedResponse = "malformed-response"
	UnexpectedStatus  = "unexpected-status"
	UnexpectedBody    = "unexpected-body"
	RequestError      = "request-error"
)

// progress is how far a request had come when it failed.
type progress struct {
	written, answering, inBody bool
}

// kindOf says what an error of the transport or of a body means.
func kindOf(err error, p progress) string {
	var (
		dns         *net.DNSError
		operation   *net.OpError
		certificate *tls.CertificateVerificationError
		record      tls.RecordHeaderError
		alert       tls.AlertError
		authority   x509.UnknownAuthorityError
	)
	isTimeout := errors.Is(err, context.DeadlineExceeded) || errors.Is(err, os.ErrDeadlineExceeded) || timesOut(err)
	switch {
	case isTimeout && !p.written:
		return ConnectTimeout
	case isTimeout:
		return Timeout
	case errors.As(err, &dns):
		return DNS
	case errors.As(err, &certificate), errors.As(err, &record), errors.As(err, &alert), errors.As(err, &authority),
		errors.As(err, &operation) && operation.Op == "remote error": // an alert of the other side
		return TLS
	case errors.Is(err, syscall.ECONNREFUSED):
		return ConnectionRefused
	case errors.As(err, &operation) && operation.Op == "dial":
		return RequestError
	case p.inBody && !errors.Is(err, io.EOF) && !errors.Is(err, io.ErrUnexpectedEOF) && !errors.As(err, &operation):
		return MalformedResponse // a chunk that is none
	case p.inBody:
		return TruncatedBody
	case errors.Is(err, syscall.ECONNRESET), errors.Is(err, syscall.EPIPE):
		return ConnectionReset
	case strings.Contains(err.Error(), "malformed"), p.answering:
		return MalformedResponse
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, net.ErrClosed),
		strings.Contains(err.Error(), "server closed"):
		return ConnectionClosed
	default:
		return RequestError
	}
}

func timesOut(err error) bool {
	var timeout net.Error
	return errors.As(err, &timeout) && timeout.Timeout()
}

// saysOnlyThatItEnded: HTTP/2 was told of the connection's end before the request
// could go out ("could not be established", "not usable"), and keeps why to itself.
func saysOnlyThatItEnded(err error) bool {
	return strings.Contains(err.Error(), "http2: client conn ")
}
