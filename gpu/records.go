//go:build linux && cgo && egl

package gpu

import (
	"leaflitter/bank"
	"leaflitter/palette"
	"leaflitter/render"
	"leaflitter/scene"
)

// The records of shaders/batch.glsl, tables.glsl, cover.comp and paint.comp, field
// by field; TestLayouts compares them with what the driver says.

type settings struct {
	Stacks, Scale, Channels, Lab, Approach               uint32
	Textured, Gradient, Perspective, Warp                uint32
	LargestTile, SlopeCount                              uint32
	SlopeTotal, RenderScale, FlatBelow, NoiseMargin      float32
	GradientOdds, SteepnessLo, SteepnessHi               float32
	WeightSin, WeightSinNoise, WeightTotal               float32
	PerspectiveOdds, MixFlatOdds, MixGridOdds            float32
	SinDoubleOdds, SinRotationLo, SinRotationHi          float32
	SinFirstLo, SinFirstHi, SinRightAngleOdds            float32
	SinSecondLo, SinSecondHi, SinPeriodLo, SinPeriodHi   float32
	SinThresholdLo, SinThresholdHi, SinSlopeLo           float32
	SinSlopeHi, GridBothOdds, GridLineLo, GridLineHi     float32
	GridPeriodLo, GridPeriodHi                           float32
	WarpOdds, WarpSigmaLo, WarpSigmaHi, WarpAmplitudeMin float32
	WarpAmplitudeRate, Contrast                          float32
	GravityOdds, GravityIn, GravityOut, GravitySpread    float32
	SinPeriodLog                                         uint32
	SinPeriodOctaves                                     float32
	StretchOdds, StretchLo, StretchOctaves               float32
	SpotOdds, SpotSizeLo, SpotSizeOctaves                float32
	SpotStretchOdds, SpotStretchLo, SpotStretchOctaves   float32
	SpotThresholdLo, SpotThresholdHi                     float32
	SpotSlopeLo, SpotSlopeOctaves                        float32
	Slopes                                               [2 * mostSlopes]float32
}

type canvas struct {
	Width, Height               uint32
	Left, Top                   int32
	Pixels, Prefix, Margin      uint32
	OutWidth, OutHeight, OutTop uint32
	ImageHeight                 uint32
	OutWords, Front, Palette    uint32
	SeedLow, SeedHigh           uint32
	ImageLow, ImageHigh         uint32
	Extra, ExtraRadius          uint32
	Bins, Coarse, Settings      uint32
}

type stack struct {
	Leaves, Count, Layer, Base, Depth uint32
	Kernel, Radius                    uint32
	LensRuns, LensReach, LensSum      uint32
}

// dispatch is what one dispatch is told, a uniform block.
type dispatch struct {
	Starts                                           [4]uint32
	StackNumber, Capacity, CoarseRoom, Room, BinSide uint32
	_                                                [3]uint32 // a block is a multiple of 16 bytes
}

type pass struct{ Groups, One, Two, Count uint32 }

type bin struct{ Count, Stop uint32 }

type progress struct{ Open, Last uint32 }

type shown struct{ Leaf, Canvas uint32 }

type pixel struct {
	RGB uint32
	Lab [3]float32
}

type gauss struct {
	Mean [3]float32
	Chol [6]float32
}

type patch struct{ RGB, Lab gauss }

type colours struct {
	Pixels  [palette.PixelCount]pixel
	Patches [palette.PatchCount]patch
	Means   [2][3]float32 // the mean colour, in RGB and in Lab
}

const (
	slopeClasses = 33
	tileLogs     = 13
	tileVariants = 4
	mostSlopes   = 64
)

type tables struct {
	Warp      [bank.WarpSize * bank.WarpSize]uint32
	Logistic  [2*bank.LogisticZero + 1]float32
	Gamma     [bank.GammaStep + 1]float32
	NoiseTile [slopeClasses * tileLogs * tileVariants]uint32
	NoiseGain [slopeClasses * tileLogs * 2]float32
}

func bit(b bool) uint32 {
	if b {
		return 1
	}
	return 0
}

// newSettings rounds the configuration to float32 at the places where cpu/paint.go
// and cpu/pattern.go do.
func newSettings(c *scene.Config, stacks int) settings {
	p, f := &c.Paint, func(x float64) float32 { return float32(x) }
	scale := float32(c.Develop.Supersample)
	const turns = 1.0 / 360
	s := settings{
		Stacks: uint32(stacks), Scale: uint32(c.Develop.Supersample), Channels: 3,
		Lab: bit(p.Mixing == "lab"), Approach: bit(p.Perspective.Direction == "approach"),
		Textured: bit(c.Properties.Texture), Gradient: bit(c.Properties.Gradient),
		Perspective: bit(c.Properties.Perspective), Warp: bit(c.Properties.Warp),
		LargestTile: uint32(p.Noise.LargestTile), SlopeCount: uint32(len(p.Noise.Slopes)),
		RenderScale: scale, FlatBelow: float32(f(p.FlatBelow) * scale), NoiseMargin: float32(f(p.Noise.Margin) * scale),
		GradientOdds: f(p.Gradient.Odds), SteepnessLo: f(p.Gradient.Steepness[0]), SteepnessHi: f(p.Gradient.Steepness[1]),
		WeightSin: f(p.Weights.Sin), WeightSinNoise: f(p.Weights.Sin + p.Weights.Noise),
		WeightTotal:     f(p.Weights.Sin + p.Weights.Noise + p.Weights.Mix),
		PerspectiveOdds: f(p.Perspective.Odds), MixFlatOdds: f(p.Mix.FlatOdds), MixGridOdds: f(p.Mix.GridOdds),
		SinDoubleOdds: f(p.Sin.DoubleOdds), SinRotationLo: f(-p.Sin.Rotation * turns), SinRotationHi: f(p.Sin.Rotation * turns),
		SinFirstLo: f(-p.Sin.FirstAngle * turns), SinFirstHi: f(p.Sin.FirstAngle * turns), SinRightAngleOdds: f(p.Sin.RightAngleOdds),
		SinSecondLo: f(p.Sin.SecondAngle[0] * turns), SinSecondHi: f(p.Sin.SecondAngle[1] * turns),
		SinPeriodLo: f(p.Sin.Period[0]), SinPeriodHi: f(p.Sin.Period[1]),
		SinThresholdLo: f(p.Sin.Threshold[0]), SinThresholdHi: f(p.Sin.Threshold[1]),
		SinSlopeLo: f(p.Sin.Slope[0]), SinSlopeHi: f(p.Sin.Slope[1]), GridBothOdds: f(p.Grid.BothOdds),
		GridLineLo: f(p.Grid.Line[0]), GridLineHi: f(p.Grid.Line[1]),
		GridPeriodLo: f(p.Grid.Period[0]), GridPeriodHi: f(p.Grid.Period[1]),
		WarpOdds: f(p.Warp.Odds), WarpSigmaLo: f(p.Warp.Sigma[0]), WarpSigmaHi: f(p.Warp.Sigma[1]),
		WarpAmplitudeMin: f(p.Warp.AmplitudeMin), WarpAmplitudeRate: f(p.Warp.AmplitudeRate), Contrast: f(p.Contrast),
		SinPeriodLog: bit(p.Sin.PeriodLaw == "log_uniform"), StretchOdds: f(p.Noise.StretchOdds),
		SpotOdds: f(p.Spots.Odds), SpotStretchOdds: f(p.Spots.StretchOdds),
		SpotThresholdLo: f(p.Spots.Threshold[0]), SpotThresholdHi: f(p.Spots.Threshold[1]),
	}
	lean := c.Gravity.Leaning()
	s.GravityOdds, s.GravityIn, s.GravityOut, s.GravitySpread = lean.Odds, lean.In, lean.Out, lean.Spread
	_, s.SinPeriodOctaves = p.Sin.Period.Log2()
	s.StretchLo, s.StretchOctaves = p.Noise.Stretch.Log2()
	s.SpotSizeLo, s.SpotSizeOctaves = p.Spots.Size.Log2()
	s.SpotStretchLo, s.SpotStretchOctaves = p.Spots.Stretch.Log2()
	s.SpotSlopeLo, s.SpotSlopeOctaves = p.Spots.Slope.Log2()
	if c.Develop.Grey {
		s.Channels = 1
	}
	for i, in := range p.Noise.Slopes {
		s.SlopeTotal += f(in[1] - in[0])
		s.Slopes[2*i], s.Slopes[2*i+1] = f(in[0]), f(in[1]-in[0])
	}
	return s
}

// newColours lays a palette out for the paint shader.
func newColours(p *palette.Palette) *colours {
	c := &colours{}
	for i := range p.Pixels {
		q := &p.Pixels[i]
		c.Pixels[i] = pixel{uint32(q.RGB[0]) | uint32(q.RGB[1])<<8 | uint32(q.RGB[2])<<16, q.Lab}
	}
	for i := range p.Patches {
		q := &p.Patches[i]
		c.Patches[i] = patch{gauss(q.RGB), gauss(q.Lab)}
	}
	mean := p.Mean()
	c.Means = [2][3]float32{{float32(mean.RGB[0]), float32(mean.RGB[1]), float32(mean.RGB[2])}, mean.Lab}
	return c
}

type paint = render.Paint
