package openloop

import "time"

// sleeper wakes close to the instant asked for. Go's timers are exact while
// goroutines run, but an idle process sleeps in whole milliseconds; the kernel's
// own timer, a file, wakes it in time then. Where both are needed depends on the
// load, so both are set and the first one counts.
type sleeper struct {
	timer  *time.Timer
	kernel kernelTimer
}

func newSleeper() *sleeper {
	timer := time.NewTimer(time.Hour)
	timer.Stop()
	return &sleeper{timer: timer, kernel: newKernelTimer()}
}

// sleep ends after d, or when something comes on wake: false then.
func (s *sleeper) sleep(d time.Duration, wake <-chan struct{}) bool {
	if d <= 0 {
		return true
	}
	deadline := time.Now().Add(d)
	s.timer.Reset(d)
	s.kernel.set(d)
	defer s.timer.Stop()
	for {
		select {
		case <-s.timer.C:
			return true
		case <-s.kernel.expired:
			// Or it is the expiry of an earlier sleep, which Go's timer had ended.
			if time.Until(deadline) <= 0 {
				return true
			}
		case <-wake:
			return false
		}
	}
}

func (s *sleeper) close() { s.kernel.close() }
