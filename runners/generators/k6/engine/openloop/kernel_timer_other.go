//go:build !linux

package openloop

import "time"

// kernelTimer never expires: elsewhere Go's own timers must do.
type kernelTimer struct{ expired chan struct{} }

func newKernelTimer() kernelTimer     { return kernelTimer{} }
func (kernelTimer) set(time.Duration) {}
func (kernelTimer) close()            {}
