//go:build linux && cgo && egl

package gpu

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"github.com/go-gl/gl/v4.5-core/gl"

	"leaflitter/render"
	"leaflitter/scene"
)

// Trace implements render.Tracer. An image too large for the device in one piece has
// no stages to show.
func (r *Backend) Trace(ctx context.Context, s *scene.Scene, im *render.Image, see func(render.Stage)) error {
	slot := <-r.idle
	defer func() { r.idle <- slot }()
	d := slot.device
	r.extend([]*scene.Scene{s}, nil)
	for ctx.Err() == nil {
		stages, whole, again, err := r.trace(slot, s, im)
		switch {
		case err != nil:
			return fmt.Errorf("%s: %w", d.Name(), err)
		case !whole:
			return r.batch(ctx, slot, []*scene.Scene{s}, []*render.Image{im})
		case !again:
			for _, st := range stages {
				see(st)
			}
			return nil
		}
	}
	return context.Cause(ctx)
}

// trace renders an image once; again says that it must come again, and whole that it
// can be rendered in one piece at all.
func (r *Backend) trace(slot *slot, s *scene.Scene, im *render.Image) (stages []render.Stage, whole, again bool, err error) {
	d := slot.device
	p, err := r.enter(d)
	if err != nil {
		return nil, false, false, err
	}
	defer d.life.RUnlock()
	memory, _ := d.budget()
	jobs, err := bands(s, im, p.limits.block, memory)
	if err != nil || len(jobs) > 1 {
		return nil, false, false, err
	}
	l := layOut(jobs)
	o, err := p.fly(slot, l, r.options.Threads, nil, p.watcher(l, &stages))
	if err != nil {
		return nil, true, false, err
	}
	return stages, true, o.short || len(r.unfinished(l, &o)) > 0, nil
}

// watcher returns a sight that notes the stages of a batch of one job.
func (p *painter) watcher(l *layout, stages *[]render.Stage) sight {
	return func(name string, k int, b *buffer) {
		gl.MemoryBarrier(gl.BUFFER_UPDATE_BARRIER_BIT)
		stage := render.Stage{Name: name, Stack: k, Row: 2 * l.width}
		switch name {
		case "paint":
			stage.Row, stage.Words = render.RecordWords, render.Words(p.records(l, k))
		case "cover":
			stage.Row, stage.Words = l.width, make([]uint32, l.ids)
			get(b, stage.Words)
		case "blur":
			if !l.blurred[k] && !l.lens[k] {
				return
			}
			fallthrough
		default:
			stage.Words = make([]uint32, 2*l.ids)
			get(b, stage.Words)
		}
		*stages = append(*stages, stage)
	}
}

// records reads the paints of stack k, by leaf id.
func (p *painter) records(l *layout, k int) []render.PaintRecord {
	passes := make([]pass, len(l.blurred))
	get(&p.passes, passes)
	n := min(int(passes[k].Count), p.room(l))
	who, paints := make([]shown, n), make([]paint, n)
	get(&p.shown, who)
	get(&p.paints, paints)
	all := make([]render.PaintRecord, n)
	for i := range all {
		all[i] = render.PaintRecord{ID: who[i].Leaf - l.stacks[k].Leaves + 1, Paint: paints[i]}
		for part := range all[i].Paint.Part {
			all[i].Paint.Part[part].At = [3]uint32{}
		}
	}
	slices.SortFunc(all, func(a, b render.PaintRecord) int { return cmp.Compare(a.ID, b.ID) })
	return all
}
