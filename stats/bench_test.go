//go:build unix

package stats

import (
	"context"
	"syscall"
	"testing"
	"time"

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

// processorTime is what this process has used.
func processorTime() time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		return 0
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// One core measures images of 512 x 512, decoding apart.
func BenchmarkMeasure(b *testing.B) {
	list := generate(b, "dead-leaves-pp", 512, 512, 4)
	l := newLattice(128)
	w := &worker{half: [2]*totals{newTotals(l), newTotals(l)}, fft: newTransform(l)}
	one := func(name string, f func(im *Image)) {
		b.Run(name, func(b *testing.B) {
			n, before := 0, processorTime()
			for b.Loop() {
				f(&list[n%4])
				n++
			}
			// Of the processor's time, since machines are shared.
			b.ReportMetric(float64(n)/(processorTime()-before).Seconds(), "images/cpu-s")
		})
	}
	grey := &w.half[0].grey
	one("all", func(im *Image) {
		if _, err := w.measure(im, 0); err != nil {
			b.Fatal(err)
		}
	})
	one("luma", func(im *Image) { w.luma = luma(w.luma, im.Pix, 3) })
	one("spectrum", func(im *Image) { w.fft.measure(w.luma, im.Width, im.Height) })
	one("neighbours", func(im *Image) { grey.neighbours(w.luma, im.Width, im.Height) })
	one("wavelets", func(im *Image) { grey.wavelets(w.luma, im.Width, im.Height) })
	one("entropy", func(im *Image) { grey.blocks(w.luma, im.Width, im.Height) })
	one("blur", func(im *Image) { grey.blurOf(w.luma, im.Width, im.Height) })
	one("colour", func(im *Image) { w.half[0].colours.measure(im.Pix, im.Width, im.Height, 3) })
	one("objects", func(im *Image) { w.labels.measure(&w.half[0].objects, im.ID, im.Width, im.Height) })
}
