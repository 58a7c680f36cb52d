package main

import (
	"encoding/json"
	"fmt"
	"os"

	"leaflitter/dataset"
	"leaflitter/stats"
	"leaflitter/stats/codelength"
)

type statsCmd struct {
	Where      string `arg:"" name:"set" help:"Dataset of leaflitter (directory or s3:// URL), or a directory of photographs."`
	Against    string `help:"Compare with this dataset or directory of photographs." placeholder:"DIR|URL"`
	Patch      int    `default:"128" help:"Side of the spectrum's patches, px: 32, 64, 128 (default), 256 or 512. Smaller images are not measured."`
	CodeLength bool   `help:"Also measure with --against how many nats a pixel more the photographs take when coded with a density fitted to the set: a hint how well networks train on it. Takes twice as long as all the rest."`
	JSON       bool   `name:"json" help:"Print JSON, with all curves, instead of a table."`
	Output     string `short:"o" help:"Write a report as one HTML file." placeholder:"FILE"`
	Threads    int    `help:"Threads (default all cores)."`
	Quiet      bool   `help:"Say nothing but results and errors."`
}

func (s *statsCmd) Run(c *console) error {
	if err := checkThreads(s.Threads); err != nil {
		return err
	}
	if err := stats.CheckPatch(s.Patch); err != nil {
		return usagef("--patch %d: %w", s.Patch, err)
	}
	if s.CodeLength && s.Against == "" {
		return usagef("--code-length compares two sets: add --against with a directory of photographs")
	}
	if s.Output != "" { // before minutes of work
		if err := checkOutput(s.Output); err != nil {
			return err
		}
	}
	var sets [2]*stats.Set
	var sources []stats.Source
	for _, where := range []string{s.Where, s.Against} {
		if where != "" {
			src, err := stats.Open(c.ctx, where)
			if err != nil {
				return err
			}
			sources = append(sources, src)
		}
	}
	for i, src := range sources {
		var err error
		if sets[i], err = s.measure(c, src); err != nil {
			return err
		}
	}
	r, err := stats.NewReport(version, sets[0], sets[1])
	if err != nil {
		return err
	}
	if s.CodeLength {
		if err := r.AddCodeLength(c.ctx, codelength.Options{Threads: s.Threads}); err != nil {
			return err
		}
	}
	if s.Output != "" {
		if err := writeWhole(s.Output, func(f *os.File) error { return r.WriteHTML(f) }); err != nil {
			return err
		}
	}
	if !s.JSON {
		return r.WriteTable(c.out)
	}
	data, err := json.MarshalIndent(r, "", " ")
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(c.out, "%s\n", data)
	return err
}

// measure measures one set and says what it left out.
func (s *statsCmd) measure(c *console, src stats.Source) (*stats.Set, error) {
	note, stop := watch(c, s.Quiet)
	set, err := stats.Measure(c.ctx, src, stats.Options{Patch: s.Patch, Threads: s.Threads, CodeLength: s.CodeLength, Progress: func(done, total uint64) {
		note(dataset.Progress{Done: done, Total: total})
	}})
	stop()
	if err != nil || s.Quiet {
		return set, err
	}
	if n := len(set.Skipped); n > 0 {
		c.say("%s: skipped %d of %d files:", src, n, src.Count())
		for _, u := range set.Skipped {
			c.say("  %s %s", u.Path, u.Reason)
		}
	}
	return set, nil
}
