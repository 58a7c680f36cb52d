package cpu

import (
	"math"
	"testing"

	"leaflitter/bank"
)

// Each stage against its definition in float64.

func lanes(v uint64) [4]float64 {
	return [4]float64{float64(v & 0xffff), float64(v >> 16 & 0xffff), float64(v >> 32 & 0xffff), float64(v >> 48)}
}

// pseudo fills a canvas with opaque texels and gaps.
func pseudo(w, h int) []uint64 {
	src := make([]uint64, w*h)
	state := uint32(1)
	for i := range src {
		state = state*1664525 + 1013904223
		if state>>30 != 0 {
			src[i] = texel(vec3{float32(state >> 24), float32(state >> 16 & 255), float32(state >> 8 & 255)})
		}
	}
	return src
}

func TestGaussianAgainstDefinition(t *testing.T) {
	const w, h = 70, 41
	src := pseudo(w, h)
	for _, sigma := range []float64{0.3, 1, 2.2, 5} {
		k := bank.Gaussian(sigma)
		sum := k[0]
		for _, v := range k[1:] {
			sum += 2 * v
		}
		if sum != bank.WeightSum {
			t.Fatalf("sigma %g: weights sum to %d", sigma, sum)
		}
		radius := len(k) - 1
		tmp, dst := make([]uint64, w*h), make([]uint64, w*h)
		blurRows(tmp, src, w, k, 0, h)
		blurColumns(dst, tmp, w, h, k, 0, h)
		g := func(i int) float64 { return math.Exp(-float64(i*i) / (2 * sigma * sigma)) }
		norm := 0.0
		for i := -radius; i <= radius; i++ {
			norm += g(i)
		}
		for y := radius; y < h-radius; y++ {
			for x := radius; x < w-radius; x++ {
				var want [4]float64
				for j := -radius; j <= radius; j++ {
					for i := -radius; i <= radius; i++ {
						for c, v := range lanes(src[(y+j)*w+x+i]) {
							want[c] += 4 * v * g(i) * g(j) / (norm * norm)
						}
					}
				}
				for c, got := range lanes(dst[y*w+x]) {
					if math.Abs(got-want[c]) > 4 { // of 16384: 1/16 of a grey level
						t.Fatalf("sigma %g, pixel %d,%d lane %d: %g, want %g", sigma, x, y, c, got, want[c])
					}
				}
			}
		}
	}
}

func TestGaussianKernelReachesThreeSigma(t *testing.T) {
	for _, sigma := range []float64{1, 2.5, 5} {
		if got, want := len(bank.Gaussian(sigma))-1, int(math.Ceil(3*sigma)); got != want {
			t.Errorf("sigma %g reaches %d px, want %d", sigma, got, want)
		}
	}
	if len(bank.Gaussian(0)) != 1 {
		t.Error("sigma 0 is not the identity")
	}
}

func TestLensAgainstDefinition(t *testing.T) {
	const w, h = 70, 60
	src := pseudo(w, h)
	for _, radius := range []float64{0.7, 3.2, 10, 14.9} {
		k := bank.Lens(radius)
		reach := k.Reach() + 1
		prefix, dst := make([][2]uint64, (w+1)*h), make([]uint64, w*h)
		lensPrefix(prefix, src, w, 0, h)
		lens(dst, prefix, w, h, &k, 0, h)
		weight := func(i, j int) (w float64) { // the runs that reach that far
			if row := max(j, -j); row <= k.Reach() {
				for _, run := range k.Runs[k.First[row]:k.First[row+1]] {
					if max(i, -i) <= int(run.Reach) {
						w += float64(run.Weight)
					}
				}
			}
			return w
		}
		for y := reach; y < h-reach; y += 3 {
			for x := reach; x < w-reach; x += 2 {
				var square [3]float64
				var cover, sum float64
				for j := -reach; j <= reach; j++ {
					for i := -reach; i <= reach; i++ {
						v, q := lanes(src[(y+j)*w+x+i]), weight(i, j)
						sum += q
						cover += q * v[3] / shadeOne
						for c := range square {
							square[c] += q * (v[c] / 16) * (v[c] / 16)
						}
					}
				}
				got := lanes(dst[y*w+x])
				for c := range square {
					want := 64 * math.Sqrt(square[c]/sum*cover/sum)
					if math.Abs(got[c]-want) > 32 { // half a grey level: squares are rounded down to 8 bits
						t.Fatalf("radius %g, pixel %d,%d lane %d: %g, want %g", radius, x, y, c, got[c], want)
					}
				}
				if want := cover / sum * coverOne; math.Abs(got[3]-want) > 1 {
					t.Fatalf("radius %g, pixel %d,%d: cover %g, want %g", radius, x, y, got[3], want)
				}
			}
		}
	}
}

// A uniform layer stays what it is under every blur: no darkening, no wrap of
// 255 + 1 to 0.
func TestBlurKeepsUniformLayers(t *testing.T) {
	const w, h = 90, 90
	for _, grey := range []float32{0, 1, 128, 254, 255} {
		src := make([]uint64, w*h)
		for i := range src {
			src[i] = texel(vec3{grey, 255 - grey, grey})
		}
		want := src[0] << 2
		k := bank.Gaussian(4.4)
		tmp, dst := make([]uint64, w*h), make([]uint64, w*h)
		blurRows(tmp, src, w, k, 0, h)
		blurColumns(dst, tmp, w, h, k, 0, h)
		if got := dst[45*w+45]; got != want {
			t.Errorf("grey %g, Gaussian: %x, want %x", grey, got, want)
		}
		l := bank.Lens(9.3)
		prefix := make([][2]uint64, (w+1)*h)
		lensPrefix(prefix, src, w, 0, h)
		lens(dst, prefix, w, h, &l, 0, h)
		if got := dst[45*w+45]; got != want {
			t.Errorf("grey %g, lens: %x, want %x", grey, got, want)
		}
	}
}

func TestCompose(t *testing.T) {
	back := []uint64{texel(vec3{200, 100, 0}) << 2, texel(vec3{200, 100, 0}) << 2, texel(vec3{200, 100, 0}) << 2}
	half := uint64(100*32 | 40*32<<16 | 255*32<<32 | coverOne/2<<48)
	layer := []uint64{0, texel(vec3{9, 8, 7}) << 2, half}
	compose(back, layer, 3, 0, 1)
	for i, want := range [][4]float64{
		{200 * 64, 100 * 64, 0, coverOne},
		{9 * 64, 8 * 64, 7 * 64, coverOne},
		{150 * 64, 70 * 64, 127.5 * 64, coverOne},
	} {
		if got := lanes(back[i]); got != want {
			t.Errorf("pixel %d: %v, want %v", i, got, want)
		}
	}
}

func TestArithmetic(t *testing.T) {
	for i := 1; i < 200000; i++ {
		x := float32(i) * 0.00371
		if got, want := float64(recip(x)), 1/float64(x); math.Abs(got-want) > 2e-7*want {
			t.Fatalf("recip(%g) = %g, want %g", x, got, want)
		}
		if got, want := float64(sinTurns(x)), math.Sin(2*math.Pi*float64(x-float32(math.Floor(float64(x))))); math.Abs(got-want) > 5e-6 {
			t.Fatalf("sinTurns(%g) = %g, want %g", x, got, want)
		}
	}
	for x, want := range map[float32]int32{0: 0, 0.5: 0, -0.5: -1, -1: -1, 7: 7, -7.01: -8} {
		if got := floorInt(x); got != want {
			t.Errorf("floorInt(%g) = %d, want %d", x, got, want)
		}
	}
}

// Lab to sRGB against the CIE and IEC formulas.
func TestLabToRGB(t *testing.T) {
	gamma := bank.New(&quick).Gamma
	inverse := func(t float64) float64 {
		if t > 6.0/29 {
			return t * t * t
		}
		return 3 * 36.0 / 841 * (t - 4.0/29)
	}
	encode := func(v float64) float64 {
		v = min(max(v, 0), 1)
		if v <= 0.0031308 {
			return 255 * 12.92 * v
		}
		return 255 * (1.055*math.Pow(v, 1/2.4) - 0.055)
	}
	for l := 0.0; l <= 100; l += 4 {
		for a := -80.0; a <= 80; a += 10 {
			for b := -80.0; b <= 80; b += 10 {
				fy := (l + 16) / 116
				x, y, z := 0.95047*inverse(fy+a/500), inverse(fy), 1.08883*inverse(fy-b/200)
				want := [3]float64{
					encode(3.2404542*x - 1.5371385*y - 0.4985314*z),
					encode(-0.9692660*x + 1.8760108*y + 0.0415560*z),
					encode(0.0556434*x - 0.2040259*y + 1.0572252*z),
				}
				r, g, u := labToRGB(gamma, float32(l), float32(a), float32(b))
				for i, got := range [3]float32{r, g, u} {
					if math.Abs(float64(got)-want[i]) > 0.03 {
						t.Fatalf("Lab %g %g %g channel %d: %g, want %g", l, a, b, i, got, want[i])
					}
				}
			}
		}
	}
}
