package stats

import (
	"context"
	"testing"

	"leaflitter/cpu"
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
	m := render.NewModel(&cfg, nil, nil)
	r := render.Renderer{Placer: m.Placer(11), Backend: cpu.New(m, 0)}
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
