package scene

import (
	"math"
	"sync/atomic"

	"leaflitter/exact"
)

// Placer makes the scenes of one configuration and seed. It may be used by
// several goroutines at once.
type Placer struct {
	cfg      Config
	classes  []OutlineClass
	palettes int
	seed     uint64
	most     atomic.Int64 // leaves in the largest stack so far
}

// NewPlacer returns a placer for a checked configuration. classes describes the
// bank's polygons (empty when the configuration draws none), palettes is how
// many palettes an image chooses from.
func NewPlacer(cfg *Config, classes []OutlineClass, palettes int, seed uint64) *Placer {
	return &Placer{cfg: *cfg, classes: classes, palettes: palettes, seed: seed}
}

// blurReach is the farthest, in whole px, that any blur of this configuration
// carries colour. Leaves are placed in the window grown by it, so that the
// border is blurred from leaves and not from a made-up outside. It does not
// depend on Properties.Depth: switching depth off moves no leaf.
func (c *Config) blurReach() float64 {
	reach := 0.0
	for _, l := range c.Layers {
		b := l.Blur * 3 * c.Blur.SigmaMax
		if c.Blur.Kind == "lens" {
			b = l.Blur * c.Blur.LensMax
		}
		reach = max(reach, math.Ceil(b)+1)
	}
	if c.Develop.BlurOdds > 0 {
		reach += math.Ceil(3 * c.Develop.BlurSigma[1])
	}
	return reach
}

// Scene returns the scene of image index. Partial layers are complete; full
// layers hold no leaf yet, see Extend.
func (p *Placer) Scene(index uint64) *Scene {
	c := p.cfg.Drawn(p.seed, index)
	s := &Scene{Config: c, Seed: p.seed, Index: index, placer: p}

	// One word a decision, always drawn, so that switching one property off
	// changes no other decision.
	draw := NewStream(Key{Seed: p.seed, Image: index, Purpose: PurposeImage})
	outline, u := draw.Intn(uint32(len(c.Outline.PerImage))), draw.Float64()
	s.Palette = int(draw.Intn(uint32(max(1, p.palettes))))
	extra, sigma := draw.Float64(), draw.Float64()

	s.outline = c.Outline.PerImage[outline]
	if !c.Properties.Geometry {
		s.outline = "disk"
	}
	if extra < c.Develop.BlurOdds {
		lo, hi := c.Develop.BlurSigma[0], c.Develop.BlurSigma[1]
		s.Sigma = lo + float64(sigma*(hi-lo))
	}
	s.window = newWindow(c, s.outline, c.blurReach())

	layers := c.Layers
	first := 0
	if !c.Properties.Depth {
		first = len(layers) - 1
	}
	for i := first; i < len(layers); i++ {
		st := Stack{Index: i, Full: layers[i].Cover >= 1}
		if c.Properties.Depth {
			most := c.Blur.SigmaMax
			if c.Blur.Kind == "lens" {
				most = c.Blur.LensMax
			}
			st.Blur = float64(float64(most*float64(u*u))*layers[i].Blur) * float64(c.Develop.Supersample)
		}
		if !st.Full {
			p.place(s, &st, p.count(s, i))
		}
		s.Stacks = append(s.Stacks, st)
	}
	return s
}

// count draws the number of leaves of a partial layer that may reach into the
// window: Poisson, since the leaves of the stationary model seen through a
// window are. The intensity makes the expected cover 1 - exp(-lambda E[area]).
func (p *Placer) count(s *Scene, layer int) int {
	cover := s.Config.Layers[layer].Cover
	if cover <= 0 {
		return 0
	}
	lambda := -exact.Log(1-cover) / p.meanArea(s.Config, s.outline)
	mean := float64(lambda * s.window.measure())
	// Arrival times of a unit-rate Poisson process up to mean.
	draw := NewStream(Key{Seed: p.seed, Image: s.Index, Layer: uint32(layer), Leaf: math.MaxUint32, Purpose: PurposeImage})
	n := 0
	for t := -exact.Log(draw.Float64()); t <= mean; t -= exact.Log(draw.Float64()) {
		n++
		if n%200_000 == 0 { // a stream has 2^18 words
			draw = NewStream(Key{Seed: p.seed, Image: s.Index, Layer: uint32(layer), Leaf: math.MaxUint32 - uint32(n/200_000), Purpose: PurposeImage})
		}
	}
	return n
}

// meanArea returns the expected area of a leaf, px^2.
func (p *Placer) meanArea(c *Config, outline string) float64 {
	round := float64(math.Pi * c.secondMoment(c.Leaves.RMin, c.Leaves.RMax))
	poly := 0.0
	for _, k := range p.classes {
		lo, hi := max(k.RMin, c.Leaves.RMin), min(k.RMax, c.Leaves.RMax)
		if lo < hi || lo == hi && c.Leaves.RMin == c.Leaves.RMax && k.RMin <= lo && lo < k.RMax {
			poly += float64(math.Pi * float64(k.MeanArea*c.secondMoment(lo, hi)))
		}
	}
	switch outline {
	case "polygon":
		return poly
	case "mix":
		return float64((2*round + poly) / 3)
	default:
		return round
	}
}

// secondMoment returns the integral of r^2 f(r) over [lo, hi], within the
// radius law of the configuration.
func (c *Config) secondMoment(lo, hi float64) float64 {
	rmin, rmax, a := c.Leaves.RMin, c.Leaves.RMax, c.Leaves.Alpha
	if rmin == rmax {
		return float64(c.Leaves.radius(rmin) * c.Leaves.radius(rmin))
	}
	if !c.Leaves.IntegerRadii {
		return moment(2-a, lo, hi) / moment(-a, rmin, rmax)
	}
	sum := 0.0
	for n := math.Floor(lo); n <= hi; n++ {
		if from, to := max(n, lo), min(n+1, hi); from < to {
			r := c.Leaves.radius(n)
			sum += float64(float64(r*r) * moment(-a, from, to))
		}
	}
	return sum / moment(-a, rmin, rmax)
}

// radius rounds a drawn radius if the law asks for it.
func (l *Leaves) radius(r float64) float64 {
	if l.IntegerRadii {
		return max(math.Floor(r), 0.5)
	}
	return r
}

// place appends leaves to st until it holds n.
func (p *Placer) place(s *Scene, st *Stack, n int) {
	c := s.Config
	scale := float64(c.Develop.Supersample)
	key := Key{Seed: p.seed, Image: s.Index, Layer: uint32(st.Index), Purpose: PurposePlace}
	if cap(st.Leaves) < n {
		// As many as another image needed, so that the list moves once at most.
		most := int(p.most.Load())
		if !st.Full || cap(st.Leaves) > 0 {
			most = 2 * cap(st.Leaves)
		}
		grown := make([]Leaf, len(st.Leaves), max(n, most))
		copy(grown, st.Leaves)
		st.Leaves = grown
	}
	from := len(st.Leaves)
	st.Leaves = st.Leaves[:max(from, n)]
	for i := from; i < n; i++ {
		key.Leaf = uint32(i)
		x, y, r := s.window.hit(key.words(0))
		r = float64(c.Leaves.radius(r) * scale)
		leaf := &st.Leaves[i]
		*leaf = Leaf{X: float32(x * scale), Y: float32(y * scale), R: float32(r), Cos: 1}
		p.shape(s, key, leaf)
	}
	if most := p.most.Load(); st.Full && int64(n) > most {
		p.most.CompareAndSwap(most, int64(n))
	}
}

// shape draws a leaf's outline, given its centre and radius.
func (p *Placer) shape(s *Scene, key Key, l *Leaf) {
	c := s.Config
	if s.outline == "disk" {
		l.setDisk()
		return
	}
	key.Purpose = PurposeOutline
	draw := NewStream(key)
	kind := Kind(draw.Intn(3))
	switch s.outline {
	case "rectangle":
		kind = Rect
	case "polygon":
		kind = Poly
	}
	if kind == Disk {
		l.setDisk()
		return
	}
	lean := c.Gravity.Leaning()
	sin, cos := exact.SinCosTurns(float64(lean.At(draw.Float32())))
	l.Cos, l.Sin = float32(cos), float32(sin)
	u, mirror := draw.Float64(), draw.Uint32()>>31
	if kind == Rect {
		// Area pi r^2 = 4 A B with B/A = aspect.
		lo, hi := c.Outline.Rectangle.Aspect[0], c.Outline.Rectangle.Aspect[1]
		aspect := lo + float64(u*(hi-lo))
		long := float64(float64(l.R) * math.Sqrt(math.Pi/aspect) / 2)
		l.Shape, l.A, l.B = uint32(Rect), float32(long), float32(long*aspect)
		return
	}
	k := p.class(float64(l.R) / float64(c.Develop.Supersample))
	tile := k.First + int(u*float64(k.Count))
	reach := float64(c.Outline.Polygon.Reach * float64(l.R))
	l.Shape = uint32(Poly) | mirror<<2 | uint32(tile)<<3
	l.A, l.B = float32(float64(k.Size-3)/float64(2*reach)), float32(reach)
}

func (l *Leaf) setDisk() { l.Shape, l.A, l.B = uint32(Disk), l.R*l.R, l.R }

// class returns the outline class of radius r px.
func (p *Placer) class(r float64) *OutlineClass {
	for i := range p.classes {
		if r < p.classes[i].RMax {
			return &p.classes[i]
		}
	}
	return &p.classes[len(p.classes)-1]
}
