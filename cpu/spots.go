package cpu

import (
	"leaflitter/bank"
	"leaflitter/scene"
)

// spots is a map of spots and stripes with values in [0, 1]: a smooth Gaussian field, drawn out along a
// direction, through a logistic round a threshold.
//
// The field is the sum of the warp field's two components, the second seen turned, so that their
// lattices of repeats differ, both on a plane that is bent: two places that a lattice vector
// separates show different pieces of it.
type spots struct {
	on             bool
	xx, xy, yx, yy float32 // texels a render px
	x, y           float32 // offset, texels
	turnedX        float32 // offsets of the turned component and of the bend
	turnedY        float32
	bendX, bendY   float32
	threshold      float32 // standard deviations
	slope          float32 // of the logistic, a standard deviation
	size           float32 // correlation length across, render px
	mean           float32 // of the map
}

// The bend: a warp field of 8 times the scale displaces by 6 texels rms.
const (
	bendRate   = 0.125
	bendHeight = 6
)

// spotNodes are the standard normal distribution in nine steps: their places, and their shares.
var spotNodes = [9][2]float32{
	{-2, 0.02763055}, {-1.5, 0.06628225}, {-1, 0.12383154}, {-0.5, 0.18017382}, {0, 0.20416369},
	{0.5, 0.18017382}, {1, 0.12383154}, {1.5, 0.06628225}, {2, 0.02763055},
}

// spots draws a map of spots.
func (p *painter) spots(draw *scene.Stream) spots {
	c := &p.cfg.Paint.Spots
	s := spots{on: draw.Float32() < float32(c.Odds)}
	s.size = float32(p.logBetween(draw, c.Size) * p.scale)
	stretch := float32(1)
	if stretched, by := draw.Float32(), p.logBetween(draw, c.Stretch); stretched < float32(c.StretchOdds) {
		stretch = recip(by)
	}
	turn := p.lean.At(draw.Float32())
	rate := float32(bank.WarpSigma * recip(s.size))
	cos, sin := float32(rate*cosTurns(turn)), float32(rate*sinTurns(turn))
	s.xx, s.xy, s.yx, s.yy = float32(cos*stretch), float32(sin*stretch), -sin, cos
	s.x, s.y = float32(draw.Float32()*bank.WarpSize), float32(draw.Float32()*bank.WarpSize)
	s.turnedX, s.turnedY = float32(draw.Float32()*bank.WarpSize), float32(draw.Float32()*bank.WarpSize)
	s.bendX, s.bendY = float32(draw.Float32()*bank.WarpSize), float32(draw.Float32()*bank.WarpSize)
	s.threshold = draw.Between(float32(c.Threshold[0]), float32(c.Threshold[1]))
	s.slope = p.logBetween(draw, c.Slope)
	for _, n := range spotNodes {
		s.mean += float32(n[1] * logistic(p.bank.Logistic, float32(s.slope*(n[0]-s.threshold))))
	}
	return s
}

// at returns the map at texture coordinates x, y (render px), where a pixel covers about foot texture
// pixels.
func (s *spots) at(b *bank.Bank, x, y, foot float32) float32 {
	// What is smaller than a pixel fades to the mean, and no edge is much narrower than one.
	across := float32(s.size * recip(foot))
	fade := clamp01(float32(2*across) - 1)
	if fade == 0 {
		return s.mean
	}
	u := float32(x*s.xx) + float32(y*s.xy) + s.x
	v := float32(x*s.yx) + float32(y*s.yy) + s.y
	du, dv := displacement(b.Warp, float32(u*bendRate)+s.bendX, float32(v*bendRate)+s.bendY)
	u += float32(du * bendHeight)
	v += float32(dv * bendHeight)
	one, _ := displacement(b.Warp, u, v)
	_, other := displacement(b.Warp, float32(u*0.8)-float32(v*0.6)+s.turnedX, float32(u*0.6)+float32(v*0.8)+s.turnedY)
	field := float32((one + other) * 0.70710677)
	slope := min(s.slope, float32(4*across))
	m := logistic(b.Logistic, float32(slope*(field-s.threshold)))
	return s.mean + float32((m-s.mean)*fade)
}

// logBetween draws a number whose logarithm is uniform on an interval over 0.
func (p *painter) logBetween(draw *scene.Stream, in scene.Interval) float32 {
	lo, octaves := in.Log2()
	return float32(lo * exp2(float32(draw.Float32()*octaves)))
}
