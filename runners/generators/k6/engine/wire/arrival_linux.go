package wire

import (
	"encoding/binary"
	"io"
	"net"
	"os"
	"syscall"
	"time"

	"go.k6.io/k6/lib/netext"
	"golang.org/x/sys/unix"
)

// stampedReader reads a TCP connection and says when the kernel got what it reads,
// which may be long before. Where a thousand answers come at once, as after a pause
// of the target, the last of them is read a tenth of a second after it came: that is
// time of the generator and not of the service.
type stampedReader struct {
	socket  syscall.RawConn
	control [64]byte
}

// stampedReaderOf is nil where the kernel gives no stamps.
func stampedReaderOf(c net.Conn) *stampedReader {
	if counting, ok := c.(*netext.Conn); ok {
		c = counting.Conn
	}
	tcp, ok := c.(*net.TCPConn)
	if !ok {
		return nil
	}
	socket, err := tcp.SyscallConn()
	if err != nil {
		return nil
	}
	var refused error
	err = socket.Control(func(descriptor uintptr) {
		refused = unix.SetsockoptInt(int(descriptor), unix.SOL_SOCKET, unix.SO_TIMESTAMPNS, 1)
	})
	if err != nil || refused != nil {
		return nil
	}
	return &stampedReader{socket: socket}
}

// read is Read with how long ago the last byte came; 0 where that is not known.
func (r *stampedReader) read(p []byte) (n int, ago time.Duration, err error) {
	controls := 0
	waited := r.socket.Read(func(descriptor uintptr) bool {
		for {
			n, controls, _, _, err = unix.Recvmsg(int(descriptor), p, r.control[:], 0)
			if err != unix.EINTR { //nolint:errorlint // a plain number
				return err != unix.EAGAIN //nolint:errorlint
			}
		}
	})
	switch {
	case waited != nil:
		return 0, 0, waited
	case err != nil:
		return 0, 0, &net.OpError{Op: "read", Net: "tcp", Err: os.NewSyscallError("recvmsg", err)}
	case n == 0 && len(p) > 0:
		return 0, 0, io.EOF
	}
	if stamp := stampOf(r.control[:controls]); stamp != 0 {
		ago = max(0, time.Duration(time.Now().UnixNano()-stamp))
	}
	return n, ago, nil
}

// stampOf is in nanoseconds since 1970, 0 where there is none.
func stampOf(controls []byte) int64 {
	for len(controls) >= unix.SizeofCmsghdr {
		header, data, rest, err := unix.ParseOneSocketControlMessage(controls)
		if err != nil {
			return 0
		}
		if header.Level == unix.SOL_SOCKET && header.Type == unix.SCM_TIMESTAMPNS && len(data) == 16 {
			order := binary.NativeEndian
			return int64(order.Uint64(data))*int64(time.Second) + int64(order.Uint64(data[8:])) //nolint:gosec // of the kernel
		}
		controls = rest
	}
	return 0
}
