package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"time"

	"leaflitter/bench/flow"
	"leaflitter/cpu"
	"leaflitter/dataset"
	"leaflitter/gpu"
	"leaflitter/render"
	"leaflitter/scene"
)

// FlowRow is one configuration from placing to host memory.
type FlowRow struct {
	Preset  string  `json:"preset"`
	Backend string  `json:"backend"` // cpu, cpu one core, gpu
	Size    int     `json:"size"`
	Batch   int     `json:"batch"`
	Rate    Spread  `json:"images_per_s"`
	MPix    float64 `json:"megapixels_per_s"`
	OfFloor float64 `json:"of_floor"` // finished bytes over bytes that could be copied
	LeftOut string  `json:"left_out,omitempty"`
}

// FilesRow compares a whole job that writes PNG files with rendering alone.
type FilesRow struct {
	Preset string  `json:"preset"`
	Plain  Spread  `json:"images_per_s"`
	PNG    Spread  `json:"png_images_per_s"`
	Share  float64 `json:"png_of_plain"` // median of the rounds' ratios
	Met    bool    `json:"met"`
}

// engine is one backend for one configuration.
type engine struct {
	flow.Flow
	close func() error
}

const oneCore = "cpu one core"

// open joins a configuration to a backend. batch 0: what suits the backend.
func (s *suite) open(cfg *scene.Config, backend string, batch int) (*engine, error) {
	m := render.NewModel(cfg, nil, nil)
	r := render.Renderer{Placer: m.Placer(1)}
	e := &engine{Flow: flow.Flow{Config: cfg, Batch: batch, InFlight: 1}}
	side := cfg.Image.Width * cfg.Image.Height
	switch backend {
	case "gpu":
		g, err := gpu.New(m, s.devices, gpu.Options{})
		if err != nil {
			return nil, err
		}
		r.Backend, e.InFlight = g, g.InFlight()
		if batch == 0 {
			e.Batch = min(64, g.Batch())
		}
	case oneCore:
		r.Threads = 1
		r.Backend = cpu.New(m, 1)
		if batch == 0 {
			e.Batch = 1
		}
	default:
		r.Backend = cpu.New(m, 0)
		if batch == 0 {
			e.Batch = max(1, min(4*runtime.NumCPU(), 8<<20/side))
		}
	}
	e.Source, e.close = r, r.Backend.Close
	return e, nil
}

func preset(name string, size int) scene.Config {
	p, ok := scene.PresetByName(name)
	if !ok {
		fail(fmt.Errorf("no preset %q", name))
	}
	p.Config.Image = scene.Image{Width: size, Height: size}
	return p.Config
}

// least is how long a repeat renders at least.
const least = 100 * time.Millisecond

func (s *suite) throughput() error {
	type subject struct {
		preset string
		sizes  []int
		batch  []int
	}
	var all []subject
	for _, p := range scene.Presets() {
		all = append(all, subject{p.Name, []int{128, 256, 512, 1024, 2048}, []int{0}})
	}
	for _, name := range []string{"dead-leaves-pp", "dead-leaves"} {
		all = append(all, subject{name, []int{128}, []int{1, 4, 16, 64, 256}})
	}
	for _, backend := range append([]string{oneCore}, s.backends()...) {
		for _, sub := range all {
			if backend == oneCore && (sub.batch[0] != 0 || sub.preset != "dead-leaves" && sub.preset != "dead-leaves-pp") {
				continue // the units tell more about one core
			}
			perPixel := 0.0 // seconds, at the last size
			for _, size := range sub.sizes {
				for _, batch := range sub.batch {
					cfg := preset(sub.preset, size)
					row := FlowRow{Preset: sub.preset, Backend: backend, Size: size, Batch: batch}
					inFlight := 1
					if backend == "gpu" {
						inFlight = 3
					}
					expected := perPixel * float64(size*size*max(1, batch)*inFlight*s.repeats)
					if expected > s.patience.Seconds() {
						row.LeftOut = fmt.Sprintf("%d repeats would take about %.0f s", s.repeats, expected)
						s.Flow = append(s.Flow, row)
						continue
					}
					if err := s.rate(&cfg, &row); err != nil {
						return err
					}
					perPixel = 1 / row.Rate.Median / float64(size*size)
					s.Flow = append(s.Flow, row)
				}
			}
		}
	}
	return nil
}

func (s *suite) rate(cfg *scene.Config, row *FlowRow) error {
	e, err := s.open(cfg, row.Backend, row.Batch)
	if err != nil {
		return err
	}
	defer e.close()
	if row.Backend == "gpu" && row.Batch == 0 && s.software() {
		e.Batch = min(e.Batch, 4)
	}
	row.Batch = e.Batch
	var rates []float64
	for k := range s.repeats + 1 {
		rate, err := e.Rate(context.Background(), least)
		if err != nil {
			return err
		}
		if k > 0 { // the first one builds tables
			rates = append(rates, rate)
		}
	}
	row.Rate = spread(rates)
	pixels := row.Rate.Median * float64(row.Size*row.Size)
	row.MPix = pixels / 1e6
	channels := 3.0
	if cfg.Develop.Grey {
		channels = 1
	}
	most := map[string]float64{"gpu": s.Floor.DeviceToHost, oneCore: s.Floor.Copy, "cpu": s.Floor.CopyAll}[row.Backend]
	row.OfFloor = pixels * channels / most
	return nil
}

// files times jobs that write PNG files beside rendering alone, both with all cores.
func (s *suite) files() error {
	dir, err := os.MkdirTemp("", "leaflitter-bench-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	for _, job := range []struct {
		name  string
		count int
	}{{"dead-leaves-pp", 48}, {"dead-leaves", 600}} {
		name, count := job.name, job.count
		cfg := preset(name, 512)
		e, err := s.open(&cfg, "cpu", 0)
		if err != nil {
			return err
		}
		var plain, png, share []float64
		for k := range s.repeats + 1 {
			rate, err := e.Rate(context.Background(), 2*time.Second)
			if err != nil {
				return err
			}
			to := filepath.Join(dir, "images")
			job := dataset.Job{
				Dir: to, Source: e.Source, NewImage: func() *render.Image { return render.NewImage(&cfg, render.Labels{}) },
				Count: uint64(count), Batch: e.Batch, Header: dataset.Header{Config: cfg},
			}
			start := time.Now()
			if _, err := dataset.Generate(context.Background(), job); err != nil {
				return err
			}
			written := float64(count) / time.Since(start).Seconds()
			if err := os.RemoveAll(to); err != nil {
				return err
			}
			if k > 0 {
				plain, png, share = append(plain, rate), append(png, written), append(share, written/rate)
			}
		}
		row := FilesRow{Preset: name, Plain: spread(plain), PNG: spread(png), Share: spread(share).Median}
		row.Met = row.Share >= 0.8
		s.Files = append(s.Files, row)
	}
	return nil
}
