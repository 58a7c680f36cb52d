package cpu

import (
	"leaflitter/bank"
	"leaflitter/palette"
	"leaflitter/scene"
)

// The kinds of paint under the names of this package.
const (
	paintFlat     = scene.PaintFlat
	paintGradient = scene.PaintGradient
	paintSin      = scene.PaintSin
	paintNoise    = scene.PaintNoise
	paintMix      = scene.PaintMix
)

// paint is everything shade needs to know about one leaf.
type paint struct {
	kind   scene.PaintKind
	leaf   *scene.Leaf
	tilt   uint32  // 0: not tilted; 1: receding to the right, 2: to the left, 3: upwards, 4: downwards
	inv    float32 // 1 / leaf extent
	extent float32 // no pixel of the leaf is farther from its centre along an axis

	flat     uint64 // texel of a flat paint
	from, to vec3   // colours of a two-colour paint, in the mixing space
	ramp     ramp
	pattern  pattern
	part     [2]noise // noise: part[0], in RGB; mix: both, in the mixing space
	stretch  stretch  // of the parts
}

// ramp is the profile of a gradient, a logistic over [-6, 6]: position dx x + dy y + 1/2
// in [0, 1] from corner to corner of a square twice as wide as the leaf.
type ramp struct {
	dx, dy float32
	curve  curve
}

// curve is a piece of the logistic, from slope 0 + offset to slope 1 + offset, rescaled
// to run from 0 to 1.
type curve struct{ slope, offset, bias, gain float32 }

// painter draws paints: the paint stage for one image.
type painter struct {
	cfg     *scene.Config
	bank    *bank.Bank
	palette *palette.Palette
	scale   float32 // render px a px
	lab     bool

	lean     scene.Leaning
	contrast float32
	rgb, mix vec3 // the palette's mean, in RGB and in the mixing space
}

// newPainter returns the painter of an image.
func newPainter(b *Backend, s *scene.Scene) painter {
	c := &s.Config.Paint
	p := painter{
		cfg: s.Config, bank: b.bank, palette: &b.palettes.Palettes[s.Palette],
		scale: float32(s.Scale()), lab: c.Mixing == "lab", contrast: float32(c.Contrast), lean: s.Config.Gravity.Leaning(),
	}
	if p.contrast != 1 {
		mean := p.palette.Mean()
		p.rgb = vec3{float32(mean.RGB[0]), float32(mean.RGB[1]), float32(mean.RGB[2])}
		p.mix = p.rgb
		if p.lab {
			p.mix = vec3{mean.Lab[0], mean.Lab[1], mean.Lab[2]}
		}
	}
	return p
}

// contrasted scales a colour about the palette's mean.
func (p *painter) contrasted(c, mean vec3) vec3 {
	if p.contrast == 1 {
		return c
	}
	return mean.mixed(c, p.contrast)
}

// paint draws the paint of a leaf into out. All lengths are render pixels.
func (p *painter) paint(key scene.Key, leaf *scene.Leaf, out *paint) {
	c := &p.cfg.Paint
	key.Purpose = scene.PurposePaint
	draw := scene.NewStream(key)
	*out = paint{leaf: leaf, extent: leaf.Extent()}
	out.inv = recip(out.extent)

	out.kind, out.tilt = p.cfg.PaintOf(&draw, leaf.R)
	switch out.kind {
	case paintFlat:
		out.flat = p.flat(&draw)
	case paintGradient:
		out.from, out.to = p.colour(&draw), p.colour(&draw)
		turn := p.lean.At(draw.Float32())
		k := draw.Between(float32(c.Gradient.Steepness[0]), float32(c.Gradient.Steepness[1]))
		out.ramp.curve = p.curve(float32(12*k), float32(-6*k))
		dx, dy := cosTurns(turn), sinTurns(turn)
		rate := float32(float32(out.inv*0.25) * recip(max(dx, -dx)+max(dy, -dy)))
		out.ramp.dx, out.ramp.dy = float32(dx*rate), float32(dy*rate)
	case paintSin:
		out.from, out.to = p.colour(&draw), p.colour(&draw)
		out.pattern = p.pattern(&draw, false)
	case paintNoise:
		out.part[0] = p.noise(&draw, out, false)
	case paintMix:
		for i := range out.part {
			if draw.Float32() < float32(c.Mix.FlatOdds) {
				out.part[i] = noise{mean: p.colour(&draw)}
			} else {
				out.part[i] = p.noise(&draw, out, p.lab)
			}
		}
		out.pattern = p.pattern(&draw, draw.Float32() < float32(c.Mix.GridOdds))
	}

	// What a configuration may leave out is drawn last and only if it is there, so that it changes
	// nothing else.
	if out.kind >= paintNoise && c.Noise.StretchOdds > 0 {
		out.stretch = p.stretch(&draw)
	}
	if (out.kind == paintSin || out.kind == paintMix && !out.pattern.grid) && c.Spots.Odds > 0 {
		out.pattern.spots = p.spots(&draw)
	}
}

// stretch draws a texture out along a direction: its coordinates are turned, and the first divided.
type stretch struct {
	on             bool
	xx, xy, yx, yy float32
}

func (p *painter) stretch(draw *scene.Stream) stretch {
	c := &p.cfg.Paint.Noise
	s := stretch{on: draw.Float32() < float32(c.StretchOdds)}
	by, turn := recip(p.logBetween(draw, c.Stretch)), p.lean.At(draw.Float32())
	cos, sin := cosTurns(turn), sinTurns(turn)
	s.xx, s.xy, s.yx, s.yy = float32(cos*by), float32(sin*by), -sin, cos
	return s
}

// of returns the place on the texture before it was drawn out.
func (s *stretch) of(t textured) textured {
	if !s.on {
		return t
	}
	return textured{float32(t.x*s.xx) + float32(t.y*s.xy), float32(t.x*s.yx) + float32(t.y*s.yy), t.foot, true}
}

// flat draws a uniformly random pixel of the palette as a texel.
func (p *painter) flat(draw *scene.Stream) uint64 {
	c := p.palette.Pixels[draw.Intn(palette.PixelCount)].RGB
	return texel(p.contrasted(vec3{float32(c[0]), float32(c[1]), float32(c[2])}, p.rgb))
}

// colour draws a uniformly random pixel of the palette in the mixing space.
func (p *painter) colour(draw *scene.Stream) vec3 {
	c := &p.palette.Pixels[draw.Intn(palette.PixelCount)]
	if p.lab {
		return p.contrasted(vec3{c.Lab[0], c.Lab[1], c.Lab[2]}, p.mix)
	}
	return p.contrasted(vec3{float32(c.RGB[0]), float32(c.RGB[1]), float32(c.RGB[2])}, p.mix)
}

// curve returns the profile from offset to offset + slope.
func (p *painter) curve(slope, offset float32) curve {
	t := p.bank.Logistic
	bias := logistic(t, offset)
	return curve{slope, offset, bias, recip(logistic(t, slope+offset) - bias)}
}

// at returns the profile at x in [0, 1].
func (c *curve) at(table []float32, x float32) float32 {
	y := logistic(table, float32(c.slope*x)+c.offset)
	return float32((y - c.bias) * c.gain)
}
