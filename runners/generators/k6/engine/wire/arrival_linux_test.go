package wire

import (
	"errors"
	"io"
	"net"
	"os"
	"syscall"
	"testing"
	"time"
)

func connected(t *testing.T) (reading, writing *net.TCPConn) {
	t.Helper()
	listener, err := net.ListenTCP("tcp", &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1)})
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	reading, err = net.DialTCP("tcp", nil, listener.Addr().(*net.TCPAddr))
	if err != nil {
		t.Fatal(err)
	}
	writing, err = listener.AcceptTCP()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { reading.Close(); writing.Close() })
	return reading, writing
}

func TestWhatIsReadLateCameWhenItCame(t *testing.T) {
	reading, writing := connected(t)
	reader := stampedReaderOf(reading)
	if reader == nil {
		t.Fatal("the kernel gives no stamps")
	}
	buffer := make([]byte, 100)
	// The kernel begins to stamp a little after it is first asked to; until then it says when it was read.
	for try := 1; ; try++ {
		before := time.Now()
		if _, err := writing.Write([]byte("an answer")); err != nil {
			t.Fatal(err)
		}
		written := time.Now()
		time.Sleep(50 * time.Millisecond)
		n, ago, err := reader.read(buffer)
		came := time.Now().Add(-ago)
		if err != nil || string(buffer[:n]) != "an answer" {
			t.Fatal(string(buffer[:n]), err)
		}
		// Between the two, but for the time between two looks at the clock.
		tolerance := 20 * time.Millisecond
		if !came.Before(before) && came.Before(written.Add(tolerance)) {
			return
		}
		if try == 10 {
			t.Fatalf("came %v after it was written", came.Sub(written))
		}
	}
}

func TestAStampedReaderEndsAsAnyOther(t *testing.T) {
	reading, writing := connected(t)
	reader := stampedReaderOf(reading)
	_ = reading.SetReadDeadline(time.Now().Add(time.Millisecond))
	if _, _, err := reader.read(make([]byte, 1)); !errors.Is(err, os.ErrDeadlineExceeded) || !timesOut(err) {
		t.Error(err)
	}
	_ = reading.SetReadDeadline(time.Time{})
	_ = writing.CloseWrite()
	if n, _, err := reader.read(make([]byte, 1)); n != 0 || !errors.Is(err, io.EOF) {
		t.Error(n, err)
	}

	reading, writing = connected(t)
	reader = stampedReaderOf(reading)
	_ = writing.SetLinger(0)
	_ = writing.Close()
	if _, _, err := reader.read(make([]byte, 1)); !errors.Is(err, syscall.ECONNRESET) {
		t.Error(err)
	}
	_ = reading.Close()
	if _, _, err := reader.read(make([]byte, 1)); !errors.Is(err, net.ErrClosed) {
		t.Error(err)
	}
}
