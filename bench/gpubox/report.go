//go:build linux && cgo && egl

package main

import (
	"fmt"
	"strings"

	"leaflitter/gpu"
)

func markdown(r *Report) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s, OpenGL %s, %d CPU cores, %s. Medians of %d repeats with the extremes in brackets. \"gpu\" places, renders and brings to host memory with batches in flight, and \"busy\" is the part of that time in which the device worked; \"one batch\" renders placed scenes, one batch after another; \"cpu\" is the CPU backend on all cores with placed scenes, in the same run.\n\n", r.Device, r.Version, r.Cores, r.Go, r.Repeats)
	b.WriteString("| preset | size | batch | gpu images/s | megapixels/s | MB/s | of floor | busy | one batch images/s | cpu images/s | gpu / cpu |\n|---|---|---|---|---|---|---|---|---|---|---|\n")
	for _, w := range r.Rows {
		rate := median(w.GPU)
		bytes := rate * float64(w.Work.Down) / float64(max(1, w.Work.Images))
		fmt.Fprintf(&b, "| %s | %d | %d | %s | %.4g | %.4g | %.1f %% | %.0f %% | %s | %s | %.3g |\n", w.Preset, w.Size, w.Batch, spread(w.GPU),
			rate*float64(w.Size*w.Size)/1e6, bytes/1e6, 100*bytes/r.Floor.DeviceToHost, 100*median(w.Busy), spread(w.Single), spread(w.CPU), rate/median(w.CPU))
	}
	fmt.Fprintf(&b, "\nFloors, measured in the same run: %s.\n", r.Floor)
	b.WriteString("\nWhere one batch spent its time, µs an image (timestamp queries for the device's steps):\n\n| preset | size | batch |")
	for _, name := range gpu.Steps {
		b.WriteString(" " + name + " |")
	}
	b.WriteString("\n|---|---|---|" + strings.Repeat("---|", len(gpu.Steps)) + "\n")
	for _, w := range r.Rows {
		fmt.Fprintf(&b, "| %s | %d | %d |", w.Preset, w.Size, w.Batch)
		for _, name := range gpu.Steps {
			fmt.Fprintf(&b, " %.3g |", w.Profile[name])
		}
		b.WriteString("\n")
	}
	b.WriteString("\nCounted work, a finished pixel. The least is one leaf tested and one pixel shaded; tests of bins and tiles are shared by their pixels.\n\n" +
		"| preset | size | bin tests | tile tests | pixel tests | of polygons | covered | shaded | textured | blur taps | device bytes | bytes up | bytes down |\n|" + strings.Repeat("---|", 13) + "\n")
	for _, w := range r.Rows {
		n := float64(max(1, w.Work.Pixels))
		fmt.Fprintf(&b, "| %s | %d |", w.Preset, w.Size)
		for _, v := range []uint64{w.Work.BinTests, w.Work.TileTests, w.Work.PixelTests, w.Work.PolyTests, w.Work.Covered, w.Work.Shaded, w.Work.Textured, w.Work.Taps, w.Work.DeviceBytes, w.Work.Up, w.Work.Down} {
			fmt.Fprintf(&b, " %.3g |", float64(v)/n)
		}
		b.WriteString("\n")
	}
	return b.String()
}
