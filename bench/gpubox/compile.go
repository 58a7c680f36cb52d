//go:build linux && cgo && egl

package main

import (
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"time"

	"leaflitter/bench/gpubox/report"
	"leaflitter/bench/gpubox/steps"
	"leaflitter/gpu"
	"leaflitter/scene"
	"leaflitter/shaders"
)

// compile has every program compiled by a worker, so that one in which the compiler hangs
// or crashes costs that one only. It prints lines of JSON: how many programs there are, and
// of each when it is begun and what became of it. What sets have the same source of is
// compiled once: a compiler that hangs in it would do so again.
func compile(args []string) error {
	f := flag.NewFlagSet("compile", flag.ContinueOnError)
	device := f.String("device", "0", "device, see leaflitter devices")
	silence := f.Duration("silence", 20*time.Second, "how long a program may take")
	sets := f.String("sets", "dead-leaves,dead-leaves-pp,everything", "what the programs must be able to draw: presets, or everything")
	exe, err := os.Executable()
	if err != nil {
		return err
	}
	worker := f.String("worker", exe, "program to run in place of this one as the worker")
	if err := parse(f, args, false); err != nil {
		return err
	}
	var jobs []string
	first, same := map[string]string{}, map[string][]string{} // job by source, and what has a job's source
	for _, set := range strings.Split(*sets, ",") {
		features, err := needed(set)
		if err != nil {
			return err
		}
		for _, stage := range shaders.Stages() {
			source, err := shaders.Expand(shaders.Files, stage, shaders.Define(1, 1<<28, features))
			if err != nil {
				return err
			}
			if job, ok := first[source.Text]; ok {
				same[job] = append(same[job], set+"/"+stage)
				continue
			}
			first[source.Text] = set + "/" + stage
			jobs = append(jobs, set+"/"+stage)
		}
	}
	all, bad := len(jobs), 0
	for _, names := range same {
		all += len(names)
	}
	printJSON(report.Planned{Expected: all})
	steps.Each(jobs, *silence, func(jobs []string) *exec.Cmd {
		return exec.Command(*worker, append([]string{"compile-worker", "-device", *device}, jobs...)...)
	}, func(job string) { printJSON(report.Program{Name: job, Begun: true}) }, func(job, result, problem string) {
		var c gpu.Compiled
		if problem == "" {
			if err := json.Unmarshal([]byte(result), &c); err != nil {
				problem = "the worker's line cannot be read"
			}
		}
		p := report.Program{Name: job, Ms: float64(c.Took.Microseconds()) / 1000, Bytes: c.Bytes, Log: c.Log, Problem: problem}
		if c.Error != "" {
			p.Problem = c.Error
		}
		if p.Problem != "" {
			bad += 1 + len(same[job])
		}
		printJSON(&p)
		for _, name := range same[job] {
			printJSON(report.Program{Name: name, Same: job, Problem: p.Problem})
		}
	})
	if bad > 0 {
		return fmt.Errorf("%d of %d programs were not compiled", bad, all)
	}
	return nil
}

// needed returns the features of a set of programs.
func needed(set string) (shaders.Features, error) {
	if set == "everything" {
		return shaders.Everything, nil
	}
	p, ok := scene.PresetByName(set)
	if !ok {
		return shaders.Features{}, fmt.Errorf("there is no preset %s", set)
	}
	return gpu.Needed(&p.Config), nil
}

func compileWorker(args []string) error {
	f := flag.NewFlagSet("compile-worker", flag.ContinueOnError)
	device := f.String("device", "0", "device, see leaflitter devices")
	if err := parse(f, args, true); err != nil {
		return err
	}
	d, err := open(*device)
	if err != nil {
		return err
	}
	var all []gpu.Program
	for _, job := range f.Args() {
		set, stage, _ := strings.Cut(job, "/")
		features, err := needed(set)
		if err != nil {
			return err
		}
		all = append(all, gpu.Program{Name: job, Stage: stage, Features: features})
	}
	return gpu.Inspect(d.Index, gpu.Options{}, all, func(p gpu.Program) { fmt.Println("start", p.Name) },
		func(p gpu.Program, c gpu.Compiled) {
			data, err := json.Marshal(&c)
			if err != nil {
				data = []byte("?")
			}
			fmt.Println("done", p.Name, string(data))
		})
}
