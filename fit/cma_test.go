package fit

import (
	"math"
	"testing"
)

// A long and narrow valley that does not run along an axis, and a bent one.
func TestWalk(t *testing.T) {
	ellipsoid := func(x []float64) float64 {
		sum := 0.0
		for i := range x {
			v := x[i] - 1
			if i > 0 {
				v += x[i-1] - 1
			}
			sum += v * v * math.Pow(10, 2*float64(i)/float64(len(x)-1))
		}
		return sum
	}
	rosenbrock := func(x []float64) float64 {
		sum := 0.0
		for i := range len(x) - 1 {
			a, b := x[i+1]-x[i]*x[i], 1-x[i]
			sum += 10*a*a + b*b
		}
		return sum
	}
	for name, f := range map[string]func([]float64) float64{"ellipsoid": ellipsoid, "rosenbrock": rosenbrock} {
		for _, n := range []int{1, 2, 5, 15} {
			f := f
			if name == "rosenbrock" && n == 15 {
				continue // it has a second minimum there
			}
			if n == 1 {
				f = func(x []float64) float64 { return (x[0] - 1) * (x[0] - 1) }
			}
			w := newWalk(n, 1)
			best, spent := math.Inf(1), 0
			for spent < 300*n && best > 1e-3 {
				points := w.ask()
				figures := make([]float64, len(points))
				for i, x := range points {
					figures[i] = f(x)
					best = min(best, figures[i])
				}
				spent += len(points)
				w.tell(figures)
			}
			t.Logf("%s of %d numbers: %.2g after %d", name, n, best, spent)
			if best > 1e-3 {
				t.Errorf("%s of %d numbers: %v after %d figures", name, n, best, spent)
			}
		}
	}
}
