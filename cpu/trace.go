package cpu

import (
	"context"

	"leaflitter/render"
	"leaflitter/scene"
)

// Trace implements render.Tracer.
func (b *Backend) Trace(ctx context.Context, s *scene.Scene, im *render.Image, see func(render.Stage)) error {
	c := &canvas{see: see}
	c.render(ctx, b, b.threads, s, im)
	return ctx.Err()
}

// show reports a stage to whoever traces.
func (c *canvas) show(name string, stack, row int, words []uint32) {
	if c.see != nil {
		c.see(render.Stage{Name: name, Stack: stack, Row: row, Words: words})
	}
}

// showPaints reports the paints of stack i by leaf id.
func (c *canvas) showPaints(i int) {
	if c.see == nil {
		return
	}
	var all []render.PaintRecord
	for id, n := range c.number {
		if n >= 0 {
			all = append(all, render.PaintRecord{ID: uint32(id), Paint: c.paints[n].record()})
		}
	}
	c.show("paint", i, render.RecordWords, render.Words(all))
}

func (p *paint) record() render.Paint {
	r := render.Paint{
		Kind: uint32(p.kind), FlatLow: uint32(p.flat), FlatHigh: uint32(p.flat >> 32),
		X: p.leaf.X, Y: p.leaf.Y, Tilt: p.tilt, Inv: p.inv, Extent: p.extent, From: p.from.array(), To: p.to.array(),
		RampX: p.ramp.dx, RampY: p.ramp.dy, Curve: p.ramp.curve.record(),
		Count: uint32(p.pattern.count), Grid: flag(p.pattern.grid), Warped: flag(p.pattern.warped),
		WarpRate: p.pattern.warpRate, WarpHeight: p.pattern.warpHeight, WarpX: p.pattern.warpX, WarpY: p.pattern.warpY,
	}
	if s := &p.stretch; *s != (stretch{}) {
		r.Stretch = render.Stretch{On: flag(s.on), XX: s.xx, XY: s.xy, YX: s.yx, YY: s.yy}
	}
	if s := &p.pattern.spots; *s != (spots{}) {
		r.Spots = render.Spots{
			On: flag(s.on), XX: s.xx, XY: s.xy, YX: s.yx, YY: s.yy, X: s.x, Y: s.y, TurnedX: s.turnedX, TurnedY: s.turnedY,
			BendX: s.bendX, BendY: s.bendY, Threshold: s.threshold, Slope: s.slope, Size: s.size, Mean: s.mean,
		}
	}
	for i, w := range p.pattern.waves {
		r.Waves[i] = render.Wave{
			Fx: w.fx, Fy: w.fy, Phase: w.phase, Freq: w.freq, Threshold: w.threshold,
			Curve: w.curve.record(), Mean: w.mean, Period: w.period, Line: w.line,
		}
	}
	for i, n := range p.part {
		r.Part[i] = render.Noise{Mean: n.mean.array(), Chol: n.chol, Gain: n.gain, Log: n.log, Cells: n.cells, Fade: n.fade, X: n.x, Y: n.y, Symmetry: n.symmetry}
		if n.tex[0] != nil {
			r.Part[i].Tile = 1 + n.slope | n.variant<<8
		}
	}
	return r
}

func (c *curve) record() render.Curve {
	return render.Curve{Slope: c.slope, Offset: c.offset, Bias: c.bias, Gain: c.gain}
}

func (v vec3) array() [3]float32 { return [3]float32{v.x, v.y, v.z} }

func flag(b bool) uint32 {
	if b {
		return 1
	}
	return 0
}

var _ render.Tracer = (*Backend)(nil)
