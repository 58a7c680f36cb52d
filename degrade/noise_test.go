package degrade

import (
	"math"
	"testing"

	"leaflitter/scene"
)

const lawValues = 1 << 24

// sample returns lawValues normals of one image.
func sample(t *testing.T, seed, index uint64) []float64 {
	t.Helper()
	z := make([]float64, 0, lawValues)
	parsed(t, "noise:gaussian:1").Maker(seed).noise(lawValues, index, func(_ int, some []float64) { z = append(z, some...) })
	return z
}

// within fails when got is off want by more than five standard errors: that one of
// the tests' bounds fails for a true generator has odds below 1 in 5,000, and the
// seed is fixed.
func within(t *testing.T, what string, got, want, deviation float64) {
	t.Helper()
	t.Logf("%s: %.3g, theory %.3g, %+.2f standard errors", what, got, want, (got-want)/deviation)
	if !(math.Abs(got-want) <= 5*deviation) {
		t.Errorf("%s is %g, want %g within %.2g", what, got, want, 5*deviation)
	}
}

// above is the probability that a standard normal exceeds x.
func above(x float64) float64 { return math.Erfc(x/math.Sqrt2) / 2 }

func TestNormalMoments(t *testing.T) {
	var s [7]float64
	for _, z := range sample(t, 1, 2) {
		for i, p := 1, z; i < len(s); i, p = i+1, p*z {
			s[i] += p / lawValues
		}
	}
	within(t, "the mean", s[1], 0, math.Sqrt(1./lawValues))
	within(t, "the variance", s[2], 1, math.Sqrt(2./lawValues)) // so the deviation within half of that
	within(t, "the skewness", s[3], 0, math.Sqrt(15./lawValues))
	within(t, "the kurtosis", s[4], 3, math.Sqrt(96./lawValues))
	within(t, "the sixth moment", s[6], 15, math.Sqrt((10395-15*15)/float64(lawValues)))
}

// Tail probabilities, both sides apart.
func TestNormalTails(t *testing.T) {
	z := sample(t, 3, 4)
	for _, x := range []float64{0.5, 1, 2, 3, 3.5, zigguratTail, 4, 4.5, 5} {
		var over, under float64
		for _, v := range z {
			if v > x {
				over++
			} else if v < -x {
				under++
			}
		}
		p := above(x)
		deviation := math.Sqrt(p * (1 - p) / lawValues)
		within(t, "the upper tail", over/lawValues, p, deviation)
		within(t, "the lower tail", under/lawValues, p, deviation)
	}
}

// The tail alone: a million values beyond 3.65, as many as four billion normals have.
func TestNormalFarTail(t *testing.T) {
	const n = 1 << 20
	for _, x := range []float64{3.8, 4, 4.5, 5, 5.5, 6} {
		var over float64
		for i := range uint64(n) {
			draw := stream(1<<32 + i)
			if zigguratTail+tail(&draw) > x {
				over++
			}
		}
		p := above(x) / above(zigguratTail)
		within(t, "the far tail", over/n, p, math.Sqrt(p*(1-p)/n))
	}
}

// The distribution, by chi-square: over 1,000 intervals of equal probability, and
// over those between the layers' corners, where a wrong table shows.
func TestNormalChiSquare(t *testing.T) {
	z := sample(t, 5, 6)
	for _, corners := range []bool{false, true} {
		var p []float64
		interval := func(v float64) int { return int(above(v) * 1000) }
		if corners {
			var at []float64 // where the layers end, from the outermost
			for i := range 255 {
				at = append(at, zigguratStep[i+1]*0x1p24)
				if len(p) == 0 {
					p = append(p, 2*above(at[0]))
				} else {
					p = append(p, 2*(above(at[i])-above(at[i-1])))
				}
			}
			p = append(p, 1-2*above(at[254]))
			interval = func(v float64) int {
				lo, hi := 0, 255
				for v = math.Abs(v); lo < hi; {
					if m := (lo + hi) / 2; v < at[m] {
						lo = m + 1
					} else {
						hi = m
					}
				}
				return lo
			}
		} else {
			for range 1000 {
				p = append(p, 0.001)
			}
		}
		counts := make([]float64, len(p))
		for _, v := range z {
			counts[interval(v)]++
		}
		var chi float64
		for i, n := range counts {
			want := p[i] * lawValues
			chi += (n - want) * (n - want) / want
		}
		free := float64(len(p) - 1)
		within(t, "chi-square", chi, free, math.Sqrt(2*free))
	}
}

// Values, their squares and their signs are uncorrelated: with their neighbours in
// a block, in a row, in the next rows; with the same place of the next image and seed.
func TestNormalsIndependent(t *testing.T) {
	z := sample(t, 7, 8)
	compare := func(what string, a, b []float64) {
		t.Helper()
		b = b[:len(a)]
		var linear, square, sign, mixed float64
		for i, x := range a {
			y := b[i]
			linear += x * y
			square += (x*x - 1) * (y*y - 1) / 2
			mixed += x * (y*y - 1) / math.Sqrt2
			sign += math.Copysign(1, x) * math.Copysign(1, y)
		}
		n := float64(len(a))
		for name, sum := range map[string]float64{"values": linear, "squares": square, "values and squares": mixed, "signs": sign} {
			within(t, what+": the correlation of "+name, sum/n, 0, 1/math.Sqrt(n))
		}
	}
	for _, lag := range []int{1, 2, 3, 4, 5, 6, 12, 1536, 2048, 4096} {
		compare("lag", z[:lawValues-lag], z[lag:])
	}
	compare("next image", z, sample(t, 7, 9))
	compare("next seed", z, sample(t, 8, 8))
	compare("high bit of the index", z, sample(t, 7, 8+1<<63))
}

// The constants: the layers have equal areas and close at the top.
func TestZiggurat(t *testing.T) {
	r := zigguratTail
	tail := math.Sqrt(math.Pi/2) * math.Erfc(r/math.Sqrt2)
	if area := r*math.Exp(-r*r/2) + tail; math.Abs(area-zigguratArea) > 1e-16 {
		t.Errorf("the base's area is %.17g, not %.17g", area, zigguratArea)
	}
	for i := 1; i < zigguratLayers; i++ {
		area := zigguratStep[i] * 0x1p24 * (zigguratHeight[i+1] - zigguratHeight[i])
		if math.Abs(area-zigguratArea) > 1e-14 {
			t.Errorf("layer %d has area %.17g, not %.17g", i, area, zigguratArea)
		}
	}
}

// A value depends on its place alone: not on the buffer, nor on how many follow.
func TestNormalsOneByOne(t *testing.T) {
	key := scene.Key{Seed: 1, Image: 2, Purpose: scene.PurposeDegrade}
	all, words := make([]float64, 8000), make([]uint32, 8000)
	normals(all, words, key, 100)
	for i := range all {
		one := make([]float64, i%4+1)
		normals(one, words[:4], key, 100+uint32(i/4))
		if one[i%4] != all[i] {
			t.Fatalf("normal %d is %g alone and %g among others", i, one[i%4], all[i])
		}
	}
}

// The images: float noise has SIGMA, clipped noise is float noise rounded half up and clipped.
func TestNoiseImages(t *testing.T) {
	const w, h, c = 640, 480, 3
	for _, sigma := range []string{"0.7", "25", "255"} {
		src := random(w*h*c, 3)
		clip, err := parsed(t, "noise:gaussian:"+sigma).Maker(1).Bytes(nil, src, w, h, c, 5)
		if err != nil {
			t.Fatal(err)
		}
		float, err := parsed(t, "noise:gaussian:"+sigma+":float").Maker(1).Floats(nil, src, w, h, c, 5)
		if err != nil {
			t.Fatal(err)
		}
		var sum, squares float64
		low, high := 0, 0
		for i, v := range float {
			d := float64(v) - float64(src[i])
			sum += d
			squares += d * d
			want := math.Floor(min(max(float64(v), 0), 255) + 0.5)
			if float64(clip[i]) != want && math.Abs(float64(v)-float64(clip[i])) > 0.5+1e-4 {
				t.Fatalf("SIGMA %s: value %d is %g and %d", sigma, i, v, clip[i])
			}
			if v < 0 {
				low++
			} else if v > 255 {
				high++
			}
		}
		p := parsed(t, "noise:gaussian:"+sigma)
		within(t, "the mean", sum/(w*h*c), 0, p.sigma/math.Sqrt(w*h*c))
		within(t, "the variance", squares/(w*h*c), p.sigma*p.sigma, p.sigma*p.sigma*math.Sqrt(2./(w*h*c)))
		if low == 0 || high == 0 {
			t.Errorf("SIGMA %s: %d values below 0, %d above 255: nothing was clipped", sigma, low, high)
		}
		same, err := parsed(t, "noise:gaussian:"+sigma).Maker(1).Bytes(src, src, w, h, c, 5)
		if err != nil || &same[0] != &src[0] || string(same) != string(clip) {
			t.Errorf("SIGMA %s: noise in place differs", sigma)
		}
	}
}
