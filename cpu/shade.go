package cpu

import (
	"leaflitter/bank"
	"leaflitter/scene"
)

// shader fills pixels with paint: the shade stage for one image.
type shader struct {
	bank     *bank.Bank
	lab      bool
	approach bool // perspective enlarges instead of receding
}

func newShader(b *Backend, s *scene.Scene) shader {
	return shader{
		bank: b.bank, lab: s.Config.Paint.Mixing == "lab",
		approach: s.Config.Paint.Perspective.Direction == "approach",
	}
}

// run shades the pixels of one row that belong to one leaf: out[i] is the
// pixel with centre (x + i, y). Every pixel's value depends on its own centre
// alone, not on where the run starts. Flat paints are shadeRow's.
func (s *shader) run(p *paint, x, y float32, out []uint64) {
	left, dy := p.leaf.X, y-p.leaf.Y
	row := s.rowDepth(p, dy)
	switch p.kind {
	case paintGradient:
		across := float32(dy*p.ramp.dy) + 0.5
		for i := range out {
			at := clamp01(float32((x+float32(i)-left)*p.ramp.dx) + across)
			out[i] = s.mixed(p.from, p.to, p.ramp.curve.at(s.bank.Logistic, at))
		}
	case paintSin:
		for i := range out {
			t := s.tilt(p, x+float32(i)-left, dy, row)
			out[i] = s.mixed(p.from, p.to, p.pattern.at(s.bank, t.x, t.y, t.foot))
		}
	case paintNoise:
		if p.tilt == 0 && !p.stretch.on {
			s.plainNoise(&p.part[0], floorInt(x)-floorInt(left), floorInt(y)-floorInt(p.leaf.Y), out)
			return
		}
		for i := range out {
			t := s.tilt(p, x+float32(i)-left, dy, row)
			c := p.part[0].at(p.stretch.of(t))
			out[i] = texel(c)
		}
	case paintMix:
		for i := range out {
			t := s.tilt(p, x+float32(i)-left, dy, row)
			on := p.stretch.of(t)
			a, b := p.part[0].at(on), p.part[1].at(on)
			out[i] = s.mixed(a, b, p.pattern.at(s.bank, t.x, t.y, t.foot))
		}
	}
}

// mixed returns the texel of a + (b - a) m, in the mixing space.
func (s *shader) mixed(a, b vec3, m float32) uint64 {
	c := a.mixed(b, m)
	if s.lab {
		c.x, c.y, c.z = labToRGB(s.bank.Gamma, c.x, c.y, c.z)
	}
	return texel(c)
}

// textured is a place on a leaf's texture: coordinates from the leaf's centre
// and how many texture pixels a pixel covers, all in render px; and whether it lies between texels.
type textured struct {
	x, y, foot float32
	between    bool
}

// tilt maps a pixel, dx and dy from the leaf's centre, onto its texture. row is rowDepth(p, dy).
func (s *shader) tilt(p *paint, dx, dy float32, row depth) textured {
	switch p.tilt {
	case 0:
		return textured{dx, dy, 1, false}
	case 1:
		d := s.depth(p, dx)
		return textured{d.along, float32(dy * d.z), d.foot, d.foot != 1}
	case 2:
		d := s.depth(p, -dx)
		return textured{d.along, float32(dy * d.z), d.foot, d.foot != 1}
	case 3:
		return textured{float32(dx * row.z), -row.along, row.foot, row.foot != 1}
	}
	return textured{float32(dx * row.z), row.along, row.foot, row.foot != 1}
}

// rowDepth returns the depth of a row of pixels on a leaf whose texture recedes upwards or
// downwards.
func (s *shader) rowDepth(p *paint, dy float32) (d depth) {
	switch p.tilt {
	case 3:
		d = s.depth(p, -dy)
	case 4:
		d = s.depth(p, dy)
	}
	return d
}

// depth is how far away a tilted texture is seen: z, the coordinate along it, and how
// many texture pixels a pixel covers.
type depth struct{ z, along, foot float32 }

// depth returns the depth at a place along the leaf, from its centre.
//
// A plane seen in perspective, its near side at t = 0 and its far side, seen
// half as long, at t = 1: depth z = 1/(1 - t/2) runs from 1 to 2, the texture
// coordinate across is scaled by z, the one along is t z (derivative z^2), so
// that a pixel covers up to z^2 texture pixels. approach: the near half of that plane
// seen from its far side, z = 1/(1 + t/2), so that it is enlarged.
func (s *shader) depth(p *paint, along float32) depth {
	t := clamp01(float32(float32(along*p.inv)*0.5) + 0.5)
	var z float32
	if s.approach {
		z = recip(1 + float32(t*0.5))
	} else {
		z = recip(1 - float32(t*0.5))
	}
	return depth{z, float32(float32(t*z) * float32(2*p.extent)), float32(z * z)}
}
