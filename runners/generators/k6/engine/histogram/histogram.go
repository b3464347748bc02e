// Package histogram records latencies as an HdrHistogram (3 significant digits,
// whole microseconds, 1 µs to 1 h) and writes it in the V2 format, deflated and
// in base64, as model/latency-histogram.ts does and reads.
package histogram

import (
	"bytes"
	"compress/zlib"
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"math"
	"math/bits"
	"time"
)

const (
	digits  = 3
	highest = 3_600_000_000
	// 2048 linear steps are the smallest power of two that keeps three digits.
	steps         = 2048
	halfSteps     = steps / 2
	halfStepsBits = 10
	octaves       = 22 // 2048 µs · 2^21 is above the highest value
	slots         = (octaves + 1) * halfSteps

	cookie           = 0x1c849303 | 0x10
	compressedCookie = 0x1c849304 | 0x10
	headerSize       = 40
)

// Histogram is not safe for concurrent use.
type Histogram struct {
	counts [slots]int32
	total  int
	// last is the highest index that was counted into.
	last int
}

// Record counts a duration: negative ones (a clock step) as 0, longer ones than
// an hour as an hour.
func (h *Histogram) Record(d time.Duration) {
	us := min(max(0, (d+time.Microsecond/2)/time.Microsecond), highest)
	i := index(uint64(us))
	h.counts[i]++
	h.total++
	h.last = max(h.last, i)
}

// Total is the number of recorded values.
func (h *Histogram) Total() int { return h.total }

// Reset forgets everything.
func (h *Histogram) Reset() {
	clear(h.counts[:h.last+1])
	h.total, h.last = 0, 0
}

// Add counts all that another histogram has.
func (h *Histogram) Add(other *Histogram) {
	for i, count := range other.counts[:other.last+1] {
		h.counts[i] += count
	}
	h.total += other.total
	h.last = max(h.last, other.last)
}

// Quantile is the middle of the slot that holds the q-th part of the values; 0 without any.
func (h *Histogram) Quantile(q float64) time.Duration {
	seen, wanted := 0, int(math.Ceil(q*float64(h.total)))
	for i := 0; i <= h.last; i++ {
		if seen += int(h.counts[i]); seen > 0 && seen >= wanted {
			octave := max(0, i/halfSteps-1)
			lowest := (i - octave*halfSteps) << octave
			return time.Duration(lowest+(1<<octave)/2) * time.Microsecond
		}
	}
	return 0
}

// index has one slot a microsecond up to 2048 µs, then 1024 an octave.
func index(us uint64) int {
	octave := max(0, bits.Len64(us)-halfStepsBits-1)
	//nolint:gosec // us is at most an hour
	return octave*halfSteps + int(us>>octave)
}

// Encoder keeps what encoding needs from one histogram to the next.
type Encoder struct {
	packed  bytes.Buffer
	deflate *zlib.Writer
}

// Encode gives the histogram in the V2 format, deflated, base64.
func (e *Encoder) Encode(h *Histogram) (string, error) {
	payload := make([]byte, 0, 4096)
	for i := 0; h.total > 0 && i <= h.last; i++ {
		zeros := 0
		for h.counts[i] == 0 { // the last one is not
			zeros++
			i++
		}
		switch {
		case zeros == 1:
			payload = append(payload, 0)
		case zeros > 1:
			payload = binary.AppendVarint(payload, int64(-zeros))
		}
		payload = binary.AppendVarint(payload, int64(h.counts[i]))
	}
	header := make([]byte, 0, headerSize)
	header = binary.BigEndian.AppendUint32(header, cookie)
	header = binary.BigEndian.AppendUint32(header, uint32(len(payload))) //nolint:gosec // some kB
	header = binary.BigEndian.AppendUint32(header, 0)                    // offset of the index
	header = binary.BigEndian.AppendUint32(header, digits)
	header = binary.BigEndian.AppendUint64(header, 1) // lowest value
	header = binary.BigEndian.AppendUint64(header, highest)
	header = binary.BigEndian.AppendUint64(header, math.Float64bits(1)) // ratio of values

	e.packed.Reset()
	e.packed.Write(make([]byte, 8))
	if e.deflate == nil {
		e.deflate = zlib.NewWriter(&e.packed)
	} else {
		e.deflate.Reset(&e.packed)
	}
	for _, part := range [][]byte{header, payload} {
		if _, err := e.deflate.Write(part); err != nil {
			return "", fmt.Errorf("deflating a histogram: %w", err)
		}
	}
	if err := e.deflate.Close(); err != nil {
		return "", fmt.Errorf("deflating a histogram: %w", err)
	}
	packed := e.packed.Bytes()
	binary.BigEndian.PutUint32(packed, compressedCookie)
	binary.BigEndian.PutUint32(packed[4:], uint32(len(packed)-8)) //nolint:gosec // some kB
	return base64.StdEncoding.EncodeToString(packed), nil
}
