package arrivals

import "math"

// Random is the seeded source that all engines share (model/random.ts):
// xoshiro128** by Blackman and Vigna, its state filled by splitmix32.
type Random struct{ a, b, c, d uint32 }

// NewRandom starts a stream of random numbers; equal seeds give equal streams.
func NewRandom(seed uint32) *Random {
	splitmix32 := func() uint32 {
		seed += 0x9e3779b9
		z := seed
		z = (z ^ z>>16) * 0x21f0aaad
		z = (z ^ z>>15) * 0x735a2d97
		return z ^ z>>15
	}
	return &Random{splitmix32(), splitmix32(), splitmix32(), splitmix32()}
}

func (r *Random) next32() uint32 {
	five := r.b * 5
	result := (five<<7 | five>>25) * 9
	shifted := r.b << 9
	r.c ^= r.a
	r.d ^= r.b
	r.b ^= r.c
	r.a ^= r.d
	r.c ^= shifted
	r.d = r.d<<11 | r.d>>21
	return result
}

// Next is uniform in [0, 1), with 53 bits.
func (r *Random) Next() float64 {
	high, low := r.next32()>>5, r.next32()>>6
	return (float64(high)*(1<<26) + float64(low)) / (1 << 53)
}

// Exponential has the mean 1.
func (r *Random) Exponential() float64 { return -math.Log1p(-r.Next()) }

// StreamSeed seeds the n-th independent stream of a run's seed.
func StreamSeed(seed int64, stream int64) uint32 {
	//nolint:gosec // wraps around, as the same operations of JavaScript do
	return (uint32(seed)^0x5bd1e995)*0x85ebca6b ^ uint32(stream+1)*0xc2b2ae35
}
