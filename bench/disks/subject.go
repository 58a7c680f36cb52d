// Package disks holds what peers of leaflitter are measured with: one image of dead
// leaves with the number of each pixel's leaf as the CPU backend has it, and the two ways
// in which a GPU finds those by OpenGL, leaflitter's tiles and brute force.
package disks

import (
	"context"
	"encoding/binary"
	"fmt"
	"math"
	"os"
	"slices"
	"time"

	"leaflitter/cpu"
	"leaflitter/render"
	"leaflitter/scene"
)

// Subject is one image of dead leaves, with what leaflitter makes of it.
type Subject struct {
	Config scene.Config
	Leaves []scene.Leaf // front to back, up to the last one that shows
	IDs    []uint32     // of each pixel's leaf, 1 upwards
	model  *render.Model
	placer *scene.Placer
	cpu    render.Renderer
	image  *render.Image
}

const seed = 1

// New makes the first image of preset dead-leaves with this size and smallest radius.
func New(size int, rMin float64) (*Subject, error) {
	p, ok := scene.PresetByName("dead-leaves")
	if !ok {
		return nil, fmt.Errorf("there is no preset dead-leaves")
	}
	s := &Subject{Config: p.Config}
	s.Config.Image = scene.Image{Width: size, Height: size}
	s.Config.Leaves.RMin = rMin
	if err := scene.Check(&s.Config); err != nil {
		return nil, err
	}
	s.model = render.NewModel(&s.Config, nil, nil)
	s.placer = s.model.Placer(seed)
	one := cpu.New(s.model, 1)
	s.cpu = render.Renderer{Placer: s.placer, Backend: one, Threads: 1}
	s.image = render.NewImage(&s.Config, render.Labels{})
	sc := s.placer.Scene(0)
	labelled := render.NewImage(&s.Config, render.Labels{ID: true})
	if err := one.Render(context.Background(), []*scene.Scene{sc}, []*render.Image{labelled}); err != nil {
		return nil, err
	}
	s.Leaves, s.IDs = sc.Stacks[0].Leaves, labelled.ID
	// No peer is given leaves behind the last one that shows.
	s.Leaves = s.Leaves[:slices.Max(s.IDs)]
	return s, nil
}

// Render times the CPU backend on one core: placing, occlusion and colours.
func (s *Subject) Render() (time.Duration, error) {
	start := time.Now()
	err := s.cpu.Render(context.Background(), []uint64{0}, []*render.Image{s.image})
	return time.Since(start), err
}

// Same compares a peer's leaf numbers.
func (s *Subject) Same(peer string, ids []uint32) error {
	if len(ids) != len(s.IDs) {
		return fmt.Errorf("%s gives %d pixels instead of %d", peer, len(ids), len(s.IDs))
	}
	first, differ := -1, 0
	for i := range ids {
		if ids[i] != s.IDs[i] {
			if first < 0 {
				first = i
			}
			differ++
		}
	}
	if first < 0 {
		return nil
	}
	return fmt.Errorf("%s gives leaf %d at pixel %d, leaflitter %d; %d of %d pixels differ", peer, ids[first], first, s.IDs[first], differ, len(ids))
}

// Write writes x, y and r^2 of every leaf.
func (s *Subject) Write(path string) error {
	data := make([]byte, 0, 12*len(s.Leaves))
	for i := range s.Leaves {
		for _, v := range [3]float32{s.Leaves[i].X, s.Leaves[i].Y, s.Leaves[i].A} {
			data = binary.LittleEndian.AppendUint32(data, math.Float32bits(v))
		}
	}
	return os.WriteFile(path, data, 0o666)
}
