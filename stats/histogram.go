package stats

import (
	"encoding/json"
	"math"
)

// Number is a float64 that is null in JSON where it is not defined (NaN), such as the
// kurtosis of images without any contrast.
type Number float64

// MarshalJSON implements json.Marshaler.
func (n Number) MarshalJSON() ([]byte, error) {
	if math.IsNaN(float64(n)) || math.IsInf(float64(n), 0) {
		return []byte("null"), nil
	}
	return json.Marshal(float64(n))
}

// UnmarshalJSON implements json.Unmarshaler.
func (n *Number) UnmarshalJSON(data []byte) error {
	if string(data) == "null" {
		*n = Number(math.NaN())
		return nil
	}
	return json.Unmarshal(data, (*float64)(n))
}

var undefined = math.NaN()

// counts is a histogram: how many values fell into each bin.
type counts []int64

func (c counts) add(d counts) {
	for i, n := range d {
		c[i] += n
	}
}

func (c counts) total() (n int64) {
	for _, v := range c {
		n += v
	}
	return n
}

// shares are the counts over their sum; nil if it is 0.
func (c counts) shares() []float64 {
	n := c.total()
	if n == 0 {
		return nil
	}
	p := make([]float64, len(c))
	for i, v := range c {
		p[i] = float64(v) / float64(n)
	}
	return p
}

// moments returns mean, standard deviation and kurtosis (the fourth central moment over
// the squared variance: 3 for a Gaussian) of values first, first+step, ...
func (c counts) moments(first, step float64) (mean, sd, kurtosis float64) {
	p := c.shares()
	if p == nil {
		return undefined, undefined, undefined
	}
	for i, w := range p {
		mean += w * (first + step*float64(i))
	}
	var m2, m4 float64
	for i, w := range p {
		d := first + step*float64(i) - mean
		m2 += w * d * d
		m4 += w * d * d * d * d
	}
	if m2 == 0 {
		return mean, 0, undefined
	}
	return mean, math.Sqrt(m2), m4 / (m2 * m2)
}

// wasserstein is the Wasserstein-1 distance of two histograms with bins of a width: the
// area between their distribution functions.
func wasserstein(a, b counts, width float64) float64 {
	p, q := a.shares(), b.shares()
	if p == nil || q == nil {
		return undefined
	}
	gap, sum := 0.0, 0.0
	for i := range p {
		gap += p[i] - q[i]
		sum += math.Abs(gap)
	}
	return sum * width
}

// jensenShannon is the Jensen-Shannon divergence of two histograms, in bits: 0 if they
// are the same, 1 if they share no bin.
func jensenShannon(a, b counts) float64 {
	p, q := a.shares(), b.shares()
	if p == nil || q == nil {
		return undefined
	}
	sum := 0.0
	for i := range p {
		m := (p[i] + q[i]) / 2
		if p[i] > 0 {
			sum += p[i] * math.Log2(p[i]/m)
		}
		if q[i] > 0 {
			sum += q[i] * math.Log2(q[i]/m)
		}
	}
	return max(sum/2, 0)
}

// tally is the mean and the spread of one number an image, summed in their order.
type tally struct {
	n           int64
	sum, square float64
}

func (t *tally) add(x float64) {
	if !math.IsNaN(x) {
		t.n, t.sum, t.square = t.n+1, t.sum+x, t.square+x*x
	}
}

func (t *tally) plus(u tally) tally { return tally{t.n + u.n, t.sum + u.sum, t.square + u.square} }

func (t *tally) mean() float64 {
	if t.n == 0 {
		return undefined
	}
	return t.sum / float64(t.n)
}

// sd is the standard deviation between images (over n).
func (t *tally) sd() float64 {
	m := t.mean()
	return math.Sqrt(max(t.square/float64(t.n)-m*m, 0))
}
