package openloop

import (
	"os"
	"runtime"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// vitals are what the process used since it was last asked.
type vitals struct {
	cpu      time.Duration
	stallMax time.Duration
}

// woke: the schedule was to go on at an instant and did so later.
func (v *vitals) woke(expected, now time.Duration) { v.stallMax = max(v.stallMax, now-expected) }

func (v *vitals) take() (cpu, stallMax time.Duration, rss int64) {
	var usage syscall.Rusage
	_ = syscall.Getrusage(syscall.RUSAGE_SELF, &usage) // cannot fail with these arguments
	used := time.Duration(usage.Utime.Nano() + usage.Stime.Nano())
	cpu, stallMax, rss = used-v.cpu, v.stallMax, residentBytes(&usage)
	v.cpu, v.stallMax = used, 0
	return cpu, stallMax, rss
}

// residentBytes is what the process holds now, or where that is not to be had,
// the most it ever held.
func residentBytes(usage *syscall.Rusage) int64 {
	if text, err := os.ReadFile("/proc/self/statm"); err == nil {
		if fields := strings.Fields(string(text)); len(fields) > 1 {
			if pages, err := strconv.ParseInt(fields[1], 10, 64); err == nil {
				return pages * int64(os.Getpagesize())
			}
		}
	}
	if runtime.GOOS == "darwin" {
		return usage.Maxrss
	}
	return usage.Maxrss * 1024
}
