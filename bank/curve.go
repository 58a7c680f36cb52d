package bank

import (
	"math"

	"leaflitter/exact"
)

// Curves that a pixel needs and that + - x cannot give exactly: sampled once
// here, interpolated linearly on both backends.
const (
	// Logistic[i] is 1/(1+e^-x) at x = (i - LogisticZero) / LogisticStep, which
	// spans [-8, 8]; outside, its ends hold.
	LogisticStep = 64
	LogisticZero = 8 * LogisticStep
	logisticLen  = 2*LogisticZero + 1

	// Gamma[i] is 255 times the sRGB encoding of the linear intensity
	// i / GammaStep (IEC 61966-2-1).
	GammaStep = 4096
	gammaLen  = GammaStep + 1
)

func buildLogistic() []float32 {
	t := make([]float32, logisticLen)
	for i := range t {
		t[i] = float32(1 / (1 + exact.Exp(-float64(i-LogisticZero)/LogisticStep)))
	}
	return t
}

func buildGamma() []float32 {
	t := make([]float32, gammaLen)
	for i := range t {
		v := float64(i) / GammaStep
		if v <= 0.0031308 {
			v *= 12.92
		} else {
			v = float64(1.055*exact.Pow(v, 1/2.4)) - 0.055
		}
		t[i] = float32(255 * v)
	}
	return t
}

// WeightSum is what the weights of a Gaussian kernel sum to, both sides and the
// middle.
const WeightSum = 1 << 16

// Gaussian returns the right half of a Gaussian kernel, weight[0] in the middle,
// reaching to 3 sigma (pixels). The integer weights sum to WeightSum exactly:
// what rounding leaves over goes to the middle.
func Gaussian(sigma float64) []uint32 {
	radius := int(math.Ceil(3 * sigma))
	g := make([]float64, radius+1)
	sum := 0.0
	for i := range g {
		if sigma > 0 {
			g[i] = exact.Exp(-float64(i*i) / float64(2*float64(sigma*sigma)))
		} else {
			g[i] = 1
		}
		sum += g[i]
		if i > 0 {
			sum += g[i]
		}
	}
	w := make([]uint32, radius+1)
	rest := uint32(WeightSum)
	for i := radius; i > 0; i-- {
		w[i] = uint32(math.Floor(float64(g[i]/sum*WeightSum) + 0.5))
		rest -= 2 * w[i]
	}
	w[0] = rest
	for len(w) > 1 && w[len(w)-1] == 0 {
		w = w[:len(w)-1]
	}
	return w
}

// Chord is one row of a lens kernel: weight Full for offsets |x| < N, weight
// Edge for |x| = N.
type Chord struct{ N, Edge uint32 }

// LensKernel is a disk, row by row.
type LensKernel struct {
	Rows []Chord // row 0 is the middle one; the others stand on both sides of it
	Full uint32  // a power of two
	Sum  uint32  // of all weights, at most 2^16
}

// Lens returns the kernel of a lens of the given radius (pixels): the disk of
// radius + 1/2, so that radius 0 is the identity, each row's ends weighted by
// how far the disk reaches into the pixel.
func Lens(radius float64) LensKernel {
	r := radius + 0.5
	for full := uint32(64); ; full /= 2 {
		k := LensKernel{Full: full}
		for j := 0; float64(j) < r; j++ {
			half := math.Sqrt(float64(r*r)-float64(j*j)) + 0.5
			n := math.Floor(half)
			c := Chord{N: uint32(n), Edge: uint32(math.Floor(float64((half - n) * float64(full))))}
			row := 2 * c.Edge
			switch {
			case c.N > 0:
				row += (2*c.N - 1) * full
			default: // the middle pixel alone
				row = c.Edge
			}
			if j > 0 {
				row *= 2
			}
			k.Rows = append(k.Rows, c)
			k.Sum += row
		}
		if k.Sum <= 1<<16 {
			return k
		}
	}
}

// Reach returns the largest offset that the kernel touches.
func (k *LensKernel) Reach() int { return max(int(k.Rows[0].N), len(k.Rows)-1) }
