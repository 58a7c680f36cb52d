package main

import (
	"bytes"
	"context"
	"math/rand/v2"
	"testing"

	"leaflitter/render"
	"leaflitter/scene"
)

// Every valid configuration renders, and threads do not show.
func TestRandomConfigsRender(t *testing.T) {
	rng := rand.New(rand.NewPCG(11, 2))
	for k := range 6 {
		cfg := scene.RandomConfig(rng.Uint32)
		cfg.Image.Width, cfg.Image.Height = min(cfg.Image.Width, 48), min(cfg.Image.Height, 48)
		var got [2]*render.Image
		for threads := range 2 {
			got[threads] = render.NewImage(&cfg, render.Labels{ID: true})
			source, err := (&backendFlags{Backend: "cpu"}).open(render.NewModel(&cfg, nil, nil), uint64(k), wiring{threads: threads + 1, say: t.Logf})
			if err != nil {
				t.Fatal(err)
			}
			if err := source.Render(context.Background(), []uint64{3}, []*render.Image{got[threads]}); err != nil {
				t.Fatalf("%v\n%s", err, scene.Marshal(&cfg))
			}
			source.Backend.Close()
		}
		if !bytes.Equal(got[0].Pix, got[1].Pix) {
			t.Errorf("threads show with\n%s", scene.Marshal(&cfg))
		}
		for i, id := range got[0].ID {
			if id == 0 {
				t.Fatalf("pixel %d is bare with\n%s", i, scene.Marshal(&cfg))
			}
		}
	}
}
