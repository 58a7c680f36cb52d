// Package codelength measures how far a set of images is from photographs by how many
// nats a pixel more it takes to code the photographs' patches with a density fitted to the
// set than with one fitted to other photographs. By the relation between mismatched estimation and
// relative entropy (Verdú 2010) that is what denoisers lose by training on the set, summed over
// noise levels; docs/statistics.md says how well it predicts trained networks.
//
// The density of a patch is a mixture of zero-mean Gaussians, at two scales. Results depend on the
// images and their places, not on threads.
package codelength

import (
	"context"
	"fmt"
	"runtime"
)

const (
	scales = 2         // patches of 8 x 8 px, and of 16 x 16 px averaged to 8 x 8
	noise  = 5. / 255. // standard deviation added to a sample, 1 for white

	// MinImages is the fewest images of a set.
	MinImages = 10
)

// Options of fits. Zero fields take the defaults.
type Options struct {
	Components int // 32
	Iterations int // of the start, 20
	Turns      int // from the start, 8
	Threads    int // one a processor
}

func (o *Options) fill() error {
	for _, f := range []struct {
		name               string
		to                 *int
		usual, least, most int
	}{{"components", &o.Components, 32, 1, 1024}, {"iterations", &o.Iterations, 20, 2, 1000}, {"turns", &o.Turns, 8, 1, 1000}, {"threads", &o.Threads, runtime.GOMAXPROCS(0), 1, 1 << 20}} {
		if *f.to == 0 {
			*f.to = f.usual
		}
		if *f.to < f.least || *f.to > f.most {
			return fmt.Errorf("%d %s are out of range: give %d to %d", *f.to, f.name, f.least, f.most)
		}
	}
	return nil
}

// PatchesWanted is how many patches of each scale to take of a set, both halves together.
const PatchesWanted = 40000

// Density is a density of patches at each scale.
type Density struct {
	scale [scales]*mixture
}

// Begin fits a density from nothing.
func Begin(ctx context.Context, p *Patches, o Options) (*Density, error) {
	return p.fit(ctx, &o, func(s int) (*mixture, int, int) {
		return begin(p.coef[s], o.Components), o.Iterations, o.Iterations / 2
	})
}

// Fit fits a density starting at another one. Of fits from one start the differences tell about the
// patches, not about where chance began: expectation maximisation only finds what is near.
func (d *Density) Fit(ctx context.Context, p *Patches, o Options) (*Density, error) {
	o.Components = len(d.scale[0].weight)
	return p.fit(ctx, &o, func(s int) (*mixture, int, int) { return d.scale[s].copy(), o.Turns, 0 })
}

// fit fits a mixture to each scale from a start, in turns, of which the first few see only a part of the patches.
func (p *Patches) fit(ctx context.Context, o *Options, start func(scale int) (m *mixture, turns, part int)) (*Density, error) {
	if err := o.fill(); err != nil {
		return nil, err
	}
	// Fewer patches than coefficients say nothing of a covariance.
	if want := dims * o.Components; p.Count() < want {
		return nil, fmt.Errorf("%d patches are too few for a density of %d components: take %d or more", p.Count(), o.Components, want)
	}
	d := new(Density)
	for s := range scales {
		m, turns, part := start(s)
		if err := m.maximise(ctx, p.coef[s], turns, part, o.Threads); err != nil {
			return nil, err
		}
		d.scale[s] = m
	}
	return d, nil
}

// Length is a code length at each scale, in nats a sample: a pixel of the image, or of the image at
// half the size.
type Length [scales]float64

// Lengths returns for every image the mean of minus the log density of its patches.
func (d *Density) Lengths(p *Patches, threads int) []Length {
	out := make([]Length, len(p.counts))
	starts := make([]int, len(p.counts)+1)
	for i, n := range p.counts {
		starts[i+1] = starts[i] + n
	}
	if threads <= 0 {
		threads = runtime.GOMAXPROCS(0)
	}
	each(threads, func(chunk int) {
		for i := chunk * len(out) / chunks; i < (chunk+1)*len(out)/chunks; i++ {
			for s, m := range d.scale {
				of, sum := make([]float64, len(m.top)), 0.0
				for k := starts[i]; k < starts[i+1]; k++ {
					sum -= m.score(p.coef[s][k*dims:][:dims], of)
				}
				out[i][s] = sum / float64(p.counts[i]) / (side * side)
			}
		}
	})
	return out
}
