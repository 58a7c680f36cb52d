package codelength

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
)

// Gap is how much longer the code of photographs is. Only gaps from one Reference compare: other photographs do not have
// 0 but a little less (docs/statistics.md), since the reference's own densities start from their own patches.
type Gap struct {
	Value     float64 `json:"value"` // nats a pixel, the mean over scales
	Low       float64 `json:"low"`   // 95 % interval, over photographs
	High      float64 `json:"high"`
	Scales    Length  `json:"scales"`    // at each scale
	Length    Length  `json:"length"`    // with a density of the set
	Reference Length  `json:"reference"` // with a density of other photographs
	Images    int     `json:"images"`    // photographs

	// Each is the gap of every photograph, those of the first half first: to compare two sets photograph by
	// photograph, which is more certain than the interval of either.
	Each []float64 `json:"-"`
}

// Reference is what many sets are compared with: photographs in two halves. What is fitted to
// one half is tried on the other.
type Reference struct {
	halves [2]*Patches
	start  [2]*Density
	own    [2][]Length // lengths with the density of the other half
	o      Options
}

// NewReference fits densities to both halves of the photographs.
func NewReference(ctx context.Context, photos [2]*Patches, o Options) (*Reference, error) {
	r := &Reference{halves: photos, o: o}
	if err := enough(photos); err != nil {
		return nil, err
	}
	var err error
	for h, p := range photos {
		if r.start[h], err = Begin(ctx, p, o); err != nil {
			return nil, err
		}
	}
	r.own, err = r.lengths(ctx, photos)
	return r, err
}

// enough reports too few images.
func enough(set [2]*Patches) error {
	if n := set[0].Images() + set[1].Images(); n < MinImages || set[0].Images() == 0 || set[1].Images() == 0 {
		return fmt.Errorf("the code length needs %d images or more of each set, in two halves, and got %d: take more images", MinImages, n)
	}
	return nil
}

// lengths codes each half with what is fitted to the other half of a set. So a set never meets
// itself, not even where it is compared with itself.
func (r *Reference) lengths(ctx context.Context, set [2]*Patches) (out [2][]Length, err error) {
	if err := enough(set); err != nil {
		return out, err
	}
	for h, p := range set {
		d, err := r.start[h].Fit(ctx, p, r.o)
		if err != nil {
			return out, err
		}
		out[1-h] = d.Lengths(r.halves[1-h], r.o.Threads)
	}
	return out, nil
}

// Gap compares a set with the photographs. Its halves should hold as many patches as theirs,
// since fewer make a worse density.
func (r *Reference) Gap(ctx context.Context, set [2]*Patches) (*Gap, error) {
	lengths, err := r.lengths(ctx, set)
	if err != nil {
		return nil, err
	}
	g := new(Gap)
	n := float64(len(lengths[0]) + len(lengths[1]))
	for h := range lengths {
		for i, v := range lengths[h] {
			sum := 0.0
			for s, own := range r.own[h][i] {
				sum += (v[s] - own) / scales
				g.Scales[s] += (v[s] - own) / n
				g.Length[s] += v[s] / n
				g.Reference[s] += own / n
			}
			g.Each = append(g.Each, sum)
		}
	}
	g.Images = len(g.Each)
	g.Value, g.Low, g.High = bootstrap(g.Each)
	return g, nil
}

// bootstrap returns the mean and, from resampled photographs, the middle 95 % of what it could have been. (Patches
// of one photograph are alike, so resampling patches would make it too narrow.)
func bootstrap(x []float64) (mean, low, high float64) {
	const times = 2000
	random := rand.New(rand.NewPCG(0x626f6f74, 0))
	means := make([]float64, times)
	for i := range means {
		for range x {
			means[i] += x[random.IntN(len(x))]
		}
		means[i] /= float64(len(x))
	}
	slices.Sort(means)
	for _, v := range x {
		mean += v
	}
	return mean / float64(len(x)), means[times*25/1000], means[times*975/1000-1]
}
