package cpu

import (
	"leaflitter/bank"
	"leaflitter/scene"
)

// pattern is a periodic map with values in [0, 1]: the product of one or two
// waves, or the union of one or two families of lines.
type pattern struct {
	grid  bool
	count int // of waves
	waves [2]wave

	spots spots // in place of waves

	warped     bool
	warpRate   float32 // warp texels a render px
	warpHeight float32 // rms displacement, render px
	warpX      float32 // offset into the field, texels
	warpY      float32
}

// wave is one sinusoid or one family of lines: phase fx x + fy y + phase turns.
type wave struct {
	fx, fy, phase float32
	freq          float32 // cycles a render px
	threshold     float32 // sin: values over it are 1
	curve         curve   // sin
	mean          float32 // sin: over a period
	period, line  float32 // grid: render px
}

// pattern draws a map: sinusoids, or a grid.
func (p *painter) pattern(draw *scene.Stream, grid bool) pattern {
	m := pattern{grid: grid, count: 1}
	if grid {
		p.grid(draw, &m)
	} else {
		p.sin(draw, &m)
	}
	c := &p.cfg.Paint.Warp
	warped := draw.Float32() < float32(c.Odds)
	sigma := draw.Between(float32(c.Sigma[0]), float32(c.Sigma[1]))
	height := draw.Between(float32(c.AmplitudeMin), float32(float32(c.AmplitudeRate)*sigma))
	m.warpX, m.warpY = float32(draw.Float32()*bank.WarpSize), float32(draw.Float32()*bank.WarpSize)
	if warped && p.cfg.Properties.Warp {
		m.warped = true
		m.warpRate = float32(bank.WarpSigma * recip(float32(sigma*p.scale)))
		m.warpHeight = float32(height * p.scale)
	}
	return m
}

func (p *painter) sin(draw *scene.Stream, m *pattern) {
	c := &p.cfg.Paint.Sin
	if draw.Float32() < float32(c.DoubleOdds) {
		m.count = 2
	}
	turn := draw.Between(float32(-c.Rotation*(1.0/360)), float32(c.Rotation*(1.0/360)))
	turn += draw.Between(float32(-c.FirstAngle*(1.0/360)), float32(c.FirstAngle*(1.0/360)))
	if draw.Float32() < float32(c.RightAngleOdds) {
		turn += 0.25
	}
	turn = p.lean.At(turn)
	for i := range m.waves {
		w := &m.waves[i]
		if i == 1 {
			angle := draw.Between(float32(c.SecondAngle[0]*(1.0/360)), float32(c.SecondAngle[1]*(1.0/360)))
			if draw.Uint32()>>31 == 0 {
				angle = -angle
			}
			turn += 0.25 + angle
		}
		var period float32
		if c.PeriodLaw == "log_uniform" {
			period = p.logBetween(draw, c.Period)
		} else {
			period = draw.Between(float32(c.Period[0]), float32(c.Period[1]))
		}
		w.freq = recip(float32(period * p.scale))
		w.fx, w.fy = float32(w.freq*cosTurns(turn)), float32(w.freq*sinTurns(turn))
		w.phase = draw.Float32()
		w.threshold = draw.Between(float32(c.Threshold[0]), float32(c.Threshold[1]))
		w.curve = p.curve(draw.Between(float32(c.Slope[0]), float32(c.Slope[1])), 0)
		for k := range 16 {
			w.mean += w.profile(p.bank.Logistic, float32(float32(k)*(1.0/16)))
		}
		w.mean = float32(w.mean * (1.0 / 16))
	}
}

func (p *painter) grid(draw *scene.Stream, m *pattern) {
	c := &p.cfg.Paint.Grid
	if draw.Float32() < float32(c.BothOdds) {
		m.count = 2
	}
	turn := p.lean.At(draw.Float32())
	for i := range m.waves {
		w := &m.waves[i]
		if i == 1 {
			turn += 0.25
		}
		w.line = float32(draw.Between(float32(c.Line[0]), float32(c.Line[1])) * p.scale)
		w.period = float32(draw.Between(float32(c.Period[0]), float32(c.Period[1])) * p.scale)
		w.freq = recip(w.period)
		w.fx, w.fy = float32(w.freq*cosTurns(turn)), float32(w.freq*sinTurns(turn))
		w.phase = draw.Float32()
	}
}

// profile returns a sinusoid's value at a phase in turns.
func (w *wave) profile(table []float32, phase float32) float32 {
	v := 0.5 + float32(0.5*sinTurns(phase))
	if v > w.threshold {
		v = 1
	}
	return w.curve.at(table, v)
}

// at returns the map at texture coordinates x, y (render px), where a pixel
// covers about foot texture pixels.
func (m *pattern) at(b *bank.Bank, x, y, foot float32) float32 {
	reach := foot
	if m.warped {
		dx, dy := displacement(b.Warp, float32(x*m.warpRate)+m.warpX, float32(y*m.warpRate)+m.warpY)
		x += float32(dx * m.warpHeight)
		y += float32(dy * m.warpHeight)
		reach = float32(1.5 * foot) // the field stretches the map here and there
	}
	if m.spots.on {
		return m.spots.at(b, x, y, reach)
	}
	out := float32(1)
	if m.grid {
		out = 0
	}
	for i := range m.count {
		w := &m.waves[i]
		phase := float32(x*w.fx) + float32(y*w.fy) + w.phase
		if m.grid {
			out = max(out, w.lines(phase, foot))
			continue
		}
		// From 0.35 to 0.5 cycles a pixel the wave fades to its mean.
		fade := clamp01(float32((0.5 - float32(w.freq*reach)) * (1 / 0.15)))
		v := w.mean
		if fade > 0 {
			v += float32((w.profile(b.Logistic, phase) - v) * fade)
		}
		out = float32(out * v)
	}
	return out
}

// lines returns how much of a pixel of width foot the nearest line covers.
func (w *wave) lines(phase, foot float32) float32 {
	f := phase - float32(floorInt(phase)) - 0.5
	if f < 0 {
		f = -f
	}
	d := float32(f * w.period)
	half, line := float32(foot*0.5), float32(w.line*0.5)
	overlap := min(line, d+half) - max(-line, d-half)
	if overlap <= 0 {
		return 0
	}
	return min(float32(overlap*recip(foot)), 1)
}

// displacement interpolates the warp field at x, y (texels).
func displacement(field []uint32, x, y float32) (dx, dy float32) {
	const mask = bank.WarpSize - 1
	i, j := floorInt(x), floorInt(y)
	f, g := x-float32(i), y-float32(j)
	i0, i1 := i&mask, (i+1)&mask
	j0, j1 := (j&mask)*bank.WarpSize, ((j+1)&mask)*bank.WarpSize
	a, b, c, d := field[j0+i0], field[j0+i1], field[j1+i0], field[j1+i1]
	return bilinear(a&0xffff, b&0xffff, c&0xffff, d&0xffff, f, g), bilinear(a>>16, b>>16, c>>16, d>>16, f, g)
}

func bilinear(a, b, c, d uint32, f, g float32) float32 {
	fa, fb, fc, fd := float32(a), float32(b), float32(c), float32(d)
	fa += float32((fb - fa) * f)
	fc += float32((fd - fc) * f)
	fa += float32((fc - fa) * g)
	return float32((fa - 32768) * (1.0 / 8192))
}
