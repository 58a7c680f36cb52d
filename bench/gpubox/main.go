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
	"strings"
	"time"

	"leaflitter/bank"
	"leaflitter/bench/floor"
	"leaflitter/bench/flow"
	"leaflitter/cpu"
	"leaflitter/gpu"
	"leaflitter/palette"
	"leaflitter/render"
	"leaflitter/scene"
	"leaflitter/shaders"
)

// Row is one configuration.
type Row struct {
	Preset  string             `json:"preset"`
	Size    int                `json:"size"`
	Batch   int                `json:"batch"`
	GPU     []float64          `json:"gpu_images_per_s"`           // placing to host memory, batches in flight; one a repeat, sorted
	Single  []float64          `json:"gpu_one_batch_images_per_s"` // one batch after another, placed before
	CPU     []float64          `json:"cpu_images_per_s"`           // all cores, placed before
	Busy    []float64          `json:"gpu_busy"`                   // share of the time with batches in flight
	Profile map[string]float64 `json:"profile_us_per_image"`
	Work    gpu.Work           `json:"work"`
}

// Report is what a run measured.
type Report struct {
	Device  string      `json:"device"`
	Version string      `json:"version"`
	Cores   int         `json:"cores"`
	Go      string      `json:"go"`
	Repeats int         `json:"repeats"`
	Floor   floor.Rates `json:"floor"`
	Rows    []Row       `json:"rows"`
}

func main() {
	if len(os.Args) > 1 && os.Args[1] == "peers" {
		if err := peers(os.Args[2:]); err != nil {
			fmt.Fprintln(os.Stderr, "gpubox:", err)
			os.Exit(1)
		}
		return
	}
	which := flag.String("device", "0", "device, see leaflitter devices")
	seconds := flag.Float64("seconds", 120, "time to spend at most; what does not fit is left out and said")
	repeats := flag.Int("repeats", 5, "timed batches a row")
	out := flag.String("json", "", "file for the JSON report")
	inspect := flag.Bool("compile", false, "compile every program and nothing else")
	flag.Parse()
	if *inspect {
		all, err := gpu.Devices()
		if err == nil {
			all, err = gpu.Select(all, *which)
		}
		if err == nil {
			err = gpu.Inspect(all[0].Index, gpu.Options{Debug: true, Say: func(l string) { fmt.Println("say", l) }}, shaders.Everything,
				func(s string) { fmt.Println("start", s) }, func(c gpu.Compiled) { fmt.Println("done", c.Stage, c.Took, c.Bytes, c.Error) })
		}
		fmt.Println("err", err)
		return
	}
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
			all = append(all, subject{p, 128, 8}, subject{p, 256, 8}, subject{p, 512, 4})
		}
		return all
	}
	all = append(all, subject{"dead-leaves", 512, 64})
	for _, batch := range []int{64, 1, 8, 128} {
		all = append(all, subject{"dead-leaves-pp", 512, batch})
	}
	for _, p := range scene.Presets() {
		if p.Name != "dead-leaves-pp" && p.Name != "dead-leaves" {
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
	r.Floor = floor.Host(runtime.NumCPU(), repeats)
	if err := floor.Device(chosen[0].Index, repeats, &r.Floor); err != nil {
		return err
	}
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
	stats := &render.Stats{}
	g, err := gpu.New(&cfg, b, set, devices, gpu.Options{Stats: stats})
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
	job := flow.Flow{Source: render.Renderer{Placer: placer, Backend: g, Stats: stats}, Config: &cfg, Batch: s.batch, InFlight: g.InFlight()}
	for range repeats {
		before, start := working(stats, devices[0].Index), time.Now()
		rate, err := job.Rate(ctx, 300*time.Millisecond)
		if err != nil {
			return nil, err
		}
		busy := (working(stats, devices[0].Index) - before).Seconds() / time.Since(start).Seconds()
		row.GPU, row.Busy = append(row.GPU, rate), append(row.Busy, busy)
		scenes := place(s.batch)
		begin := time.Now()
		if err := g.Render(ctx, scenes, images); err != nil {
			return nil, err
		}
		row.Single = append(row.Single, float64(s.batch)/time.Since(begin).Seconds())
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
	if row.Work, err = s.work(ctx, &cfg, b, set, devices, place(s.counted())); err != nil {
		return nil, err
	}
	row.Profile = map[string]float64{}
	for name, d := range times {
		row.Profile[name] = float64(d.Nanoseconds()) / 1000 / float64(n)
	}
	for _, x := range [][]float64{row.GPU, row.Single, row.CPU, row.Busy} {
		slices.Sort(x)
	}
	return row, nil
}

// working is how long the device has worked so far.
func working(s *render.Stats, device int) (sum time.Duration) {
	for _, step := range gpu.Steps {
		sum += s.Total(device, step)
	}
	return sum
}

// counted is how many images the work is counted for.
func (s subject) counted() int { return min(s.batch, 8) }

// work counts what the shaders do for some images.
func (s subject) work(ctx context.Context, cfg *scene.Config, b *bank.Bank, set *palette.Set, devices []gpu.Device, scenes []*scene.Scene) (gpu.Work, error) {
	g, err := gpu.New(cfg, b, set, devices, gpu.Options{Count: true})
	if err != nil {
		return gpu.Work{}, err
	}
	defer g.Close()
	images := make([]*render.Image, len(scenes))
	for i := range images {
		images[i] = render.NewImage(cfg, render.Labels{})
	}
	err = g.Render(ctx, scenes, images)
	return g.Work(), err
}

func median(sorted []float64) float64 { return sorted[len(sorted)/2] }

func spread(sorted []float64) string {
	return fmt.Sprintf("%.4g [%.4g, %.4g]", median(sorted), sorted[0], sorted[len(sorted)-1])
}
