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
	tilt   uint32  // 0: not tilted; 1: receding to the right, 2: to the left, 3: upwards
	inv    float32 // 1 / leaf extent
	extent float32 // no pixel of the leaf is farther from its centre along an axis

	flat     uint64     // texel of a flat paint
	from, to [3]float32 // colours of a two-colour paint, in the mixing space
	ramp     ramp
	pattern  pattern
	part     [2]noise // noise: part[0], in RGB; mix: both, in the mixing space
}

// ramp is the profile of a gradient: position dx x + dy y + 1/2 in [0, 1].
type ramp struct {
	dx, dy float32
	curve  curve
}

// curve is a logistic over [-6, 6], rescaled to run from 0 to 1 on [0, 1].
type curve struct{ slope, bias, gain float32 }

// noise is a 1/f^s noise paint, or one flat colour if tex is nil.
type noise struct {
	mean     [3]float32
	chol     [6]float32  // lower Cholesky factor of the covariance
	tex      [3][]uint32 // the tile, and the levels of half and a quarter its side
	gain     [3]float32
	slope    uint32 // class
	variant  uint32
	log      uint32
	x, y     int32  // offset into the tile
	symmetry uint32 // 1: mirror x; 2: mirror y; 4: exchange x and y
}

// painter draws paints: the paint stage for one image.
type painter struct {
	cfg     *scene.Config
	bank    *bank.Bank
	palette *palette.Palette
	scale   float32 // render px a px
	lab     bool
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
		turn := draw.Float32()
		out.ramp.curve = p.curve(draw.Between(float32(c.Gradient.Steepness[0]), float32(c.Gradient.Steepness[1])))
		out.ramp.dx = float32(float32(cosTurns(turn)*out.inv) * 0.5)
		out.ramp.dy = float32(float32(sinTurns(turn)*out.inv) * 0.5)
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
}

// flat draws a uniformly random pixel of the palette as a texel.
func (p *painter) flat(draw *scene.Stream) uint64 {
	c := p.palette.Pixels[draw.Intn(palette.PixelCount)].RGB
	return texel(float32(c[0]), float32(c[1]), float32(c[2]))
}

// colour draws a uniformly random pixel of the palette in the mixing space.
func (p *painter) colour(draw *scene.Stream) [3]float32 {
	c := &p.palette.Pixels[draw.Intn(palette.PixelCount)]
	if p.lab {
		return c.Lab
	}
	return [3]float32{float32(c.RGB[0]), float32(c.RGB[1]), float32(c.RGB[2])}
}

// curve returns the logistic profile of a slope.
func (p *painter) curve(slope float32) curve {
	t := p.bank.Logistic
	bias := logistic(t, float32(-6*slope))
	return curve{slope, bias, recip(logistic(t, float32(6*slope)) - bias)}
}

// at returns the profile at x in [0, 1].
func (c *curve) at(table []float32, x float32) float32 {
	y := logistic(table, float32(c.slope*(float32(12*x)-6)))
	return float32((y - c.bias) * c.gain)
}

// tileLog returns the tile whose side is nearest to width, on a log scale.
func tileLog(width float32, largest int) uint32 {
	log, bound := uint32(6), float32(90.50967) // 2^6.5
	for width >= bound && 1<<(log+1) <= largest {
		log++
		bound = float32(bound * 2)
	}
	return log
}

// noise draws a noise paint for a leaf whose extent and tilt are known.
func (p *painter) noise(draw *scene.Stream, on *paint, lab bool) noise {
	c := &p.cfg.Paint.Noise
	// s is uniform over the union of intervals.
	total := float32(0)
	for _, s := range c.Slopes {
		total += float32(s[1] - s[0])
	}
	at := float32(draw.Float32() * total)
	s := float32(c.Slopes[0][0])
	for i, in := range c.Slopes {
		s = float32(in[0]) + at
		if w := float32(in[1] - in[0]); at < w || i == len(c.Slopes)-1 {
			break
		} else {
			at -= w
		}
	}
	slope := bank.Slope(s)
	log := tileLog(float32(2*on.extent)+float32(float32(c.Margin)*p.scale), c.LargestTile)
	variant := int(draw.Uint32()>>30) & (bank.Variants(int(log)) - 1)
	n := noise{log: log, slope: uint32(slope), variant: uint32(variant)}
	// Multiples of four, so that the coarser levels stay aligned.
	n.x, n.y = int32(draw.Uint32()>>16&^3), int32(draw.Uint32()>>16&^3)
	n.symmetry = draw.Uint32() >> 29
	patch := &p.palette.Patches[draw.Intn(palette.PatchCount)]
	g := &patch.RGB
	if lab {
		g = &patch.Lab
	}
	n.mean, n.chol = g.Mean, g.Chol
	levels := 1
	if on.tilt != 0 && p.cfg.Paint.Perspective.Direction == "recede" {
		levels = len(n.tex)
	}
	for i := range levels {
		level := int(log) - i
		n.tex[i] = p.bank.Noise.Tile(slope, level, variant)
		n.gain[i] = 1
		if i > 0 {
			n.gain[i] = p.bank.Noise.Gain(slope, int(log), level)
		}
	}
	return n
}
