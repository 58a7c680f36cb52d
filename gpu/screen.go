//go:build linux && cgo && egl

package gpu

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"sync/atomic"
	"unsafe"

	"github.com/go-gl/gl/v4.5-core/gl"

	"leaflitter/gpu/egl"
	"leaflitter/render"
	"leaflitter/scene"
)

// Screen renders one image at a time in a context that somebody else made, a window's,
// and leaves it in buffers of that context, where it can be drawn from: no pixel
// crosses the bus. Configurations may follow one another; what they have in
// common (shaders, noise tiles, outlines) is kept.
//
// Configure, Render and Read belong to one goroutine; Do may be called by another one.
type Screen struct {
	*thread
	backend Backend // of one device, for what it knows about placing leaves
	slot    slot
	p       *painter
	ready   bool     // p is configured
	robust  bool     // the driver tells of resets
	front   *Picture // belongs to the thread
}

// Picture is a finished image on the device: storage buffers of 32-bit words, as
// develop.comp and label.comp write them.
type Picture struct {
	Width, Height, Channels int
	Pix                     uint32    // name of the buffer of 8-bit values
	Labels                  uint32    // name of the buffer of labels
	Starts                  [4]uint32 // in words: where id, layer, depth and edge begin; NoLabel: not rendered
	Last                    []int     // per stack: the leaves that matter, front to back
	pix, labels             buffer
}

// NoLabel is where a label begins that there is none of.
const NoLabel = 0xffffffff

// IsLost reports whether an error means that the context is gone: everything in it is,
// and a new Screen is needed.
func IsLost(err error) bool { return errors.Is(err, errLost) }

// OpenScreen takes a context over, on a thread of its own. procAddr finds OpenGL's
// functions for it.
func OpenScreen(c Context, procAddr func(string) unsafe.Pointer, o Options) (*Screen, error) {
	if o.Threads <= 0 {
		o.Threads = runtime.GOMAXPROCS(0)
	}
	robust := false
	t, err := startThread(func() (Context, error) { return c, nil }, func() error {
		if err := gl.InitWithProcAddrFunc(procAddr); err != nil {
			return err
		}
		var major, minor int32
		gl.GetIntegerv(gl.MAJOR_VERSION, &major)
		gl.GetIntegerv(gl.MINOR_VERSION, &minor)
		if major < egl.Major || major == egl.Major && minor < egl.Minor {
			return fmt.Errorf("it gives %d.%d", major, minor)
		}
		robust = major > 4 || minor >= 5
		return nil
	}, &o)
	if err == nil {
		if err = t.do(func() error { return t.trust(&o) }); err != nil {
			t.close()
		}
	}
	if err != nil {
		return nil, fmt.Errorf("the window's context cannot run the shaders: %w", err)
	}
	dev := &device{Device: Device{Index: 0}, memory: 4 << 30, pixels: 1 << 30}
	return &Screen{
		thread: t, backend: Backend{options: o, devices: []*device{dev}}, slot: slot{device: dev},
		robust: robust, front: &Picture{},
	}, nil
}

// Configure prepares for the images of a model. It builds the noise
// tiles that are missing, on the caller's threads. After an error the last picture
// is still there, and Configure must be called again before Render.
func (s *Screen) Configure(m *render.Model) error {
	s.ready = false
	plan, err := planNoise(m.Config, s.limits.block)
	if err != nil {
		return err
	}
	buildNoise(m.Bank.Noise, &plan, s.backend.options.Threads)
	err = s.do(func() (err error) {
		if s.p == nil {
			s.p, err = newPainter(s.thread, m, &plan, &s.backend.options)
			return err
		}
		return s.p.configure(m, &plan, &s.backend.options)
	})
	if err != nil {
		return err
	}
	s.backend.model = m
	if len(s.backend.want) != len(m.Config.Layers) {
		s.backend.want = make([]atomic.Int64, len(m.Config.Layers))
	}
	for i := range s.backend.want {
		s.backend.want[i].Store(2048)
	}
	s.ready = true
	return nil
}

// Render renders a scene of the configuration. The picture is the one that Do gets from
// then on; the last one is the target of the next Render.
func (s *Screen) Render(ctx context.Context, sc *scene.Scene, labels render.Labels) (*Picture, error) {
	p, err := s.render(ctx, sc, labels)
	if err != nil {
		return nil, err
	}
	err = s.do(func() error { // on the thread, so that no Do sees the buffers change hands
		s.p.pix, s.p.labels = s.front.pix, s.front.labels
		s.p.pix.name, s.p.labels.name = "pix", "labels"
		s.front = p
		return nil
	})
	return p, err
}

// Read renders a scene into memory, and leaves the picture that Do gets alone.
func (s *Screen) Read(ctx context.Context, sc *scene.Scene, im *render.Image) error {
	p, err := s.render(ctx, sc, render.Labels{})
	if err != nil {
		return err
	}
	return s.do(func() error {
		words := make([]uint32, (len(im.Pix)+3)/4)
		gl.MemoryBarrier(gl.BUFFER_UPDATE_BARRIER_BIT)
		get(&p.pix, words)
		copyBytes(im.Pix, 0, len(im.Pix), words)
		return check("reading the image")
	})
}

// Do runs f on the thread, with the context current and the latest picture, whose Pix
// is 0 as long as there is none. f returns what OpenGL says about its calls.
func (s *Screen) Do(f func(p *Picture) error) error {
	return s.do(func() error {
		if gl.GetString(gl.VERSION) == nil || s.robust && gl.GetGraphicsResetStatus() != gl.NO_ERROR {
			return errLost
		}
		if err := f(s.front); err != nil {
			return err
		}
		return check("drawing the window")
	})
}

// Close gives the context back, which dies with everything in it. No other call may be
// under way.
func (s *Screen) Close() { s.close() }

// render renders a scene into the painter's buffers.
func (s *Screen) render(ctx context.Context, sc *scene.Scene, labels render.Labels) (*Picture, error) {
	if !s.ready {
		return nil, errors.New("there is no configuration to render")
	}
	d := s.backend.devices[0]
	im := &render.Image{Width: sc.Config.Image.Width, Height: sc.Config.Image.Height, Channels: 3}
	if sc.Config.Develop.Grey {
		im.Channels = 1
	}
	// Not to be written to: they say what is wanted.
	if labels.ID {
		im.ID = []uint32{}
	}
	if labels.Layer {
		im.Layer = []uint8{}
	}
	if labels.Depth {
		im.Depth = []uint16{}
	}
	if labels.Edge {
		im.Edge = []uint8{}
	}
	s.backend.extend([]*scene.Scene{sc}, nil)
	for ctx.Err() == nil {
		jobs, err := bands(sc, im, s.limits.block, d.memory)
		if err != nil {
			return nil, err
		}
		if len(jobs) > 1 {
			return nil, fmt.Errorf("an image of %d x %d px at supersample %d is too large to be shown in one piece; lower image.width, image.height or develop.supersample", im.Width, im.Height, sc.Scale())
		}
		l := layOut(jobs)
		l.stay = true
		o, err := s.p.fly(&s.slot, l, s.backend.options.Threads, nil, nil)
		if err != nil {
			return nil, err
		}
		if o.short || len(s.backend.unfinished(l, &o)) > 0 {
			continue
		}
		at, _ := l.starts()
		p := &Picture{Width: im.Width, Height: im.Height, Channels: im.Channels, Starts: at, pix: s.p.pix, labels: s.p.labels, Pix: s.p.pix.id, Labels: s.p.labels.id}
		for k := range sc.Stacks {
			last := len(sc.Stacks[k].Leaves)
			if sc.Stacks[k].Full { // those behind are placed in vain
				last = int(o.progress[k].Last)
			}
			p.Last = append(p.Last, last)
		}
		return p, nil
	}
	return nil, context.Cause(ctx)
}
