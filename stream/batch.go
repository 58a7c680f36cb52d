package stream

import (
	"sync/atomic"

	"leaflitter/render"
)

// batch is the memory of one batch, which circulates. Each array holds all images one
// after another, so that images are rendered where they are written from.
type batch struct {
	key     uint64   // the name of its members
	indices []uint64 // of its images

	images []*render.Image // one an index, in the arrays below
	pix    []uint8         // images x height x width x channels
	id     []uint32        // images x height x width, nil when not selected; so are the others
	layer  []uint8
	depth  []uint16
	edge   []uint8

	left  atomic.Int64  // images still to be rendered
	whole chan struct{} // told once when left reaches 0

	job *Job
}

func newBatch(job *Job) *batch { return &batch{job: job, whole: make(chan struct{}, 1)} }

// resize makes room for n images. It keeps the memory of a larger batch, and gives
// images the same places in it.
func (b *batch) resize(n int) {
	job := b.job
	area := job.Width * job.Height
	if n > len(b.images) {
		b.pix = make([]uint8, n*area*job.Channels)
		if job.Labels.ID {
			b.id = make([]uint32, n*area)
		}
		if job.Labels.Layer {
			b.layer = make([]uint8, n*area)
		}
		if job.Labels.Depth {
			b.depth = make([]uint16, n*area)
		}
		if job.Labels.Edge {
			b.edge = make([]uint8, n*area)
		}
		b.images = make([]*render.Image, n)
		for i := range b.images {
			b.images[i] = &render.Image{
				Width: job.Width, Height: job.Height, Channels: job.Channels,
				Pix: part(b.pix, i, area*job.Channels),
				ID:  part(b.id, i, area), Layer: part(b.layer, i, area), Depth: part(b.depth, i, area), Edge: part(b.edge, i, area),
			}
		}
	}
}

// part returns the i-th piece of size elements, nil of nil.
func part[T any](all []T, i, size int) []T {
	if all == nil {
		return nil
	}
	return all[i*size : (i+1)*size : (i+1)*size]
}
