package cpu

import (
	"leaflitter/bank"
	"leaflitter/palette"
	"leaflitter/scene"
)

// noise is a 1/f^s noise paint, or one flat colour if tex is nil.
type noise struct {
	mean    vec3
	chol    [6]float32  // lower Cholesky factor of the covariance
	tex     [3][]uint32 // the tile, and the levels of half and a quarter its side
	gain    [3]float32
	slope   uint32 // class
	variant uint32
	log     uint32
	cells   float32 // cells a texture px, see cell; 0: the tile holds all that the leaf shows
	fade    float32 // turns a cell, see crossing
	spot
}

// spot is how a tile is laid on a texture.
type spot struct {
	x, y     int32  // offset into the tile
	symmetry uint32 // 1: mirror x; 2: mirror y; 4: exchange x and y
	shifted  bool   // channel 1 comes first
}

// steep is the slope over which the cells of a patchwork fade all the way.
const steep = 2

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
	// How much texture the leaf shows, see tilt.
	width, levels := float32(2*on.extent), 1
	if on.tilt != 0 && p.cfg.Paint.Perspective.Direction == "recede" {
		width, levels = float32(2*width), len(noise{}.tex)
	}
	log := tileLog(width, float32(float32(c.Margin)*p.scale), c.LargestTile)
	variant := int(draw.Uint32()>>30) & (bank.Variants(int(log)) - 1)
	n := noise{slope: uint32(slope), variant: uint32(variant), log: log}
	if side := float32(uint32(1) << log); width > side {
		n.cells, n.fade = recip(float32(0.75*side)), 0.75
		if s > steep {
			n.cells, n.fade = recip(float32(0.5*side)), 0.25
		}
	}
	// Multiples of four, so that the coarser levels stay aligned.
	n.x, n.y = int32(draw.Uint32()>>16&^3), int32(draw.Uint32()>>16&^3)
	n.symmetry = draw.Uint32() >> 29
	patch := &p.palette.Patches[draw.Intn(palette.PatchCount)]
	g := &patch.RGB
	if lab {
		g = &patch.Lab
	}
	n.mean, n.chol = vec3{g.Mean[0], g.Mean[1], g.Mean[2]}, g.Chol
	if p.contrast != 1 {
		about := p.rgb
		if lab {
			about = p.mix
		}
		n.mean = p.contrasted(n.mean, about)
		for i := range n.chol {
			n.chol[i] = float32(n.chol[i] * p.contrast)
		}
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

// tileLog returns the tile for a texture of some width: the one whose side is nearest
// to width + margin, on a log scale, or the next that holds the width, so that nothing
// repeats; but none larger than largest.
func tileLog(width, margin float32, largest int) uint32 {
	log, bound := uint32(6), float32(90.50967) // 2^6.5
	for (width+margin >= bound || width > float32(uint32(1)<<log)) && 1<<(log+1) <= largest {
		log++
		bound = float32(bound * 2)
	}
	return log
}

// plainNoise shades a run of untilted noise: one texel of the tile a pixel.
func (s *shader) plainNoise(n *noise, x, y int32, out []uint64) {
	if n.cells != 0 {
		for i := range out {
			c := n.at(textured{float32(x + int32(i)), float32(y), 1, false})
			out[i] = texel(c)
		}
		return
	}
	tex, log := n.tex[0], n.log
	mask := int32(1)<<log - 1
	u, v := n.spot.place(x, y, 0)
	right, down := n.spot.place(x+1, y, 0)
	right, down = right-u, down-v
	for i := range out {
		c := n.colour(unitOf(tex[uint32(v&mask)<<log|uint32(u&mask)]))
		out[i] = texel(c)
		u += right
		v += down
	}
}

// at returns the noise colour at a place of the texture.
//
// A texture wider than its tile is a patchwork of cells, three quarters of the tile
// wide, in each of which the tile is laid otherwise. Where cells meet, over a quarter of
// the tile, one fades into the other with weights whose squares sum to 1: the sum of
// independent Gaussians then has the variance of each. Steep noise changes so little
// within a quarter of its tile that such a fade shows: its cells are half a tile wide and
// fade all the way, which adds as much change everywhere.
func (n *noise) at(t textured) vec3 {
	if n.tex[0] == nil {
		return n.mean
	}
	if n.cells == 0 {
		return n.colour(n.unit(&n.spot, t))
	}
	x, y := crossing(float32(t.x*n.cells)+0.5, n.fade), crossing(float32(t.y*n.cells)+0.5, n.fade)
	s := n.cell(x.own, y.own)
	v := n.unit(&s, t).scaled(float32(x.weight * y.weight))
	if x.fading > 0 || y.fading > 0 {
		n.add(&v, x.other, y.own, float32(x.fading*y.weight), t)
		n.add(&v, x.own, y.other, float32(x.weight*y.fading), t)
		n.add(&v, x.other, y.other, float32(x.fading*y.fading), t)
	}
	return n.colour(v)
}

// add adds what cell (i, j) shows, times weight, to sum.
func (n *noise) add(sum *vec3, i, j int32, weight float32, t textured) {
	if weight > 0 {
		s := n.cell(i, j)
		v := n.unit(&s, t).scaled(weight)
		sum.x += v.x
		sum.y += v.y
		sum.z += v.z
	}
}

// crossed is a coordinate among cells: the cell that holds it, and the one next to it,
// if that shows as well.
type crossed struct {
	own, other     int32
	weight, fading float32
}

// crossing finds u, in cells. At the border between two cells both have the same weight,
// that of an eighth of a turn; away from it the angle grows by fade turns a cell, and at a quarter
// one is left.
func crossing(u, fade float32) crossed {
	c := crossed{own: floorInt(u), weight: 1}
	c.other = c.own - 1
	f := u - float32(c.own)
	if f > 0.5 {
		f = 1 - f
		c.other = c.own + 1
	}
	if turn := 0.125 + float32(fade*f); turn < 0.25 {
		c.weight, c.fading = sinTurns(turn), cosTurns(turn)
	}
	return c
}

// cell returns how the tile is laid in cell (i, j): as drawn for the leaf in cell (0, 0), and
// in no two of 4 x 4 neighbours under the same symmetry and order of channels, since
// one tile under two of them looks like two tiles. Where it lies depends on the leaf as
// well: over leaves, neighbours have nothing to do with each other.
func (n *noise) cell(i, j int32) spot {
	s := n.spot
	if i|j == 0 {
		return s
	}
	k := uint32(i+4*j) & 15
	s.symmetry ^= k & 7
	s.shifted = k >= 8
	h := uint32(s.x)<<16 ^ uint32(s.y) ^ uint32(i)*0x9e3779b1 ^ uint32(j)*0x85ebca77
	h = (h ^ h>>15) * 0x2c1b3c6d
	h = (h ^ h>>12) * 0x297a2d39
	h ^= h >> 15
	s.x += int32(h >> 16 &^ 3)
	s.y += int32(h & 0xfffc)
	return s
}

// unit returns the three unit Gaussians at a place of the texture, the tile laid as
// s says.
func (n *noise) unit(s *spot, t textured) vec3 {
	var v vec3
	if !t.between {
		u, w := s.place(floorInt(t.x), floorInt(t.y), 0)
		mask := int32(1)<<n.log - 1
		v = unitOf(n.tex[0][uint32(w&mask)<<n.log|uint32(u&mask)])
	} else {
		// Levels hold what a pixel of 1, 2 and 4 texture pixels can show; blend
		// early, so that what a pixel cannot show has faded before it aliases.
		var w float32
		level := 0
		if t.foot >= 2 {
			level, w = 1, clamp01(t.foot-2)
		} else {
			w = clamp01(float32(2 * (t.foot - 1)))
		}
		v = n.sample(s, level, t.x, t.y)
		if w > 0 {
			v = v.mixed(n.sample(s, level+1, t.x, t.y), w)
		}
	}
	if s.shifted {
		v = vec3{v.y, v.z, v.x}
	}
	return v
}

// colour turns three independent unit Gaussians into the patch's colour.
func (n *noise) colour(v vec3) vec3 {
	return vec3{
		n.mean.x + float32(n.chol[0]*v.x),
		n.mean.y + float32(n.chol[1]*v.x) + float32(n.chol[2]*v.y),
		n.mean.z + float32(n.chol[3]*v.x) + float32(n.chol[4]*v.y) + float32(n.chol[5]*v.z),
	}
}

// place returns where the texel (x, y) of level l of the texture lies on the tile,
// which repeats.
func (s *spot) place(x, y int32, l uint32) (u, v int32) {
	u, v = x, y
	if s.symmetry&4 != 0 {
		u, v = v, u
	}
	if s.symmetry&1 != 0 {
		u = -u
	}
	if s.symmetry&2 != 0 {
		v = -v
	}
	return u + s.x>>l, v + s.y>>l
}

// unitOf returns the three unit Gaussians of a texel.
func unitOf(texel uint32) vec3 {
	return vec3{
		float32(float32(int32(texel&1023)-512) * (1.0 / 128)),
		float32(float32(int32(texel>>10&1023)-512) * (1.0 / 128)),
		float32(float32(int32(texel>>20)-512) * (1.0 / 128)),
	}
}

// shrinks are the levels' scales.
var shrinks = [3]float32{1, 0.5, 0.25}

// sample interpolates level l at texture coordinates x, y. The weights are
// 32nds, so that the sum is one of integers.
func (n *noise) sample(s *spot, l int, x, y float32) vec3 {
	shrink := shrinks[l]
	x, y = float32((x-0.5)*shrink), float32((y-0.5)*shrink)
	i, j := floorInt(x), floorInt(y)
	f, g := uint64(float32((x-float32(i))*32)), uint64(float32((y-float32(j))*32))
	if s.symmetry&4 != 0 {
		f, g = g, f
	}
	u0, v0 := s.place(i, j, uint32(l))
	u1, v1 := s.place(i+1, j+1, uint32(l))
	tex, log := n.tex[l], n.log-uint32(l)
	mask := int32(1)<<log - 1
	column0, column1 := uint32(u0&mask), uint32(u1&mask)
	row0, row1 := uint32(v0&mask)<<log, uint32(v1&mask)<<log
	// a (32 - f) + b f in each lane; what a lane of b - a borrows comes back with a.
	top, bottom := spread(tex[row0|column0]), spread(tex[row1|column0])
	top = top<<5 + (spread(tex[row0|column1])-top)*f
	bottom = bottom<<5 + (spread(tex[row1|column1])-bottom)*f
	sum := top<<5 + (bottom-top)*g
	gain := float32(n.gain[l] * (1.0 / 131072))
	const zero = 512 * 1024
	return vec3{
		float32(float32(int32(sum&0x1fffff)-zero) * gain),
		float32(float32(int32(sum>>21&0x1fffff)-zero) * gain),
		float32(float32(int32(sum>>42)-zero) * gain),
	}
}

// spread moves a texel's three 10-bit values into 21-bit lanes.
func spread(v uint32) uint64 {
	return uint64(v&1023) | uint64(v>>10&1023)<<21 | uint64(v>>20)<<42
}
