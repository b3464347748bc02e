//go:build !linux

package openloop

func newSleeper() sleeper { return newGoSleeper() }
