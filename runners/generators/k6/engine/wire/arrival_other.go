//go:build !linux

package wire

import (
	"net"
	"time"
)

// stampedReader: this system gives no stamps.
type stampedReader struct{}

func stampedReaderOf(net.Conn) *stampedReader { return nil }

func (*stampedReader) read([]byte) (int, time.Duration, error) { return 0, 0, nil }
