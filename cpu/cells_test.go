package cpu

import (
	"math"
	"testing"

	"leaflitter/bank"
	"leaflitter/palette"
	"leaflitter/scene"
)

// noiseOf draws noise of one slope for a leaf, each channel by itself.
func noiseOf(image uint64, slope float64, extent float32, tilt uint32, c scene.Noise) noise {
	cfg := scene.Default()
	cfg.Paint.Noise = c
	cfg.Paint.Noise.Slopes = []scene.Interval{{slope, slope}}
	p := painter{cfg: &cfg, bank: tablesOf(&cfg), palette: &palette.Builtin().Palettes[0], scale: 1}
	draw := scene.NewStream(scene.Key{Seed: 21, Image: image, Purpose: scene.PurposePaint})
	n := p.noise(&draw, &paint{extent: extent, tilt: tilt}, false)
	n.mean, n.chol = vec3{}, [6]float32{1, 0, 1, 0, 0, 1}
	return n
}

// tables holds the bank of noise that tests share, whose tiles are costly.
var tables = map[string]*bank.Bank{}

func tablesOf(cfg *scene.Config) *bank.Bank {
	key := bank.Key(&scene.Config{Paint: cfg.Paint})
	if tables[key] == nil {
		tables[key] = bank.New(&scene.Config{Paint: cfg.Paint})
	}
	return tables[key]
}

// Where cells meet a texture looks as it does inside them: of the same variance and of the
// same steps from pixel to pixel, over many leaves, in every channel, whatever the slope.
func TestCellsDoNotShow(t *testing.T) {
	c := scene.Default().Paint.Noise
	c.LargestTile = 128
	for _, slope := range []float64{0.5, 1.5, 2, 2.5, 4} {
		cell := 96 // px
		if slope > 1.75 {
			cell = 64
		}
		// At a border (across x or y), at a corner, and in the middle of a cell.
		places := [4][2]int{{cell / 2, 0}, {0, cell / 2}, {cell / 2, cell / 2}, {0, 0}}
		var square, step [4][3]float64
		const leaves = 1200
		for i := range uint64(leaves) {
			n := noiseOf(i, slope, 400, 0, c)
			for k, at := range places {
				for d := -1; d <= 1; d++ { // three pixels along the border
					x, y := float32(at[0]-2*cell+17*d*(k&1))+0.5, float32(at[1]+cell+17*d*(1-k&1))+0.5
					here, next, below := n.at(textured{x, y, 1}), n.at(textured{x - 1, y, 1}), n.at(textured{x, y - 1, 1})
					for channel, v := range [3][3]float32{{here.x, next.x, below.x}, {here.y, next.y, below.y}, {here.z, next.z, below.z}} {
						square[k][channel] += float64(v[0]) * float64(v[0]) / (3 * leaves)
						dx, dy := float64(v[0]-v[1]), float64(v[0]-v[2])
						step[k][channel] += (dx*dx + dy*dy) / (3 * leaves)
					}
				}
			}
		}
		for k, where := range []string{"border across x", "border across y", "corner"} {
			for channel := range 3 {
				variance, steps := square[k][channel]/square[3][channel], step[k][channel]/step[3][channel]
				if math.Abs(variance-1) > 0.2 || math.Abs(math.Sqrt(steps)-1) > 0.12 {
					t.Errorf("slope %g, channel %d, %s: variance %.2f and steps %.2f of those in the middle of cells", slope, channel, where, variance, math.Sqrt(steps))
				}
			}
		}
	}
}

// A tile is the one nearest to the leaf's width and the margin, on a logarithmic scale, or
// the next that holds what the leaf shows, which is twice as much where it recedes.
func TestTileSizes(t *testing.T) {
	for _, c := range []struct {
		extent, margin float32
		tilt           uint32
		largest        int
		direction      string
		side           uint32
		cells          bool
	}{
		{20, 60, 0, 1024, "recede", 128, false},
		{20, 0, 0, 1024, "recede", 64, false},
		{70, 60, 0, 1024, "recede", 256, false}, // 200
		{60, 60, 0, 1024, "recede", 128, false}, // 180: just nearer to 128
		{61, 60, 0, 1024, "recede", 256, false}, // 182: just nearer to 256
		{61, 60, 1, 1024, "recede", 256, false}, // 304 shows 244
		{61, 60, 1, 1024, "approach", 256, false},
		{70, 60, 3, 1024, "recede", 512, false}, // shows 280, which 256 does not hold
		{70, 60, 3, 1024, "approach", 256, false},
		{20, 1000, 0, 1024, "recede", 1024, false},
		{300, 60, 0, 512, "recede", 512, true},
		{200, 60, 0, 512, "recede", 512, false},
		{200, 60, 2, 512, "recede", 512, true},
		{200, 60, 2, 512, "approach", 512, false},
	} {
		cfg := scene.Default()
		cfg.Paint.Noise.Slopes = []scene.Interval{{1, 1}}
		cfg.Paint.Noise.LargestTile, cfg.Paint.Noise.Margin = c.largest, float64(c.margin)
		cfg.Paint.Perspective.Direction = c.direction
		p := painter{cfg: &cfg, bank: tablesOf(&cfg), palette: &palette.Builtin().Palettes[0], scale: 1}
		draw := scene.NewStream(scene.Key{Seed: 21, Purpose: scene.PurposePaint})
		if n := p.noise(&draw, &paint{extent: c.extent, tilt: c.tilt}, false); 1<<n.log != c.side || (n.cells != 0) != c.cells {
			t.Errorf("%+v: a tile of %d px, cells %v", c, 1<<n.log, n.cells != 0)
		}
	}
}

// Between texels the noise is interpolated along the axis it is asked along, whatever the
// symmetry under which the tile is laid.
func TestInterpolation(t *testing.T) {
	c := scene.Default().Paint.Noise
	n := noiseOf(1, 0.5, 40, 1, c)
	for symmetry := range uint32(8) {
		s := n.spot
		s.symmetry = symmetry
		texel := func(i, j int32) float64 {
			u, v := s.place(i, j, 0)
			mask := int32(1)<<n.log - 1
			return float64(unitOf(n.tex[0][uint32(v&mask)<<n.log|uint32(u&mask)]).x)
		}
		for k := range int32(40) {
			i, j := 3*k-50, 7*k-90
			for _, f := range [][2]float64{{0, 0}, {0.25, 0}, {0, 0.25}, {0.5, 0.75}} {
				want := (texel(i, j)*(1-f[0])+texel(i+1, j)*f[0])*(1-f[1]) + (texel(i, j+1)*(1-f[0])+texel(i+1, j+1)*f[0])*f[1]
				got := n.sample(&s, 0, float32(float64(i)+0.5+f[0]), float32(float64(j)+0.5+f[1])).x
				if math.Abs(float64(got)-want) > 1e-4 {
					t.Fatalf("symmetry %d, at %d + %g, %d + %g: %.4f, want %.4f", symmetry, i, f[0], j, f[1], got, want)
				}
			}
		}
	}
}
