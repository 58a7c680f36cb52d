package scene

// PaintKind says how a leaf is filled.
type PaintKind uint32

// The kinds of paint, numbered as in shaders/paint.glsl.
const (
	PaintFlat PaintKind = iota
	PaintGradient
	PaintSin
	PaintNoise
	PaintMix
)

func (k PaintKind) String() string {
	return [...]string{"flat", "gradient", "sin", "noise", "mix"}[k]
}

// PaintOf returns the kind of paint of a leaf, whose radius is r render pixels, and how
// its texture is tilted (0: not), from the head of the leaf's stream of purpose
// PurposePaint; what follows in the stream are the paint's parameters. It is the first
// part of the paint stage, here because it needs neither palette nor table: whoever
// lists the leaves of an image can tell their paints without rendering.
func (c *Config) PaintOf(draw *Stream, r float32) (kind PaintKind, tilt uint32) {
	p := &c.Paint
	if r < float32(float32(p.FlatBelow)*float32(c.Develop.Supersample)) {
		return PaintFlat, 0
	}
	if !c.Properties.Texture || draw.Float32() < float32(p.Gradient.Odds) {
		if !c.Properties.Gradient {
			return PaintFlat, 0
		}
		return PaintGradient, 0
	}
	pick := float32(draw.Float32() * float32(p.Weights.Sin+p.Weights.Noise+p.Weights.Mix))
	tilted := draw.Float32() < float32(p.Perspective.Odds)
	if mode := draw.Intn(4); tilted && c.Properties.Perspective {
		tilt = 1 + mode
	}
	switch {
	case pick < float32(p.Weights.Sin):
		return PaintSin, tilt
	case pick < float32(p.Weights.Sin+p.Weights.Noise):
		return PaintNoise, tilt
	}
	return PaintMix, tilt
}
