package floor

import "testing"

func TestMedian(t *testing.T) {
	for _, c := range []struct {
		sorted []float64
		want   float64
	}{{[]float64{3}, 3}, {[]float64{1, 3}, 2}, {[]float64{1, 2, 9}, 2}, {[]float64{1, 2, 4, 9}, 3}} {
		if got := Median(c.sorted); got != c.want {
			t.Errorf("the median of %v is %g, not %g", c.sorted, got, c.want)
		}
	}
}
