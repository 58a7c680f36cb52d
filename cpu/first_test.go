package cpu

import (
	"context"
	"testing"

	"leaflitter/render"
	"leaflitter/scene"
)

// BenchmarkFirstImage times what a process does before its first image is done;
// run it with -benchtime 1x, since noise tiles are built once a process.
func BenchmarkFirstImage(b *testing.B) {
	cfg := scene.Default()
	for b.Loop() {
		clear(banks)
		r := open(&cfg, 0, 0)
		im := render.NewImage(&cfg, render.Labels{})
		if err := r.Render(context.Background(), []uint64{0}, []*render.Image{im}); err != nil {
			b.Fatal(err)
		}
	}
}
