package main

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"runtime"
	"strings"

	"leaflitter/dataset"
	"leaflitter/render"
	"leaflitter/scene"
	"leaflitter/store"
)

type verifyCmd struct {
	Where   string `arg:"" name:"dataset" help:"Directory or s3:// URL that leaflitter generate wrote."`
	Deep    bool   `help:"Make a random sample of the images again and compare bytes."`
	Sample  uint64 `default:"16" help:"With --deep: how many images (default 16)."`
	Threads int    `help:"Threads (default all cores)."`
	Quiet   bool   `help:"Say nothing but errors."`
	backendFlags
	colourFlags
}

func (v *verifyCmd) Run(c *console) error {
	if err := checkThreads(v.Threads); err != nil {
		return err
	}
	if err := v.backendFlags.check(); err != nil {
		return err
	}
	if v.Sample < 1 || v.Sample > 1_000_000 {
		return usagef("--sample %d is out of range; give 1 to 1000000", v.Sample)
	}
	st, err := store.Open(v.Where)
	if err != nil {
		return usageError{err}
	}
	e, err := dataset.OpenExisting(c.ctx, st)
	if err != nil {
		return err
	}
	say := c.say
	if v.Quiet {
		say = func(string, ...any) {}
	}
	if v.Deep {
		if err := e.SameModel("verify --deep with that release, or leave --deep out"); err != nil {
			return err
		}
	}
	say("%s: %s, seed %d, made by leaflitter %s with model %d", v.Where, e.Description, e.Seed, e.Version, e.Model)
	report, err := e.Verify(c.ctx)
	if err != nil {
		return err
	}
	say("%d of %d files are what was recorded", report.Whole, report.Files)
	if e.ShardSize > 0 {
		say("%d of %d shards are finished", report.Finished, report.Shards)
	}
	if v.Deep && !report.OK() {
		say("no image is made again before the files are what was recorded")
	} else if v.Deep {
		if err := v.deep(c, e, say); err != nil {
			return err
		}
	}
	if report.OK() {
		say("%s is whole", v.Where)
		return nil
	}
	var wrong []string
	if report.Missing+report.Damaged > 0 {
		names := report.Names
		if len(names) > 5 {
			names = append(names[:5:5], "...")
		}
		wrong = append(wrong, fmt.Sprintf("%d files are missing and %d damaged (%s)", report.Missing, report.Damaged, strings.Join(names, ", ")))
	}
	if report.Finished < report.Shards {
		wrong = append(wrong, fmt.Sprintf("%d of %d shards are not there", report.Shards-report.Finished, report.Shards))
	}
	return fmt.Errorf("%s is not whole: %s; run its generate command with --resume to mend it", v.Where, strings.Join(wrong, " and "))
}

// deep makes a sample of the images again.
func (v *verifyCmd) deep(c *console, e *dataset.Existing, say func(string, ...any)) error {
	cfg, err := scene.Parse("manifest.json", e.ConfigJSON(), scene.Default())
	if err == nil {
		err = scene.Check(&cfg)
	}
	if err != nil {
		return fmt.Errorf("the configuration in the manifest of %s is damaged: %w", v.Where, err)
	}
	threads := v.Threads
	if threads == 0 {
		threads = runtime.GOMAXPROCS(0)
	}
	model, err := v.model(c, &cfg, e, threads, say)
	if err != nil {
		return err
	}
	source, err := v.backendFlags.open(model, e.Seed, wiring{threads: threads, say: say, warn: c.warn})
	if err != nil {
		return err
	}
	defer source.Backend.Close()
	sampled, differ, err := e.Sample(c.ctx, source, func() *render.Image { return render.NewImage(&cfg, e.Labels) },
		source.batch, v.Sample, rand.New(rand.NewPCG(rand.Uint64(), rand.Uint64())))
	if err != nil {
		return err
	}
	if len(differ) > 0 {
		return fmt.Errorf("%s: %d of %d images, made again, differ from what is there (first image %d): another build made them, or their "+
			"files and records were changed together", v.Where, len(differ), sampled, differ[0])
	}
	if sampled == 0 {
		return errors.New("no shard is finished: there is no image to make again")
	}
	say("%s made again, all bytes equal", images(sampled))
	return nil
}

// model returns the model that the dataset was made with.
func (v *verifyCmd) model(c *console, cfg *scene.Config, e *dataset.Existing, threads int, say func(string, ...any)) (*render.Model, error) {
	set, err := v.colourFlags.load(c, cfg, threads, say)
	if err != nil {
		return nil, err
	}
	m := render.NewModel(cfg, nil, set)
	if hexHash(m.Palettes.Hash()) != e.PaletteHash {
		return nil, fmt.Errorf("%s was made with other palettes (%s): give the same with --palette or --photos", v.Where, e.PaletteName)
	}
	return m, nil
}
