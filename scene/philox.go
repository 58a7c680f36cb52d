package scene

import "math/bits"

// Philox4x32 is ten rounds of Philox-4x32, the counter-based generator of
// Salmon et al., "Parallel random numbers: as easy as 1, 2, 3" (SC'11): four
// random words that depend on nothing but the counter and the key.
func Philox4x32(ctr [4]uint32, key [2]uint32) [4]uint32 {
	a, b, c, d := philox(ctr[0], ctr[1], ctr[2], ctr[3], key[0], key[1])
	return [4]uint32{a, b, c, d}
}

// philox is Philox4x32 on scalars, which stay in registers; arrays pass through
// memory, and that takes longer than the ten rounds.
func philox(a, b, c, d, k0, k1 uint32) (uint32, uint32, uint32, uint32) {
	const m0, m1 = 0xD2511F53, 0xCD9E8D57
	const w0, w1 = 0x9E3779B9, 0xBB67AE85
	for range 10 {
		p, q := uint64(m0)*uint64(a), uint64(m1)*uint64(c)
		a, b, c, d = uint32(q>>32)^b^k0, uint32(q), uint32(p>>32)^d^k1, uint32(p)
		k0 += w0
		k1 += w1
	}
	return a, b, c, d
}

// Purpose separates the random streams of one leaf or image.
type Purpose uint32

// The purposes. Their values are part of the determinism contract: changing
// one changes every image.
const (
	PurposeImage   Purpose = 1 + iota // per image: outline law, blur, palette
	PurposePlace                      // per leaf: radius and centre
	PurposeOutline                    // per leaf: kind, rotation, aspect
	PurposePaint                      // per leaf: everything the paint stage draws
	PurposeBank                       // tables that no image index enters
	PurposeDegrade                    // per image: the noise of package degrade
	PurposeLaw                        // per image and field: laws of the configuration
)

// Key names one random stream: (seed, image, layer, leaf, purpose). Streams of
// different keys are independent; nothing is shared and nothing is consumed.
type Key struct {
	Seed    uint64
	Image   uint64
	Layer   uint32 // < 2^8
	Leaf    uint32
	Purpose Purpose // < 2^8
}

// Block returns words 4n to 4n+3 of the stream, n < 2^16.
func (k Key) Block(n uint32) [4]uint32 {
	a, b, c, d := philox(k.Leaf, uint32(k.Purpose)<<24|k.Layer<<16|n, uint32(k.Image), uint32(k.Image>>32),
		uint32(k.Seed), uint32(k.Seed>>32)) // not words: the compiler would not keep k in registers
	return [4]uint32{a, b, c, d}
}

// words is Block on scalars; see philox.
func (k *Key) words(n uint32) (uint32, uint32, uint32, uint32) {
	return philox(k.Leaf, uint32(k.Purpose)<<24|k.Layer<<16|n, uint32(k.Image), uint32(k.Image>>32),
		uint32(k.Seed), uint32(k.Seed>>32))
}

// Stream reads a key's words in order. The paint shader reads the same words
// in the same order.
type Stream struct {
	key  Key
	n    uint32
	left int
	buf  [4]uint32
}

// NewStream returns the stream of key at its start.
func NewStream(key Key) Stream { return Stream{key: key} }

// Uint32 returns the next word.
func (s *Stream) Uint32() uint32 {
	if s.left == 0 {
		s.buf = s.key.Block(s.n)
		s.n++
		s.left = 4
	}
	w := s.buf[4-s.left]
	s.left--
	return w
}

// Float32 returns the next uniform number in [0, 1), a multiple of 2^-24, so
// that it is exact on every backend.
func (s *Stream) Float32() float32 { return float32(s.Uint32()>>8) * 0x1p-24 }

// Float64 returns a uniform number in (0, 1) from the next word: never 0, so
// that its logarithm is finite.
func (s *Stream) Float64() float64 { return (float64(s.Uint32()) + 0.5) * 0x1p-32 }

// Between returns the next uniform float32 in [lo, hi).
func (s *Stream) Between(lo, hi float32) float32 {
	return lo + float32(s.Float32()*float32(hi-lo))
}

// Intn returns the next uniform integer in [0, n), n > 0, by the high word of
// a product (bias below n / 2^32).
func (s *Stream) Intn(n uint32) uint32 {
	hi, _ := bits.Mul32(s.Uint32(), n)
	return hi
}
