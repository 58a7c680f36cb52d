package bank

import (
	"math"
	"sync"

	"leaflitter/exact"
	"leaflitter/scene"
)

// Noise holds periodic tiles of 1/f^s noise: Gaussian-like, mean 0, variance 1,
// three independent channels. A tile is the sum of waves of fixed amplitude
// |k|^-s and random phase, so its spectrum, mean and variance are exact and not
// merely expected.
//
// All tiles of one slope and variant share their phases: the tile of half the
// side is the larger one without its upper octave, up to a factor. The smaller
// tiles therefore serve as the larger ones' prefiltered levels when a texture
// recedes.
//
// Tiles are built when first asked for, since few images need them all. The
// zero value is the isotropic spectrum. Methods may be called concurrently.
type Noise struct {
	axes  bool
	tiles [slopeCount][maxLog + 1]lazyTiles
	plans [maxLog + 1]struct {
		once sync.Once
		fft  *fft
	}
}

// The tiles there are.
const (
	SlopeStep  = 0.125 // slopes are multiples of it
	slopeCount = 33    // 0 to 4
	minLog     = 4     // smallest tile, 16 px: only as a level of larger ones
	maxLog     = 12
	variants   = 4 // of tiles up to 256 px; larger ones have one
)

// Variants returns how many independent tiles of side 1<<log there are.
func Variants(log int) int {
	if log <= 8 {
		return variants
	}
	return 1
}

type lazyTiles struct {
	once sync.Once
	tex  [variants][]uint32
	rms  float64 // before normalisation
}

func newNoise(axes bool) *Noise { return &Noise{axes: axes} }

// Tiles depend on the spectrum alone, so all banks of a process share them.
var shared = map[bool]*Noise{false: newNoise(false), true: newNoise(true)}

// Slope returns the number of the slope class nearest to s in [0, 4].
func Slope(s float32) int { return int(float32(s*8) + 0.5) }

// Tile returns the noise of slope class slope (see Slope), side 1<<log px,
// 4 <= log <= 12, variant < Variants(log). A texel packs three 10-bit values, red
// lowest; v stands for (v - 512) / 128.
func (n *Noise) Tile(slope, log, variant int) []uint32 {
	return n.ready(slope, log).tex[variant]
}

func (n *Noise) ready(slope, log int) *lazyTiles {
	t := &n.tiles[slope][log]
	t.once.Do(func() { n.build(t, slope, log) })
	return t
}

// Gain returns the standard deviation that is left of the unit-variance tile of
// side 1<<log when all but the frequencies of the tile of side 1<<level are
// taken away.
func (n *Noise) Gain(slope, log, level int) float32 {
	return float32(n.ready(slope, level).rms / n.ready(slope, log).rms)
}

func abs(i int) int { return max(i, -i) }

// amplitude returns |k|^-s, or 1/(|kx|^s + |ky|^s) for the published spectrum.
func (n *Noise) amplitude(slope, kx, ky int) float64 {
	s := float64(slope) * SlopeStep
	if !n.axes {
		return exact.Pow(float64(kx*kx+ky*ky), -s/2)
	}
	sum := 0.0
	for _, k := range [2]int{abs(kx), abs(ky)} {
		if k > 0 {
			sum += exact.Pow(float64(k), s)
		}
	}
	return 1 / sum
}

var phases = func() (t [1024]complex128) {
	for i := range t {
		s, c := exact.SinCosTurns(float64(i) / 1024)
		t[i] = complex(c, s)
	}
	return
}()

// bankNoise tags the noise tiles' random streams.
const bankNoise = 2

// wavePhases returns the phases, in 1024ths of a turn, of wave (kx, ky) in the
// three channels of each variant; ky >= 0.
//
// The channels must be uncorrelated in every single tile, not on average: a
// patch's covariance would otherwise come out wrong for as long as the tile is
// in use. The waves that differ by signs and by exchange of kx and ky only have
// equal amplitude. Among the four of a group, the phase of channel 1 against 0
// is turned by a half in two, that of channel 2 against 0 in two others, and
// that of 2 against 1 therefore in two as well: the products cancel. Groups of
// two (axes and diagonals) turn both, with channels 1 and 2 a quarter apart.
func wavePhases(kx, ky int) (turns [3 * variants]uint32) {
	key := scene.Key{Image: bankNoise, Leaf: uint32(kx+32768) | uint32(ky)<<16, Purpose: scene.PurposeBank}
	own := key.Block(0)
	a, b := abs(kx), ky
	key.Leaf, key.Layer = uint32(max(a, b))|uint32(min(a, b))<<16, 1
	group := key.Block(0)
	var half1, half2 uint32
	if a > b {
		half1 = 512
	}
	if kx < 0 {
		half2 = 512
	}
	pair := a == b || a == 0 || b == 0
	if pair {
		half1 ^= half2
		half2 = half1
	}
	for v := range variants {
		first := own[v] >> 22
		one, two := group[v]&1023, group[v]>>10&1023
		if pair {
			two = one + 256
		}
		turns[3*v] = first
		turns[3*v+1] = (first + one + half1) & 1023
		turns[3*v+2] = (first + two + half2) & 1023
	}
	return turns
}

// build makes all variants of the tiles of one slope and side. Two real channels share each complex
// transform: one becomes its real part, the other its imaginary part.
func (n *Noise) build(t *lazyTiles, slope, log int) {
	size := 1 << log
	plan := &n.plans[log]
	plan.once.Do(func() { plan.fft = newFFT(size) })

	channels := 3 * Variants(log)
	spectra := make([][]complex64, (channels+1)/2)
	for i := range spectra {
		spectra[i] = make([]complex64, size*size)
	}
	total := 0.0
	row := make([]float64, size/2)
	for ky := 0; ky < size/2; ky++ {
		for kx := range row {
			if kx|ky != 0 {
				row[kx] = n.amplitude(slope, kx, ky)
			}
		}
		for kx := -size/2 + 1; kx < size/2; kx++ {
			if ky == 0 && kx <= 0 {
				continue // the mean, and waves whose opposite is drawn
			}
			a := row[abs(kx)]
			total += float64(2 * float64(a*a))
			turns := wavePhases(kx, ky)
			at, opposite := ky*size+(kx&(size-1)), (-ky&(size-1))*size+(-kx&(size-1))
			for c := range channels {
				p := phases[turns[c]]
				re, im := float32(a*real(p)), float32(a*imag(p))
				f := spectra[c/2]
				if c&1 == 0 {
					f[at] += complex(re, im)
					f[opposite] += complex(re, -im)
				} else { // times i
					f[at] += complex(-im, re)
					f[opposite] += complex(im, re)
				}
			}
		}
	}
	t.rms = math.Sqrt(total)
	scale := float32(128 / t.rms)
	for _, f := range spectra {
		plan.fft.inverse2D(f)
	}
	for v := range Variants(log) {
		tex := make([]uint32, size*size)
		for c := range 3 {
			f, odd := spectra[(3*v+c)/2], (3*v+c)&1 == 1
			for i := range tex {
				x := real(f[i])
				if odd {
					x = imag(f[i])
				}
				q := float32(x*scale) + 512.5
				tex[i] |= uint32(min(max(q, 0), 1023)) << (10 * c)
			}
		}
		t.tex[v] = tex
	}
}
