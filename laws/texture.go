package laws

import (
	"context"
	"fmt"
	"math"

	"gonum.org/v1/gonum/dsp/fourier"

	"leaflitter/bank"
	"leaflitter/palette"
	"leaflitter/render"
	"leaflitter/scene"
)

// spectrumSlope returns s of the amplitude spectrum |k|^-s of an n x n periodic
// field, by least squares of log power against log |k| over all waves with
// lo <= |k| <= hi cycles a side.
func spectrumSlope(field []float64, n int, lo, hi float64) float64 {
	fft := fourier.NewCmplxFFT(n)
	x := make([]complex128, n*n)
	for i, v := range field {
		x[i] = complex(v, 0)
	}
	line := make([]complex128, n)
	for y := range n {
		fft.Coefficients(x[y*n:(y+1)*n], x[y*n:(y+1)*n])
	}
	for c := range n {
		for y := range line {
			line[y] = x[y*n+c]
		}
		fft.Coefficients(line, line)
		for y, v := range line {
			x[y*n+c] = v
		}
	}
	// Average the power in rings of a sixth of an octave, then fit.
	power, count, place := map[int]float64{}, map[int]float64{}, map[int]float64{}
	for y := range n {
		for c := range n {
			ky, kx := float64((y+n/2)%n-n/2), float64((c+n/2)%n-n/2)
			k := math.Hypot(kx, ky)
			if k < lo || k > hi {
				continue
			}
			ring := int(math.Floor(6 * math.Log2(k)))
			v := x[y*n+c]
			power[ring] += real(v)*real(v) + imag(v)*imag(v)
			place[ring] += math.Log(k)
			count[ring]++
		}
	}
	var sx, sy, sxx, sxy, m float64
	for ring, p := range power {
		a, b := place[ring]/count[ring], math.Log(p/count[ring])
		sx, sy, sxx, sxy, m = sx+a, sy+b, sxx+a*a, sxy+a*b, m+1
	}
	return -(m*sxy - sx*sy) / (m*sxx - sx*sx) / 2
}

// slope: the amplitude spectrum of noise falls as |f|^-s. The bank's tiles, all
// classes and sizes, are fitted where a texel's rounding (1/128) stays below a
// tenth of the power; the shaded paint where 8 bits do.
func slope(ctx context.Context, o *Options) ([]Result, error) {
	var out []Result
	cfg := scene.Default()
	noise := bank.New(&scene.Config{Paint: cfg.Paint}).Noise
	step := 1
	if o.Effort < 1 {
		step = 4
	}
	for log := 6; log <= 10; log++ {
		if log == 10 && o.Effort < 0.5 {
			break
		}
		n := 1 << log
		worst, at := 0.0, 0.0
		for class := bank.Slope(0.5); class <= bank.Slope(2.5); class += step {
			if err := ctx.Err(); err != nil {
				return nil, err
			}
			s := float64(class) * bank.SlopeStep
			field := make([]float64, n*n)
			for i, v := range noise.Tile(class, log, 0) {
				field[i] = (float64(v&1023) - 512) / 128
			}
			if got := spectrumSlope(field, n, 2, above(s, n, 1./128/128/12)); math.Abs(got-s) >= math.Abs(worst) {
				worst, at = got-s, s
			}
		}
		out = append(out, Result{
			What: fmt.Sprintf("largest error of the slope, %d px tiles (at s = %g)", n, at), Measured: worst, Bound: 0.1,
			Samples: (bank.Slope(2.5)-bank.Slope(0.5))/step + 1, Basis: "the specification", X: float64(n),
		})
	}
	return out, nil
}

// above returns the largest wave number at which a unit-variance field |k|^-s of
// side n has ten times the power of white rounding noise of the given variance.
func above(s float64, n int, variance float64) float64 {
	sum := 0.0
	for y := -n/2 + 1; y < n/2; y++ {
		for x := -n/2 + 1; x < n/2; x++ {
			if x|y != 0 {
				sum += math.Pow(float64(x*x+y*y), -s)
			}
		}
	}
	// k^-2s / sum > 10 variance / n^2
	k := math.Pow(10*variance*sum/float64(n*n), -1/(2*s))
	return min(k, float64(n)*0.45)
}

// colour: noise has the mean and the covariance of its patch over the extent of
// the leaf. One Gaussian that never leaves the gamut stands for all patches.
func colour(ctx context.Context, o *Options) ([]Result, error) {
	set := *palette.Builtin()
	p := set.Palettes[0]
	want := palette.Gaussian{Mean: [3]float32{120, 130, 110}, Chol: [6]float32{18, 12, 8, 6, -5, 7}}
	p.Patches = append([]palette.Patch(nil), p.Patches...)
	for i := range p.Patches {
		p.Patches[i].RGB = want
	}
	set.Palettes = []palette.Palette{p}

	// One leaf of known extent fills the window: what is seen is one tile.
	cfg := preset("dead-leaves-pp", 64)
	cfg.Properties.Geometry, cfg.Properties.Depth, cfg.Properties.Perspective = false, false, false
	cfg.Leaves.RMin, cfg.Leaves.RMax = 98, 98 // 2 r + 60 = 256 px tiles
	cfg.Paint.Gradient.Odds = 0
	cfg.Paint.Weights = scene.Weights{Noise: 1}
	var mean [3]tally
	var moment [3][3]tally
	err := images(ctx, o, &cfg, &set, render.Labels{}, 505, o.samples(6000), func(_ int, im *render.Image) {
		var m [3]float64
		var c [3][3]float64
		size := float64(im.Width * im.Height)
		for i := 0; i < len(im.Pix); i += 3 {
			for a := range 3 {
				d := float64(im.Pix[i+a]) - float64(want.Mean[a])
				m[a] += d / size
				for b := range 3 {
					c[a][b] += d * (float64(im.Pix[i+b]) - float64(want.Mean[b])) / size
				}
			}
		}
		for a := range 3 {
			mean[a].add(m[a])
			for b := range 3 {
				moment[a][b].add(c[a][b])
			}
		}
	})
	if err != nil {
		return nil, err
	}
	l := want.Chol
	chol := [3][3]float64{{float64(l[0])}, {float64(l[1]), float64(l[2])}, {float64(l[3]), float64(l[4]), float64(l[5])}}
	var out []Result
	for a, name := range []string{"red", "green", "blue"} {
		out = append(out, mean[a].result("mean of "+name+" less the patch's", 0))
		for b := range a + 1 {
			cov := 0.0
			for k := range 3 {
				cov += chol[a][k] * chol[b][k]
			}
			out = append(out, moment[a][b].result(fmt.Sprintf("covariance %d%d", a, b), cov))
		}
	}
	return out, nil
}
