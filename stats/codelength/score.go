package codelength

import (
	"errors"
	"fmt"
	"math"

	"gonum.org/v1/gonum/floats"
	"gonum.org/v1/gonum/mat"
)

// packed is the size of a triangle of dims x dims.
const packed = dims * (dims + 1) / 2

// mixture is a mixture of zero-mean Gaussians over coefficients.
type mixture struct {
	weight []float64
	cov    [][]float64 // lower triangles, row by row

	// Of the covariance C = L L': the rows of L^-1, and the log density at zero.
	white [][]float64
	top   []float64
}

// prepare factors the covariances.
func (m *mixture) prepare() error {
	var c mat.Cholesky
	var low, inv mat.TriDense
	sym := mat.NewSymDense(dims, nil)
	for k, cov := range m.cov {
		at := 0
		for i := range dims {
			for j := range i + 1 {
				sym.SetSym(i, j, cov[at])
				at++
			}
		}
		if !c.Factorize(sym) { // only if a coefficient is not finite: the prior sees to the rest
			return errors.New("the covariance of patches is not positive definite")
		}
		low.Reset()
		inv.Reset()
		c.LTo(&low)
		if err := inv.InverseTri(&low); err != nil {
			return fmt.Errorf("the covariance of patches cannot be inverted: %w", err)
		}
		m.top[k] = math.Log(m.weight[k]) - c.LogDet()/2 - dims/2.*math.Log(2*math.Pi)
		at = 0
		for i := range dims {
			for j := range i + 1 {
				m.white[k][at] = inv.At(i, j)
				at++
			}
		}
	}
	return nil
}

const (
	glance = 8  // rows after which a component is looked at again
	behind = 12 // nats behind the best, a component does not matter
)

// score returns the log density of a patch and leaves in of what each component adds to
// it (log; -Inf: nothing that matters). The terms of the quadratic form are squares, so what has been
// summed bounds the rest, and most components are given up after a few rows, which are also the
// shortest. What is given up changes the result by less than K e^-12.
func (m *mixture) score(x []float64, of []float64) float64 {
	first := 0
	for k := range of {
		of[k] = m.top[k] - quadratic(m.white[k], x, 0, glance)/2
		if of[k] > of[first] {
			first = k
		}
	}
	best := of[first] - quadratic(m.white[first], x, glance, dims)/2
	of[first] = best
	for k := range of {
		if k == first {
			continue
		}
		for row := glance; row < dims; row += glance {
			if of[k] < best-behind {
				of[k] = math.Inf(-1)
				break
			}
			of[k] -= quadratic(m.white[k], x, row, min(row+glance, dims)) / 2
		}
		best = max(best, of[k])
	}
	sum := 0.0
	for _, v := range of {
		if v > best-behind {
			sum += math.Exp(v - best)
		}
	}
	return best + math.Log(sum)
}

// quadratic sums the squares of rows from to to of the product of a packed lower triangle and x.
func quadratic(white, x []float64, from, to int) float64 {
	sum := 0.0
	at := from * (from + 1) / 2
	for i := from; i < to; i++ {
		v := floats.Dot(white[at:at+i+1], x[:i+1])
		sum += v * v
		at += i + 1
	}
	return sum
}
