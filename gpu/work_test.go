//go:build linux && cgo && egl

package gpu

import (
	"testing"

	"leaflitter/render"
	"leaflitter/scene"
)

func counting(t *testing.T, name string, size int) (*Backend, *scene.Placer) {
	t.Helper()
	p, _ := scene.PresetByName(name)
	cfg := p.Config
	cfg.Image = scene.Image{Width: size, Height: size}
	m := render.NewModel(&cfg, nil, nil)
	all, err := Devices()
	if err != nil {
		t.Fatal(err)
	}
	g, err := New(m, all[:1], Options{Count: true})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { g.Close() })
	return g, m.Placer(1)
}

// The counts are those of the algorithm, done by hand for one layer of disks.
func TestWork(t *testing.T) {
	const size = 64
	g, placer := counting(t, "dead-leaves", size)
	s := placer.Scene(3)
	im := blank(g, 1)
	im[0].ID = make([]uint32, size*size)
	if err := g.Render(t.Context(), []*scene.Scene{s}, im); err != nil {
		t.Fatal(err)
	}
	leaves := s.Stacks[0].Leaves
	var want Work
	for ty := 0; ty < size; ty += 16 {
		for tx := 0; tx < size; tx += 16 {
			var hits []uint32 // ids of the leaves whose bound reaches the tile
			whole := map[uint32]bool{}
			for i := range leaves {
				l := &leaves[i]
				beyond := func(d float32) float64 { return float64(max(d-7.5, 0)) }
				dx, dy := beyond(abs(l.X-float32(tx+8))), beyond(abs(l.Y-float32(ty+8)))
				if r := float64(l.R) + 1; dx*dx+dy*dy <= r*r {
					hits = append(hits, uint32(i+1))
				}
				dx, dy = float64(abs(l.X-float32(tx+8))+7.5), float64(abs(l.Y-float32(ty+8))+7.5)
				whole[uint32(i+1)] = dx*dx+dy*dy <= float64(l.A)*0.999999
			}
			last := uint32(0)
			for y := ty; y < ty+16; y++ {
				for x := tx; x < tx+16; x++ {
					id := im[0].ID[y*size+x]
					last = max(last, id)
					for _, h := range hits {
						if !whole[h] { // else no pixel asks
							want.PixelTests++
						}
						if h == id {
							break
						}
					}
				}
			}
			// Blocks of 256 are begun until every pixel has its leaf.
			want.TileTests += min(uint64(len(leaves)), uint64((last-1)/256+1)*256)
		}
	}
	got := g.Work()
	if got.PixelTests != want.PixelTests || got.TileTests != want.TileTests || got.PolyTests != 0 || got.BinTests != 0 {
		t.Errorf("%+v, want %d pixel tests and %d tile tests", got, want.PixelTests, want.TileTests)
	}
	if got.Covered != size*size || got.Shaded != size*size || got.Pixels != size*size || got.Images != 1 {
		t.Errorf("%+v: every pixel is covered and shaded once", got)
	}
	if got.Down < 3*size*size || got.Up < uint64(leafBytes*len(leaves)) {
		t.Errorf("%+v: the bytes over the bus are more", got)
	}
}

func abs(x float32) float32 { return max(x, -x) }

// Counting changes no pixel, and both counts of a large batch are taken.
func TestWorkLeavesPixelsAlone(t *testing.T) {
	g, placer := counting(t, "dead-leaves-pp", 300)
	plain, err := New(g.model, []Device{g.devices[0].Device}, Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer plain.Close()
	var images [2][]*render.Image
	for i, b := range []*Backend{g, plain} {
		images[i] = blank(g, 3)
		if err := b.Render(t.Context(), []*scene.Scene{placer.Scene(0), placer.Scene(1), placer.Scene(2)}, images[i]); err != nil {
			t.Fatal(err)
		}
	}
	if !equal(images[0], images[1]) {
		t.Error("the images differ")
	}
	w := g.Work()
	if w.Taps == 0 || w.Textured == 0 || w.Textured > w.Shaded || w.Shaded != w.Covered || w.PolyTests > w.PixelTests || w.PolyTests == 0 {
		t.Errorf("%+v", w)
	}
	n := float64(w.Pixels)
	t.Logf("a pixel: %.2f bin tests, %.2f tile tests, %.2f pixel tests (%.2f of polygons), %.2f covered, %.2f shaded (%.2f textured), %.1f taps, %.1f bytes, up %.2f, down %.2f",
		float64(w.BinTests)/n, float64(w.TileTests)/n, float64(w.PixelTests)/n, float64(w.PolyTests)/n, float64(w.Covered)/n, float64(w.Shaded)/n, float64(w.Textured)/n,
		float64(w.Taps)/n, float64(w.DeviceBytes)/n, float64(w.Up)/n, float64(w.Down)/n)
}
