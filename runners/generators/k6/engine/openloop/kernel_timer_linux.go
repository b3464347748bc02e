package openloop

import (
	"os"
	"time"

	"golang.org/x/sys/unix"
)

// kernelTimer is a timerfd that Go's network poller waits for.
type kernelTimer struct {
	file    *os.File
	raw     int
	expired chan struct{}
}

// newKernelTimer gives one that never expires where the kernel has none to give.
func newKernelTimer() kernelTimer {
	descriptor, err := unix.TimerfdCreate(unix.CLOCK_MONOTONIC, unix.TFD_NONBLOCK|unix.TFD_CLOEXEC)
	if err != nil {
		return kernelTimer{raw: -1}
	}
	t := kernelTimer{
		file:    os.NewFile(uintptr(descriptor), "timer"),
		raw:     descriptor,
		expired: make(chan struct{}, 1),
	}
	go t.wait()
	return t
}

func (t kernelTimer) wait() {
	expirations := make([]byte, 8)
	for {
		if _, err := t.file.Read(expirations); err != nil {
			return // closed
		}
		select {
		case t.expired <- struct{}{}:
		default:
		}
	}
}

func (t kernelTimer) set(d time.Duration) {
	if t.raw < 0 {
		return
	}
	select {
	case <-t.expired: // of an earlier sleep that ended otherwise
	default:
	}
	// Without it the timer of Go remains.
	_ = unix.TimerfdSettime(t.raw, 0, &unix.ItimerSpec{Value: unix.NsecToTimespec(int64(d))}, nil)
}

func (t kernelTimer) close() {
	if t.file != nil {
		_ = t.file.Close()
	}
}
