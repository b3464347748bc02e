package ledger

import (
	"sync"

	"plimsoll.dev/k6-engine/histogram"
)

// spares are histograms to use again: each is 94 kB. Safe for concurrent use.
type spares struct {
	mu   sync.Mutex
	list []*histogram.Histogram
}

func (s *spares) take() *histogram.Histogram {
	s.mu.Lock()
	defer s.mu.Unlock()
	if last := len(s.list) - 1; last >= 0 {
		h := s.list[last]
		s.list = s.list[:last]
		return h
	}
	return new(histogram.Histogram)
}

// Recycle takes a histogram back. It may be called from anywhere.
func (s *spares) Recycle(h *histogram.Histogram) {
	h.Reset()
	s.mu.Lock()
	defer s.mu.Unlock()
	s.list = append(s.list, h)
}
