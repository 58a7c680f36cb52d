//go:build linux && cgo && egl

package gpu_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"slices"
	"strings"
	"testing"

	"leaflitter/cpu"
	"leaflitter/gpu"
	"leaflitter/parity"
	"leaflitter/render"
	"leaflitter/scene"
)

// device returns what to test on: $LEAFLITTER_DEVICE, else whatever there is. Without any
// the test fails; who wants none builds without the tag.
func device(t testing.TB) []gpu.Device {
	t.Helper()
	all, err := gpu.Devices()
	which := os.Getenv("LEAFLITTER_DEVICE")
	if which == "" {
		which = "all"
	}
	if err == nil {
		all, err = gpu.Select(all, which)
	}
	if err != nil {
		t.Fatalf("the GPU tests need a device (make test LEAFLITTER_NO_GPU=1 leaves them out): %v", err)
	}
	return all[:1]
}

var everyLabel = render.Labels{ID: true, Layer: true, Depth: true, Edge: true}

// pair is both backends of one configuration.
type pair struct {
	cfg    scene.Config
	placer *scene.Placer
	cpu    *cpu.Backend
	gpu    *gpu.Backend
}

func newPair(t testing.TB, cfg scene.Config, o gpu.Options) *pair {
	t.Helper()
	if err := scene.Check(&cfg); err != nil {
		t.Fatal(err)
	}
	p := &pair{cfg: cfg}
	m := render.NewModel(&p.cfg, nil, nil)
	p.placer = m.Placer(7)
	p.cpu = cpu.New(m, 0)
	var err error
	if p.gpu, err = gpu.New(m, device(t), o); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { p.gpu.Close() })
	return p
}

// compare returns the comparison of one image.
func (p *pair) compare(t testing.TB, index uint64, labels render.Labels) *parity.Result {
	t.Helper()
	r, err := parity.Compare(t.Context(), p.placer, index, &p.cfg, labels, p.cpu, p.gpu)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// same fails when an image differs between the backends.
func (p *pair) same(t testing.TB, labels render.Labels, indices ...uint64) {
	t.Helper()
	for _, i := range indices {
		if r := p.compare(t, i, labels); !r.Equal {
			t.Errorf("image %d differs first in %s: %+v\n%s", i, r.First, r, scene.Marshal(&p.cfg))
		}
	}
}

func preset(t testing.TB, name string, w, h int) scene.Config {
	t.Helper()
	p, ok := scene.PresetByName(name)
	if !ok {
		t.Fatal("no preset ", name)
	}
	p.Config.Image = scene.Image{Width: w, Height: h}
	return p.Config
}

// Every preset, which is every ablation too, with every label.
func TestParityPresets(t *testing.T) {
	for _, p := range scene.Presets() {
		t.Run(p.Name, func(t *testing.T) {
			newPair(t, preset(t, p.Name, 203, 150), gpu.Options{}).same(t, everyLabel, 0, 1, 1<<40)
		})
	}
}

func TestParityRandomConfigs(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 40))
	for k := range 40 {
		cfg := scene.RandomConfig(rng.Uint32)
		t.Run(fmt.Sprint(k), func(t *testing.T) { newPair(t, cfg, gpu.Options{}).same(t, everyLabel, uint64(k)) })
	}
}

func TestParitySizes(t *testing.T) {
	for _, size := range [][2]int{{1, 1}, {1, 7}, {2, 1}, {16, 16}, {17, 3}, {63, 65}, {5, 400}, {515, 4}} {
		for _, grey := range []bool{false, true} {
			cfg := preset(t, "dead-leaves-pp", size[0], size[1])
			cfg.Develop.Grey = grey
			cfg.Develop.Supersample = 1 + size[1]%3
			newPair(t, cfg, gpu.Options{}).same(t, everyLabel, 5)
		}
	}
}

// Each label alone, and none.
func TestParityLabels(t *testing.T) {
	p := newPair(t, preset(t, "dead-leaves-pp", 61, 47), gpu.Options{})
	for _, l := range []render.Labels{{}, {ID: true}, {Layer: true}, {Depth: true}, {Edge: true}, {ID: true, Edge: true}} {
		p.same(t, l, 2)
	}
}

// One flat leaf may cover everything; a hundred thousand small ones must.
func TestParityLeafCounts(t *testing.T) {
	few := preset(t, "dead-leaves", 64, 64)
	few.Leaves.RMin, few.Leaves.RMax = 500, 500
	newPair(t, few, gpu.Options{}).same(t, everyLabel, 0)
	many := preset(t, "dead-leaves", 300, 200)
	many.Leaves.RMin, many.Leaves.RMax = 0.5, 2
	newPair(t, many, gpu.Options{}).same(t, everyLabel, 0)
}

// Textures that are patchworks of small tiles, tilted all ways and not at all, with every
// profile of noise and map.
func TestParityCells(t *testing.T) {
	for _, direction := range []string{"recede", "approach"} {
		cfg := preset(t, "no-depth", 240, 180)
		cfg.Paint.FlatBelow, cfg.Paint.Gradient.Odds = 0, 0
		cfg.Paint.Weights = scene.Weights{Noise: 0.8, Mix: 0.2}
		cfg.Paint.Noise.LargestTile, cfg.Paint.Noise.Margin = 64, 0
		cfg.Paint.Perspective.Odds, cfg.Paint.Perspective.Direction = 0.7, direction
		cfg.Leaves.RMin = 40
		newPair(t, cfg, gpu.Options{}).same(t, everyLabel, 0, 1, 2, 3, 4, 5, 6, 7)
	}
}

// Many layers, each blurred, as continuous depth.
func TestParityLayers(t *testing.T) {
	cfg := preset(t, "dead-leaves-pp", 70, 60)
	cfg.Layers = nil
	for i := range 40 {
		cfg.Layers = append(cfg.Layers, scene.Layer{Name: fmt.Sprint("l", i), Cover: 0.1, Blur: float64(i%5) / 2, Depth: float64(i) / 40})
	}
	cfg.Layers = append(cfg.Layers, scene.Layer{Name: "back", Cover: 1, Blur: 1, Depth: 1})
	newPair(t, cfg, gpu.Options{}).same(t, everyLabel, 0, 1)
}

// With little memory images are cut into bands; the bytes stay.
func TestParityInBands(t *testing.T) {
	for name, memory := range map[string]uint64{"dead-leaves-pp": 1 << 20, "dead-leaves-pp-2025": 3 << 20, "dead-leaves": 200 << 10} {
		cfg := preset(t, name, 97, 230)
		cfg.Develop.BlurOdds = 0.5
		p := newPair(t, cfg, gpu.Options{Memory: memory})
		cut := 0
		for i := range uint64(4) {
			r := p.compare(t, i, everyLabel)
			if !r.Equal {
				t.Errorf("%s: image %d differs first in %s: %+v", name, i, r.First, r)
			}
			if len(r.Stages) == 0 { // only whole images show theirs
				cut++
			}
		}
		if cut == 0 {
			t.Errorf("%s: no image was cut into bands", name)
		}
	}
}

// Batches of any make-up give the images that single ones do.
func TestParityBatches(t *testing.T) {
	newPair(t, preset(t, "dead-leaves-pp", 128, 100), gpu.Options{Memory: 6 << 20}).sameBatch(t)
}

// Images of a batch whose laws draw every kind of thing otherwise.
func TestParityLawsInABatch(t *testing.T) {
	cfg, err := scene.Parse("laws.yaml", []byte(`
image: {width: 128, height: 100}
properties: {texture: {choice: [true, true, false]}, geometry: {choice: [true, false]}, warp: {choice: [true, false]}}
gravity: {odds: {choice: [0, 0.6, 1]}, spread: {uniform: [0, 45]}}
leaves: {r_min: {log_uniform: [3, 40]}, alpha: {normal: [3, 0.5]}}
outline: {per_image: {choice: [[polygon], [rectangle], [mix]]}, rectangle: {aspect: [{uniform: [0.1, 0.9]}, 1]}}
layers:
  - {name: near, cover: {choice: [0, 0.4]}, blur: {uniform: [0.5, 2]}, depth: {uniform: [0, 0.5]}}
  - {name: far, cover: 1, blur: 1, depth: 1}
blur: {kind: {choice: [gaussian, lens]}, sigma_max: {uniform: [0, 5]}}
paint:
  flat_below: {uniform: [0, 30]}
  mixing: {choice: [lab, srgb]}
  contrast: {choice: [0.3, 1, 2.5]}
  spots: {odds: {choice: [0, 1]}, size: [1, {uniform: [1, 30]}], slope: [1, 50]}
  sin: {period_law: {choice: [uniform, log_uniform]}}
  weights: {noise: {choice: [0.1, 2]}}
  noise: {slopes: {choice: [[[0.5, 1]], [[1, 1.5], [2, 2.5]]]}, largest_tile: {choice: [64, 256]}, stretch_odds: {choice: [0, 1]}, margin: {uniform: [0, 200]}}
  perspective: {direction: {choice: [recede, approach]}, odds: {uniform: [0, 1]}}
develop: {blur_odds: {choice: [0, 1]}, blur_sigma: [0.5, {uniform: [0.5, 2]}]}
`), scene.Default())
	if err != nil {
		t.Fatal(err)
	}
	newPair(t, cfg, gpu.Options{Memory: 6 << 20}).sameBatch(t)
}

// sameBatch fails when an image of a batch differs between the backends.
func (p *pair) sameBatch(t *testing.T) {
	const n = 13
	var scenes [2][]*scene.Scene
	var images [2][]*render.Image
	for i, b := range []render.Backend{p.cpu, p.gpu} {
		for k := range n {
			scenes[i] = append(scenes[i], p.placer.Scene(uint64(k)))
			images[i] = append(images[i], render.NewImage(&p.cfg, everyLabel))
		}
		if err := b.Render(t.Context(), scenes[i], images[i]); err != nil {
			t.Fatal(err)
		}
	}
	for k := range n {
		if !slices.Equal(images[0][k].Pix, images[1][k].Pix) || !slices.Equal(images[0][k].ID, images[1][k].ID) {
			t.Errorf("image %d differs", k)
		}
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := p.gpu.Render(ctx, scenes[1], images[1]); err != context.Canceled {
		t.Errorf("cancelled: %v", err)
	}
}

// A size that no software device holds in one piece.
func TestParity4096(t *testing.T) {
	if os.Getenv("LEAFLITTER_CAMPAIGN") != "1" {
		t.Skip("a minute and a half long: make campaign runs it, and CI runs that")
	}
	cfg := preset(t, "dead-leaves-pp", 4096, 4096)
	cfg.Leaves.RMin = 100
	newPair(t, cfg, gpu.Options{}).same(t, everyLabel, 0)
}

// Two devices (here two contexts of one) share a job, also when two callers bring
// jobs at once.
func TestParityOnTwoDevices(t *testing.T) {
	cfg := preset(t, "dead-leaves-pp", 80, 60)
	m := render.NewModel(&cfg, nil, nil)
	placer := m.Placer(7)
	two := append(device(t), device(t)...)
	g, err := gpu.New(m, two, gpu.Options{Memory: 1 << 20})
	if err != nil {
		t.Fatal(err)
	}
	defer g.Close()
	const n = 12
	scenes := func() (s []*scene.Scene) {
		for i := range uint64(n) {
			s = append(s, placer.Scene(i))
		}
		return s
	}
	blank := func() (images []*render.Image) {
		for range n {
			images = append(images, render.NewImage(&cfg, everyLabel))
		}
		return images
	}
	want := blank()
	if err := cpu.New(m, 0).Render(t.Context(), scenes(), want); err != nil {
		t.Fatal(err)
	}
	done := make(chan error)
	var got [2][]*render.Image
	for i := range got {
		got[i] = blank()
		go func() { done <- g.Render(t.Context(), scenes(), got[i]) }()
	}
	for range got {
		if err := <-done; err != nil {
			t.Fatal(err)
		}
	}
	for i := range got {
		for k := range n {
			if !slices.Equal(got[i][k].Pix, want[k].Pix) || !slices.Equal(got[i][k].Edge, want[k].Edge) {
				t.Errorf("caller %d, image %d differs", i, k)
			}
		}
	}
}

// Shapes and tables at the ends of what a configuration allows.
func TestParityExtremes(t *testing.T) {
	lens := preset(t, "dead-leaves-pp-2025", 2, 700)
	lens.Develop.Supersample = 4
	lens.Leaves.RMin = 200
	tiles := preset(t, "dead-leaves-pp", 300, 40)
	tiles.Paint.Noise.LargestTile, tiles.Paint.Noise.Slopes = 2048, []scene.Interval{{1, 1.05}}
	tiles.Leaves.RMin = 499
	wide := preset(t, "dead-leaves-pp", 2000, 2)
	for name, cfg := range map[string]scene.Config{"tall lens": lens, "largest tiles": tiles, "wide": wide} {
		t.Run(name, func(t *testing.T) { newPair(t, cfg, gpu.Options{}).same(t, everyLabel, 0, 1) })
	}
}

// Noise tiles in several buffers, because one would be too large.
func TestParityManyNoiseBuffers(t *testing.T) {
	cfg := preset(t, "dead-leaves-pp", 100, 60)
	cfg.Paint.Noise.Slopes, cfg.Leaves.RMin = []scene.Interval{{0, 4}}, 100
	p := newPair(t, cfg, gpu.Options{})
	p.same(t, everyLabel, 0, 1, 2)
	if n := p.gpu.NoiseBuffers(); n < 2 {
		if device(t)[0].Software {
			t.Fatalf("all tiles fit %d buffer: make them larger, or several buffers are never tested", n)
		}
		t.Skipf("the bytes are equal, but all tiles fit %d buffer of this GPU; software devices have smaller ones", n)
	}
}

// What cannot fit is refused with the figure.
func TestTooLargeForTheDevice(t *testing.T) {
	cfg := preset(t, "dead-leaves-pp-2025", 8192, 1)
	p := newPair(t, cfg, gpu.Options{Memory: 1 << 20})
	err := p.gpu.Render(t.Context(), []*scene.Scene{p.placer.Scene(0)}, []*render.Image{render.NewImage(&p.cfg, render.Labels{})})
	if err == nil || !strings.Contains(err.Error(), "needs") || !strings.Contains(err.Error(), "MiB") || strings.Contains(err.Error(), "\n") {
		t.Errorf("error %v", err)
	}
}
