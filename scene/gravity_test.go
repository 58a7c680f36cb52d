package scene

import (
	"math"
	"testing"
)

// A share odds of the directions lies within the spread of an axis, evenly, and the rest evenly beyond; all
// four axes are alike.
func TestGravity(t *testing.T) {
	const n = 1 << 16
	for _, g := range []Gravity{{0.6, 5}, {1, 20}, {0.3, 45}, {0.5, 0}} {
		l := g.Leaning()
		near, quarter := 0, [4]int{}
		var inside, beyond []float64
		for i := range n {
			turn := float64(l.At((float32(i) + 0.5) / n))
			degrees := math.Mod(turn*360+360, 360)
			axis := math.Round(degrees / 90)
			off := math.Abs(degrees - axis*90)
			quarter[int(axis)%4]++
			if off <= g.Spread+1e-3 {
				near++
				inside = append(inside, off)
			} else {
				beyond = append(beyond, off)
			}
		}
		if g.Spread < 45 {
			if share := float64(near) / n; math.Abs(share-g.Odds) > 0.001 {
				t.Errorf("%+v: %.4f of the directions lie near an axis", g, share)
			}
		}
		for _, k := range quarter {
			if math.Abs(float64(k)/n-0.25) > 0.001 {
				t.Errorf("%+v: the axes have %v directions", g, quarter)
			}
		}
		if g.Spread < 45 && math.Abs(average(inside)-g.Spread/2) > 0.05 {
			t.Errorf("%+v: %.2f degrees off on average, near an axis", g, average(inside))
		}
		if len(beyond) > 0 && math.Abs(average(beyond)-(g.Spread+45)/2) > 0.05 {
			t.Errorf("%+v: %.2f degrees off on average, beyond", g, average(beyond))
		}
	}
	var none Leaning
	for _, turn := range []float32{0, 0.1, 0.999, -0.3} {
		if none.At(turn) != turn {
			t.Errorf("without gravity %v turns becomes %v", turn, none.At(turn))
		}
	}
}

func average(xs []float64) float64 {
	sum := 0.0
	for _, x := range xs {
		sum += x
	}
	return sum / float64(len(xs))
}
