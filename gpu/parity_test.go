//go:build linux && cgo && egl

package gpu_test

import (
	"fmt"
	"os"
	"testing"

	"leaflitter/bank"
	"leaflitter/cpu"
	"leaflitter/gpu"
	"leaflitter/palette"
	"leaflitter/parity"
	"leaflitter/render"
	"leaflitter/scene"
)

// device returns what to test on: $LEAFLITTER_DEVICE, else whatever there is.
func device(t testing.TB) []gpu.Device {
	t.Helper()
	if os.Getenv("LEAFLITTER_NO_GPU") == "1" {
		t.Skip("LEAFLITTER_NO_GPU=1")
	}
	all, err := gpu.Devices()
	if err != nil {
		t.Fatalf("no GPU tests without a device; install one or set LEAFLITTER_NO_GPU=1: %v", err)
	}
	which := os.Getenv("LEAFLITTER_DEVICE")
	if which == "" {
		which = "all"
	}
	chosen, err := gpu.Select(all, which)
	if err != nil {
		t.Fatalf("no GPU tests without a device; install one or set LEAFLITTER_NO_GPU=1: %v", err)
	}
	return chosen[:1]
}

var everyLabel = render.Labels{ID: true, Layer: true, Depth: true, Edge: true}

// same compares images of a configuration on both backends.
func same(t *testing.T, cfg scene.Config, labels render.Labels, o gpu.Options, indices ...uint64) {
	t.Helper()
	if r := compared(t, cfg, labels, o, indices...); r != nil {
		t.Errorf("image %d differs first in %s: %+v", r.Index, r.First, r)
	}
}

// compared returns the first image that differs, or nil.
func compared(t *testing.T, cfg scene.Config, labels render.Labels, o gpu.Options, indices ...uint64) *parity.Result {
	t.Helper()
	if err := scene.Check(&cfg); err != nil {
		t.Fatal(err)
	}
	set := palette.Builtin()
	b := bank.New(&cfg)
	placer := scene.NewPlacer(&cfg, b.OutlineClasses(), len(set.Palettes), 7)
	g, err := gpu.New(&cfg, b, set, device(t), o)
	if err != nil {
		t.Fatal(err)
	}
	defer g.Close()
	c := cpu.New(&cfg, b, set, 0)
	for _, i := range indices {
		r, err := parity.Compare(t.Context(), placer, i, &cfg, labels, c, g)
		if err != nil {
			t.Fatal(err)
		}
		if !r.Equal {
			return r
		}
	}
	return nil
}

func TestParityPresets(t *testing.T) {
	for _, p := range scene.Presets() {
		t.Run(p.Name, func(t *testing.T) {
			cfg := p.Config
			cfg.Image.Width, cfg.Image.Height = 203, 150
			same(t, cfg, everyLabel, gpu.Options{}, 0, 1)
		})
	}
}

var _ = fmt.Sprint
