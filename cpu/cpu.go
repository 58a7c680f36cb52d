// Package cpu is the reference backend: pure Go, one file a stage, the same
// bytes as every other backend.
//
// Stages, per image: cover, paint, shade, blur (or lens), compose, develop,
// label. Each works on rows of a canvas: the output window, supersampled, with
// a margin as wide as the image's blur reaches.
package cpu

import (
	"context"
	"runtime"
	"sync"
	"sync/atomic"

	"leaflitter/bank"
	"leaflitter/palette"
	"leaflitter/render"
	"leaflitter/scene"
)

// Backend renders scenes of one configuration. It is safe for concurrent use.
type Backend struct {
	bank     *bank.Bank
	palettes *palette.Set
	threads  int
	stats    *render.Stats
	spare    sync.Pool // of *canvas
}

// New returns a backend for a model. threads 0 means all cores.
func New(m *render.Model, threads int) *Backend {
	if threads <= 0 {
		threads = runtime.GOMAXPROCS(0)
	}
	return &Backend{bank: m.Bank, palettes: m.Palettes, threads: threads}
}

// Limit returns a backend that shares b's configuration and tables, and renders with
// threads goroutines a call. A caller with that many images to render one by one, in
// as many calls at once, loses no time waiting for the slowest of a batch.
func (b *Backend) Limit(threads int) *Backend {
	return &Backend{bank: b.bank, palettes: b.palettes, threads: max(threads, 1), stats: b.stats}
}

// Measure books the time of every stage in s, which may be nil, from now on. No Render
// may be under way.
func (b *Backend) Measure(s *render.Stats) { b.stats = s }

// Name implements render.Backend.
func (b *Backend) Name() string { return "cpu" }

// Close implements render.Backend.
func (b *Backend) Close() error { return nil }

// Render implements render.Backend: images in parallel and, when there are
// fewer images than threads, rows of each image in parallel.
func (b *Backend) Render(ctx context.Context, scenes []*scene.Scene, images []*render.Image) error {
	workers := min(b.threads, len(scenes))
	var next atomic.Int64
	var wg sync.WaitGroup
	for w := range workers {
		// The threads that are left over go to the first images.
		share := b.threads / workers
		if w < b.threads%workers {
			share++
		}
		wg.Go(func() {
			c, _ := b.spare.Get().(*canvas)
			if c == nil {
				c = &canvas{}
			}
			defer b.spare.Put(c)
			for {
				i := int(next.Add(1)) - 1
				if i >= len(scenes) || ctx.Err() != nil {
					return
				}
				c.render(ctx, b, share, scenes[i], images[i])
			}
		})
	}
	wg.Wait()
	return ctx.Err()
}

// canvas is the working memory of one image.
type canvas struct {
	width, height, margin int // render px
	cover                 cover
	ids                   [][]uint32 // per stack, width * height
	seen                  [][]uint32 // per stack, ids of the leaves that show
	number                []int32    // leaf id -> index into paints, of the stack being shaded
	paints                []paint
	back, layer, tmp      []uint64
	prefix                [][2]uint64
	see                   func(render.Stage) // nil: nobody traces
}

// render runs all stages for one image. When ctx is done it returns early and
// im holds nothing of use.
func (c *canvas) render(ctx context.Context, b *Backend, workers int, s *scene.Scene, im *render.Image) {
	team := team{ctx, workers}
	laps := b.stats.Laps(workers)
	plan := render.NewPlan(s)
	scale, extra := plan.Scale, plan.Extra
	c.width, c.height, c.margin = plan.Width, plan.Height, plan.Margin*scale
	outWidth, outHeight := plan.Width/scale, plan.Height/scale

	if !c.coverAll(team, b, s) {
		return
	}
	laps.Lap("cover")
	label(im, s, c.ids, c.width, c.margin)
	laps.Lap("label")

	if plan.Plain() && c.see == nil {
		c.straight(team, b, s, im, &laps)
		return
	}
	for i := len(s.Stacks) - 1; i >= 0; i-- {
		c.show("cover", i, c.width, c.ids[i])
		c.paintStack(team, b, s, i)
		laps.Lap("paint")
		c.showPaints(i)
		c.layer = grow(c.layer, c.width*c.height)
		sharp := plan.Blurs[i].Reach() == 0
		c.shadeStack(team, b, s, i, sharp)
		laps.Lap("shade")
		c.show("shade", i, 2*c.width, render.Words(c.layer))
		if !sharp {
			c.blurStack(team, &plan.Blurs[i])
			laps.Lap("blur")
			c.show("blur", i, 2*c.width, render.Words(c.layer))
		}
		if i == len(s.Stacks)-1 {
			c.back, c.layer = c.layer, c.back
			continue
		}
		team.rows(c.height, func(y0, y1 int) { compose(c.back, c.layer, c.width, y0, y1) })
		laps.Lap("compose")
		c.show("compose", i, 2*c.width, render.Words(c.back))
	}

	out := c.back
	if scale > 1 {
		c.layer = grow(c.layer, outWidth*outHeight)
		out = c.layer
		team.rows(outHeight, func(y0, y1 int) { average(out, c.back, outWidth, scale, y0, y1) })
	}
	if len(extra) > 1 {
		c.tmp = grow(c.tmp, outWidth*outHeight)
		src := out
		team.rows(outHeight, func(y0, y1 int) { smoothRows(c.tmp, src, outWidth, extra, y0, y1) })
		team.rows(outHeight, func(y0, y1 int) { blurColumns(src, c.tmp, outWidth, outHeight, extra, y0, y1) })
	}
	team.rows(im.Height, func(y0, y1 int) {
		for y := y0; y < y1; y++ {
			quantiseRow(im, out[(y+plan.Margin)*outWidth+plan.Margin:], y)
		}
	})
	laps.Lap("develop")
}

// straight shades and develops the only stack, a sharp one, chunk by chunk: the
// rendered layer never leaves the cache.
func (c *canvas) straight(t team, b *Backend, s *scene.Scene, im *render.Image, laps *render.Laps) {
	c.paintStack(t, b, s, 0)
	laps.Lap("paint")
	sh := newShader(b, s)
	t.rows(c.height, func(y0, y1 int) {
		rows := make([]uint64, c.width)
		for y := y0; y < y1; y++ {
			c.shadeRow(&sh, 0, y, true, rows)
			quantiseRow(im, rows, y)
		}
	})
	laps.Lap("shade and develop")
}

// coverAll finds the front-most leaf of every pixel and stack; full stacks grow
// until none of their pixels is open. It reports false when ctx is done.
func (c *canvas) coverAll(t team, b *Backend, s *scene.Scene) bool {
	c.ids = grow(c.ids, len(s.Stacks))
	c.seen = grow(c.seen, len(s.Stacks))
	for i := range s.Stacks {
		st := &s.Stacks[i]
		c.seen[i] = c.seen[i][:0]
		c.ids[i] = grow(c.ids[i], c.width*c.height)
		if !st.Full { // a full stack overwrites every id
			clear(c.ids[i])
		}
		c.cover.reset(c.width, c.height, c.margin, c.ids[i])
		done := 0
		for {
			if st.Full && done == len(st.Leaves) {
				s.Extend(i)
			}
			c.cover.sort(st.Leaves[done:], done)
			t.each(len(c.cover.bands), 1, func(n, _ int) { c.cover.run(n, st.Leaves, b.bank.Outlines) })
			done = len(st.Leaves)
			if t.ctx.Err() != nil {
				return false
			}
			if !st.Full || c.cover.full() {
				break
			}
		}
		for n := range c.cover.bands {
			c.seen[i] = append(c.seen[i], c.cover.bands[n].seen...)
		}
	}
	return true
}

// paintStack draws the paints of the leaves of stack i that show.
func (c *canvas) paintStack(t team, b *Backend, s *scene.Scene, i int) {
	st := &s.Stacks[i]
	c.number = grow(c.number, len(st.Leaves)+1)
	for n := range c.number {
		c.number[n] = -1
	}
	seen := c.seen[i][:0]
	for _, id := range c.seen[i] {
		if c.number[id] < 0 { // each band lists it
			c.number[id] = int32(len(seen))
			seen = append(seen, id)
		}
	}
	c.paints = grow(c.paints, len(seen))
	p := newPainter(b, s)
	key := scene.Key{Seed: s.Seed, Image: s.Index, Layer: uint32(st.Index)}
	t.each(len(seen), 32, func(lo, hi int) {
		for n := lo; n < hi; n++ {
			k := key
			k.Leaf = seen[n] - 1
			p.paint(k, &st.Leaves[k.Leaf], &c.paints[n])
		}
	})
}

// shadeStack fills c.layer with stack i's colours, 0 where no leaf is; a sharp
// stack is brought to the scale of blurred ones at once.
func (c *canvas) shadeStack(t team, b *Backend, s *scene.Scene, i int, sharp bool) {
	sh := newShader(b, s)
	t.rows(c.height, func(y0, y1 int) {
		for y := y0; y < y1; y++ {
			c.shadeRow(&sh, i, y, sharp, c.layer[y*c.width:(y+1)*c.width])
		}
	})
}

// shadeRow fills out with row y of stack i.
func (c *canvas) shadeRow(sh *shader, i, y int, sharp bool, out []uint64) {
	ids := c.ids[i][y*c.width : (y+1)*c.width]
	shift := 0
	if sharp {
		shift = 2
	}
	for x := 0; x < len(ids); {
		id, from := ids[x], x
		for x++; x < len(ids) && ids[x] == id; x++ {
		}
		if id == 0 {
			clear(out[from:x])
			continue
		}
		p, run := &c.paints[c.number[id]], out[from:x]
		if p.kind == paintFlat { // nothing else of the leaf is looked at
			v := p.flat << shift
			for i := range run {
				run[i] = v
			}
			continue
		}
		sh.run(p, c.cover.centre(from), c.cover.centre(y), run)
		if sharp {
			for i := range run {
				run[i] <<= shift
			}
		}
	}
}

// blurStack blurs c.layer.
func (c *canvas) blurStack(t team, k *bank.Blur) {
	switch {
	case k.Lens != nil:
		c.prefix = grow(c.prefix, (c.width+1)*c.height)
		t.rows(c.height, func(y0, y1 int) { lensPrefix(c.prefix, c.layer, c.width, y0, y1) })
		t.rows(c.height, func(y0, y1 int) { lens(c.layer, c.prefix, c.width, c.height, k.Lens, y0, y1) })
	default:
		c.tmp = grow(c.tmp, c.width*c.height)
		t.rows(c.height, func(y0, y1 int) { blurRows(c.tmp, c.layer, c.width, k.Weight, y0, y1) })
		t.rows(c.height, func(y0, y1 int) { blurColumns(c.layer, c.tmp, c.width, c.height, k.Weight, y0, y1) })
	}
}
