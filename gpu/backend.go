//go:build linux && cgo && egl

package gpu

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"sync"
	"sync/atomic"

	"leaflitter/render"
	"leaflitter/scene"
)

// Backend renders scenes of one configuration on one or more devices. It is safe
// for concurrent use, and quickest when InFlight calls of Render are under way at
// once: then scenes are placed and laid out, rendered, and copied out at the same
// time.
type Backend struct {
	model   *render.Model
	options Options
	devices []*device
	idle    chan *slot
	want    []atomic.Int64 // per stack: leaves to place in a full one at first
	counts  sync.Mutex     // guards work
	work    Work
}

// slots is how many batches a device has in flight: one being laid out, one being
// rendered, one being copied out.
const slots = 3

// device is one device of a backend.
type device struct {
	Device
	life sync.RWMutex // held to read while a slot is in use, to write to replace the context
	p    *painter     // nil: there is no context

	mu     sync.Mutex // guards what follows
	memory uint64     // bytes a batch may take
	pixels int        // canvas pixels a batch takes at most
}

// limits returns what a batch may take.
func (d *device) budget() (memory uint64, pixels int) {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.memory, d.pixels
}

// New returns a backend for a model, on the given devices (see Devices and Select). It
// builds all noise tiles that the configuration can ask for.
func New(m *render.Model, devices []Device, o Options) (*Backend, error) {
	if o.Threads <= 0 {
		o.Threads = runtime.GOMAXPROCS(0)
	}
	r := &Backend{model: m, options: o, idle: make(chan *slot, slots*len(devices)), want: make([]atomic.Int64, len(m.Config.Layers))}
	for i := range r.want {
		r.want[i].Store(2048)
	}
	for i, d := range devices {
		dev := &device{Device: d, memory: o.Memory, pixels: 32 << 20}
		if d.Software {
			dev.pixels = 2 << 20 // more gains nothing there
		}
		if dev.memory == 0 {
			dev.memory = 1 << 30
			if d.Memory > 0 {
				dev.memory = d.Memory / 2
			}
		}
		var err error
		if dev.p, err = r.open(dev, i == 0); err != nil {
			r.Close()
			return nil, fmt.Errorf("device %d (%s): %w", d.Index, d.Name(), err)
		}
		r.devices = append(r.devices, dev)
	}
	for range slots { // in turn, so that the first batches spread over the devices
		for _, d := range r.devices {
			r.idle <- &slot{device: d}
		}
	}
	return r, nil
}

// open makes a context on the device and brings the tables to it. first: the noise
// tiles are yet to be built.
func (r *Backend) open(d *device, first bool) (*painter, error) {
	t, err := openThread(d.Index, &r.options)
	if err != nil {
		return nil, err
	}
	var p *painter
	err = t.do(func() error {
		if err := t.trust(&r.options); err != nil {
			return err
		}
		noise, err := planNoise(r.model.Config, t.limits.block)
		if err != nil {
			return err
		}
		if first {
			buildNoise(r.model.Bank.Noise, &noise, r.options.Threads)
		}
		p, err = newPainter(t, r.model, &noise, &r.options)
		return err
	})
	if err != nil {
		t.close()
		return nil, err
	}
	return p, nil
}

// Name implements render.Backend.
func (r *Backend) Name() string { return "gpu" }

// Batch returns how many images a call of Render should bring to fill a batch: half of what a
// batch holds without margins, so that blurred ones fit whole. On an H100 that is 64 of 512 x
// 512, which is quicker than 32 and 128.
func (r *Backend) Batch() int {
	side := r.model.Config.Develop.Supersample * r.model.Config.Develop.Supersample
	_, pixels := r.devices[0].budget()
	return max(1, pixels/2/(r.model.Config.Image.Width*r.model.Config.Image.Height*side))
}

// InFlight returns how many calls of Render, of Batch images each, keep every device
// busy.
func (r *Backend) InFlight() int { return cap(r.idle) }

// NoiseBuffers returns in how many buffers the noise tiles lie.
func (r *Backend) NoiseBuffers() int { return len(r.devices[0].p.pools) }

// Programs returns how many programs the drivers compiled for this backend, and how many
// came from the cache (Options.ProgramCache).
func (r *Backend) Programs() (compiled, loaded int) {
	for _, d := range r.devices {
		d.life.RLock()
		if p := d.p; p != nil { // else its context was lost, and its programs with it
			p.do(func() error {
				compiled, loaded = compiled+p.compiler.compiled, loaded+p.compiler.loaded
				return nil
			})
		}
		d.life.RUnlock()
	}
	return compiled, loaded
}

// Close implements render.Backend. No Render may be under way.
func (r *Backend) Close() error {
	for range slots * len(r.devices) {
		s := <-r.idle
		if s.p != nil && s.p == s.device.p {
			s.p.do(func() error { s.free(); return nil })
		}
	}
	for _, d := range r.devices {
		d.shut()
	}
	r.devices = nil
	return nil
}

// shut frees the device's context, if it has one.
func (d *device) shut() {
	if d.p == nil {
		return
	}
	d.p.do(func() error { d.p.free(); return nil })
	d.p.close()
	d.p = nil
}

// Render implements render.Backend. Batches go to whichever slot is idle.
func (r *Backend) Render(ctx context.Context, scenes []*scene.Scene, images []*render.Image) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	next, lock := 0, sync.Mutex{}
	// take returns the next images that fit a batch of d.
	take := func(d *device) (int, int) {
		_, most := d.budget()
		lock.Lock()
		defer lock.Unlock()
		from, pixels := next, 0
		for next < len(scenes) {
			p := render.NewPlan(scenes[next])
			if pixels += p.Width * p.Height; pixels > most && next > from {
				break
			}
			next++
		}
		return from, next
	}
	var wg sync.WaitGroup
	for range min(cap(r.idle), len(scenes)) {
		wg.Go(func() {
			s := <-r.idle
			defer func() { r.idle <- s }()
			for ctx.Err() == nil {
				from, to := take(s.device)
				if from == to {
					return
				}
				if err := r.batch(ctx, s, scenes[from:to], images[from:to]); err != nil {
					cancel(err)
				}
			}
		})
	}
	wg.Wait()
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	return nil
}

// batch renders images through a slot. When the device runs out of memory the batch is
// halved, when its context is lost a new one is made; both may happen a few times
// before the job fails.
func (r *Backend) batch(ctx context.Context, s *slot, scenes []*scene.Scene, images []*render.Image) error {
	d := s.device
	r.extend(scenes, nil)
	var todo []job
	for trouble, planned := 0, false; !planned || len(todo) > 0; {
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
		p, err := r.enter(d)
		if err != nil {
			return err
		}
		if !planned {
			memory, _ := d.budget()
			for i := range scenes {
				jobs, err := bands(scenes[i], images[i], p.limits.block, memory)
				if err != nil {
					d.life.RUnlock()
					return err
				}
				todo = append(todo, jobs...)
			}
			planned = true
		}
		n := d.fit(p, todo)
		l := layOut(todo[:n])
		o, err := p.fly(s, l, r.options.Threads, r.options.Stats, nil)
		d.life.RUnlock()
		if err == nil && r.options.Count {
			r.count(&o.work)
		}
		switch {
		case errors.Is(err, errMemory) || errors.Is(err, errLost):
			if trouble++; trouble > 4 {
				return fmt.Errorf("%s: %w, also with %d images at once and a new context; give it less to do (--size, --set develop.supersample=1) or use --backend cpu", d.Name(), err, n)
			}
			if todo, err = r.relieve(s, p, todo, n, err); err != nil {
				return err
			}
		case err != nil:
			return fmt.Errorf("%s: %w", d.Name(), err)
		case !o.short:
			todo = append(r.unfinished(l, &o), todo[n:]...)
		}
	}
	return nil
}

// enter returns the device's painter and keeps it alive until life.RUnlock.
func (r *Backend) enter(d *device) (*painter, error) {
	for {
		d.life.RLock()
		if d.p != nil {
			return d.p, nil
		}
		d.life.RUnlock()
		d.life.Lock()
		var err error
		if d.p == nil { // lost for good last time
			d.p, err = r.open(d, false)
		}
		d.life.Unlock()
		if err != nil {
			return nil, fmt.Errorf("%s: %w", d.Name(), err)
		}
	}
}

// fit returns how many of the jobs a batch takes: as many as its buffers hold.
func (d *device) fit(p *painter, todo []job) int {
	block := p.limits.block
	memory, most := d.budget()
	images := int(min(1<<14, block/uint64(colourBytes))) // each may have a palette of its own
	pixels, leaves, lens := 0, 0, false
	for i := range todo {
		j := &todo[i]
		pixels += j.pixels() + j.rows()
		lens = lens || j.lens()
		for k := range j.scene.Stacks {
			leaves += len(j.scene.Stacks[k].Leaves)
		}
		if i > 0 && (i >= images || pixels > most || pixels > mostPixels(block, memory, lens) || leafBytes*leaves > int(block)) {
			return i
		}
	}
	return len(todo)
}

// extend places the leaves that full stacks probably need; short lists scenes that
// turned out to need more.
func (r *Backend) extend(scenes []*scene.Scene, short map[*scene.Scene]bool) {
	each(r.options.Threads, len(scenes), func(i int) {
		defer r.options.Stats.Time(render.Host, "sample")()
		s := scenes[i]
		for k := range s.Stacks {
			if !s.Stacks[k].Full {
				continue
			}
			want := int(r.want[k].Load())
			if short[s] {
				want = 2 * len(s.Stacks[k].Leaves)
			}
			for len(s.Stacks[k].Leaves) < want {
				s.Extend(k)
			}
		}
	})
}

// unfinished returns the jobs of a batch that must come again with more leaves, and
// learns how many leaves the next images will need.
func (r *Backend) unfinished(l *layout, o *outcome) []job {
	short := map[*scene.Scene]bool{}
	stacks := len(l.blurred)
	for k := range stacks {
		last := int64(0)
		for i := range l.jobs {
			q := o.progress[i*stacks+k]
			if l.jobs[i].scene.Stacks[k].Full && q.Open > 0 {
				short[l.jobs[i].scene] = true
			}
			last = max(last, int64(q.Last))
		}
		// A little more than any image needed lately.
		want := r.want[k].Load()
		r.want[k].Store(max(256, last+last/8, want-want/32))
	}
	if len(short) == 0 {
		return nil
	}
	var again []job
	var scenes []*scene.Scene
	for _, j := range l.jobs {
		if short[j.scene] {
			again = append(again, j)
			if len(scenes) == 0 || scenes[len(scenes)-1] != j.scene {
				scenes = append(scenes, j.scene)
			}
		}
	}
	r.extend(scenes, short)
	return again
}

var _ render.Tracer = (*Backend)(nil)
