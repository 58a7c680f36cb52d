//go:build linux && cgo && egl

package gpu

import (
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"unsafe"

	"github.com/go-gl/gl/v4.5-core/gl"

	"leaflitter/render"
	"leaflitter/scene"
)

// slot is the host's memory of one batch in flight: goroutines lay the batch out in up
// and take the finished bytes from down, while the device works on other slots'
// batches. What the device alone uses belongs to the painter: batches follow one
// another there.
type slot struct {
	device   *device
	p        *painter // whose context maps the memory
	up, down mapped
}

// Sections of a slot's memory, in bytes.
type sections struct {
	palettes, settings, canvases, stacks, leaves, kernels, passes, dispatches, upEnd int
	pix, labels, progress, counted, work, downEnd                                    int
}

// sections lays a batch out in a slot.
func (l *layout) sections() (s sections) {
	at := 0
	next := func(size int) int {
		from := at
		at += (size + 63) &^ 63
		return from
	}
	s.palettes = next(colourBytes * len(l.palettes))
	s.settings = next(settingsBytes * len(l.settings))
	s.canvases = next(int(unsafe.Sizeof(canvas{})) * len(l.canvases))
	s.stacks = next(int(unsafe.Sizeof(stack{})) * len(l.stacks))
	s.leaves = next(leafBytes * l.leaves)
	s.kernels = next(4 * len(l.kernels))
	s.passes = next(passBytes * len(l.blurred))
	s.dispatches = next(l.dispatchBytes())
	s.upEnd, at = at, 0
	if !l.stay {
		_, labels := l.starts()
		s.pix = next(4 * l.words())
		s.labels = next(4 * labels)
	}
	s.progress = next(progressBytes * len(l.stacks))
	s.counted = next(passBytes * len(l.blurred))
	s.work = next(workBytes)
	s.downEnd = at
	return s
}

// Sizes on the device.
const (
	leafBytes     = int(unsafe.Sizeof(scene.Leaf{}))
	colourBytes   = int(unsafe.Sizeof(colours{}))
	settingsBytes = int(unsafe.Sizeof(settings{}))
	passBytes     = int(unsafe.Sizeof(pass{}))
	progressBytes = int(unsafe.Sizeof(progress{}))
	workBytes     = int(unsafe.Sizeof(work{}))
)

// words returns how many words the finished pixels of a batch take.
func (l *layout) words() int { return l.groups * l.jobs[0].image.Channels }

// ready makes the slot large enough for a batch on p. It is called on no thread.
func (s *slot) ready(p *painter, at *sections) error {
	if s.p == p && s.up.size >= at.upEnd && s.down.size >= at.downEnd && s.up.at != nil && s.down.at != nil {
		return nil
	}
	return p.do(func() error {
		if s.p != p { // the last context took its memory along
			s.up, s.down, s.p = mapped{name: "placements going up"}, mapped{name: "images coming down", down: true}, p
		}
		if err := s.up.reserve(at.upEnd); err != nil {
			return err
		}
		return s.down.reserve(at.downEnd)
	})
}

// free gives the slot's memory back; on the thread.
func (s *slot) free() {
	s.up.free()
	s.down.free()
}

// fill writes a batch to the slot.
func (s *slot) fill(l *layout, at *sections, p *painter, threads int) {
	all := view[colours](&s.up, at.palettes, len(l.palettes))
	for i, n := range l.palettes {
		all[i] = *p.colour(n)
	}
	copy(view[settings](&s.up, at.settings, len(l.settings)), l.settings)
	copy(view[canvas](&s.up, at.canvases, len(l.canvases)), l.canvases)
	copy(view[stack](&s.up, at.stacks, len(l.stacks)), l.stacks)
	copy(view[uint32](&s.up, at.kernels, len(l.kernels)), l.kernels)
	for i := range l.blurred {
		view[pass](&s.up, at.passes, len(l.blurred))[i] = pass{0, 1, 1, 0}
	}
	leaves := view[scene.Leaf](&s.up, at.leaves, l.leaves)
	starts := make([]int, len(l.spans))
	for i := 1; i < len(l.spans); i++ {
		starts[i] = starts[i-1] + len(l.spans[i-1])
	}
	each(threads, len(l.spans), func(i int) { copy(leaves[starts[i]:], l.spans[i]) })
}

// each calls f for 0 to n-1 from several goroutines.
func each(threads, n int, f func(i int)) {
	if threads = min(threads, n); threads <= 1 {
		for i := range n {
			f(i)
		}
		return
	}
	var next atomic.Int64
	var wg sync.WaitGroup
	for range threads {
		wg.Go(func() {
			for {
				i := int(next.Add(1)) - 1
				if i >= n {
					return
				}
				f(i)
			}
		})
	}
	wg.Wait()
}

// outcome is what a batch says about itself.
type outcome struct {
	progress []progress // per canvas and stack
	short    bool       // more leaves show than there was room for: it must come again
	work     Work       // if it is counted
}

// fly renders a batch through a slot. Jobs whose progress says that pixels of a full
// stack stayed open, and all jobs of a batch that was short, are not delivered in a
// useful state. see, if not nil, is called after each stage, on the thread.
func (p *painter) fly(s *slot, l *layout, threads int, stats *render.Stats, see sight) (o outcome, err error) {
	at := l.sections()
	number := s.device.Index
	if err := s.ready(p, &at); err != nil {
		return o, err
	}
	stop := stats.Time(render.Host, "lay out")
	s.fill(l, &at, p, threads)
	stop()
	f := &flight{done: make(chan error, 1)}
	if stats != nil {
		f.clock = &clock{}
	}
	room := 0
	err = p.do(func() error {
		room = p.room(l)
		return p.start(s, l, &at, f, see)
	})
	if err != nil {
		return o, err
	}
	if err := <-f.done; err != nil {
		return o, err
	}
	for _, lap := range f.laps {
		stats.Add(number, lap.step, lap.took)
	}
	defer stats.Time(render.Host, "copy out")()
	o.progress = append(o.progress, view[progress](&s.down, at.progress, len(l.stacks))...)
	shows := 0
	for _, q := range view[pass](&s.down, at.counted, len(l.blurred)) {
		shows = max(shows, int(q.Count))
	}
	if p.counting {
		o.work = l.work(&view[work](&s.down, at.work, 1)[0], &at)
	}
	if o.short = shows > room; o.short {
		return o, p.do(func() error {
			p.spare = max(p.spare, shows+shows/4)
			return nil
		})
	}
	if !l.stay {
		_, labels := l.starts()
		l.deliver(view[uint32](&s.down, at.pix, l.words()), view[uint32](&s.down, at.labels, labels), threads)
	}
	return o, nil
}

// start asks the device for a batch that lies in a slot. On the thread.
func (p *painter) start(s *slot, l *layout, at *sections, f *flight, see sight) error {
	p.clock = f.clock
	defer func() { p.clock = nil }()
	p.clock.mark("")
	if err := p.reserve(l); err != nil {
		return err
	}
	s.up.copyTo(&p.palettes, at.palettes, colourBytes*len(l.palettes))
	s.up.copyTo(&p.settings, at.settings, settingsBytes*len(l.settings))
	s.up.copyTo(&p.canvases, at.canvases, int(unsafe.Sizeof(canvas{}))*len(l.canvases))
	s.up.copyTo(&p.stacks, at.stacks, int(unsafe.Sizeof(stack{}))*len(l.stacks))
	s.up.copyTo(&p.leaves, at.leaves, leafBytes*l.leaves)
	s.up.copyTo(&p.kernels, at.kernels, 4*len(l.kernels))
	s.up.copyTo(&p.passes, at.passes, passBytes*len(l.blurred))
	p.tell(s, l, at)
	p.clear(&p.numbers, 4*l.leaves)
	p.clear(&p.progress, progressBytes*len(l.stacks))
	if p.counting {
		p.clear(&p.counts, workBytes)
	}
	for binding, b := range map[uint32]*buffer{
		bindSettings: &p.settings, bindCanvases: &p.canvases, bindStacks: &p.stacks,
		bindNumbers: &p.numbers, bindPasses: &p.passes, bindPaints: &p.paints,
		bindIDs: &p.ids, bindTables: &p.tables, bindProgress: &p.progress,
	} {
		b.bind(binding)
	}
	gl.BindBufferRange(gl.UNIFORM_BUFFER, bindMinusZero, p.minusZero.id, 0, 16)
	if err := check("uploading a batch"); err != nil {
		return err
	}
	p.clock.mark("upload")
	if err := p.submit(l, see); err != nil {
		return err
	}
	if !l.stay {
		_, labels := l.starts()
		s.down.copyFrom(&p.pix, at.pix, 4*l.words())
		s.down.copyFrom(&p.labels, at.labels, 4*labels)
	}
	s.down.copyFrom(&p.progress, at.progress, progressBytes*len(l.stacks))
	s.down.copyFrom(&p.passes, at.counted, passBytes*len(l.blurred))
	if p.counting {
		s.down.copyFrom(&p.counts, at.work, workBytes)
	}
	gl.MemoryBarrier(gl.CLIENT_MAPPED_BUFFER_BARRIER_BIT)
	p.clock.mark("readback")
	if err := check("reading a batch back"); err != nil {
		return err
	}
	return p.launch(f)
}

// reserve makes room for a batch.
func (p *painter) reserve(l *layout) error {
	_, labels := l.starts()
	tmp := 8 * l.ids
	if l.prefix > 0 {
		tmp = max(tmp, 16*l.prefix)
	}
	front := 0
	if labels > 0 {
		front = 8 * l.front
	}
	layer := 0
	if len(l.blurred) > 1 || p.cfg.Develop.Supersample > 1 {
		layer = 8 * l.ids
	}
	shows := p.room(l)
	for _, r := range []struct {
		b    *buffer
		size int
	}{
		{&p.palettes, colourBytes * len(l.palettes)}, {&p.settings, settingsBytes * len(l.settings)}, {&p.canvases, int(unsafe.Sizeof(canvas{})) * len(l.canvases)},
		{&p.stacks, int(unsafe.Sizeof(stack{})) * len(l.stacks)}, {&p.leaves, leafBytes * l.leaves}, {&p.kernels, 4 * len(l.kernels)},
		{&p.numbers, 4 * l.leaves}, {&p.shown, 8 * shows}, {&p.paints, shows * 4 * (render.RecordWords - 1)},
		{&p.ids, 4 * l.ids}, {&p.back, 8 * l.ids}, {&p.layer, layer}, {&p.tmp, tmp},
		{&p.front, front}, {&p.pix, 4 * l.words()}, {&p.labels, 4 * labels},
		{&p.bins, 8 * l.bins}, {&p.binned, 4 * l.bins * l.room},
		{&p.coarse, 8 * l.coarse}, {&p.coarseLists, 4 * l.coarse * l.coarseRoom}, {&p.progress, progressBytes * len(l.stacks)}, {&p.passes, passBytes * len(l.blurred)},
		{&p.dispatches, l.dispatchBytes()},
	} {
		if uint64(r.size) > p.limits.block {
			return fmt.Errorf("%w (%s: %d MiB, its buffers hold %d)", errMemory, r.b.name, r.size>>20, p.limits.block>>20)
		}
		// More than asked for, so that the next batches fit too, and still more when
		// that was not enough: margins of blurs vary from image to image.
		if r.size > r.b.size {
			spare := r.size / 4
			if r.b.size > 0 {
				spare = r.size / 2
			}
			err := r.b.reserve(int(min(uint64(r.size+spare), p.limits.block)))
			if errors.Is(err, errMemory) { // for that much; not for what is needed, perhaps
				err = r.b.reserve(r.size)
			}
			if err != nil {
				return err
			}
		}
	}
	return nil
}

// room is how many shown leaves of a stack there is memory for.
func (p *painter) room(l *layout) int {
	return max(64, min(p.spare, l.leaves))
}

// deliver copies finished words to the images.
func (l *layout) deliver(pix, labels []uint32, threads int) {
	at, _ := l.starts()
	each(threads, len(l.jobs), func(i int) {
		j, c := &l.jobs[i], &l.canvases[i]
		first, n := j.top*j.image.Width, j.height*j.image.Width
		group := int(c.OutWords)
		copyBytes(j.image.Pix, first*j.image.Channels, n*j.image.Channels, pix[group*j.image.Channels:])
		from := func(k int) []uint32 { return labels[int(at[k])+group*labelBytes[k]:] }
		if j.image.ID != nil {
			copyBytes(j.image.ID, first, n, from(0))
		}
		if j.image.Layer != nil {
			copyBytes(j.image.Layer, first, n, from(1))
		}
		if j.image.Depth != nil {
			copyBytes(j.image.Depth, first, n, from(2))
		}
		if j.image.Edge != nil {
			copyBytes(j.image.Edge, first, n, from(3))
		}
	})
}

// copyBytes fills dst[first:first+n] from little-endian words.
func copyBytes[T any](dst []T, first, n int, words []uint32) {
	copy(dst[first:first+n], unsafe.Slice((*T)(unsafe.Pointer(&words[0])), n))
}
