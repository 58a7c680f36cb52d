//go:build linux && cgo && egl

package gpu

import (
	"testing"

	"leaflitter/render"
	"leaflitter/scene"
)

// BenchmarkCover times cover with and without bins, by the device's clock.
func BenchmarkCover(b *testing.B) {
	for _, size := range []int{256, 512, 1024} {
		for _, bins := range []bool{false, true} {
			name := map[bool]string{false: "whole", true: "bins"}[bins]
			b.Run(name+"/"+map[int]string{256: "256", 512: "512", 1024: "1024"}[size], func(b *testing.B) {
				defer func(n int) { mostLists = n }(mostLists)
				if !bins {
					mostLists = 0
				}
				g, placer := benchBackend(b, size)
				total := 0.0
				for i := 0; b.Loop(); i++ {
					_, times, err := g.Profile(b.Context(), []*scene.Scene{placer.Scene(uint64(i))}, blank(g, 1))
					if err != nil {
						b.Fatal(err)
					}
					total += times["cover"].Seconds() * 1000
				}
				b.ReportMetric(total/float64(b.N), "ms-cover/op")
			})
		}
	}
}

func benchBackend(b *testing.B, size int) (*Backend, *scene.Placer) {
	p, _ := scene.PresetByName("dead-leaves")
	cfg := p.Config
	cfg.Image = scene.Image{Width: size, Height: size}
	m := render.NewModel(&cfg, nil, nil)
	all, err := Devices()
	if err != nil {
		b.Fatal(err)
	}
	g, err := New(m, all[:1], Options{})
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { g.Close() })
	return g, m.Placer(1)
}
