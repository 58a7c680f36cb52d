package main

import (
	"context"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"math"
	"os"
	"strconv"
	"strings"
	"time"

	"leaflitter/fit"
	"leaflitter/palette"
	"leaflitter/render"
	"leaflitter/scene"
)

// fitJob is a fit with all that it needs.
type fitJob struct {
	*fitCmd
	space   *fit.Space
	preset  *scene.Preset
	photos  *fit.Photos
	fitting []fit.Picture
	maker   fit.Maker
	say     func(string, ...any)
	threads int
}

// prepare reads everything that the flags name.
func (j *fitJob) prepare(c *console) error {
	start, err := (&configFlags{Preset: j.Start, Config: j.Config}).load()
	if err != nil {
		return err
	}
	globs := fit.Usual
	if j.Fields != "" {
		globs = strings.FieldsFunc(j.Fields, func(r rune) bool { return r == ',' || r == ' ' })
	}
	if j.space, err = fit.NewSpace(start, globs); err != nil {
		return usagef("--fields %s: %w", strings.Join(globs, ","), err)
	}
	j.preset = nearest(&start)
	if j.photos, err = fit.FindPhotos(c.ctx, j.Photos); err != nil {
		return err
	}
	if w := j.photos.Warning(); w != "" {
		c.warn("warning: " + w)
	}
	if j.fitting, err = j.load(c.ctx, j.photos.Fitting); err != nil {
		return err
	}
	set := (*palette.Set)(nil)
	switch {
	case !start.Properties.Colour && j.Palette != "":
		return usagef("properties.colour is off, so colours come from no photograph; remove --palette, or set it to true")
	case j.Palette != "":
		if set, err = palette.Load(j.Palette); err != nil {
			return err
		}
	case start.Properties.Colour:
		if set, _, err = palette.BuildPhotos(c.ctx, j.Photos, thin(j.photos.Fitting), nil, j.threads, nil); err != nil {
			return err
		}
	}
	told := false
	j.maker = fit.Maker{Palettes: set, Seed: j.Seed, Images: j.Images, Side: j.Side}
	j.maker.Open = func(m *render.Model, seed uint64) (render.Renderer, int, error) {
		w := wiring{threads: j.threads, say: func(string, ...any) {}, warn: func(string) {}}
		if !told {
			w.say, w.warn, told = j.say, c.warn, true
		}
		s, err := j.backendFlags.open(m, seed, w)
		return s.Renderer, max(1, s.batch), err
	}
	return nil
}

// nearest is the preset that a configuration differs least from.
func nearest(c *scene.Config) *scene.Preset {
	var best scene.Preset
	least := math.MaxInt
	for _, p := range scene.Presets() {
		if n := len(scene.Diff(&p.Config, c)); n < least {
			best, least = p, n
		}
	}
	return &best
}

// thin takes photographs evenly until there are few enough.
func thin(list []palette.Photo) []palette.Photo {
	var out []palette.Photo
	n := min(len(list), mostPhotos)
	for i := range n {
		out = append(out, list[i*len(list)/n])
	}
	return out
}

func (j *fitJob) load(ctx context.Context, list []palette.Photo) ([]fit.Picture, error) {
	pictures, skipped, err := fit.Load(ctx, thin(list), mostSide)
	for _, s := range skipped {
		j.say("skipped %s, which %s", s.Path, s.Reason)
	}
	return pictures, err
}

// objective measures distances from photographs; others are what the density that serves as a measure is fitted to.
func (j *fitJob) objective(ctx context.Context, coded, others []fit.Picture, effort fit.Effort) (fit.Objective, error) {
	effort.Threads = j.threads
	first, err := fit.NewCodeLength(ctx, coded, others, effort)
	if err != nil {
		return nil, err
	}
	second, err := fit.NewStatistics(ctx, coded, j.threads)
	return fit.Both{First: first, Second: second, Weight: statisticsWeight}, err
}

// settings are what all figures of a search depend on.
func (j *fitJob) settings(about string) []fit.Setting {
	start, _ := json.Marshal(j.space.Start)
	var paths []string
	for _, p := range j.space.Parameters {
		paths = append(paths, p.Path)
	}
	photos := sha256.New()
	for _, p := range j.fitting {
		fmt.Fprintf(photos, "%s\n%d %d\n", p.Name, p.Width, p.Height)
		photos.Write(p.Pix)
	}
	palettes := "none"
	if j.maker.Palettes != nil {
		palettes = hexHash(j.maker.Palettes.Hash())
	}
	return []fit.Setting{
		{Name: "model", Value: strconv.Itoa(render.ModelVersion)}, {Name: "configuration to start from", Value: string(start)},
		{Name: "fields", Value: strings.Join(paths, ",")}, {Name: "photographs", Value: fmt.Sprintf("%x", photos.Sum(nil))},
		{Name: "palettes", Value: palettes}, {Name: "seed", Value: fmt.Sprint(j.Seed)}, {Name: "images", Value: fmt.Sprint(j.Images)},
		{Name: "side", Value: fmt.Sprint(j.Side)}, {Name: "measure", Value: about},
	}
}

func (j *fitJob) search(c *console, objective fit.Objective) (*fit.Outcome, error) {
	begin := fit.NewJournal
	if j.Resume {
		begin = fit.OpenJournal
	}
	journal, err := begin(j.beside(".journal"), j.settings(objective.About()))
	if err != nil {
		return nil, err
	}
	defer journal.Close()
	j.say("varying %d numbers of %s, with %d images of %d px a candidate and %d photographs", len(j.space.Parameters), j.preset.Name, j.Images, j.Side, len(j.fitting))
	last := time.Now()
	s := fit.Search{
		Space: j.space, Journal: journal, Seed: j.Seed, Most: j.Most, Limit: time.Duration(j.Minutes * float64(time.Minute)),
		Figure: func(ctx context.Context, cfg *scene.Config) (float64, error) {
			images, err := j.maker.Make(ctx, *cfg)
			if err != nil {
				return 0, err
			}
			figure, err := objective.Figure(ctx, images)
			return figure.Value, err
		},
		Better: func(e fit.Evaluation) error {
			return writeWhole(j.Output, func(file *os.File) error {
				_, err := file.Write(j.document(e.X))
				return err
			})
		},
		Progress: func(o *fit.Outcome, spread float64) {
			if time.Since(last) > 5*time.Second || o.Count == 1 {
				last = time.Now()
				j.say("%d candidates, best %.4f, start %.4f, step %.2f, %.1f of %v minutes", o.Count, o.Best.Value, o.Start.Value, spread, journal.Spent/60, j.Minutes)
			}
		},
	}
	return s.Run(c.ctx)
}

// document is what fitted.yaml holds.
func (j *fitJob) document(x []float64) []byte {
	cfg := j.space.Config(x)
	return scene.Document(j.preset, &cfg)
}

// judge measures the outcome on photographs that were not seen, and writes the page.
func (j *fitJob) judge(ctx context.Context, o *fit.Outcome) error {
	unseen, err := j.load(ctx, j.photos.Judging)
	if err != nil {
		return err
	}
	objective, err := j.objective(ctx, unseen, j.fitting, judging)
	if err != nil {
		return err
	}
	m := j.maker
	m.Seed, m.Images = m.Seed+1, 2*m.Images
	last := time.Now()
	v, err := fit.Judge(ctx, j.space, o.Best.X, &m, objective, unseen, j.threads, func(done, total int) {
		if time.Since(last) > 5*time.Second {
			last = time.Now()
			j.say("judging: %d of %d", done, total)
		}
	})
	if err != nil {
		return err
	}
	report := fit.Report{
		Verdict: v, Version: version, Photographs: fmt.Sprintf("Photographs below %s: %d to fit to, %d to judge by", j.Photos, len(j.fitting), len(unseen)),
		Measure: objective.About(), Warning: j.photos.Warning(), YAML: string(j.document(o.Best.X)), Count: o.Count, Why: o.Why,
		Search: [2]float64{o.Start.Value, o.Best.Value},
	}
	if err := writeWhole(j.beside(".html"), func(f *os.File) error { return report.WriteHTML(f) }); err != nil {
		return err
	}
	j.say("on %d photographs that it never saw: figure %.4f, at the start %.4f, less by %.4f [%.4f, %.4f]; %s shows it", v.Photos, v.After.Value, v.Before.Value,
		v.Gain.Value, v.Gain.Low, v.Gain.High, j.beside(".html"))
	return nil
}
