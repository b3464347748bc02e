package openloop

import (
	"os"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

// kernelSleeper waits for a timerfd in Go's network poller, with a deadline that
// is a timer of Go's at the same instant. The file is never read: the poller is
// told of each expiry as it comes.
type kernelSleeper struct {
	file  *os.File
	raw   syscall.RawConn
	timer int
	woken chan struct{}
}

// newSleeper falls back to Go's timers where the kernel gives no timer.
func newSleeper() sleeper {
	timer, err := unix.TimerfdCreate(unix.CLOCK_MONOTONIC, unix.TFD_NONBLOCK|unix.TFD_CLOEXEC)
	if err != nil {
		return newGoSleeper()
	}
	file := os.NewFile(uintptr(timer), "timer")
	raw, err := file.SyscallConn()
	if err != nil || file.SetReadDeadline(time.Time{}) != nil {
		_ = file.Close()
		return newGoSleeper()
	}
	return &kernelSleeper{file: file, raw: raw, timer: timer, woken: make(chan struct{}, 1)}
}

func (s *kernelSleeper) sleep(d time.Duration) bool {
	if d <= 0 {
		return true
	}
	until := time.Now().Add(d)
	_ = s.file.SetReadDeadline(until) // it could be set before
	select {
	case <-s.woken: // before the deadline was set: it may have undone the waking
		return false
	default:
	}
	_ = unix.TimerfdSettime(s.timer, 0, &unix.ItimerSpec{Value: unix.NsecToTimespec(int64(d))}, nil)
	for time.Now().Before(until) {
		asked := false
		err := s.raw.Read(func(uintptr) bool {
			wait := !asked
			asked = true
			return !wait
		})
		select {
		case <-s.woken:
			return false
		default:
		}
		if err != nil {
			break // the deadline
		}
		// Or it was the expiry of a timer that the deadline had overtaken.
	}
	return true
}

func (s *kernelSleeper) wake() {
	select {
	case s.woken <- struct{}{}:
		_ = s.file.SetReadDeadline(time.Unix(1, 0)) // closed: there is nothing to wake
	default:
	}
}

func (s *kernelSleeper) close() { _ = s.file.Close() }
