//go:build linux && cgo && egl

package main

import (
	"context"
	"fmt"
	"path/filepath"
	"strings"
	"time"

	"leaflitter/bench/gpubox/steps"
	"leaflitter/scene"
)

// measure runs the steps that tell how fast the device is: the most telling first, so that
// what falls away for lack of time is what would be missed least.
func (b *box) measure(ctx context.Context) {
	limit := 30 * time.Second
	if b.software {
		limit = 90 * time.Second
	}
	list := []steps.Step{b.own("floors", limit, "floors", "-device", b.device)}
	list = append(list, b.rows()...)
	b.Run(ctx, append(list, b.extra()...)...)
}

// extra returns the steps that follow the rows, each with time kept for it: other programs on
// the same leaves, training fed by the generator, and the study with the time that is left.
// Where there is no GPU they are rehearsed at sizes that say nothing.
func (b *box) extra() []steps.Step {
	python := func(name string, limit time.Duration, script string, args ...string) steps.Step {
		return steps.Step{Name: name, Limit: limit, Reserve: limit, Args: append([]string{"python3", b.program(script)}, args...), Env: []string{"PYTHONUNBUFFERED=1"}}
	}
	leaves := filepath.Join(b.scratch, "leaves")
	peers := b.own("peers", 30*time.Second, "peers", "-device", b.device, "-json", "{dir}/peers.json", "-dump", leaves)
	cuda := python("cuda-peer", 30*time.Second, "bench/gpubox/python/cuda_peer.py", leaves, "--json", "{dir}/cuda-peer.json")
	generator := []string{"--backend", "gpu", "--binary", b.program("leaflitter")}
	training := python("training", 80*time.Second, "bench/training.py", append(generator, "--json", "{dir}/training.json", "--seconds", "6", "--repeats", "2", "--precision", "bf16")...)
	study := python("study", time.Hour, "bench/gpubox/python/short_study.py", append(generator, "--json", "{dir}/study.json", "--seconds", "{seconds}",
		"--rate", "{dir}/training.json", "--photographs", b.program("photos/train"), "--images", b.program("photos/eval"))...)
	study.Reserve, study.Least = 130*time.Second, 70*time.Second
	if b.software {
		generator[1] = "cpu"
		peers = b.own("peers", 90*time.Second, "peers", "-device", b.device, "-json", "{dir}/peers.json", "-dump", leaves, "-size", "128", "-repeats", "2")
		training = python("training", 3*time.Minute, "bench/training.py", append(generator, "--json", "{dir}/training.json", "--smoke")...)
		study = python("study", 5*time.Minute, "bench/gpubox/python/short_study.py", append(generator, "--json", "{dir}/study.json", "--smoke", "--images", b.program("photos/eval"))...)
		training.Reserve, study.Reserve = time.Minute, time.Minute
	}
	peers.Reserve = 15 * time.Second
	peers.Section, cuda.Section, training.Section, study.Section = "Peers on the same leaves", "A CUDA peer on the same leaves", "Training fed by the generator", "A short study"
	if b.software { // there is no CUDA device to run it on
		return []steps.Step{peers, training, study}
	}
	return []steps.Step{peers, cuda, training, study}
}

// rows returns the steps that measure throughput, the most telling first.
func (b *box) rows() (all []steps.Step) {
	limit := 30 * time.Second
	if b.software {
		limit = 90 * time.Second
	}
	for i, s := range subjects(b.software) {
		args := []string{"throughput", "-device", b.device, "-subject", s}
		if b.software {
			args = append(args, "-repeats", "2")
		}
		if i < 2 {
			args = append(args, "-count")
		}
		all = append(all, b.own("row-"+strings.ReplaceAll(s, ":", "-"), limit, args...))
	}
	return all
}

// subjects are PRESET:SIZE:BATCH. Software devices get what they can do in minutes.
func subjects(software bool) (all []string) {
	both := func(size, batch int) {
		for _, p := range []string{"dead-leaves", "dead-leaves-pp"} {
			all = append(all, fmt.Sprintf("%s:%d:%d", p, size, batch))
		}
	}
	if software {
		both(128, 8)
		both(256, 4)
		return append(all, "no-depth:128:4")
	}
	for _, batch := range []int{64, 128, 32, 256, 16, 8} {
		both(512, batch)
	}
	for _, p := range scene.Presets() {
		if p.Name != "dead-leaves-pp" && p.Name != "dead-leaves" {
			all = append(all, p.Name+":512:64")
		}
	}
	both(1024, 16)
	both(256, 256)
	both(128, 512)
	both(2048, 4)
	return all
}
