//go:build linux && cgo && egl

package main

import (
	"path/filepath"
	"time"

	"leaflitter/bench/gpubox/steps"
)

// usual is the time that the reserves of measure are made for.
const usual = 470 * time.Second

// extra returns the steps that follow the rows: other programs on the same leaves, training
// fed by the generator, and the study with the time that is left. Their programs write JSON
// into the directory of results, whole after every row, and print what the report takes over.
// Where there is no GPU they are rehearsed at sizes that say nothing.
func (b *box) extra() []steps.Step {
	python := func(name, heading string, limit, reserve, least time.Duration, script string, args ...string) steps.Step {
		return steps.Step{Name: name, Section: heading, Limit: limit, Reserve: reserve, Least: least, Env: []string{"PYTHONUNBUFFERED=1"},
			Args: append([]string{"python3", b.program(script), "--json", "{dir}/" + name + ".json"}, args...)}
	}
	leaves, photos := filepath.Join(b.scratch, "leaves"), b.program("photos")
	peers := b.own("peers", 60*time.Second, "peers", "-device", b.device, "-json", "{dir}/peers.json", "-dump", leaves)
	peers.Section, peers.Reserve = "Peers on the same leaves", 15*time.Second
	cuda := python("cuda-peer", "A CUDA peer on the same leaves", 40*time.Second, 30*time.Second, 5*time.Second, "bench/gpubox/python/cuda_peer.py", leaves)
	machine := []string{"--backend", "gpu", "--binary", b.program("leaflitter")}
	if b.software {
		machine[1] = "cpu" // the GPU backend on a software device would be most of the time
	}
	study := append([]string{"--photographs", filepath.Join(photos, "train"), "--images", filepath.Join(photos, "eval")}, machine...)
	train := func(limit, reserve, least time.Duration, args ...string) steps.Step {
		return python("training", "Training fed by the generator", limit, reserve, least, "bench/training.py", append(machine, args...)...)
	}
	short := func(limit, reserve, least time.Duration, args ...string) steps.Step {
		return python("study", "A short study", limit, reserve, least, "bench/gpubox/python/short_study.py", append(study, args...)...)
	}
	if b.software { // there is no CUDA device
		peers.Args = append(peers.Args, "-size", "128", "-repeats", "2")
		return b.scaled(peers, train(120*time.Second, 30*time.Second, 10*time.Second, "--smoke"), short(120*time.Second, 60*time.Second, 20*time.Second, "--smoke"))
	}
	// Rows of a second measured the start of a run; six seconds do not.
	return b.scaled(peers, cuda,
		train(80*time.Second, 80*time.Second, 40*time.Second, "--seconds", "6", "--repeats", "2", "--precision", "bf16"),
		short(time.Hour, 130*time.Second, 70*time.Second, "--seconds", "{seconds}", "--rate", "{dir}/training.json"))
}

// scaled makes what steps reserve fit a run that is shorter than usual. A step for which too
// little would be kept is kept nothing, so that the rows before it have the time.
func (b *box) scaled(list ...steps.Step) []steps.Step {
	share := min(1, time.Until(b.Deadline).Seconds()/usual.Seconds())
	for i := range list {
		s := &list[i]
		if s.Reserve = time.Duration(share * float64(s.Reserve)); s.Reserve < s.Least {
			s.Reserve = 0
		}
	}
	return list
}
