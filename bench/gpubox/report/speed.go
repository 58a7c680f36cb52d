package report

import (
	"fmt"
	"slices"
	"strings"

	"leaflitter/bench/floor"
)

// predicted is what docs/PERFORMANCE.md predicted of one H200, in images of 512 x 512 a
// second, before any GPU had run leaflitter.
var predicted = []struct{ preset, rate string }{{"dead-leaves", "39,000"}, {"dead-leaves-pp", "9,400 to 14,000"}}

// copyRate is how many images of 512 x 512 a second it assumed can be copied to the host.
const copyRate = "70,000"

// rows reads the rows that were measured.
func (r *results) rows() (all []Row) {
	for _, o := range r.Outcomes {
		var w Row
		if strings.HasPrefix(o.Name, Rows) && r.decode(o.Name, &w) && len(w.GPU) > 0 && len(w.CPU) > 0 && len(w.Single) > 0 && len(w.Busy) > 0 {
			all = append(all, w)
		}
	}
	return all
}

func spread(sorted []float64) string {
	return fmt.Sprintf("%.4g [%.4g, %.4g]", floor.Median(sorted), sorted[0], sorted[len(sorted)-1])
}

// bytes is how many bytes a second reach the host.
func (w *Row) bytes() float64 { return floor.Median(w.GPU) * float64(3*w.Size*w.Size) }

// limit says what keeps a row from being faster, as far as it was measured.
func (w *Row) limit(f *floor.Rates) string {
	host, sum, most := []string{"sample", "lay out", "copy out"}, 0.0, ""
	for _, s := range w.Steps {
		if slices.Contains(host, s) {
			continue
		}
		sum += w.Profile[s]
		if most == "" || w.Profile[s] > w.Profile[most] {
			most = s
		}
	}
	switch {
	case f.DeviceToHost > 0 && w.bytes() > 0.7*f.DeviceToHost:
		return "the copy to the host"
	case floor.Median(w.Busy) > 0.85:
		return fmt.Sprintf("the device: most of it %s, %.0f of %.0f µs", most, w.Profile[most], sum)
	}
	return fmt.Sprintf("not the device, which is busy %.0f %% of the time", 100*floor.Median(w.Busy))
}

// speedVerdict puts what was measured beside what was predicted.
func (r *results) speedVerdict(p *page, rows []Row) {
	var f floor.Rates
	measured := r.decode("floors", &f)
	if len(rows) == 0 {
		p.line("\n**Speed: not known.** No row was measured.")
		return
	}
	p.line("\n**Speed**, images a second from placing leaves to finished bytes in the host's memory:")
	p.head("preset", "size", "batch", "measured", "predicted, one H200", "gpu / cpu", "limited by")
	for _, want := range predicted {
		var best *Row
		for i := range rows {
			if w := &rows[i]; w.Preset == want.preset && (best == nil || better(w, best)) {
				best = w
			}
		}
		if best == nil {
			p.row(want.preset, "512", "", "not measured", want.rate, "", "")
			continue
		}
		rate := want.rate
		if best.Size != 512 {
			rate = "(" + rate + " at 512)"
		}
		p.row(best.Preset, fmt.Sprint(best.Size), fmt.Sprint(best.Batch), fmt.Sprintf("%.0f", floor.Median(best.GPU)), rate,
			fmt.Sprintf("%.3g", floor.Median(best.GPU)/floor.Median(best.CPU)), best.limit(&f))
	}
	if measured && f.DeviceToHost > 0 {
		p.row("copy to the host", "512", "", fmt.Sprintf("%.0f", f.DeviceToHost/(3*512*512)), copyRate, "", "")
	}
}

// better prefers 512 x 512, then the larger size, then the faster batch.
func better(a, b *Row) bool {
	if (a.Size == 512) != (b.Size == 512) {
		return a.Size == 512
	}
	if a.Size != b.Size {
		return a.Size > b.Size
	}
	return floor.Median(a.GPU) > floor.Median(b.GPU)
}

// throughput lists all rows.
func (r *results) throughput(p *page, rows []Row) {
	var f floor.Rates
	measured := r.decode("floors", &f)
	p.line("\n## Throughput\n")
	p.line("Medians of %d repeats with the extremes in brackets. \"gpu\" places, renders and brings to host memory with batches in flight, and \"busy\" is the part of that time in which the device worked; \"one batch\" renders placed scenes, one batch after another; \"cpu\" is the CPU backend on all cores with placed scenes, in the same run, as often as the number in parentheses says. \"first\" is from the start of the backend to the first batch; its programs may come from the driver's cache, which rows before it filled.", rows[0].Repeats)
	p.head("preset", "size", "batch", "gpu images/s", "megapixels/s", "MB/s", "of floor", "busy", "one batch images/s", "cpu images/s", "gpu / cpu", "first, s", "limited by")
	for _, w := range rows {
		rate, share := floor.Median(w.GPU), ""
		if measured && f.DeviceToHost > 0 {
			share = fmt.Sprintf("%.1f %%", 100*w.bytes()/f.DeviceToHost)
		}
		p.row(w.Preset, fmt.Sprint(w.Size), fmt.Sprint(w.Batch), spread(w.GPU), fmt.Sprintf("%.4g", rate*float64(w.Size*w.Size)/1e6), fmt.Sprintf("%.4g", w.bytes()/1e6),
			share, fmt.Sprintf("%.0f %%", 100*floor.Median(w.Busy)), spread(w.Single), fmt.Sprintf("%s (%d)", spread(w.CPU), len(w.CPU)), fmt.Sprintf("%.3g", rate/floor.Median(w.CPU)), fmt.Sprintf("%.1f", w.First), w.limit(&f))
	}
	if measured {
		p.line("\nFloors, measured in the same run: %s.", f)
	}
	p.line("\nWhere one batch spent its time, µs an image (timestamp queries for the device's steps):")
	p.head(append([]string{"preset", "size", "batch"}, rows[0].Steps...)...)
	for _, w := range rows {
		cells := []string{w.Preset, fmt.Sprint(w.Size), fmt.Sprint(w.Batch)}
		for _, name := range rows[0].Steps {
			cells = append(cells, fmt.Sprintf("%.3g", w.Profile[name]))
		}
		p.row(cells...)
	}
	counted(p, rows)
}

// counted lists the work that was counted.
func counted(p *page, rows []Row) {
	some := slices.DeleteFunc(slices.Clone(rows), func(w Row) bool { return w.Work == nil })
	if len(some) == 0 {
		return
	}
	p.line("\nCounted work, a finished pixel. The least is one leaf tested and one pixel shaded; tests of bins and tiles are shared by their pixels.")
	p.head("preset", "size", "bin tests", "tile tests", "pixel tests", "of polygons", "covered", "shaded", "textured", "blur taps", "device bytes", "bytes up", "bytes down")
	for _, w := range some {
		cells := []string{w.Preset, fmt.Sprint(w.Size)}
		for _, v := range []uint64{w.Work.BinTests, w.Work.TileTests, w.Work.PixelTests, w.Work.PolyTests, w.Work.Covered, w.Work.Shaded, w.Work.Textured, w.Work.Taps, w.Work.DeviceBytes, w.Work.Up, w.Work.Down} {
			cells = append(cells, fmt.Sprintf("%.3g", float64(v)/float64(max(1, w.Work.Pixels))))
		}
		p.row(cells...)
	}
}
