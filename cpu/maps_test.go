package cpu

import (
	"math"
	"math/cmplx"
	"math/rand/v2"
	"slices"
	"testing"

	"gonum.org/v1/gonum/dsp/fourier"

	"leaflitter/bank"
	"leaflitter/scene"
)

// mapSide is the side of the maps that tests draw, px.
const mapSide = 128

// drawMaps draws n sinusoidal maps, neither warped nor tilted, and calls each with their
// values and the number of sinusoids.
func drawMaps(n int, each func(values []float64, waves int)) {
	cfg := scene.Default()
	cfg.Properties.Warp = false
	p := painter{cfg: &cfg, bank: bank.New(&scene.Config{Paint: cfg.Paint}), scale: 1, lab: true}
	values := make([]float64, mapSide*mapSide)
	for i := range n {
		draw := scene.NewStream(scene.Key{Seed: 5, Image: uint64(i), Purpose: scene.PurposePaint})
		m := p.pattern(&draw, false)
		for k := range values {
			values[k] = float64(m.at(p.bank, float32(k%mapSide), float32(k/mapSide), 1))
		}
		each(values, m.count)
	}
}

// wished draws what docs/model.md says a map is, in float64 and from another generator.
func wished(n int, each func(values []float64, waves int)) {
	rng := rand.New(rand.NewPCG(8, 15))
	between := func(lo, hi float64) float64 { return lo + (hi-lo)*rng.Float64() }
	logistic := func(x float64) float64 { return 1 / (1 + math.Exp(-x)) }
	const degree = math.Pi / 180
	values := make([]float64, mapSide*mapSide)
	for range n {
		for k := range values {
			values[k] = 1
		}
		waves := 1 + rng.IntN(2)
		angle := between(-45, 45)*degree + between(-22.5, 22.5)*degree + float64(rng.IntN(2))*90*degree
		for w := range waves {
			if w == 1 {
				angle += 90*degree + between(15, 45)*degree*float64(2*rng.IntN(2)-1)
			}
			rate, phase := 2*math.Pi/between(5, 100), between(0, 2*math.Pi)
			threshold, lambda := between(0.05, 1), between(1, 10)
			for k := range values {
				x, y := float64(k%mapSide), float64(k/mapSide)
				v := 0.5 + 0.5*math.Sin(rate*(x*math.Cos(angle)+y*math.Sin(angle))+phase)
				if v > threshold {
					v = 1
				}
				values[k] *= (logistic(lambda*v) - 0.5) / (logistic(lambda) - 0.5)
			}
		}
		each(values, waves)
	}
}

// mapFigures are what the looks of maps come down to.
type mapFigures struct {
	between  float64 // share of pixels between 0.1 and 0.9
	mean     float64 // of maps of one sinusoid
	gradient float64 // rms of a map's gradient, mean over maps
	step     float64 // median over maps of the largest step between neighbours
	beyond   float64 // share of maps of one sinusoid that are turned by more than 22.5 degrees from upright stripes
	alongX   float64 // share of gradient energy, mean over maps
}

func figures(n int, draw func(int, func([]float64, int))) (f mapFigures) {
	var pixels, single, maps float64
	var steps []float64
	draw(n, func(values []float64, waves int) {
		maps++
		var xx, xy, yy, largest, sum float64
		for y := range mapSide - 1 {
			for x := range mapSide - 1 {
				k := y*mapSide + x
				v := values[k]
				dx, dy := values[k+1]-v, values[k+mapSide]-v
				xx, xy, yy = xx+dx*dx, xy+dx*dy, yy+dy*dy
				largest = max(largest, math.Abs(dx), math.Abs(dy))
				sum += v
				pixels++
				if v > 0.1 && v < 0.9 {
					f.between++
				}
			}
		}
		const area = (mapSide - 1) * (mapSide - 1)
		f.gradient += math.Sqrt((xx + yy) / area)
		f.alongX += xx / (xx + yy)
		steps = append(steps, largest)
		if waves == 1 {
			single++
			f.mean += sum / area
			if main := math.Atan2(2*xy, xx-yy) / 2; math.Abs(main) > math.Pi/8 {
				f.beyond++
			}
		}
	})
	slices.Sort(steps)
	f.between, f.mean, f.beyond, f.gradient, f.alongX = f.between/pixels, f.mean/single, f.beyond/single, f.gradient/maps, f.alongX/maps
	f.step = steps[len(steps)/2]
	return f
}

// Maps of sinusoids look as the model says: soft and hard profiles, gentle gradients, and
// stripes in all directions.
func TestSinMaps(t *testing.T) {
	const n = 3000
	got, want := figures(n, drawMaps), figures(n, wished)
	t.Logf("drawn %+v, by definition %+v", got, want)
	for _, c := range []struct {
		what                 string
		got, defined, wanted float64
		tolerance, near      float64 // 4 standard errors; how near the published generator's maps are
	}{
		{"share between 0.1 and 0.9", got.between, want.between, 0.386, 0.02, 0.045},
		{"mean of one sinusoid", got.mean, want.mean, 0.712, 0.02, 0.02},
		{"mean rms gradient", got.gradient, want.gradient, 0.134, 0.01, 0.01},
		{"median largest step", got.step, want.step, 0.41, 0.04, 0.04},
		{"share of maps beyond 22.5 degrees", got.beyond, want.beyond, 0.75, 0.05, 0.05},
		{"share of gradient energy along x", got.alongX, want.alongX, 0.5, 0.02, 0.02},
	} {
		if math.Abs(c.got-c.defined) > c.tolerance {
			t.Errorf("%s: %.3f, by definition %.3f", c.what, c.got, c.defined)
		}
		if math.Abs(c.got-c.wanted) > c.near {
			t.Errorf("%s: %.3f, to be near %.3f", c.what, c.got, c.wanted)
		}
	}
}

// Two sinusoids cross at 45 to 75 degrees: lattices, not slivers. The directions are those
// in which the product's spectrum has its peaks.
func TestLatticesCross(t *testing.T) {
	cfg := scene.Default()
	cfg.Properties.Warp = false
	cfg.Paint.Sin.DoubleOdds = 1
	cfg.Paint.Sin.Threshold = scene.Interval{1, 1}
	cfg.Paint.Sin.Period = scene.Interval{6, 16}
	p := painter{cfg: &cfg, bank: bank.New(&scene.Config{Paint: cfg.Paint}), scale: 1, lab: true}
	least, most := 90.0, 0.0
	for i := range 60 {
		draw := scene.NewStream(scene.Key{Seed: 6, Image: uint64(i), Purpose: scene.PurposePaint})
		m := p.pattern(&draw, false)
		values := make([]float64, mapSide*mapSide)
		for k := range values {
			values[k] = float64(m.at(p.bank, float32(k%mapSide), float32(k/mapSide), 1))
		}
		angle := crossingAngle(values)
		least, most = min(least, angle), max(most, angle)
	}
	t.Logf("angles from %.1f to %.1f degrees", least, most)
	if least < 44 || least > 50 || most > 76 || most < 70 {
		t.Errorf("lines cross at %.1f to %.1f degrees, want 45 to 75", least, most)
	}
}

// crossingAngle finds the two strongest waves of a map, 15 degrees apart or more, and
// returns the angle between their lines, in degrees. A product of two waves round their
// means is stronger at the two than at their sums and differences.
func crossingAngle(values []float64) float64 {
	const n = mapSide
	fft := fourier.NewCmplxFFT(n)
	line, field := make([]complex128, n), make([]complex128, n*n)
	mean := 0.0
	for _, v := range values {
		mean += v / (n * n)
	}
	hann := func(i int) float64 { return 1 - math.Cos(2*math.Pi*(float64(i)+0.5)/n) }
	for k, v := range values {
		field[k] = complex((v-mean)*hann(k%n)*hann(k/n), 0)
	}
	for y := range n {
		fft.Coefficients(field[y*n:(y+1)*n], field[y*n:(y+1)*n])
	}
	for x := range n {
		for y := range n {
			line[y] = field[y*n+x]
		}
		fft.Coefficients(line, line)
		for y := range n {
			field[y*n+x] = line[y]
		}
	}
	power := func(kx, ky int) float64 {
		a := cmplx.Abs(field[(ky&(n-1))*n+kx&(n-1)])
		return a * a
	}
	// peak returns the direction of the strongest wave that allowed admits.
	peak := func(allowed func(angle float64) bool) float64 {
		bx, by, best := 0, 0, 0.0
		for ky := range n / 2 {
			for kx := -n/2 + 1; kx < n/2; kx++ {
				if q := power(kx, ky); q > best && kx*kx+ky*ky > 16 && allowed(math.Atan2(float64(ky), float64(kx))) {
					bx, by, best = kx, ky, q
				}
			}
		}
		var x, y float64 // centroid of the peak
		for dy := -2; dy <= 2; dy++ {
			for dx := -2; dx <= 2; dx++ {
				q := power(bx+dx, by+dy)
				x, y = x+q*float64(bx+dx), y+q*float64(by+dy)
			}
		}
		return math.Atan2(y, x)
	}
	apart := func(a, b float64) float64 { // of two lines
		d := math.Mod(math.Abs(a-b), math.Pi)
		return min(d, math.Pi-d) * 180 / math.Pi
	}
	first := peak(func(float64) bool { return true })
	return apart(first, peak(func(a float64) bool { return apart(a, first) >= 15 }))
}
