package stats

import (
	"math"
	"math/rand/v2"
	"testing"

	"gonum.org/v1/gonum/dsp/fourier"
)

// The transform is gonum's, of both axes, in the order that frequency says.
func TestFFT(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	for _, n := range []int{32, 64, 128, 256, 512} {
		f, g := newFFT(n), fourier.NewCmplxFFT(n)
		re, im := make([]float64, n*n), make([]float64, n*n)
		x := make([]complex128, n)
		for y := range n {
			re[y*n+3], im[y*n+3] = random.NormFloat64(), random.NormFloat64()
			x[y] = complex(re[y*n+3], im[y*n+3])
		}
		f.columns(re, im)
		g.Coefficients(x, x)
		seen := map[int]bool{}
		for y := range n {
			k := f.frequency(y)
			seen[k] = true
			near(t, "real part", re[y*n+3], real(x[k]), 1e-10)
			near(t, "imaginary part", im[y*n+3], imag(x[k]), 1e-10)
		}
		if len(seen) != n {
			t.Errorf("%d of %d frequencies", len(seen), n)
		}
		a := make([]float64, n*n)
		for i := range a {
			a[i] = float64(i)
		}
		transpose(a, n)
		for i := range a {
			if a[i] != float64(i%n*n+i/n) {
				t.Fatalf("transpose of %d: %g at %d", n, a[i], i)
			}
		}
	}
}

// A picture made from a function of x and y.
func picture(width, height int, f func(x, y int) float64) Image {
	im := Image{Name: "made", Width: width, Height: height, Channels: 1, Pix: make([]uint8, width*height)}
	for i := range im.Pix {
		im.Pix[i] = uint8(min(max(math.Round(f(i%width, i/width)), 0), 255))
	}
	return im
}

// A wave has its power at its frequency and direction, all of it.
func TestSpectrumOfWaves(t *testing.T) {
	l := newLattice(64)
	for _, c := range []struct {
		kx, ky float64
		sector int
	}{{8, 0, 0}, {0, 8, 6}, {6, 6, 3}, {-6, 6, 9}, {9, 2.4, 1}} {
		im := picture(150, 140, func(x, y int) float64 {
			return 128 + 100*math.Sin(2*math.Pi*(c.kx*float64(x)+c.ky*float64(y))/64)
		})
		p := newTransform(l).measure(im.Pix, im.Width, im.Height)
		if p.patches != 4 {
			t.Errorf("%d patches", p.patches)
		}
		total, peak, at := 0.0, 0.0, 0
		for r, v := range p.ring {
			total += v
			if v > peak {
				peak, at = v, r
			}
		}
		near(t, "ring of the peak", float64(at), math.Floor(6*math.Log2(math.Hypot(c.kx, c.ky))), 1)
		// Parseval: the mean power of the windowed patch is its variance, times n^2 waves.
		near(t, "variance", total/4/(64*64), 5000, 150)
		a := l.angular(&p)
		for s, v := range a {
			if v > a[c.sector] {
				t.Errorf("wave (%g, %g): sector %d has more power than sector %d", c.kx, c.ky, s, c.sector)
			}
		}
	}
}

// Noise of a known spectrum has its slope.
func TestSlope(t *testing.T) {
	const n = 512
	random := rand.New(rand.NewPCG(3, 4))
	for _, alpha := range []float64{0, 1, 2, 3} {
		f := newFFT(n)
		re, im := make([]float64, n*n), make([]float64, n*n)
		for y := range n {
			for x := range n {
				kx, ky := (f.frequency(x)+n/2)%n-n/2, (f.frequency(y)+n/2)%n-n/2
				if k := math.Hypot(float64(kx), float64(ky)); k > 0 {
					a := math.Pow(k, -alpha/2)
					re[y*n+x], im[y*n+x] = a*random.NormFloat64(), a*random.NormFloat64()
				}
			}
		}
		// To the order that the transform takes.
		field := func(a []float64) []float64 {
			out := make([]float64, n*n)
			for y := range n {
				for x := range n {
					out[f.frequency(y)*n+f.frequency(x)] = a[y*n+x]
				}
			}
			return out
		}
		re, im = field(re), field(im)
		f.columns(re, im)
		transpose(re, n)
		transpose(im, n)
		f.columns(re, im)
		sum := 0.0
		for _, v := range re {
			sum += v * v
		}
		gain := 25 / math.Sqrt(sum/(n*n))
		pic := picture(n, n, func(x, y int) float64 {
			// Out of the transform's order: rows and columns are scrambled alike.
			return 128 + gain*re[inverse(f, y)*n+inverse(f, x)]
		})
		for _, patch := range []int{64, 128, 256} {
			l := newLattice(patch)
			p := newTransform(l).measure(pic.Pix, n, n)
			near(t, "slope", l.slope(&p), alpha, 0.12)
		}
	}
}

func inverse(f *fft, k int) int {
	for i := range f.n {
		if f.frequency(i) == k {
			return i
		}
	}
	return -1
}
