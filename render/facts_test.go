package render_test

import (
	"context"
	"testing"

	"leaflitter/cpu"
	"leaflitter/render"
	"leaflitter/scene"
)

// The facts of an image list exactly the leaves whose ids it shows, each with its own
// layer, and with the radius that its pixels fit into.
func TestFacts(t *testing.T) {
	cfg := scene.Default()
	cfg.Image.Width, cfg.Image.Height, cfg.Leaves.RMin, cfg.Leaves.RMax = 96, 80, 6, 60
	cfg.Outline.PerImage = []string{"disk"}
	cfg.Paint.Noise.LargestTile = 64
	m := render.NewModel(&cfg, nil, nil)
	r := render.Renderer{Placer: m.Placer(3), Backend: cpu.New(m, 1)}
	im := render.NewImage(&cfg, render.Labels{ID: true, Layer: true})
	for index := range uint64(4) {
		if err := r.Render(context.Background(), []uint64{index}, []*render.Image{im}); err != nil {
			t.Fatal(err)
		}
		type box struct{ left, right, top, bottom, layer int }
		shown := map[uint32]*box{}
		for p, id := range im.ID {
			x, y := p%im.Width, p/im.Width
			s := shown[id]
			if s == nil {
				s = &box{x, x, y, y, int(im.Layer[p])}
				shown[id] = s
			}
			s.left, s.right, s.top, s.bottom = min(s.left, x), max(s.right, x), min(s.top, y), max(s.bottom, y)
		}
		f := im.Facts
		if len(f.Leaves) != len(shown) || len(shown) < 5 || f.Outline != "disk" || f.Radii != [2]float64{6, 60} || f.Palette >= len(m.Palettes.Palettes) {
			t.Fatalf("%d leaves are listed, %d show; %+v", len(f.Leaves), len(shown), f)
		}
		for _, l := range f.Leaves {
			s := shown[l.ID]
			if s == nil || s.layer != l.Layer || l.Radius < 6 || l.Radius > 60 {
				t.Fatalf("leaf %+v shows as %+v", l, s)
			}
			if d := 2*l.Radius + 1; float32(s.right-s.left) > d || float32(s.bottom-s.top) > d {
				t.Errorf("leaf %+v shows as %+v: larger than it is", l, s)
			}
		}
	}
	plain := render.NewImage(&cfg, render.Labels{})
	if err := r.Render(context.Background(), []uint64{1}, []*render.Image{plain}); err != nil || plain.Facts.Leaves != nil {
		t.Errorf("without ids leaves are listed: %v", err)
	}
}

// The paint that the facts tell of a leaf is the one that the paint stage drew.
func TestFactsPaint(t *testing.T) {
	seen := map[scene.PaintKind]int{}
	for _, preset := range scene.Presets() {
		cfg := preset.Config
		cfg.Image.Width, cfg.Image.Height, cfg.Paint.Noise.LargestTile, cfg.Paint.FlatBelow = 96, 96, 64, 12
		m := render.NewModel(&cfg, nil, nil)
		backend, placer := cpu.New(m, 1), m.Placer(5)
		im := render.NewImage(&cfg, render.Labels{ID: true})
		if err := (render.Renderer{Placer: placer, Backend: backend}).Render(t.Context(), []uint64{2}, []*render.Image{im}); err != nil {
			t.Fatal(err)
		}
		s := placer.Scene(2)
		paints := make([]map[uint32]uint32, len(s.Stacks))
		if err := backend.Trace(t.Context(), s, render.NewImage(&cfg, render.Labels{}), func(st render.Stage) {
			if st.Name == "paint" {
				paints[st.Stack] = map[uint32]uint32{}
				for i := 0; i < len(st.Words); i += render.RecordWords {
					paints[st.Stack][st.Words[i]] = st.Words[i+1] // PaintRecord: ID, then Paint.Kind
				}
			}
		}); err != nil {
			t.Fatal(err)
		}
		for _, l := range im.Facts.Leaves {
			id, stack := l.ID, 0
			for ; id > uint32(len(s.Stacks[stack].Leaves)); stack++ {
				id -= uint32(len(s.Stacks[stack].Leaves))
			}
			if kind, ok := paints[stack][id]; !ok || kind != uint32(l.Paint) {
				t.Errorf("%s: leaf %d is told to be %s and drawn as %d (%t)", preset.Name, l.ID, l.Paint, kind, ok)
			}
			seen[l.Paint]++
		}
	}
	if len(seen) != 5 {
		t.Errorf("not all paints were seen: %v", seen)
	}
}
