package fit

import (
	"context"
	"fmt"
	"math"
	"strings"

	"leaflitter/stats"
)

// Statistics is an Objective: the mean of the distances of package stats in what a search should get right, each
// over the size that it has in the photographs.
type Statistics struct {
	photos  *stats.Set
	threads int
}

// NewStatistics measures the photographs.
func NewStatistics(ctx context.Context, photos []Picture, threads int) (*Statistics, error) {
	set, err := stats.Measure(ctx, set{"photographs", "photographs", photos}, stats.Options{Patch: leastSide, Threads: threads})
	return &Statistics{set, threads}, err
}

// terms are the parts of the mean, and what the distances whose names begin alike are divided by.
var terms = []struct {
	prefix, suffix string
	size           func(s *stats.Set) float64
}{
	{"spectrum.level", "", decibels},
	{"spectrum.shape", "", decibels},
	{"gradient.", ".w1", func(s *stats.Set) float64 { return float64(s.Gradients[0].SD) }},
	{"wavelet.scale2.", ".w1", func(s *stats.Set) float64 { return float64(s.Wavelets[3].SD) }},
	{"wavelet.scale3.", ".w1", func(s *stats.Set) float64 { return float64(s.Wavelets[6].SD) }},
	{"entropy", ".w1", func(s *stats.Set) float64 { return float64(s.Entropy.Mean) }},
	{"blur", ".w1", func(s *stats.Set) float64 { return float64(s.Blur.Mean) }},
}

// decibels of a factor e of the amplitude.
func decibels(*stats.Set) float64 { return 20 / math.Ln10 }

// Figure implements Objective.
func (s *Statistics) Figure(ctx context.Context, images []Picture) (Figure, error) {
	made, err := stats.Measure(ctx, set{"images", "dataset", images}, stats.Options{Patch: leastSide, Threads: s.threads})
	if err != nil {
		return Figure{}, err
	}
	distances, err := stats.Compare(made, s.photos)
	if err != nil {
		return Figure{}, err
	}
	var f Figure
	for _, t := range terms {
		sum, n := 0.0, 0.0
		for _, d := range distances {
			if strings.HasPrefix(d.Name, t.prefix) && strings.HasSuffix(d.Name, t.suffix) {
				sum, n = sum+math.Abs(float64(d.Value)), n+1
			}
		}
		v := sum / n / t.size(s.photos)
		if math.IsNaN(v) || math.IsInf(v, 0) {
			return f, fmt.Errorf("%s is not defined for these images and photographs; are they of one colour?", t.prefix+"*"+t.suffix)
		}
		f.Parts = append(f.Parts, Part{strings.Trim(t.prefix, ".") + t.suffix, v})
		f.Value += v / float64(len(terms))
	}
	return f, nil
}

// About implements Objective.
func (s *Statistics) About() string { return "mean relative distance of image statistics" }
