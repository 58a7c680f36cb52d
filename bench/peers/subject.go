package main

import (
	"context"
	"fmt"
	"math"
	"os"
	"slices"
	"time"
	"unsafe"

	"leaflitter/bank"
	"leaflitter/cpu"
	"leaflitter/palette"
	"leaflitter/render"
	"leaflitter/scene"
)

// subject is one image of dead leaves, with what leaflitter makes of it.
type subject struct {
	cfg    scene.Config
	bank   *bank.Bank
	set    *palette.Set
	placer *scene.Placer
	leaves []scene.Leaf
	ids    []uint32 // of each pixel's leaf, 1 upwards
	cpu    render.Renderer
	image  *render.Image
}

const seed = 1

func newSubject(size int, rMin float64) (*subject, error) {
	p, ok := scene.PresetByName("dead-leaves")
	if !ok {
		return nil, fmt.Errorf("there is no preset dead-leaves")
	}
	s := &subject{cfg: p.Config, set: palette.Builtin()}
	s.cfg.Image = scene.Image{Width: size, Height: size}
	s.cfg.Leaves.RMin = rMin
	if err := scene.Check(&s.cfg); err != nil {
		return nil, err
	}
	s.bank = bank.New(&s.cfg)
	s.placer = scene.NewPlacer(&s.cfg, s.bank.OutlineClasses(), len(s.set.Palettes), seed)
	one := cpu.New(&s.cfg, s.bank, s.set, 1)
	s.cpu = render.Renderer{Placer: s.placer, Backend: one, Threads: 1}
	s.image = render.NewImage(&s.cfg, render.Labels{})
	sc := s.placer.Scene(0)
	labelled := render.NewImage(&s.cfg, render.Labels{ID: true})
	if err := one.Render(context.Background(), []*scene.Scene{sc}, []*render.Image{labelled}); err != nil {
		return nil, err
	}
	s.leaves, s.ids = sc.Stacks[0].Leaves, labelled.ID
	// No peer is given leaves behind the last one that shows.
	s.leaves = s.leaves[:slices.Max(s.ids)]
	return s, nil
}

// render times the CPU backend: placing, occlusion and colours.
func (s *subject) render() (time.Duration, error) {
	start := time.Now()
	err := s.cpu.Render(context.Background(), []uint64{0}, []*render.Image{s.image})
	return time.Since(start), err
}

// same compares a peer's leaf numbers.
func (s *subject) same(peer string, ids []uint32) error {
	if len(ids) != len(s.ids) {
		return fmt.Errorf("%s gives %d pixels instead of %d", peer, len(ids), len(s.ids))
	}
	for i := range ids {
		if ids[i] != s.ids[i] {
			return fmt.Errorf("%s gives leaf %d at pixel %d, leaflitter %d", peer, ids[i], i, s.ids[i])
		}
	}
	return nil
}

// write writes x, y and r^2 of every leaf.
func (s *subject) write(path string) error {
	data := make([]byte, 0, 12*len(s.leaves))
	for i := range s.leaves {
		for _, v := range [3]float32{s.leaves[i].X, s.leaves[i].Y, s.leaves[i].A} {
			b := math.Float32bits(v)
			data = append(data, byte(b), byte(b>>8), byte(b>>16), byte(b>>24))
		}
	}
	return os.WriteFile(path, data, 0o666)
}

func words(data []byte) []uint32 {
	if len(data) < 4 {
		return nil
	}
	return unsafe.Slice((*uint32)(unsafe.Pointer(&data[0])), len(data)/4)
}
