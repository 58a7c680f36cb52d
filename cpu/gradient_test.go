package cpu

import (
	"math"
	"testing"

	"leaflitter/bank"
	"leaflitter/palette"
	"leaflitter/scene"
)

// A disk shows the middle half of a gradient: of black and white, about half of the range
// of greys, whatever the angle.
func TestGradientsAreGentle(t *testing.T) {
	cfg := scene.Default()
	cfg.Properties.Texture = false
	colours := palette.Builtin().Palettes[0]
	colours.Pixels = make([]palette.Pixel, palette.PixelCount)
	for i := range colours.Pixels {
		if i%2 == 0 {
			colours.Pixels[i] = palette.Pixel{RGB: [3]uint8{255, 255, 255}, Lab: [3]float32{100, 0, 0}}
		}
	}
	b := bank.New(&scene.Config{Paint: cfg.Paint})
	p := painter{cfg: &cfg, bank: b, palette: &colours, scale: 1, lab: true}
	s := shader{bank: b, lab: true}
	const r = 100
	leaf := scene.Leaf{R: r, A: r * r, B: r}
	row := make([]uint64, 2*r)
	var n, spread, deviation float64
	var made paint
	for i := range 400 {
		p.paint(scene.Key{Seed: 9, Image: uint64(i)}, &leaf, &made)
		if made.kind != paintGradient || made.from == made.to {
			continue
		}
		var count, sum, square float64
		least, most := 255.0, 0.0
		for y := -r; y < r; y++ {
			s.run(&made, -r+0.5, float32(y)+0.5, row)
			for x, v := range row {
				if dx, dy := float64(x-r)+0.5, float64(y)+0.5; dx*dx+dy*dy < r*r {
					g := float64(v&0xffff) / 16
					least, most = min(least, g), max(most, g)
					count, sum, square = count+1, sum+g, square+g*g
				}
			}
		}
		mean := sum / count
		n, spread, deviation = n+1, spread+most-least, deviation+math.Sqrt(square/count-mean*mean)
	}
	spread, deviation = spread/n, deviation/n
	t.Logf("%g gradients: range %.0f, standard deviation %.0f", n, spread, deviation)
	if math.Abs(spread-120) > 6 || math.Abs(deviation-31) > 3 {
		t.Errorf("black and white over a disk: range %.0f and standard deviation %.0f, want 120 and 31", spread, deviation)
	}
}
