//go:build unix

package wire

import (
	"errors"
	"net"
	"syscall"

	"go.k6.io/k6/lib/netext"
)

// alive looks whether the other side has ended a connection that nobody reads from.
func alive(c net.Conn) bool {
	if counting, ok := c.(*netext.Conn); ok {
		c = counting.Conn
	}
	socket, ok := c.(syscall.Conn)
	if !ok {
		return true
	}
	raw, err := socket.SyscallConn()
	if err != nil {
		return false
	}
	open := false
	err = raw.Read(func(descriptor uintptr) bool {
		_, _, err := syscall.Recvfrom(int(descriptor), make([]byte, 1), syscall.MSG_PEEK|syscall.MSG_DONTWAIT)
		// Anything else is an end, or bytes that nobody asked for.
		open = errors.Is(err, syscall.EAGAIN)
		return true
	})
	return err == nil && open
}
