// Package render is the seam between scenes and pixels: what a backend is and
// what it fills.
package render

import (
	"context"
	"runtime"
	"sync"
	"sync/atomic"

	"leaflitter/scene"
)

// Labels selects the per-pixel labels an image carries.
type Labels struct{ ID, Layer, Depth, Edge bool }

// Any reports whether at least one label is selected.
func (l Labels) Any() bool { return l.ID || l.Layer || l.Depth || l.Edge }

// Image is caller-owned memory for one finished image and its labels.
// Rows are top to bottom, pixels left to right, channels interleaved.
type Image struct {
	Width, Height int
	Channels      int     // 3: sRGB-encoded RGB; 1: grey
	Pix           []uint8 // Height * Width * Channels

	// Labels, nil when not selected, Height * Width each. They describe the
	// front-most leaf at the centre of the pixel, before any blur.
	ID    []uint32 // leaf number, 1 upwards: layers front to back, leaves front to back
	Layer []uint8  // index into Config.Layers
	Depth []uint16 // the layer's depth, 0 near to 65535 far
	Edge  []uint8  // 255 where the leaf differs from the right or lower neighbour's

	Facts Facts // what the image was drawn from; a Renderer fills them, a backend does not
}

// NewImage allocates an image for cfg with the selected labels.
func NewImage(cfg *scene.Config, labels Labels) *Image {
	w, h := cfg.Image.Width, cfg.Image.Height
	im := &Image{Width: w, Height: h, Channels: 3}
	if cfg.Develop.Grey {
		im.Channels = 1
	}
	im.Facts.Draws.Bytes = cfg.DrawBytes()
	im.Pix = make([]uint8, w*h*im.Channels)
	if labels.ID {
		im.ID = make([]uint32, w*h)
	}
	if labels.Layer {
		im.Layer = make([]uint8, w*h)
	}
	if labels.Depth {
		im.Depth = make([]uint16, w*h)
	}
	if labels.Edge {
		im.Edge = make([]uint8, w*h)
	}
	return im
}

// Backend renders scenes. All backends give the same bytes for the same scene.
type Backend interface {
	// Name is how the backend is called on the command line and in reports.
	Name() string
	// Render fills images[i] from scenes[i]. It returns ctx's error soon after
	// ctx is done, and then the images hold nothing of use.
	Render(ctx context.Context, scenes []*scene.Scene, images []*Image) error
	// Close frees the backend.
	Close() error
}

// Source renders images by index. It is all that a sink needs to know.
type Source interface {
	// Render fills images[i] with image indices[i].
	Render(ctx context.Context, indices []uint64, images []*Image) error
}

// Renderer joins a placer and a backend into a Source. It may be used by
// several goroutines at once if the backend may.
type Renderer struct {
	Placer  *scene.Placer
	Backend Backend
	Threads int    // goroutines that place leaves; 0: all cores
	Stats   *Stats // nil: nobody measures
}

// Render implements Source.
func (r Renderer) Render(ctx context.Context, indices []uint64, images []*Image) error {
	scenes := make([]*scene.Scene, len(indices))
	r.place(indices, scenes)
	if err := r.Backend.Render(ctx, scenes, images); err != nil {
		return err
	}
	for i, s := range scenes {
		images[i].Facts = facts(s, images[i])
	}
	return nil
}

func (r Renderer) place(indices []uint64, scenes []*scene.Scene) {
	threads := r.Threads
	if threads <= 0 {
		threads = runtime.GOMAXPROCS(0)
	}
	var next atomic.Int64
	var wg sync.WaitGroup
	for range min(threads, len(indices)) {
		wg.Go(func() {
			defer r.Stats.Time(Host, "sample")()
			for i := int(next.Add(1)) - 1; i < len(indices); i = int(next.Add(1)) - 1 {
				scenes[i] = r.Placer.Scene(indices[i])
			}
		})
	}
	wg.Wait()
}
