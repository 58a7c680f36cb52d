package cpu

import (
	"context"
	"testing"

	"leaflitter/bank"
	"leaflitter/render"
	"leaflitter/scene"
)

// banks keeps what takes long to build from test to test.
var banks = map[[4]any]*bank.Bank{}

// open joins a configuration to a backend, as the command line does.
func open(cfg *scene.Config, threads int, seed uint64) render.Renderer {
	key := [4]any{cfg.Outline.Polygon, cfg.Leaves, cfg.DrawsPolygons(), cfg.Paint.Noise.Spectrum}
	b := banks[key]
	if b == nil {
		b = bank.New(cfg)
		banks[key] = b
	}
	m := render.NewModel(cfg, b, nil)
	return render.Renderer{
		Placer:  m.Placer(seed),
		Backend: New(m, threads),
	}
}

func small(preset string, w, h int) scene.Config {
	p, ok := scene.PresetByName(preset)
	if !ok {
		panic(preset)
	}
	p.Config.Image.Width, p.Config.Image.Height = w, h
	return p.Config
}

// inside is the definition of each outline, pixel by pixel.
func inside(l *scene.Leaf, o *bank.Outlines, x, y float32) bool {
	dx, dy := x-l.X, y-l.Y
	if l.Kind() == scene.Disk {
		return float32(dx*dx)+float32(dy*dy) <= float32(l.R*l.R)
	}
	u := float32(dx*l.Cos) + float32(dy*l.Sin)
	v := float32(dy*l.Cos) - float32(dx*l.Sin)
	if l.Kind() == scene.Rect {
		return u <= l.A && u >= -l.A && v <= l.B && v >= -l.B
	}
	t := o.Tiles[l.Tile()]
	if l.Mirrored() {
		u = -u
	}
	mid := float32(t.Size-1) * 0.5
	s, r := float32(u*l.A)+mid, float32(v*l.A)+mid
	if s < 0 || r < 0 || s >= float32(t.Size-1) || r >= float32(t.Size-1) {
		return false
	}
	i, j := int(s), int(r)
	f, g := s-float32(i), r-float32(j)
	at := func(i, j int) float32 { return float32(o.Texels[t.Offset+j*t.Size+i]) }
	a := at(i, j) + float32((at(i+1, j)-at(i, j))*f)
	b := at(i, j+1) + float32((at(i+1, j+1)-at(i, j+1))*f)
	return a+float32((b-a)*g) > 0
}

// Cover's spans, masks and culling give what testing every leaf at every pixel
// gives; and a full stack has no hole.
func TestCoverAgainstDefinition(t *testing.T) {
	for _, outline := range []string{"disk", "rectangle", "polygon", "mix"} {
		cfg := small("dead-leaves-pp", 131, 67)
		cfg.Outline.PerImage = []string{outline}
		cfg.Leaves.RMin, cfg.Leaves.RMax = 2.5, 60
		cfg.Develop.Supersample = 2
		r := open(&cfg, 1, 5)
		b := r.Backend.(*Backend)
		for index := range uint64(3) {
			s := r.Placer.Scene(index)
			c := canvas{width: 262 + 2*30, height: 134 + 2*30, margin: 30}
			if !c.coverAll(team{context.Background(), 1}, b, s) {
				t.Fatal("cover gave up")
			}
			holes, taken := 0, 0
			for i := range s.Stacks {
				st := &s.Stacks[i]
				for y := range c.height {
					for x := range c.width {
						want := uint32(0)
						for k := range st.Leaves {
							if inside(&st.Leaves[k], b.bank.Outlines, c.cover.centre(x), c.cover.centre(y)) {
								want = uint32(k + 1)
								break
							}
						}
						got := c.ids[i][y*c.width+x]
						if got != want {
							t.Fatalf("%s, image %d, stack %d, pixel %d,%d: leaf %d, want %d", outline, index, i, x, y, got, want)
						}
						if got != 0 {
							taken++
						} else if st.Full {
							holes++
						}
					}
				}
			}
			if holes > 0 || taken == 0 {
				t.Errorf("%s, image %d: %d holes, %d pixels taken", outline, index, holes, taken)
			}
		}
	}
}

// The number of leaves that Extend adds at once must not show: leaves behind a
// full stack never take a pixel.
func TestLateLeavesTakeNothing(t *testing.T) {
	cfg := small("dead-leaves", 64, 64)
	r := open(&cfg, 1, 9)
	b := r.Backend.(*Backend)
	s := r.Placer.Scene(0)
	c := canvas{width: 64, height: 64}
	c.coverAll(team{context.Background(), 1}, b, s)
	before := append([]uint32(nil), c.ids[0]...)
	for range 3 {
		s.Extend(0)
	}
	c.coverAll(team{context.Background(), 1}, b, s)
	for i := range before {
		if before[i] != c.ids[0][i] {
			t.Fatalf("pixel %d: leaf %d, then %d", i, before[i], c.ids[0][i])
		}
	}
}

// Bands of any height, and canvases of several bands, give the same leaves; what a
// band rejects by its boxes would not have taken a pixel.
func TestBandsAgreeWithPlainLoop(t *testing.T) {
	for _, outline := range []string{"disk", "mix"} {
		cfg := small("dead-leaves-pp", 201, 150)
		cfg.Outline.PerImage = []string{outline}
		cfg.Leaves.RMin, cfg.Leaves.RMax = 1, 80
		r := open(&cfg, 1, 8)
		b := r.Backend.(*Backend)
		for index := range uint64(4) {
			s := r.Placer.Scene(index)
			last := len(s.Stacks) - 1
			whole := canvas{width: 201, height: 150}
			whole.coverAll(team{context.Background(), 1}, b, s)
			leaves := s.Stacks[last].Leaves
			for _, tall := range []int{1, 7, 64, 149} {
				ids := make([]uint32, 201*150)
				var c cover
				c.reset(201, 150, 0, ids)
				c.split(tall)
				for done, step := 0, 1; done < len(leaves); done, step = done+step, 3*step {
					step = min(step, len(leaves)-done)
					c.sort(leaves[done:done+step], done)
					for n := range c.bands {
						c.run(n, leaves, b.bank.Outlines)
					}
				}
				if !c.full() {
					t.Errorf("%s, image %d, bands of %d: holes", outline, index, tall)
				}
				for i, id := range ids {
					if want := whole.ids[last][i]; id != want {
						t.Fatalf("%s, image %d, bands of %d, pixel %d: leaf %d, want %d", outline, index, tall, i, id, want)
					}
				}
			}
		}
	}
}

// firstOpen is the first row with an open pixel, found pixel by pixel.
func TestFirstOpen(t *testing.T) {
	const w, h = 200, 9
	draw := scene.NewStream(scene.Key{Seed: 3})
	var c cover
	for range 3000 {
		c.reset(w, h, 0, make([]uint32, w*h))
		clear(c.open)
		for range draw.Intn(3) {
			x := draw.Intn(w)
			c.open[int(draw.Intn(h))*c.words+int(x>>6)] |= 1 << (x & 63)
		}
		x0, x1 := int32(draw.Intn(w)), int32(draw.Intn(w))
		y0, y1 := int32(draw.Intn(h)), int32(draw.Intn(h))
		b := box{1, min(y0, y1), max(y0, y1) + 1, min(x0, x1), max(x0, x1)}
		want := b.end
		for y := b.end - 1; y >= b.top; y-- {
			for x := b.lo; x <= b.hi; x++ {
				if c.open[int(y)*c.words+int(x>>6)]>>(x&63)&1 != 0 {
					want = y
				}
			}
		}
		if got := c.firstOpen(&b); got != want {
			t.Fatalf("%+v: row %d, want %d", b, got, want)
		}
	}
}
