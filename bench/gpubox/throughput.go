//go:build linux && cgo && egl

package main

import (
	"context"
	"flag"
	"fmt"
	"io/fs"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"time"

	"leaflitter/bench/flow"
	"leaflitter/bench/gpubox/report"
	"leaflitter/cpu"
	"leaflitter/gpu"
	"leaflitter/render"
	"leaflitter/scene"
)

// subject is what a row measures.
type subject struct {
	preset      string
	config      scene.Config
	size, batch int
}

func parseSubject(s string) (*subject, error) {
	v := strings.Split(s, ":")
	if len(v) != 3 {
		return nil, fmt.Errorf("-subject %q is not PRESET:SIZE:BATCH", s)
	}
	p, ok := scene.PresetByName(v[0])
	if !ok {
		return nil, fmt.Errorf("there is no preset %s", v[0])
	}
	size, err := strconv.Atoi(v[1])
	if err != nil {
		return nil, fmt.Errorf("-subject %q: the size %s is no number", s, v[1])
	}
	batch, err := strconv.Atoi(v[2])
	if err != nil || batch < 1 || batch > 1<<16 {
		return nil, fmt.Errorf("-subject %q: the batch %s is no number from 1 to 65536", s, v[2])
	}
	p.Config.Image = scene.Image{Width: size, Height: size}
	return &subject{v[0], p.Config, size, batch}, scene.Check(&p.Config)
}

// throughput measures one row: images a second, where the time goes, and the CPU backend
// beside it in the same run.
func throughput(args []string) error {
	f := flag.NewFlagSet("throughput", flag.ContinueOnError)
	device := f.String("device", "0", "device, see leaflitter devices")
	what := f.String("subject", "dead-leaves-pp:512:64", "PRESET:SIZE:BATCH")
	repeats := f.Int("repeats", 3, "measurements of each")
	count := f.Bool("count", false, "count the work, which compiles the shaders again")
	if err := parse(f, args, false); err != nil {
		return err
	}
	s, err := parseSubject(*what)
	if err != nil {
		return err
	}
	if *repeats < 1 {
		return misuse("-repeats %d is out of range; give 1 or more", *repeats)
	}
	d, err := open(*device)
	if err != nil {
		return err
	}
	row, err := s.measure([]gpu.Device{d}, *repeats, *count)
	if err != nil {
		return err
	}
	return printJSON(row)
}

// changed are shaders in place of the built-in ones, in tests. A device on which the probe
// fails is measured all the same.
var changed fs.FS

// enough is how long the CPU backend is measured, so that it does not take the time of
// what is to be measured.
const enough = 2 * time.Second

func (s *subject) measure(devices []gpu.Device, repeats int, count bool) (*report.Row, error) {
	ctx := context.Background()
	cfg := &s.config
	model := render.NewModel(cfg, nil, nil)
	placer := model.Placer(1)
	stats := &render.Stats{}
	began := time.Now()
	g, err := gpu.New(model, devices, gpu.Options{Stats: stats, Inexact: true, Shaders: changed})
	if err != nil {
		return nil, err
	}
	defer g.Close()
	row := &report.Row{Preset: s.preset, Size: s.size, Batch: s.batch, Repeats: repeats, Steps: gpu.Steps, Profile: map[string]float64{}}
	images := make([]*render.Image, s.batch)
	for i := range images {
		images[i] = render.NewImage(cfg, render.Labels{})
	}
	index := uint64(0)
	place := func(n int) (scenes []*scene.Scene) {
		for range n {
			scenes = append(scenes, placer.Scene(index))
			index++
		}
		return scenes
	}
	for i := range 3 { // the first batches learn how many leaves to place
		if err := g.Render(ctx, place(s.batch), images); err != nil {
			return nil, err
		}
		if i == 0 {
			row.First = time.Since(began).Seconds()
		}
	}
	job := flow.Flow{Source: render.Renderer{Placer: placer, Backend: g, Stats: stats}, Config: cfg, Batch: s.batch, InFlight: g.InFlight()}
	for range repeats {
		before, start := working(stats, devices[0].Index), time.Now()
		rate, err := job.Rate(ctx, 700*time.Millisecond)
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
	}
	n, times, err := g.Profile(ctx, place(s.batch), images)
	if err != nil {
		return nil, err
	}
	for name, d := range times {
		row.Profile[name] = float64(d.Nanoseconds()) / 1000 / float64(n)
	}
	c := cpu.New(model, 0)
	few := min(s.batch, 2*runtime.NumCPU())
	if err := c.Render(ctx, place(few), images[:few]); err != nil { // builds its tables
		return nil, err
	}
	for start := time.Now(); len(row.CPU) < repeats && (row.CPU == nil || time.Since(start) < enough); {
		scenes := place(few)
		begin := time.Now()
		if err := c.Render(ctx, scenes, images[:few]); err != nil {
			return nil, err
		}
		row.CPU = append(row.CPU, float64(few)/time.Since(begin).Seconds())
	}
	for _, x := range [][]float64{row.GPU, row.Single, row.CPU, row.Busy} {
		slices.Sort(x)
	}
	if count {
		row.Work, err = work(ctx, model, devices, place(min(s.batch, 8)))
	}
	return row, err
}

// working is how long the device has worked so far.
func working(s *render.Stats, device int) (sum time.Duration) {
	for _, step := range gpu.Steps {
		sum += s.Total(device, step)
	}
	return sum
}

// work counts what the shaders do for some images.
func work(ctx context.Context, m *render.Model, devices []gpu.Device, scenes []*scene.Scene) (*gpu.Work, error) {
	g, err := gpu.New(m, devices, gpu.Options{Count: true, Inexact: true, Shaders: changed})
	if err != nil {
		return nil, err
	}
	defer g.Close()
	images := make([]*render.Image, len(scenes))
	for i := range images {
		images[i] = render.NewImage(m.Config, render.Labels{})
	}
	err = g.Render(ctx, scenes, images)
	w := g.Work()
	return &w, err
}
