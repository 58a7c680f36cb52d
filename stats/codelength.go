package stats

import (
	"context"
	"errors"
	"fmt"

	"leaflitter/stats/codelength"
)

// perImage is how many patches to take of each of so many images; less than 1: of one in
// so many. So memory does not grow with images.
func perImage(count uint64) float64 {
	n := float64(codelength.PatchesWanted) / float64(max(count, 1))
	if n > 1 {
		n = float64(int(n))
	}
	return n
}

// Patches are what Measure took of a set for code lengths: of images at even and at odd places.
// Both are nil if Options.CodeLength was not set.
func (s *Set) Patches() [2]*codelength.Patches { return s.patches }

// AddCodeLength measures the code length gap between the report's sets and adds it to the distances.
// Both must have been measured with Options.CodeLength.
func (r *Report) AddCodeLength(ctx context.Context, o codelength.Options) error {
	if r.Against == nil || r.Set.patches[0] == nil || r.Against.patches[0] == nil {
		return errors.New("the code length compares two sets that were both measured for it")
	}
	reference, err := codelength.NewReference(ctx, r.Against.patches, o)
	if err != nil {
		return fmt.Errorf("the code length gap of %s cannot be measured: %s: %w", r.Set.Where, r.Against.Where, err)
	}
	g, err := reference.Gap(ctx, r.Set.patches)
	if err != nil {
		return fmt.Errorf("the code length gap of %s cannot be measured: %w", r.Set.Where, err)
	}
	r.CodeLength = g
	r.Distances = append(r.Distances, Distance{
		Name: "codelength.gap", Unit: "nats a pixel", Value: Number(g.Value), Floor: Number(undefined), AgainstFloor: Number(undefined),
		Interval: []Number{Number(g.Low), Number(g.High)},
	})
	return nil
}
