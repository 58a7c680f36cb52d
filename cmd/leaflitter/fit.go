package main

import (
	"context"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"time"

	"leaflitter/fit"
	"leaflitter/palette"
	"leaflitter/render"
	"leaflitter/scene"
)

type fitCmd struct {
	Photos  string  `arg:"" name:"photos" help:"Directory of photographs to fit to; half of them, told by their names, only judge the outcome."`
	Output  string  `short:"o" required:"" help:"YAML file to write; its journal (.journal) and a page about the outcome (.html) lie beside it." placeholder:"FILE"`
	Start   string  `help:"Start from a preset (default dead-leaves-pp)." xor:"base" placeholder:"PRESET"`
	Config  string  `help:"Start from a YAML file." xor:"base" placeholder:"FILE"`
	Fields  string  `help:"What to vary: dotted paths in which * stands for one name, such as leaves.*,paint.noise.slopes (default: those that matter most)." placeholder:"GLOB,..."`
	Minutes float64 `default:"20" help:"How long to search, all runs of a resumed search together (default 20). Judging the outcome comes on top."`
	Most    int     `name:"candidates" help:"Stop after so many candidates (default: when the time is up)." placeholder:"N"`
	Images  int     `default:"96" help:"Images a candidate (default 96)."`
	Side    int     `default:"128" help:"Their width and height, px (default 128)."`
	Seed    uint64  `default:"0" help:"Seed of the images and of the search."`
	Palette string  `help:"Take colours from a file made by leaflitter palette build, rather than from the photographs that are fitted to." placeholder:"FILE"`
	Threads int     `help:"Threads (default all cores)."`
	backendFlags
	Resume    bool `help:"Go on with a search that was interrupted." xor:"existing"`
	Overwrite bool `help:"Replace what an earlier search wrote." xor:"existing"`
	Quiet     bool `help:"Say nothing but errors."`
}

// effort of the figures; see docs/fit.md for what it costs.
var (
	searching = fit.Effort{Patches: 9600, Components: 12, Turns: 3}
	judging   = fit.Effort{Patches: 16000, Components: 16, Turns: 5}
)

// statisticsWeight is how many nats a pixel a relative distance of 1 in all statistics counts for.
const statisticsWeight = 0.3

// mostPhotos is how many photographs of a half are used, and mostSide how many pixels a side of the middle of each.
const (
	mostPhotos = 300
	mostSide   = 512
)

func (f *fitCmd) check() error {
	switch {
	case !(f.Minutes > 0) || math.IsInf(f.Minutes, 0) || f.Minutes > 1e6:
		return usagef("--minutes %v is out of range; give a number over 0, such as 20", f.Minutes)
	case f.Most < 0:
		return usagef("--candidates %d is out of range; give 1 or more, or leave it out", f.Most)
	case f.Images < fit.LeastPhotos || f.Images > 10000:
		return usagef("--images %d is out of range; give %d to 10000", f.Images, fit.LeastPhotos)
	case f.Side < 128 || f.Side > 2048:
		return usagef("--side %d is out of range; give 128 to 2048", f.Side)
	}
	if err := checkThreads(f.Threads); err != nil {
		return err
	}
	if err := f.backendFlags.check(); err != nil {
		return err
	}
	if err := checkOutput(f.Output); err != nil {
		return err
	}
	if f.Resume || f.Overwrite {
		return nil
	}
	for _, path := range []string{f.Output, f.beside(".journal"), f.beside(".html")} {
		if _, err := os.Stat(path); err == nil {
			return fmt.Errorf("%s exists; give --resume to go on with its search, --overwrite to begin anew, or another -o", path)
		}
	}
	return nil
}

// beside names a file beside the output.
func (f *fitCmd) beside(ext string) string {
	return strings.TrimSuffix(f.Output, filepath.Ext(f.Output)) + ext
}

// job is a fit with all that it needs.
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

func (f *fitCmd) Run(c *console) error {
	if f.Output != "" && (filepath.Ext(f.Output) == ".journal" || filepath.Ext(f.Output) == ".html") {
		return usagef("-o %s is the name of another file that is written; give a name such as fitted.yaml", f.Output)
	}
	if err := f.check(); err != nil {
		return err
	}
	j := &fitJob{fitCmd: f, say: c.say, threads: f.Threads}
	if f.Quiet {
		j.say = func(string, ...any) {}
	}
	if j.threads == 0 {
		j.threads = runtime.GOMAXPROCS(0)
	}
	if err := j.prepare(c); err != nil {
		return err
	}
	objective, err := j.objective(c.ctx, j.fitting, j.fitting, searching)
	if err != nil {
		return err
	}
	outcome, err := j.search(c, objective)
	if err != nil {
		return err
	}
	j.say("%s after %d candidates: figure %.4f, at the start %.4f; %s is written", outcome.Why, outcome.Count, outcome.Best.Value, outcome.Start.Value, f.Output)
	if c.ctx.Err() != nil {
		j.say("judging the outcome on the other half of the photographs; interrupt again to do without, --resume goes on")
	}
	return j.judge(context.WithoutCancel(c.ctx), outcome)
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
