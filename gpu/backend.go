//go:build linux && cgo && egl

package gpu

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"sync"
	"sync/atomic"
	"unsafe"

	"leaflitter/bank"
	"leaflitter/palette"
	"leaflitter/render"
	"leaflitter/scene"
)

// Backend renders scenes of one configuration on one or more devices. It is safe
// for concurrent use.
type Backend struct {
	cfg     *scene.Config
	bank    *bank.Bank
	set     *palette.Set
	options Options
	devices []*device
	idle    chan *device
	want    []atomic.Int64 // per stack: leaves to place in a full one at first
}

// device is one device of a backend. It is used by one goroutine at a time.
type device struct {
	Device
	p      *painter
	memory uint64 // bytes a batch may take
	pixels int    // canvas pixels a batch takes at most
}

// New returns a backend for a checked configuration, its bank and its palettes, on
// the given devices (see Devices and Select). It builds all noise tiles that the
// configuration can ask for.
func New(cfg *scene.Config, b *bank.Bank, set *palette.Set, devices []Device, o Options) (*Backend, error) {
	if o.Threads <= 0 {
		o.Threads = runtime.GOMAXPROCS(0)
	}
	r := &Backend{cfg: cfg, bank: b, set: set, options: o, idle: make(chan *device, len(devices)), want: make([]atomic.Int64, len(cfg.Layers))}
	for i := range r.want {
		r.want[i].Store(2048)
	}
	for i, d := range devices {
		dev := &device{Device: d}
		if err := r.open(dev, i == 0); err != nil {
			r.Close()
			return nil, fmt.Errorf("device %d (%s): %w", d.Index, d.Name(), err)
		}
		r.devices = append(r.devices, dev)
		r.idle <- dev
	}
	return r, nil
}

// open makes a context on the device and brings the tables to it. first: the noise
// tiles are yet to be built.
func (r *Backend) open(d *device, first bool) error {
	t, err := openThread(d.Index, &r.options)
	if err != nil {
		return err
	}
	err = t.do(func() error {
		noise, err := planNoise(r.cfg, t.limits.block)
		if err != nil {
			return err
		}
		if first {
			buildNoise(r.bank.Noise, &noise, r.options.Threads)
		}
		d.p, err = newPainter(t, r.cfg, r.bank, r.set, &noise, &r.options)
		return err
	})
	if err != nil {
		t.close()
		return err
	}
	d.p.spare = 1 << 16
	d.memory, d.pixels = r.options.Memory, 32<<20
	if d.Software {
		d.pixels = 2 << 20 // more gains nothing there
	}
	if d.memory == 0 {
		d.memory = 1 << 30
		if d.Memory > 0 {
			d.memory = d.Memory / 2
		}
	}
	return nil
}

// Name implements render.Backend.
func (r *Backend) Name() string { return "gpu" }

// Batch returns how many images a call of Render should bring to keep every device
// busy.
func (r *Backend) Batch() int {
	n := 0
	for _, d := range r.devices {
		n += max(1, d.pixels/(r.cfg.Image.Width*r.cfg.Image.Height*r.cfg.Develop.Supersample*r.cfg.Develop.Supersample))
	}
	return n
}

// NoiseBuffers returns in how many buffers the noise tiles lie.
func (r *Backend) NoiseBuffers() int { return len(r.devices[0].p.pools) }

// Close implements render.Backend.
func (r *Backend) Close() error {
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

// Render implements render.Backend. Batches go to whichever device is idle.
func (r *Backend) Render(ctx context.Context, scenes []*scene.Scene, images []*render.Image) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	next, lock := 0, sync.Mutex{}
	// take returns the next images that fit a batch of d.
	take := func(d *device) (int, int) {
		lock.Lock()
		defer lock.Unlock()
		from, pixels := next, 0
		for next < len(scenes) {
			p := render.NewPlan(scenes[next])
			if pixels += p.Width * p.Height; pixels > d.pixels && next > from {
				break
			}
			next++
		}
		return from, next
	}
	var wg sync.WaitGroup
	for range min(len(r.devices), len(scenes)) {
		wg.Go(func() {
			d := <-r.idle
			defer func() { r.idle <- d }()
			for ctx.Err() == nil {
				from, to := take(d)
				if from == to {
					return
				}
				if err := r.batch(ctx, d, scenes[from:to], images[from:to]); err != nil {
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

// batch renders images on a device. When the device runs out of memory the batch is
// halved, when its context is lost a new one is made; both may happen a few times
// before the job fails.
func (r *Backend) batch(ctx context.Context, d *device, scenes []*scene.Scene, images []*render.Image) error {
	if d.p == nil { // lost for good last time
		if err := r.open(d, false); err != nil {
			return fmt.Errorf("%s: %w", d.Name(), err)
		}
	}
	var todo []job
	for i := range scenes {
		jobs, err := bands(scenes[i], images[i], d.p.limits.block, d.memory)
		if err != nil {
			return err
		}
		todo = append(todo, jobs...)
	}
	r.extend(scenes, nil)
	for trouble := 0; len(todo) > 0; {
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
		n := r.fit(d, todo)
		l := layOut(todo[:n])
		var o outcome
		err := d.p.do(func() (err error) { o, err = d.p.run(l); return err })
		switch {
		case errors.Is(err, errMemory) || errors.Is(err, errLost):
			if trouble++; trouble > 4 {
				return fmt.Errorf("%s: %w, also with %d images at once and a new context; give it less to do (--size, --set develop.supersample=1) or use --backend cpu", d.Name(), err, n)
			}
			d.pixels = max(d.pixels/2, 1<<16)
			d.p.do(func() error { d.p.shrink(); return nil })
			r.options.say("%s: %v; going on with smaller batches", d.Name(), err)
			if errors.Is(err, errLost) {
				if err := r.reopen(d); err != nil {
					return fmt.Errorf("%s: %w, and it gives no new context: %v", d.Name(), errLost, err)
				}
			}
			if n == 1 && errors.Is(err, errMemory) { // what does not fit whole may fit in bands
				d.memory /= 2
				if todo, err = rebands(todo, d); err != nil {
					return err
				}
			}
			continue
		case err != nil:
			return fmt.Errorf("%s: %w", d.Name(), err)
		}
		if o.shows > d.p.room(l) {
			d.p.spare = o.shows + o.shows/4
			continue
		}
		todo = append(r.unfinished(l, &o), todo[n:]...)
	}
	return nil
}

// rebands splits the first job's image anew, into smaller bands.
func rebands(todo []job, d *device) ([]job, error) {
	first := &todo[0]
	jobs, err := bands(first.scene, first.image, d.p.limits.block, d.memory)
	if err != nil {
		return nil, err
	}
	for len(todo) > 0 && todo[0].scene == jobs[0].scene {
		todo = todo[1:]
	}
	return append(jobs, todo...), nil
}

// fit returns how many of the jobs a batch takes: as many as its buffers hold.
func (r *Backend) fit(d *device, todo []job) int {
	block := d.p.limits.block
	images := int(min(1<<14, block/uint64(unsafe.Sizeof(colours{})))) // each may have a palette of its own
	pixels, leaves, lens := 0, 0, false
	for i := range todo {
		j := &todo[i]
		pixels += j.pixels() + j.rows()
		lens = lens || j.lens()
		for k := range j.scene.Stacks {
			leaves += len(j.scene.Stacks[k].Leaves)
		}
		if i > 0 && (i >= images || pixels > d.pixels || pixels > most(block, d.memory, lens) || leafBytes*leaves > int(block)) {
			return i
		}
	}
	return len(todo)
}

// leafBytes is the size of a placement on the device.
const leafBytes = int(unsafe.Sizeof(scene.Leaf{}))

// extend places the leaves that full stacks probably need; short lists scenes that
// turned out to need more.
func (r *Backend) extend(scenes []*scene.Scene, short map[*scene.Scene]bool) {
	var next atomic.Int64
	var wg sync.WaitGroup
	for range min(r.options.Threads, len(scenes)) {
		wg.Go(func() {
			for {
				i := int(next.Add(1)) - 1
				if i >= len(scenes) {
					return
				}
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
			}
		})
	}
	wg.Wait()
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

// reopen replaces the device's context.
func (r *Backend) reopen(d *device) error {
	memory, pixels := d.memory, d.pixels
	d.shut()
	if err := r.open(d, false); err != nil {
		return err
	}
	d.memory, d.pixels = memory, pixels
	return nil
}

// Trace implements render.Tracer. An image too large for the device in one piece has
// no stages to show.
func (r *Backend) Trace(ctx context.Context, s *scene.Scene, im *render.Image, see func(render.Stage)) error {
	d := <-r.idle
	defer func() { r.idle <- d }()
	if d.p == nil {
		return errLost
	}
	jobs, err := bands(s, im, d.p.limits.block, d.memory)
	if err != nil {
		return err
	}
	if len(jobs) > 1 {
		return r.batch(ctx, d, []*scene.Scene{s}, []*render.Image{im})
	}
	r.extend([]*scene.Scene{s}, nil)
	for ctx.Err() == nil {
		l := layOut(jobs)
		var o outcome
		var stages []render.Stage
		err := d.p.do(func() (err error) {
			o, err = d.p.trace(l, func(st render.Stage) { stages = append(stages, st) })
			return err
		})
		if err != nil {
			return fmt.Errorf("%s: %w", d.Name(), err)
		}
		if o.shows > d.p.room(l) {
			d.p.spare = o.shows + o.shows/4
			continue
		}
		if len(r.unfinished(l, &o)) > 0 {
			continue
		}
		for _, st := range stages {
			see(st)
		}
		return nil
	}
	return context.Cause(ctx)
}

// buildNoise builds the tiles of a plan with all threads, largest first.
func buildNoise(n *bank.Noise, plan *noisePlan, threads int) {
	type tile struct{ slope, log int }
	work := make(chan tile)
	var wg sync.WaitGroup
	for range threads {
		wg.Go(func() {
			for t := range work {
				n.Tile(t.slope, t.log, 0)
			}
		})
	}
	for _, log := range plan.logs {
		for _, s := range plan.slopes {
			work <- tile{s, log}
		}
	}
	close(work)
	wg.Wait()
}

var _ render.Tracer = (*Backend)(nil)
