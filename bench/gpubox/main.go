//go:build linux && cgo && egl

// Command gpubox measures the GPU backend: images a second by preset, size and
// batch, where the time goes, and the CPU backend beside it in the same run. It is
// one part of bench/gpubox.sh.
package main

import (
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"runtime"
	"slices"
	"sort"
	"strings"
	"time"

	"leaflitter/bank"
	"leaflitter/cpu"
	"leaflitter/gpu"
	"leaflitter/palette"
	"leaflitter/render"
	"leaflitter/scene"
)

// Row is one configuration.
type Row struct {
	Preset  string             `json:"preset"`
	Size    int                `json:"size"`
	Batch   int                `json:"batch"`
	GPU     []float64          `json:"gpu_images_per_s"` // one a repeat, sorted
	Whole   []float64          `json:"gpu_with_placement_images_per_s"`
	CPU     []float64          `json:"cpu_images_per_s"` // all cores
	Profile map[string]float64 `json:"profile_us_per_image"`
}

// Report is what a run measured.
type Report struct {
	Device  string `json:"device"`
	Version string `json:"version"`
	Cores   int    `json:"cores"`
	Go      string `json:"go"`
	Repeats int    `json:"repeats"`
	Rows    []Row  `json:"rows"`
}

func main() {
	which := flag.String("device", "0", "device, see leaflitter devices")
	seconds := flag.Float64("seconds", 120, "time to spend at most; what does not fit is left out and said")
	repeats := flag.Int("repeats", 5, "timed batches a row")
	out := flag.String("json", "", "file for the JSON report")
	flag.Parse()
	if err := measure(*which, *seconds, *repeats, *out); err != nil {
		fmt.Fprintln(os.Stderr, "gpubox:", err)
		os.Exit(1)
	}
}

type subject struct {
	preset string
	size   int
	batch  int
}

func subjects(software bool) (all []subject) {
	if software {
		for _, p := range []string{"dead-leaves-pp", "dead-leaves"} {
			all = append(all, subject{p, 128, 8}, subject{p, 256, 8})
		}
		return all
	}
	for _, batch := range []int{64, 1, 8, 128} {
		all = append(all, subject{"dead-leaves-pp", 512, batch})
	}
	for _, p := range scene.Presets() {
		if p.Name != "dead-leaves-pp" {
			all = append(all, subject{p.Name, 512, 64})
		}
	}
	for _, s := range [][2]int{{128, 512}, {256, 256}, {1024, 16}, {2048, 4}} {
		all = append(all, subject{"dead-leaves-pp", s[0], s[1]}, subject{"dead-leaves", s[0], s[1]})
	}
	return all
}

func measure(which string, seconds float64, repeats int, out string) error {
	all, err := gpu.Devices()
	if err != nil {
		return err
	}
	chosen, err := gpu.Select(all, which)
	if err != nil {
		return err
	}
	chosen = chosen[:1]
	r := Report{Device: chosen[0].Name(), Version: chosen[0].Version, Cores: runtime.NumCPU(), Go: runtime.Version(), Repeats: repeats}
	deadline := time.Now().Add(time.Duration(seconds * float64(time.Second)))
	var left []string
	for _, s := range subjects(chosen[0].Software) {
		if time.Now().After(deadline) {
			left = append(left, fmt.Sprintf("%s %d x%d", s.preset, s.size, s.batch))
			continue
		}
		row, err := s.measure(chosen, repeats)
		if err != nil {
			return fmt.Errorf("%s %d: %w", s.preset, s.size, err)
		}
		r.Rows = append(r.Rows, *row)
		fmt.Fprintf(os.Stderr, "%s %d batch %d: %.1f images/s\n", s.preset, s.size, s.batch, median(row.GPU))
	}
	fmt.Print(markdown(&r))
	if left != nil {
		fmt.Printf("\nLeft out for lack of time: %s.\n", strings.Join(left, ", "))
	}
	data, err := json.MarshalIndent(&r, "", "  ")
	if err != nil || out == "" {
		return err
	}
	return os.WriteFile(out, append(data, '\n'), 0o666)
}

func (s subject) measure(devices []gpu.Device, repeats int) (*Row, error) {
	p, _ := scene.PresetByName(s.preset)
	cfg := p.Config
	cfg.Image = scene.Image{Width: s.size, Height: s.size}
	set, b := palette.Builtin(), bank.New(&cfg)
	placer := scene.NewPlacer(&cfg, b.OutlineClasses(), len(set.Palettes), 1)
	g, err := gpu.New(&cfg, b, set, devices, gpu.Options{})
	if err != nil {
		return nil, err
	}
	defer g.Close()
	c := cpu.New(&cfg, b, set, 0)
	row := &Row{Preset: s.preset, Size: s.size, Batch: s.batch}
	images := make([]*render.Image, s.batch)
	for i := range images {
		images[i] = render.NewImage(&cfg, render.Labels{})
	}
	ctx := context.Background()
	index := uint64(0)
	place := func(n int) (scenes []*scene.Scene) {
		for range n {
			scenes = append(scenes, placer.Scene(index))
			index++
		}
		return scenes
	}
	for range 3 { // the first batches learn how many leaves to place
		if err := g.Render(ctx, place(s.batch), images); err != nil {
			return nil, err
		}
	}
	few := min(s.batch, 2*runtime.NumCPU())
	if err := c.Render(ctx, place(few), images[:few]); err != nil {
		return nil, err
	}
	for range repeats {
		begin := time.Now()
		scenes := place(s.batch)
		placed := time.Now()
		if err := g.Render(ctx, scenes, images); err != nil {
			return nil, err
		}
		row.GPU = append(row.GPU, float64(s.batch)/time.Since(placed).Seconds())
		row.Whole = append(row.Whole, float64(s.batch)/time.Since(begin).Seconds())
		scenes = place(few)
		begin = time.Now()
		if err := c.Render(ctx, scenes, images[:few]); err != nil {
			return nil, err
		}
		row.CPU = append(row.CPU, float64(few)/time.Since(begin).Seconds())
	}
	n, times, err := g.Profile(ctx, place(s.batch), images)
	if err != nil {
		return nil, err
	}
	row.Profile = map[string]float64{}
	for name, d := range times {
		row.Profile[name] = float64(d.Nanoseconds()) / 1000 / float64(n)
	}
	for _, x := range [][]float64{row.GPU, row.Whole, row.CPU} {
		slices.Sort(x)
	}
	return row, nil
}

func median(sorted []float64) float64 { return sorted[len(sorted)/2] }

func spread(sorted []float64) string {
	return fmt.Sprintf("%.4g [%.4g, %.4g]", median(sorted), sorted[0], sorted[len(sorted)-1])
}

func markdown(r *Report) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s, OpenGL %s, %d CPU cores, %s. Medians of %d batches with the extremes in brackets. \"gpu\" renders placed scenes to host memory, one batch after another; \"with placement\" adds placing on one core; \"cpu\" is the CPU backend on all cores in the same run.\n\n", r.Device, r.Version, r.Cores, r.Go, r.Repeats)
	b.WriteString("| preset | size | batch | gpu images/s | megapixels/s | with placement | cpu images/s | gpu / cpu |\n|---|---|---|---|---|---|---|---|\n")
	for _, w := range r.Rows {
		fmt.Fprintf(&b, "| %s | %d | %d | %s | %.4g | %s | %s | %.3g |\n", w.Preset, w.Size, w.Batch, spread(w.GPU),
			median(w.GPU)*float64(w.Size*w.Size)/1e6, spread(w.Whole), spread(w.CPU), median(w.GPU)/median(w.CPU))
	}
	names := map[string]bool{}
	for _, w := range r.Rows {
		for name := range w.Profile {
			names[name] = true
		}
	}
	order := []string{"sample", "lay out", "upload", "cover", "paint", "shade", "blur", "compose", "develop", "label", "readback", "copy out"}
	var rest []string
	for name := range names {
		if !slices.Contains(order, name) {
			rest = append(rest, name)
		}
	}
	sort.Strings(rest)
	order = append(order, rest...)
	b.WriteString("\nWhere one batch spent its time, µs an image (timestamp queries for the device's stages):\n\n| preset | size | batch |")
	for _, name := range order {
		b.WriteString(" " + name + " |")
	}
	b.WriteString("\n|---|---|---|" + strings.Repeat("---|", len(order)) + "\n")
	for _, w := range r.Rows {
		fmt.Fprintf(&b, "| %s | %d | %d |", w.Preset, w.Size, w.Batch)
		for _, name := range order {
			fmt.Fprintf(&b, " %.3g |", w.Profile[name])
		}
		b.WriteString("\n")
	}
	return b.String()
}
