package cpu

import "leaflitter/bank"

// shader fills pixels with paint: the shade stage for one image.
type shader struct {
	bank     *bank.Bank
	lab      bool
	approach bool // perspective enlarges instead of receding
}

func newShader(b *Backend) shader {
	return shader{
		bank: b.bank, lab: b.cfg.Paint.Mixing == "lab",
		approach: b.cfg.Paint.Perspective.Direction == "approach",
	}
}

// run shades the pixels of one row that belong to one leaf: out[i] is the
// pixel with centre (x + i, y). Every pixel's value depends on its own centre
// alone, not on where the run starts. Flat paints are shadeRow's.
func (s *shader) run(p *paint, x, y float32, out []uint64) {
	left, dy := p.leaf.X, y-p.leaf.Y
	switch p.kind {
	case paintGradient:
		across := float32(dy*p.ramp.dy) + 0.5
		for i := range out {
			at := clamp01(float32((x+float32(i)-left)*p.ramp.dx) + across)
			out[i] = s.mixed(&p.from, &p.to, p.ramp.curve.at(s.bank.Logistic, at))
		}
	case paintSin:
		for i := range out {
			t := s.tilt(p, x+float32(i)-left, dy)
			out[i] = s.mixed(&p.from, &p.to, p.pattern.at(s.bank, t.x, t.y, t.foot))
		}
	case paintNoise:
		if p.tilt == 0 {
			s.plainNoise(&p.part[0], floorInt(x)-floorInt(left), floorInt(y)-floorInt(p.leaf.Y), out)
			return
		}
		for i := range out {
			t := s.tilt(p, x+float32(i)-left, dy)
			c := p.part[0].at(t)
			out[i] = texel(c[0], c[1], c[2])
		}
	case paintMix:
		for i := range out {
			t := s.tilt(p, x+float32(i)-left, dy)
			a, b := p.part[0].at(t), p.part[1].at(t)
			out[i] = s.mixed(&a, &b, p.pattern.at(s.bank, t.x, t.y, t.foot))
		}
	}
}

// mixed returns the texel of a + (b - a) m, in the mixing space.
func (s *shader) mixed(a, b *[3]float32, m float32) uint64 {
	u := a[0] + float32((b[0]-a[0])*m)
	v := a[1] + float32((b[1]-a[1])*m)
	w := a[2] + float32((b[2]-a[2])*m)
	if s.lab {
		u, v, w = labToRGB(s.bank.Gamma, u, v, w)
	}
	return texel(u, v, w)
}

// textured is a place on a leaf's texture: coordinates from the leaf's centre
// and how many texture pixels a pixel covers, all in render px.
type textured struct{ x, y, foot float32 }

// tilt maps a pixel, dx and dy from the leaf's centre, onto its texture.
//
// A plane seen in perspective, its near side at t = 0 and its far side, seen
// half as long, at t = 1: depth z = 1/(1 - t/2) runs from 1 to 2, the texture
// coordinate across is scaled by z, the one along is t z (derivative z^2), so
// that a pixel covers up to z^2 texture pixels. approach: z = 1/(1 + t).
func (s *shader) tilt(p *paint, dx, dy float32) textured {
	if p.tilt == 0 {
		return textured{dx, dy, 1}
	}
	along, across := dx, dy
	switch p.tilt {
	case 2:
		along = -dx
	case 3:
		along, across = -dy, dx
	}
	t := clamp01(float32(float32(along*p.inv)*0.5) + 0.5)
	var z float32
	if s.approach {
		z = recip(1 + t)
	} else {
		z = recip(1 - float32(t*0.5))
	}
	length := float32(2 * p.extent)
	out := textured{float32(float32(t*z) * length), float32(across * z), float32(z * z)}
	if p.tilt == 3 {
		out.x, out.y = out.y, -out.x
	}
	return out
}

// plainNoise shades a run of untilted noise: one texel of the tile a pixel.
func (s *shader) plainNoise(n *noise, x, y int32, out []uint64) {
	for i := range out {
		c := n.colour(n.fetch(x+int32(i), y))
		out[i] = texel(c[0], c[1], c[2])
	}
}

// at returns the noise colour at a place of the texture.
func (n *noise) at(t textured) [3]float32 {
	if n.tex[0] == nil {
		return n.mean
	}
	if t.foot == 1 { // not tilted
		return n.colour(n.fetch(floorInt(t.x), floorInt(t.y)))
	}
	// Levels hold what a pixel of 1, 2 and 4 texture pixels can show; blend
	// early, so that what a pixel cannot show has faded before it aliases.
	var w float32
	level := 0
	if t.foot >= 2 {
		level, w = 1, clamp01(t.foot-2)
	} else {
		w = clamp01(float32(2 * (t.foot - 1)))
	}
	v := n.sample(level, t.x, t.y)
	if w > 0 {
		u := n.sample(level+1, t.x, t.y)
		for i := range v {
			v[i] += float32((u[i] - v[i]) * w)
		}
	}
	return n.colour(v)
}

// colour turns three independent unit Gaussians into the patch's colour.
func (n *noise) colour(v [3]float32) [3]float32 {
	return [3]float32{
		n.mean[0] + float32(n.chol[0]*v[0]),
		n.mean[1] + float32(n.chol[1]*v[0]) + float32(n.chol[2]*v[1]),
		n.mean[2] + float32(n.chol[3]*v[0]) + float32(n.chol[4]*v[1]) + float32(n.chol[5]*v[2]),
	}
}

// place applies the offset and symmetry of the leaf to a texel of level l.
func (n *noise) place(x, y int32, l uint32) uint32 {
	if n.symmetry&4 != 0 {
		x, y = y, x
	}
	if n.symmetry&1 != 0 {
		x = -x
	}
	if n.symmetry&2 != 0 {
		y = -y
	}
	log := n.log - l
	mask := int32(1)<<log - 1
	return uint32((y+n.y>>l)&mask)<<log | uint32((x+n.x>>l)&mask)
}

// fetch returns the texel at integer texture coordinates of the finest level.
func (n *noise) fetch(x, y int32) [3]float32 {
	v := n.tex[0][n.place(x, y, 0)]
	return [3]float32{
		float32(float32(int32(v&1023)-512) * (1.0 / 128)),
		float32(float32(int32(v>>10&1023)-512) * (1.0 / 128)),
		float32(float32(int32(v>>20)-512) * (1.0 / 128)),
	}
}

// sample interpolates level l at texture coordinates x, y. The weights are
// 32nds, so that the sum is one of integers.
func (n *noise) sample(l int, x, y float32) [3]float32 {
	shrink := [3]float32{1, 0.5, 0.25}[l]
	x, y = float32((x-0.5)*shrink), float32((y-0.5)*shrink)
	i, j := floorInt(x), floorInt(y)
	f, g := uint64(float32((x-float32(i))*32)), uint64(float32((y-float32(j))*32))
	tex, u := n.tex[l], uint32(l)
	sum := spread(tex[n.place(i, j, u)])*((32-f)*(32-g)) +
		spread(tex[n.place(i+1, j, u)])*(f*(32-g)) +
		spread(tex[n.place(i, j+1, u)])*((32-f)*g) +
		spread(tex[n.place(i+1, j+1, u)])*(f*g)
	gain := float32(n.gain[l] * (1.0 / 131072))
	const zero = 512 * 1024
	return [3]float32{
		float32(float32(int32(sum&0x1fffff)-zero) * gain),
		float32(float32(int32(sum>>21&0x1fffff)-zero) * gain),
		float32(float32(int32(sum>>42)-zero) * gain),
	}
}

// spread moves a texel's three 10-bit values into 21-bit lanes.
func spread(v uint32) uint64 {
	return uint64(v&1023) | uint64(v>>10&1023)<<21 | uint64(v>>20)<<42
}
