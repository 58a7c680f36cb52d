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
// or crashes costs that one only. It prints a line of JSON for each as soon as it is known.
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
	for _, set := range strings.Split(*sets, ",") {
		if _, err := needed(set); err != nil {
			return err
		}
		for _, stage := range shaders.Stages() {
			jobs = append(jobs, set+"/"+stage)
		}
	}
	bad := 0
	steps.Each(jobs, *silence, func(jobs []string) *exec.Cmd {
		return exec.Command(*worker, append([]string{"compile-worker", "-device", *device}, jobs...)...)
	}, func(job, result, problem string) {
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
			bad++
		}
		printJSON(&p)
	})
	if bad > 0 {
		return fmt.Errorf("%d of %d programs were not compiled", bad, len(jobs))
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
