package codelength

import (
	"context"
	"math"
	"math/rand/v2"
	"sync"
	"sync/atomic"

	"gonum.org/v1/gonum/floats"
)

const (
	// chunks are summed apart and then in order, so that sums do not depend on threads.
	chunks = 32
	// small responsibilities are left out of the sums.
	small = 1e-4
	// prior patches of noise alone are added to every component, so that none collapses.
	prior = 16
)

// part is what one chunk of patches adds to the components.
type part struct {
	weight []float64
	cov    [][]float64
}

func triangles(n int) [][]float64 {
	out := make([][]float64, n)
	for k := range out {
		out[k] = make([]float64, packed)
	}
	return out
}

// maximise runs expectation maximisation: the first turns on a quarter of the patches,
// another one each time, the rest on all.
func (m *mixture) maximise(ctx context.Context, coef []float64, turns, quarters, threads int) error {
	components := len(m.weight)
	parts := make([]part, chunks)
	for i := range parts {
		parts[i] = part{make([]float64, components), triangles(components)}
	}
	for turn := range turns {
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
		if err := m.prepare(); err != nil {
			return err
		}
		stride := 1
		if turn < quarters {
			stride = 4
		}
		each(threads, func(i int) { parts[i].collect(m, coef, i, turn%stride, stride) })
		m.update(parts)
	}
	return m.prepare()
}

func newMixture(components int) *mixture {
	return &mixture{make([]float64, components), triangles(components), triangles(components), make([]float64, components)}
}

func (m *mixture) copy() *mixture {
	c := newMixture(len(m.weight))
	copy(c.weight, m.weight)
	for k := range m.cov {
		copy(c.cov[k], m.cov[k])
	}
	return c
}

// begin starts each component at a patch: as much contrast, in the direction of the patch and of all.
func begin(coef []float64, components int) *mixture {
	n := len(coef) / dims
	m := newMixture(components)
	all, trace := make([]float64, packed), 0.0
	for i := range n {
		x := coef[i*dims:][:dims]
		outer(all, x, 1)
		trace += floats.Dot(x, x)
	}
	order := rand.New(rand.NewPCG(0x6d6978, 0)).Perm(n)
	for k, cov := range m.cov {
		x := coef[order[k]*dims:][:dims]
		floats.AddScaled(cov, 0.54*floats.Dot(x, x)/trace, all)
		outer(cov, x, 0.36)
		diagonal(cov, 0.9*noise*noise)
		m.weight[k] = 1 / float64(components)
	}
	return m
}

// outer adds a x x' to a packed lower triangle.
func outer(to, x []float64, a float64) {
	for i := range x {
		floats.AddScaled(to[:i+1], a*x[i], x[:i+1])
		to = to[i+1:]
	}
}

func diagonal(to []float64, a float64) {
	for i := range dims {
		to[i*(i+3)/2] += a
	}
}

// each does all chunks, on some threads.
func each(threads int, do func(chunk int)) {
	var next atomic.Int64
	var wait sync.WaitGroup
	for range min(threads, chunks) {
		wait.Go(func() {
			for i := next.Add(1) - 1; i < chunks; i = next.Add(1) - 1 {
				do(int(i))
			}
		})
	}
	wait.Wait()
}

// collect sums over every stride-th patch of a chunk.
func (p *part) collect(m *mixture, coef []float64, chunk, first, stride int) {
	clear(p.weight)
	for _, c := range p.cov {
		clear(c)
	}
	n, of := len(coef)/dims, make([]float64, len(m.top))
	for i := chunk*n/chunks + first; i < (chunk+1)*n/chunks; i += stride {
		x := coef[i*dims:][:dims]
		total := m.score(x, of)
		for k, v := range of {
			if r := math.Exp(v - total); r > small {
				p.weight[k] += r
				outer(p.cov[k], x, r)
			}
		}
	}
}

// update sets weights and covariances from the sums.
func (m *mixture) update(parts []part) {
	total := float64(len(m.weight))
	for k, cov := range m.cov {
		sum := 0.0
		clear(cov)
		for i := range parts {
			sum += parts[i].weight[k]
			floats.Add(cov, parts[i].cov[k])
		}
		diagonal(cov, prior*noise*noise)
		floats.Scale(1/(sum+prior), cov)
		m.weight[k] = sum + 1
		total += sum
	}
	floats.Scale(1/total, m.weight)
}
