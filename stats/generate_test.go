package stats

import (
	"context"
	"testing"

	"leaflitter/bank"
	"leaflitter/cpu"
	"leaflitter/palette"
	"leaflitter/render"
	"leaflitter/scene"
)

// generate renders images of a preset with ids.
func generate(t testing.TB, preset string, width, height, n int) []Image {
	t.Helper()
	p, ok := scene.PresetByName(preset)
	if !ok {
		t.Fatalf("no preset %s", preset)
	}
	cfg := p.Config
	cfg.Image.Width, cfg.Image.Height = width, height
	if err := scene.Check(&cfg); err != nil {
		t.Fatal(err)
	}
	b, set := bank.New(&cfg), palette.Builtin()
	r := render.Renderer{Placer: scene.NewPlacer(&cfg, b.OutlineClasses(), len(set.Palettes), 11), Backend: cpu.New(&cfg, b, set, 0)}
	var list []Image
	for i := range n {
		im := render.NewImage(&cfg, render.Labels{ID: true})
		if err := r.Render(context.Background(), []uint64{uint64(i)}, []*render.Image{im}); err != nil {
			t.Fatal(err)
		}
		list = append(list, Image{preset, width, height, im.Channels, im.Pix, im.ID})
	}
	return list
}
