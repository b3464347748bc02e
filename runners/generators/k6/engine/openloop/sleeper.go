package openloop

import "time"

// sleeper wakes close to the instant asked for. Go's timers are exact while
// goroutines run, but an idle process sleeps in whole milliseconds; a timer of
// the kernel wakes it in time then. Which of the two comes first depends on the
// load, so both are set.
type sleeper interface {
	// sleep ends after d; false where it was woken before.
	sleep(d time.Duration) bool
	// wake ends the sleep, or the next one. It may be called from anywhere.
	wake()
	close()
}

// goSleeper has Go's timers alone.
type goSleeper struct {
	timer *time.Timer
	woken chan struct{}
}

func newGoSleeper() *goSleeper {
	timer := time.NewTimer(time.Hour)
	timer.Stop()
	return &goSleeper{timer: timer, woken: make(chan struct{}, 1)}
}

func (s *goSleeper) sleep(d time.Duration) bool {
	if d <= 0 {
		return true
	}
	s.timer.Reset(d)
	defer s.timer.Stop()
	select {
	case <-s.timer.C:
		return true
	case <-s.woken:
		return false
	}
}

func (s *goSleeper) wake() {
	select {
	case s.woken <- struct{}{}:
	default:
	}
}

func (s *goSleeper) close() { s.timer.Stop() }
