package main

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"syscall"
	"time"
)

// Process is what the real command needs.
type Process struct {
	Backend      string  `json:"backend"`
	Preset       string  `json:"preset"`
	Size         int     `json:"size"`
	StartSeconds float64 `json:"start_to_first_image_s"` // median of 5
	Few          int     `json:"few"`
	FewMiB       float64 `json:"few_max_rss_mib"`
	Many         int     `json:"many"`
	ManyMiB      float64 `json:"many_max_rss_mib"`
}

func (p *Process) barStart() string {
	if p.Backend == "cpu" {
		return " (bar 2 s)"
	}
	return ""
}

func (p *Process) barMemory() string {
	if p.Backend == "cpu" {
		return " (bar 600 MiB)"
	}
	return ""
}

func process(binary, backend string) (*Process, error) {
	dir, err := os.MkdirTemp("", "leaflitter-bench-")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)
	p := &Process{Backend: backend, Preset: "dead-leaves-pp", Size: 512, Few: 20, Many: 300}
	if backend == "gpu" {
		p.Size, p.Few, p.Many = 64, 200, 2000
	}
	run := func(count int) (seconds, mib float64, err error) {
		to := filepath.Join(dir, "images")
		defer os.RemoveAll(to)
		cmd := exec.Command(binary, "generate", "-o", to, "--count", strconv.Itoa(count), "--backend", backend, "--size", strconv.Itoa(p.Size), "--quiet")
		start := time.Now()
		if out, err := cmd.CombinedOutput(); err != nil {
			return 0, 0, fmt.Errorf("%v: %w: %s", cmd.Args, err, out)
		}
		usage := cmd.ProcessState.SysUsage().(*syscall.Rusage)
		return time.Since(start).Seconds(), float64(usage.Maxrss) / 1024, nil
	}
	var starts []float64
	for range 5 {
		s, _, err := run(1)
		if err != nil {
			return nil, err
		}
		starts = append(starts, s)
	}
	slices.Sort(starts)
	p.StartSeconds = starts[2]
	if _, p.FewMiB, err = run(p.Few); err != nil {
		return nil, err
	}
	if _, p.ManyMiB, err = run(p.Many); err != nil {
		return nil, err
	}
	return p, nil
}
