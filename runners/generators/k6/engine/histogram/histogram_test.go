package histogram

import (
	"bytes"
	"compress/zlib"
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"io"
	"os"
	"testing"
	"time"
)

// The file is written by engine-histograms.test.ts with hdr-histogram-js.
func TestEncodesAsHdrHistogramDoes(t *testing.T) {
	text, err := os.ReadFile("testdata/golden.json")
	if err != nil {
		t.Fatal(err)
	}
	var golden []struct {
		Name         string  `json:"name"`
		Microseconds []int64 `json:"microseconds"`
		Encoded      string  `json:"encoded"`
	}
	if err := json.Unmarshal(text, &golden); err != nil {
		t.Fatal(err)
	}
	if len(golden) < 4 {
		t.Fatalf("only %d histograms", len(golden))
	}
	var encoder Encoder
	var h Histogram
	for _, g := range golden {
		h.Reset()
		for _, us := range g.Microseconds {
			h.Record(time.Duration(us) * time.Microsecond)
		}
		if h.Total() != len(g.Microseconds) {
			t.Errorf("%s: %d of %d values", g.Name, h.Total(), len(g.Microseconds))
		}
		encoded, err := encoder.Encode(&h)
		if err != nil {
			t.Fatal(err)
		}
		// hdr-histogram-js has notions of its own of the index offset (bytes 8 to 12)
		// and the ratio of values (32 to 40), and reads neither; ours are Java's.
		got, want := inflate(t, encoded), inflate(t, g.Encoded)
		for _, part := range [][2]int{{0, 8}, {12, 32}, {headerSize, len(want)}} {
			if !bytes.Equal(got[part[0]:min(part[1], len(got))], want[part[0]:part[1]]) {
				t.Errorf("%s: %x, not %x", g.Name, got, want)
			}
		}
	}
}

func inflate(t *testing.T, encoded string) []byte {
	t.Helper()
	packed, err := base64.StdEncoding.DecodeString(encoded)
	if err != nil {
		t.Fatal(err)
	}
	if got := binary.BigEndian.Uint32(packed); got != compressedCookie {
		t.Errorf("cookie %x", got)
	}
	if got := binary.BigEndian.Uint32(packed[4:]); int(got) != len(packed)-8 {
		t.Errorf("length %d of %d", got, len(packed)-8)
	}
	reader, err := zlib.NewReader(bytes.NewReader(packed[8:]))
	if err != nil {
		t.Fatal(err)
	}
	plain, err := io.ReadAll(reader)
	if err != nil {
		t.Fatal(err)
	}
	return plain
}

func TestEverySlotIsNarrow(t *testing.T) {
	previous := -1
	for us := uint64(0); us < 5_000_000; us++ {
		i := index(us)
		if i != previous && i != previous+1 {
			t.Fatalf("slot %d follows %d at %d µs", i, previous, us)
		}
		previous = i
	}
	if got := index(highest); got >= slots {
		t.Errorf("an hour is in slot %d of %d", got, slots)
	}
	for _, us := range []uint64{2048, 1_000_000, highest / 2} {
		if index(us) == index(us+us/1000+1) {
			t.Errorf("%d µs is not told from 0.1 %% more", us)
		}
	}
}

func TestQuantilesAreWithinTheirSlot(t *testing.T) {
	var h, half Histogram
	if h.Quantile(0.5) != 0 {
		t.Error("a quantile of nothing")
	}
	for us := range 100_000 {
		(map[bool]*Histogram{true: &h, false: &half}[us%2 == 0]).Record(time.Duration(us) * time.Microsecond)
	}
	h.Add(&half)
	if h.Total() != 100_000 {
		t.Errorf("%d values", h.Total())
	}
	for _, q := range []float64{0.01, 0.5, 0.99, 1} {
		want := q * 100_000
		if got := float64(h.Quantile(q).Microseconds()); got < want*0.999-1 || got > want*1.001+1 {
			t.Errorf("quantile %v: %v µs, not %v", q, got, want)
		}
	}
}

func TestDurationsOutsideAreBounded(t *testing.T) {
	var h Histogram
	h.Record(-time.Second)
	h.Record(2 * time.Hour)
	if h.counts[0] != 1 || h.counts[index(highest)] != 1 || h.Total() != 2 {
		t.Error("not counted at the ends")
	}
	h.Reset()
	if h.counts[0] != 0 || h.counts[index(highest)] != 0 || h.Total() != 0 {
		t.Error("not forgotten")
	}
}
