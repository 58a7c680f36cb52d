package scene

// Leaning turns uniform directions into those that Gravity asks for, in float32 so that a shader does the
// same.
type Leaning struct{ Odds, In, Out, Spread float32 }

// Leaning returns the map of a law.
func (g *Gravity) Leaning() Leaning {
	l := Leaning{Odds: float32(g.Odds), Spread: float32(g.Spread / 90)}
	if g.Odds > 0 {
		l.In = float32(2 * g.Spread / 90 / g.Odds)
	}
	if g.Odds < 1 {
		l.Out = float32((1 - 2*g.Spread/90) / (1 - g.Odds))
	}
	return l
}

// At returns the direction, in turns, that a direction in turns becomes: the first part of each quarter
// comes to lie round its beginning, an axis, and the rest between the axes.
func (l *Leaning) At(turn float32) float32 {
	if l.Odds == 0 {
		return turn
	}
	u := float32(turn * 4)
	q := float32(int32(u))
	if q > u {
		q--
	}
	f := u - q
	var x float32
	if f < l.Odds {
		x = float32(f*l.In) - l.Spread
	} else {
		x = l.Spread + float32((f-l.Odds)*l.Out)
	}
	return float32((q + x) * 0.25)
}
