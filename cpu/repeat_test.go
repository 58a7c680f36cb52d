package cpu

import (
	"fmt"
	"math"
	"testing"

	"gonum.org/v1/gonum/dsp/fourier"

	"leaflitter/bank"
	"leaflitter/palette"
	"leaflitter/scene"
)

// No texture repeats inside one leaf, however wide the leaf and whether it recedes or not:
// at no lag over 30 px is a leaf's texture like itself. The slope, 0.5, is that of nearly
// white noise, in which nothing but a copy is alike that far away.
func TestTexturesDoNotRepeat(t *testing.T) {
	for _, c := range []struct {
		extent  float32 // of the leaf, px
		tilt    uint32
		largest int // tile
		stride  int // of the pixels that are looked at
	}{
		{140, 0, 1024, 1}, {150, 0, 1024, 1}, {178, 0, 1024, 1}, // their tile used to be 256
		{120, 1, 256, 1}, {120, 4, 256, 1}, // the leaf fits its tile, the texture that recedes does not
		{150, 0, 256, 1}, {60, 0, 64, 1}, {400, 0, 256, 2}, {150, 3, 256, 2},
		{750, 0, 1024, 4}, {750, 1, 1024, 4}, // the widest leaf of the defaults
	} {
		t.Run(fmt.Sprintf("extent %g tilt %d tile %d", c.extent, c.tilt, c.largest), func(t *testing.T) {
			cfg := scene.Default()
			cfg.Paint.Noise.Slopes = []scene.Interval{{0.5, 0.5}}
			cfg.Paint.Noise.LargestTile = c.largest
			colours := palette.Builtin().Palettes[0]
			p := painter{cfg: &cfg, bank: bank.New(&scene.Config{Paint: cfg.Paint}), palette: &colours, scale: 1}
			draw := scene.NewStream(scene.Key{Seed: 12, Purpose: scene.PurposePaint})
			n := p.noise(&draw, &paint{extent: c.extent, tilt: c.tilt}, false)
			n.mean, n.chol = vec3{}, [6]float32{1, 0, 1, 0, 0, 1} // each channel by itself
			left, top, side := -c.extent, -c.extent, 2*c.extent
			if c.tilt != 0 { // the texture that a receding leaf shows, see tilt
				left, top, side = 0, -2*c.extent, 4*c.extent
				switch c.tilt {
				case 3:
					left, top = -2*c.extent, -4*c.extent
				case 4:
					left, top = -2*c.extent, 0
				}
			}
			count := int(side) / c.stride
			fields := [3][]float64{}
			for k := range count * count {
				v := n.at(textured{left + float32(k%count*c.stride) + 0.5, top + float32(k/count*c.stride) + 0.5, 1, false})
				for i, v := range []float32{v.x, v.y, v.z} {
					fields[i] = append(fields[i], float64(v))
				}
			}
			for i, field := range fields {
				if count > 500 && i > 0 { // slow, and the same
					break
				}
				worst, dx, dy := likeness(field, count, 30/c.stride)
				t.Logf("channel %d: correlation %.3f at lag %d, %d px", i, worst, dx*c.stride, dy*c.stride)
				if worst > 0.15 {
					t.Errorf("channel %d: at lag %d, %d px the texture has correlation %.2f with itself, want 0.15 at most", i, dx*c.stride, dy*c.stride, worst)
				}
			}
		})
	}
}

// likeness returns the largest autocorrelation of a square field at lags over some
// length at which a quarter of it overlaps itself, and where it is.
func likeness(field []float64, side, over int) (worst float64, atX, atY int) {
	n := 1
	for n < 2*side {
		n *= 2
	}
	mean, variance := 0.0, 0.0
	for _, v := range field {
		mean += v / float64(side*side)
	}
	for _, v := range field {
		variance += (v - mean) * (v - mean) / float64(side*side)
	}
	fft := fourier.NewCmplxFFT(n)
	x, line := make([]complex128, n*n), make([]complex128, n)
	for k, v := range field {
		x[k/side*n+k%side] = complex(v-mean, 0)
	}
	columns := func(change func(line []complex128)) {
		for c := range n {
			for y := range n {
				line[y] = x[y*n+c]
			}
			change(line)
			for y := range n {
				x[y*n+c] = line[y]
			}
		}
	}
	for y := range side {
		fft.Coefficients(x[y*n:(y+1)*n], x[y*n:(y+1)*n])
	}
	columns(func(line []complex128) {
		fft.Coefficients(line, line)
		for i, v := range line {
			line[i] = complex(real(v)*real(v)+imag(v)*imag(v), 0)
		}
		fft.Sequence(line, line)
	})
	for y := range side {
		row := x[y*n : (y+1)*n]
		fft.Sequence(row, row)
		for dx := -side + 1; dx < side; dx++ {
			pairs := (side - y) * (side - max(dx, -dx))
			if dx*dx+y*y <= over*over || 4*pairs < side*side {
				continue
			}
			r := real(row[(dx+n)%n]) / float64(n*n) / float64(pairs) / variance
			if r > worst {
				worst, atX, atY = r, dx, y
			}
		}
	}
	if math.IsNaN(worst) {
		worst = 1
	}
	return worst, atX, atY
}
