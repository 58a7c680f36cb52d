package main

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"leaflitter/laws"
)

type lawsCmd struct {
	Only    []string `help:"Measure these laws only: two-point, radius, cover, slope, colour, holes, border, direction." placeholder:"LAW"`
	Effort  float64  `default:"1" help:"Share of the full number of samples, 0.02 to 10."`
	JSON    bool     `name:"json" help:"Print JSON instead of a table."`
	Output  string   `short:"o" help:"Directory for one plot a law." placeholder:"DIR"`
	Threads int      `help:"Threads (default all cores)."`
	Quiet   bool     `help:"Say nothing but results and errors."`
}

// Run prints every law; a law that fails is an error.
func (l *lawsCmd) Run(c *console) error {
	for _, name := range l.Only {
		if !slices.Contains(laws.Names(), name) {
			return usagef("--only %s: no such law; choose from %s", name, strings.Join(laws.Names(), ", "))
		}
	}
	if !(l.Effort >= 0.02 && l.Effort <= 10) {
		return usagef("--effort %v is out of range; give a number from 0.02 to 10", l.Effort)
	}
	if err := checkThreads(l.Threads); err != nil {
		return err
	}
	progress := func(law string) { c.say("measuring %s", law) }
	if l.Quiet {
		progress = nil
	}
	results, err := laws.Run(c.ctx, laws.Options{Effort: l.Effort, Threads: l.Threads}, progress, l.Only...)
	if err != nil {
		return err
	}
	if l.JSON {
		data, err := json.MarshalIndent(results, "", "  ")
		if err != nil {
			return err
		}
		fmt.Fprintf(c.out, "%s\n", data)
	} else if err := laws.WriteTable(c.out, results); err != nil {
		return err
	}
	if l.Output != "" {
		if err := l.plots(results); err != nil {
			return err
		}
	}
	failed := 0
	for _, r := range results {
		if !r.Pass {
			failed++
		}
	}
	if failed > 0 {
		return fmt.Errorf("%d of %d measurements miss their bound", failed, len(results))
	}
	return nil
}

func (l *lawsCmd) plots(results []laws.Result) error {
	if err := os.MkdirAll(l.Output, 0o755); err != nil {
		return fmt.Errorf("cannot create %s: %w; choose a directory that can be written", l.Output, cause(err))
	}
	for _, name := range laws.Names() {
		var mine []laws.Result
		for _, r := range results {
			if r.Law == name {
				mine = append(mine, r)
			}
		}
		if mine == nil {
			continue
		}
		if err := writeWhole(filepath.Join(l.Output, name+".png"), func(f *os.File) error { return laws.Plot(f, name, mine) }); err != nil {
			return err
		}
	}
	return nil
}
