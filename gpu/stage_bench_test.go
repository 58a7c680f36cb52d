//go:build linux && cgo && egl

package gpu

import (
	"fmt"
	"strings"
	"testing"

	"leaflitter/render"
	"leaflitter/scene"
)

// BenchmarkStages times every step of a batch, by the device's clock where it is the
// device's; run it with -count 10 and compare with benchstat.
func BenchmarkStages(b *testing.B) {
	for _, name := range []string{"dead-leaves", "dead-leaves-pp"} {
		for _, rMin := range []float64{10, 1} {
			b.Run(fmt.Sprintf("%s/rmin=%g", name, rMin), func(b *testing.B) {
				p, _ := scene.PresetByName(name)
				cfg := p.Config
				cfg.Image, cfg.Leaves.RMin = scene.Image{Width: 256, Height: 256}, rMin
				m := render.NewModel(&cfg, nil, nil)
				all, err := Devices()
				if err != nil {
					b.Fatal(err)
				}
				g, err := New(m, all[:1], Options{})
				if err != nil {
					b.Fatal(err)
				}
				defer g.Close()
				placer := m.Placer(1)
				const batch = 4
				images := blank(g, batch)
				scenes := func() (s []*scene.Scene) { // the same four each time
					for i := range uint64(batch) {
						s = append(s, placer.Scene(i))
					}
					return s
				}
				if err := g.Render(b.Context(), scenes(), images); err != nil { // learns how many leaves to place
					b.Fatal(err)
				}
				sum, n := map[string]float64{}, 0
				for b.Loop() {
					done, times, err := g.Profile(b.Context(), scenes(), images)
					if err != nil {
						b.Fatal(err)
					}
					n += done
					for step, took := range times {
						sum[step] += float64(took.Nanoseconds())
					}
				}
				for _, step := range Steps {
					if sum[step] > 0 {
						b.ReportMetric(sum[step]/float64(n*256*256), "ns-"+strings.ReplaceAll(step, " ", "-")+"/px")
					}
				}
			})
		}
	}
}
