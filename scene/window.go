package scene

import (
	"math"

	"leaflitter/exact"
)

// window is what a scene's leaves must reach into: [-m, w+m] x [-m, h+m].
//
// A leaf of radius r can only reach into it if its centre lies within rho r of
// it: in the rectangle, in four strips, or in four quarter disks. Summed over
// the radius law, the leaves that may hit are therefore a mixture of three
// power laws on [rMin, rMax], r^-alpha, r^(1-alpha) and r^(2-alpha), weighted by
// area, perimeter * rho and pi rho^2, each with a closed-form inverse; given r
// and its term, the centre is uniform in the rectangle, the strips or the
// quarter disks. No sample is rejected.
type window struct {
	x0, y0, w, h float64
	rho          float64
	law          [3]powerLaw
	cut          [2]float64 // cumulative probabilities of the first two terms
	total        float64    // measure, see there
}

// newWindow returns the window of a configuration for one outline law.
func newWindow(c *Config, outline string, margin float64) window {
	w := window{x0: -margin, y0: -margin, w: float64(c.Image.Width) + 2*margin, h: float64(c.Image.Height) + 2*margin}
	a := c.Outline.Rectangle.Aspect[0]
	rect := math.Sqrt(float64(math.Pi*(a+1/a))) / 2
	switch outline {
	case "disk":
		w.rho = 1
	case "rectangle":
		w.rho = rect
	case "polygon":
		w.rho = c.Outline.Polygon.Reach
	default:
		// One bound for all outlines keeps their odds independent of r.
		w.rho = max(1, rect, c.Outline.Polygon.Reach)
	}
	rmin, rmax, alpha := c.Leaves.RMin, c.Leaves.RMax, c.Leaves.Alpha
	weight := [3]float64{float64(w.w * w.h), float64(2 * float64((w.w+w.h)*w.rho)), float64(math.Pi * float64(w.rho*w.rho))}
	for k := range w.law {
		w.law[k] = newPowerLaw(float64(k)-alpha, rmin, rmax)
		weight[k] *= w.law[k].mass
	}
	sum := weight[0] + weight[1] + weight[2]
	w.cut = [2]float64{weight[0] / sum, (weight[0] + weight[1]) / sum}
	w.total = sum / newPowerLaw(-alpha, rmin, rmax).mass
	return w
}

// measure returns the expected number of leaves that may hit the window at one
// leaf a square pixel: E[area + perimeter rho r + pi rho^2 r^2].
func (w *window) measure() float64 { return w.total }

// hit draws one leaf that may reach into the window from four random words.
func (w *window) hit(u0, u1, u2, u3 uint32) (x, y, r float64) {
	f := func(u uint32) float64 { return (float64(u) + 0.5) * 0x1p-32 }
	switch pick := f(u0); {
	case pick < w.cut[0]:
		r = w.law[0].at(f(u1))
		return w.x0 + float64(f(u2)*w.w), w.y0 + float64(f(u3)*w.h), r
	case pick < w.cut[1]:
		r = w.law[1].at(f(u1))
		depth := float64(float64(f(u3)*w.rho) * r)
		// Walk round the perimeter: top, bottom, left, right.
		d := float64(f(u2) * float64(2*(w.w+w.h)))
		switch {
		case d < w.w:
			return w.x0 + d, w.y0 - depth, r
		case d < 2*w.w:
			return w.x0 + d - w.w, w.y0 + w.h + depth, r
		case d < 2*w.w+w.h:
			return w.x0 - depth, w.y0 + d - 2*w.w, r
		default:
			return w.x0 + w.w + depth, w.y0 + d - 2*w.w - w.h, r
		}
	default:
		r = w.law[2].at(f(u1))
		// The four quarter disks make one disk; the quadrant names the corner.
		sin, cos := exact.SinCosTurns(f(u2))
		d := float64(float64(math.Sqrt(f(u3))*w.rho) * r)
		x, y = w.x0+float64(d*cos), w.y0+float64(d*sin)
		if cos > 0 {
			x += w.w
		}
		if sin > 0 {
			y += w.h
		}
		return x, y, r
	}
}

// powerLaw is the density proportional to r^e on [lo, hi].
type powerLaw struct {
	lo, hi float64
	mass   float64 // its integral; r^e if lo == hi
	a, b   float64 // lo^(e+1), hi^(e+1); for e = -1: log lo, log hi
	power  float64 // 1/(e+1)
	form   quantile
}

// quantile is how a power law is inverted.
type quantile int

const (
	general quantile = iota
	single           // one radius
	exponential
	inverse // alpha 3, 2, 1 need no logarithm in their middle terms
	inverseRoot
)

func newPowerLaw(e, lo, hi float64) powerLaw {
	g := e + 1
	p := powerLaw{lo: lo, hi: hi, power: 1 / g}
	switch {
	case lo == hi:
		p.form, p.mass = single, exact.Pow(lo, e)
		return p
	case math.Abs(g) < 1e-9:
		p.form = exponential
		p.a, p.b = exact.Log(lo), exact.Log(hi)
		p.mass = p.b - p.a
		return p
	case g == -1:
		p.form = inverse
	case g == -2:
		p.form = inverseRoot
	}
	p.a, p.b = exact.Pow(lo, g), exact.Pow(hi, g)
	p.mass = (p.b - p.a) / g
	return p
}

// at returns the quantile of u in (0, 1).
func (p *powerLaw) at(u float64) float64 {
	if p.form == single {
		return p.lo
	}
	r := p.a + float64(u*(p.b-p.a))
	switch p.form {
	case exponential:
		r = exact.Exp(r)
	case inverse:
		r = 1 / r
	case inverseRoot:
		r = 1 / math.Sqrt(r)
	default:
		r = exact.Pow(r, p.power)
	}
	// Not min and max: they take their time over NaN and -0.
	if r < p.lo {
		return p.lo
	}
	if r > p.hi {
		return p.hi
	}
	return r
}

// moment returns the integral of r^e over [lo, hi].
func moment(e, lo, hi float64) float64 {
	if lo == hi {
		return 0
	}
	p := newPowerLaw(e, lo, hi)
	return p.mass
}
