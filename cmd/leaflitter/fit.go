package main

import (
	"context"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"runtime"
	"strings"

	"leaflitter/fit"
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
