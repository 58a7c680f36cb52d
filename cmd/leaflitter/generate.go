package main

import (
	"context"
	"errors"
	"fmt"
	"math"
	"runtime"
	"strings"
	"time"

	"leaflitter/dataset"
	"leaflitter/gpu"
	"leaflitter/render"
	"leaflitter/store"
)

type generateCmd struct {
	Output string `short:"o" required:"" help:"Directory to write, or s3://BUCKET/PREFIX." placeholder:"DIR|URL"`
	configFlags
	Count   *uint64 `help:"How many images (default 16, or --shards times --shard-size)." xor:"count"`
	Start   uint64  `default:"0" help:"Index of the first image."`
	Seed    uint64  `default:"0" help:"Seed; image I of a seed is always the same."`
	Threads int     `help:"Threads (default all cores)."`
	backendFlags
	colourFlags
	Labels   string `help:"Labels to write, of id,layer,depth,edge." placeholder:"LIST"`
	PNGLevel int    `name:"png-level" default:"1" help:"Compression of PNG files: 0 none, 1 quick (default), 2 to 9 smaller and slower."`
	shardFlags
	Resume    bool `help:"Verify what an interrupted run left and finish it." xor:"existing"`
	Overwrite bool `help:"Replace what an earlier run wrote." xor:"existing"`
	Quiet     bool `help:"Say nothing but errors."`
	Stats     bool `help:"Print where the time went."`

	count uint64 // of images in the dataset
}

func checkThreads(n int) error {
	if n < 0 || n > 1024 {
		return usagef("--threads %d is out of range; give 1 to 1024, or 0 for all cores", n)
	}
	return nil
}

func parseLabels(s string) (l render.Labels, err error) {
	if s == "" {
		return l, nil
	}
	for _, name := range strings.Split(s, ",") {
		switch strings.TrimSpace(name) {
		case "id":
			l.ID = true
		case "layer":
			l.Layer = true
		case "depth":
			l.Depth = true
		case "edge":
			l.Edge = true
		default:
			return l, usagef("--labels %s: no label %q; choose from id, layer, depth, edge", s, name)
		}
	}
	return l, nil
}

func (g *generateCmd) Run(c *console) error {
	cfg, err := g.configFlags.load()
	if err != nil {
		return err
	}
	labels, err := parseLabels(g.Labels)
	if err != nil {
		return err
	}
	if err := checkThreads(g.Threads); err != nil {
		return err
	}
	level, err := dataset.LevelOf(g.PNGLevel)
	if err != nil {
		return usagef("--png-level %d is out of range; give 0 (not compressed) to 9 (smallest)", g.PNGLevel)
	}
	if err := g.backendFlags.check(); err != nil {
		return err
	}
	shards, err := g.shardFlags.job(c, g)
	if err != nil {
		return err
	}
	if g.Start > math.MaxUint64-g.count {
		return usagef("--start %d with --count %d exceeds the last image index %d; lower one", g.Start, g.count, uint64(math.MaxUint64))
	}
	threads := g.Threads
	if threads == 0 {
		threads = runtime.GOMAXPROCS(0)
	}
	say := c.say
	if g.Quiet {
		say = func(string, ...any) {}
	}
	set, err := g.colourFlags.load(c, &cfg, threads, say)
	if err != nil {
		return err
	}
	model := render.NewModel(&cfg, nil, set)
	var stats *render.Stats
	if g.Stats {
		stats = &render.Stats{}
	}
	job := dataset.Job{
		Dir: g.Output, NewImage: func() *render.Image { return render.NewImage(&cfg, labels) },
		Start: g.Start, Count: g.count, Labels: labels, Level: level, Workers: threads, Stats: stats,
		Resume: g.Resume, Overwrite: g.Overwrite,
		Header: dataset.Header{
			Version: version, Preset: g.Preset, Seed: g.Seed, Config: cfg,
			PaletteName: model.Palettes.Origin, PaletteHash: hexHash(model.Palettes.Hash()),
		},
		Warn: func(text string) { say("warning: %s", text) },
	}
	if shards != nil {
		shards.Job = job
		if err := shards.CheckFormat(); err != nil {
			return usageError{err}
		}
		if shards.Store, err = store.Open(g.Output); err != nil {
			return usageError{err}
		}
	}
	source, err := g.backendFlags.open(model, g.Seed, wiring{threads: threads, say: say, warn: c.warn, stats: stats})
	if err != nil {
		return err
	}
	defer source.Backend.Close()
	job.Source, job.Batch, job.InFlight = source, source.batch, source.inFlight
	finish := g.watch(c, &job)
	start := time.Now()
	var made uint64
	var done string
	if shards != nil {
		shards.Job = job
		var result dataset.ShardResult
		result, err = dataset.GenerateShards(c.ctx, *shards)
		made, done = result.Written, shardSummary(g.Output, result, g.task)
	} else {
		var result dataset.Result
		result, err = dataset.Generate(c.ctx, job)
		made, done = result.Written, summary(g.Output, result)
	}
	wall := time.Since(start)
	finish()
	if errors.Is(err, context.Canceled) {
		return fmt.Errorf("stopped; everything in %s is whole, the same command with --resume completes it", g.Output)
	}
	if err != nil {
		return err
	}
	say("%s", done)
	if g.Stats {
		fmt.Fprint(c.err, stats.Table(made, wall, threads))
		if onGPU, ok := source.Backend.(*gpu.Backend); ok {
			compiled, loaded := onGPU.Programs()
			fmt.Fprintf(c.err, "shaders: %d programs compiled, %d from the cache\n", compiled, loaded)
		}
	}
	return nil
}

func summary(dir string, r dataset.Result) string {
	switch {
	case r.Complete:
		return fmt.Sprintf("%s is complete: %s verified", dir, images(r.Verified))
	case r.Verified+r.Missing+r.Damaged == 0:
		return fmt.Sprintf("wrote %s to %s", images(r.Written), dir)
	}
	return fmt.Sprintf("wrote %s to %s; verified %d that were there, replaced %d missing and %d damaged",
		images(r.Written), dir, r.Verified, r.Missing, r.Damaged)
}

func images(n uint64) string {
	if n == 1 {
		return "1 image"
	}
	return fmt.Sprintf("%d images", n)
}
