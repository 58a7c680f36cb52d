//go:build linux && cgo && egl

package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"leaflitter/bench/gpubox/report"
	"leaflitter/bench/gpubox/steps"
	"leaflitter/scene"
)

// prove runs the steps that tell whether the bytes are those of the CPU backend: what is
// most likely to fail first, and what everybody asks last, with time kept for it.
func (b *box) prove(ctx context.Context) {
	patience := time.Second // software devices are slow, not hung
	if b.software {
		patience = 6 * time.Second
	}
	list := []steps.Step{
		b.own("probe", 30*time.Second, "probe", "-device", b.device),
		b.own("compile", 60*patience, "compile", "-device", b.device, "-silence", (20 * patience).String()),
		b.parity("default", 30*patience, "--count", map[bool]string{false: "4", true: "1"}[b.software]),
		{Name: "layouts", Limit: 30 * patience, Wants: "--- PASS: TestLayouts (", Env: []string{"LEAFLITTER_DEVICE=" + b.device},
			Args: []string{b.program("gpu.test"), "-test.v", "-test.run", "^(TestLayouts|TestPaletteWords)$"}},
	}
	for _, p := range scene.Presets() {
		list = append(list, b.parity(p.Name, 20*patience, "--preset", p.Name, "--count", "2", "--size", "256"))
	}
	const together = 8
	for i := range 64 / together {
		list = append(list, b.parity(fmt.Sprintf("random-%d", i+1), 20*patience, "--random", fmt.Sprint(together), "--seed", fmt.Sprint(i+2), "--count", "1"))
	}
	for _, s := range b.rows()[:2] {
		s.Reserve = min(12*time.Second, time.Until(b.Deadline)/16)
		list = append(list, s)
	}
	for i := range list {
		list[i].Then = func(o steps.Outcome) []steps.Step { return b.again(list[i], &o) }
	}
	b.Run(ctx, list...)
}

// again returns, when the backends differed, the same comparison with the shaders' products
// made such that no compiler can join them with a sum: does that mend it?
func (b *box) again(s steps.Step, o *steps.Outcome) []steps.Step {
	if !b.differs(o) {
		return nil
	}
	s.Name += report.FMA
	s.Args = append(slices.Clone(s.Args), "--fma-products")
	s.Then = nil
	return []steps.Step{s}
}

// parity is a step that compares the backends, whatever the probe says: which bytes differ
// where it fails is what a visit is for.
func (b *box) parity(name string, limit time.Duration, args ...string) steps.Step {
	s := b.leaflitter(report.Parity+name, limit, append([]string{"parity", "--json", "--quiet", "--inexact", "--device", b.device}, args...)...)
	s.Wants = `"equal":`
	return s
}

// differs reports whether a step compared the backends and found a difference.
func (b *box) differs(o *steps.Outcome) bool {
	if !strings.HasPrefix(o.Name, report.Parity) || o.Exit != 1 {
		return false
	}
	data, err := os.ReadFile(filepath.Join(b.Dir, o.Name+".out"))
	return err == nil && strings.Contains(string(data), `"equal": false`)
}
