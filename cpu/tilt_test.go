package cpu

import (
	"math"
	"testing"

	"leaflitter/palette"
	"leaflitter/render"
	"leaflitter/scene"
)

// A texture that recedes shrinks up to 4 times along and 2 times across; one that is
// approached is the near half of that plane seen from its far side, enlarged up to 2.25
// times along and 1.5 times across. Either way round, for every direction.
func TestTiltScales(t *testing.T) {
	for _, c := range []struct {
		direction             string
		alongNear, alongFar   float64 // texture px a pixel, at both ends of the leaf
		acrossNear, acrossFar float64
	}{
		{"recede", 1, 4, 1, 2},
		{"approach", 1, 1 / 2.25, 1, 1 / 1.5},
	} {
		s := shader{approach: c.direction == "approach"}
		const extent = 100
		p := paint{extent: extent, inv: recip(extent)}
		for tilt, at := range [][2]float32{1: {1, 0}, 2: {-1, 0}, 3: {0, -1}, 4: {0, 1}} {
			if tilt == 0 {
				continue
			}
			p.tilt = uint32(tilt)
			// scale returns how far the texture moves for a pixel's step along (ux, uy).
			scale := func(x, y, ux, uy float32) float64 {
				const step = 0.125
				at := func(x, y float32) textured { return s.tilt(&p, x, y, s.rowDepth(&p, y)) }
				a, b := at(x-ux*step/2, y-uy*step/2), at(x+ux*step/2, y+uy*step/2)
				return math.Hypot(float64(b.x-a.x), float64(b.y-a.y)) / step
			}
			for _, end := range []struct {
				side          float32
				along, across float64
			}{{-0.999, c.alongNear, c.acrossNear}, {0.999, c.alongFar, c.acrossFar}} {
				x, y := end.side*extent*at[0], end.side*extent*at[1]
				if got := scale(x, y, at[0], at[1]); math.Abs(got/end.along-1) > 0.01 {
					t.Errorf("%s, tilt %d: %.3f texture px a pixel along at %g, want %.3f", c.direction, tilt, got, end.side, end.along)
				}
				if got := scale(x, y, at[1], at[0]); math.Abs(got/end.across-1) > 0.01 {
					t.Errorf("%s, tilt %d: %.3f texture px a pixel across at %g, want %.3f", c.direction, tilt, got, end.side, end.across)
				}
			}
		}
	}
}

// In dead-leaves-pp half of the textures are tilted, each way as often; the published
// configuration of 2025 tilts none.
func TestTiltsOfPresets(t *testing.T) {
	for name, want := range map[string]float64{"dead-leaves-pp": 0.5, "dead-leaves-pp-2025": 0, "no-perspective": 0} {
		preset, _ := scene.PresetByName(name)
		m := render.NewModel(&preset.Config, nil, nil)
		p := painter{cfg: m.Config, bank: m.Bank, palette: &m.Palettes.Palettes[0], scale: 1, lab: true}
		leaf := scene.Leaf{R: 60, A: 3600, B: 60}
		var textures, ways [5]float64
		var made paint
		for i := range 4000 {
			p.paint(scene.Key{Seed: 3, Image: uint64(i)}, &leaf, &made)
			if made.kind == paintSin || made.kind == paintNoise || made.kind == paintMix {
				textures[0]++
				ways[made.tilt]++
			}
		}
		n := textures[0]
		for tilt, share := range [5]float64{1 - want, want / 4, want / 4, want / 4, want / 4} {
			if math.Abs(ways[tilt]/n-share) > 4*math.Sqrt(share*(1-share)/n) {
				t.Errorf("%s: %.3f of %g textures have tilt %d, want %.3f", name, ways[tilt]/n, n, tilt, share)
			}
		}
	}
}

// Without properties.colour the colours of leaves are uniform in the RGB cube, whether a caller
// names photographs or not: their channels have nothing to do with each other.
func TestColoursWithoutColour(t *testing.T) {
	for _, c := range []struct {
		preset          string
		photographs     *palette.Set
		least, most     float64 // correlation of red and blue
		deviationAround float64 // of red: that of a uniform byte; 0: any
	}{
		{"dead-leaves-pp", nil, 0.3, 1, 0},
		{"no-colour", nil, -0.1, 0.1, 73.9},
		{"no-colour", palette.Builtin(), -0.1, 0.1, 73.9},
	} {
		cfg := small(c.preset, 64, 64)
		cfg.Properties.Texture, cfg.Properties.Gradient, cfg.Properties.Depth = false, false, false
		m := render.NewModel(&cfg, nil, c.photographs)
		r := render.Renderer{Placer: m.Placer(4), Backend: New(m, 1), Threads: 1}
		var n, sumR, sumB, rr, bb, rb float64
		for i := range uint64(150) {
			im := shot(t, r, &cfg, render.Labels{}, i)[0]
			last := [3]byte{}
			for p := 0; p < len(im.Pix); p += 3 * 16 { // places far apart
				now := [3]byte(im.Pix[p : p+3])
				if now == last {
					continue
				}
				last = now
				red, blue := float64(now[0]), float64(now[2])
				n, sumR, sumB = n+1, sumR+red, sumB+blue
				rr, bb, rb = rr+red*red, bb+blue*blue, rb+red*blue
			}
		}
		meanR, meanB := sumR/n, sumB/n
		deviation := math.Sqrt(rr/n - meanR*meanR)
		correlation := (rb/n - meanR*meanB) / (deviation * math.Sqrt(bb/n-meanB*meanB))
		if correlation < c.least || correlation > c.most || c.deviationAround > 0 && math.Abs(deviation-c.deviationAround) > 3 {
			t.Errorf("%s: red and blue of %g leaves have correlation %.2f, red has deviation %.1f", c.preset, n, correlation, deviation)
		}
	}
}
