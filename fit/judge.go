package fit

import (
	"context"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"

	"leaflitter/stats"
)

// Verdict is what came of a search, measured on photographs that it never saw and images of other random numbers.
type Verdict struct {
	Before, After       Figure
	Gain                Interval // before less after, photograph by photograph
	GapBefore, GapAfter Interval // of the figure
	Changes             []Change
	Photos              int
	set                 [3]*stats.Set // photographs, before, after
	pictures            [3][]Picture
}

// Interval is a mean over photographs and the middle 95 % of what other photographs would make of it.
type Interval struct{ Value, Low, High float64 }

// Change is a field that differs from the start.
type Change struct {
	Field    string
	From, To string
	Worth    Interval // how much the figure grows when this field alone goes back to its start
}

// Certain reports whether the interval holds no 0.
func (in Interval) Certain() bool { return in.Low > 0 || in.High < 0 }

// Judge measures the start and the best numbers of a search, and the best ones with each field put back.
func Judge(ctx context.Context, s *Space, best []float64, m *Maker, objective Objective, photos []Picture, threads int, progress func(done, total int)) (*Verdict, error) {
	v := &Verdict{Photos: len(photos)}
	start := s.Numbers()
	names, members := s.Fields()
	var changed []int
	for k, list := range members {
		for _, i := range list {
			if start[i] != best[i] {
				changed = append(changed, k)
				break
			}
		}
	}
	total, done := 2+len(changed), 0
	measure := func(x []float64) (Figure, []Picture, error) {
		progress(done, total)
		done++
		images, err := m.Make(ctx, s.Config(x))
		if err != nil {
			return Figure{}, nil, err
		}
		f, err := objective.Figure(ctx, images)
		return f, images, err
	}
	var err error
	v.pictures[0] = photos
	if v.Before, v.pictures[1], err = measure(start); err != nil {
		return nil, err
	}
	if v.After, v.pictures[2], err = measure(best); err != nil {
		return nil, err
	}
	v.GapBefore, v.GapAfter = about(v.Before.Value, v.Before.Each), about(v.After.Value, v.After.Each)
	v.Gain = less(&v.Before, &v.After)
	for i, pictures := range v.pictures {
		kind := []string{"photographs", "dataset", "dataset"}[i]
		if v.set[i], err = stats.Measure(ctx, set{kind, kind, pictures}, stats.Options{Patch: leastSide, Threads: threads}); err != nil {
			return nil, err
		}
	}
	for _, k := range changed {
		x := slices.Clone(best)
		change := Change{Field: names[k]}
		for _, i := range members[k] {
			x[i] = start[i]
		}
		change.From, change.To = listed(start, members[k]), listed(best, members[k])
		f, _, err := measure(x)
		if err != nil {
			if ctx.Err() != nil {
				return nil, err
			}
			continue // it makes no sense alone, such as an r_min over r_max
		}
		change.Worth = less(&f, &v.After)
		v.Changes = append(v.Changes, change)
	}
	slices.SortStableFunc(v.Changes, func(a, b Change) int {
		switch {
		case a.Worth.Value > b.Worth.Value:
			return -1
		case a.Worth.Value < b.Worth.Value:
			return 1
		}
		return 0
	})
	return v, nil
}

func listed(x []float64, members []int) string {
	var out []string
	for _, i := range members {
		out = append(out, strconv.FormatFloat(x[i], 'f', -1, 64))
	}
	return strings.Join(out, ", ")
}

// less is the difference of two figures, photograph by photograph: what they have in common falls out.
func less(a, b *Figure) Interval {
	if len(a.Each) == 0 || len(a.Each) != len(b.Each) {
		d := a.Value - b.Value
		return Interval{d, d, d}
	}
	each := make([]float64, len(a.Each))
	for i := range each {
		each[i] = a.Each[i] - b.Each[i]
	}
	return about(a.Value-b.Value, each)
}

// about draws photographs again and again.
func about(value float64, each []float64) Interval {
	if len(each) == 0 {
		return Interval{value, value, value}
	}
	const times = 2000
	random := rand.New(rand.NewPCG(0x66697420, 0))
	means := make([]float64, times)
	for i := range means {
		for range each {
			means[i] += each[random.IntN(len(each))] / float64(len(each))
		}
	}
	slices.Sort(means)
	return Interval{value, means[times*25/1000], means[times*975/1000-1]}
}
