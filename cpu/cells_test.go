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
// same steps from pixel to pixel along each axis, over many leaves, in every channel, whatever
// the slope.
func TestCellsDoNotShow(t *testing.T) {
	c := scene.Default().Paint.Noise
	c.LargestTile = 128
	for _, kind := range []struct {
		slope, most float64 // most that a step may differ; from 1.75 to steep the quick fade costs something
	}{{0.5, 0.14}, {1.5, 0.14}, {2, 0.26}, {2.01, 0.14}, {2.5, 0.14}, {4, 0.16}} {
		cell := 96 // px
		if kind.slope > steep {
			cell = 64
		}
		// At a border (across x or y), at a corner, and in the middle of a cell.
		places := [4][2]int{{cell / 2, 0}, {0, cell / 2}, {cell / 2, cell / 2}, {0, 0}}
		var square, stepX, stepY [4][3]float64
		const leaves = 1200
		for i := range uint64(leaves) {
			n := noiseOf(i, kind.slope, 400, 0, c)
			for k, at := range places {
				for d := -1; d <= 1; d++ { // three pixels along the border
					x, y := float32(at[0]-2*cell+17*d*(k&1))+0.5, float32(at[1]+cell+17*d*(1-k&1))+0.5
					here, left, above := n.at(textured{x, y, 1, false}), n.at(textured{x - 1, y, 1, false}), n.at(textured{x, y - 1, 1, false})
					for channel, v := range [3][3]float32{{here.x, left.x, above.x}, {here.y, left.y, above.y}, {here.z, left.z, above.z}} {
						dx, dy := float64(v[0]-v[1]), float64(v[0]-v[2])
						square[k][channel] += float64(v[0]) * float64(v[0])
						stepX[k][channel] += dx * dx
						stepY[k][channel] += dy * dy
					}
				}
			}
		}
		for k, where := range []string{"border across x", "border across y", "corner"} {
			for channel := range 3 {
				variance := square[k][channel] / square[3][channel]
				alongX, alongY := math.Sqrt(stepX[k][channel]/stepX[3][channel]), math.Sqrt(stepY[k][channel]/stepY[3][channel])
				if math.Abs(variance-1) > 0.2 || math.Abs(alongX-1) > kind.most || math.Abs(alongY-1) > kind.most {
					t.Errorf("slope %g, channel %d, %s: of those in the middle of cells the variance is %.2f, steps along x %.2f, along y %.2f",
						kind.slope, channel, where, variance, alongX, alongY)
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

// Between texels of every level the noise is interpolated along the axis it is asked along,
// whatever the symmetry under which the tile is laid.
func TestInterpolation(t *testing.T) {
	c := scene.Default().Paint.Noise
	n := noiseOf(1, 0.5, 40, 1, c)
	for k := range uint32(3 * 8) {
		s, l := n.spot, k/8
		s.symmetry = k % 8
		texel := func(i, j int32) float64 {
			u, v := s.place(i, j, l)
			mask := int32(1)<<(n.log-l) - 1
			return float64(unitOf(n.tex[l][uint32(v&mask)<<(n.log-l)|uint32(u&mask)]).x * n.gain[l])
		}
		for k := range int32(40) {
			i, j := 3*k-50, 7*k-90
			for _, f := range [][2]float64{{0, 0}, {0.25, 0}, {0, 0.25}, {0.5, 0.75}} {
				want := (texel(i, j)*(1-f[0])+texel(i+1, j)*f[0])*(1-f[1]) + (texel(i, j+1)*(1-f[0])+texel(i+1, j+1)*f[0])*f[1]
				pixel := float64(int(1) << l)
				got := n.sample(&s, int(l), float32((float64(i)+f[0])*pixel+0.5), float32((float64(j)+f[1])*pixel+0.5)).x
				if math.Abs(float64(got)-want) > 1e-4 {
					t.Fatalf("level %d, symmetry %d, at %d + %g, %d + %g: %.4f, want %.4f", l, s.symmetry, i, f[0], j, f[1], got, want)
				}
			}
		}
	}
}
