//go:build linux && cgo && egl

package main

import (
	"path/filepath"
	"time"

	"leaflitter/bench/gpubox/steps"
)

// extra returns the steps that follow the rows: peers on the same leaves, training fed live
// against from memory, and the study with the time that is left. Their programs write JSON
// into the directory of results, whole after every row, and print what the report takes over.
func (b *box) extra() []steps.Step {
	leaves, photos := filepath.Join(b.scratch, "leaves"), b.program("photos")
	python := func(name, heading string, limit, reserve time.Duration, script string, args ...string) steps.Step {
		return steps.Step{Name: name, Section: heading, Limit: limit, Reserve: reserve, Least: reserve / 2,
			Args: append([]string{"python3", b.program(script), "--json", "{dir}/" + name + ".json"}, args...)}
	}
	peers := b.own("peers", 60*time.Second, "peers", "-device", b.device, "-json", "{dir}/peers.json", "-dump", leaves)
	peers.Section, peers.Reserve = "Brute force on the same leaves", 30*time.Second
	cuda := python("cuda", "The same in CUDA", 40*time.Second, 20*time.Second, "bench/gpubox/python/cuda_peer.py", leaves)
	backend := "gpu"
	if b.software {
		backend = "cpu" // the GPU backend on a software device would be most of the time
	}
	machine := []string{"--backend", backend, "--binary", b.program("leaflitter")}
	study := append([]string{"--photographs", filepath.Join(photos, "train"), "--images", filepath.Join(photos, "eval")}, machine...)
	if b.software { // no CUDA device, and sizes that only show that all of it works
		peers.Args = append(peers.Args, "-size", "128", "-repeats", "2")
		return []steps.Step{peers,
			python("training", "Training fed live", 120*time.Second, 30*time.Second, "bench/training.py", append(machine, "--smoke")...),
			python("study", "Training sets compared", 120*time.Second, 60*time.Second, "bench/gpubox/python/short_study.py", append(study, "--smoke")...)}
	}
	return []steps.Step{peers, cuda,
		python("training", "Training fed live", 120*time.Second, 90*time.Second, "bench/training.py", append(machine, "--precision", "bf16", "--seconds", "3")...),
		python("study", "Training sets compared", time.Hour, 150*time.Second, "bench/gpubox/python/short_study.py", append(study, "--seconds", "{seconds}", "--rate", "{dir}/training.json")...)}
}
