package stats

import (
	"errors"
	"fmt"
	"math"
)

// Distance is how far two sets are apart in one respect.
type Distance struct {
	Name  string `json:"name"` // stable
	Unit  string `json:"unit"`
	Value Number `json:"value"`
	// The same between the images at even and at odd places of a set: what chance alone
	// makes of two sets half as large.
	Floor        Number `json:"floor"`
	AgainstFloor Number `json:"against_floor"`
	// Interval holds the middle 95 % of what other photographs would make of it, where that is known.
	Interval []Number `json:"interval,omitempty"`
}

// Note says in a sentence how certain the distance is; nothing where that is not known.
func (d Distance) Note() string {
	if len(d.Interval) != 2 {
		return ""
	}
	return fmt.Sprintf("%s: %s %s, 95 %% interval %s to %s (photographs resampled).", d.Name, show(d.Value), d.Unit, show(d.Interval[0]), show(d.Interval[1]))
}

// respect is one way of comparing.
type respect struct {
	name, unit string
	of         func(l *lattice, a, b *totals) float64
}

// histograms lists the distances of one histogram: Wasserstein-1 and Jensen-Shannon.
func histograms(name, unit string, width float64, of func(*totals) (fine, shown counts)) []respect {
	return []respect{
		{name + ".w1", unit, func(_ *lattice, a, b *totals) float64 {
			p, _ := of(a)
			q, _ := of(b)
			return wasserstein(p, q, width)
		}},
		{name + ".js", "bits", func(_ *lattice, a, b *totals) float64 {
			_, p := of(a)
			_, q := of(b)
			return jensenShannon(p, q)
		}},
	}
}

func plain(of func(*totals) counts) func(*totals) (counts, counts) {
	return func(t *totals) (counts, counts) { return of(t), of(t) }
}

// respects lists all distances, in the order of reports.
func respects() []respect {
	difference := func(f func(l *lattice, t *totals) float64) func(*lattice, *totals, *totals) float64 {
		return func(l *lattice, a, b *totals) float64 { return f(l, a) - f(l, b) }
	}
	list := []respect{
		{"spectrum.slope", "", difference(func(l *lattice, t *totals) float64 { return l.slope(&t.power) })},
		{"spectrum.level", "dB", func(l *lattice, a, b *totals) float64 { m, _ := decibels(l, a, b); return m }},
		{"spectrum.shape", "dB", func(l *lattice, a, b *totals) float64 { _, s := decibels(l, a, b); return s }},
		{"spectrum.angular", "", func(l *lattice, a, b *totals) float64 {
			p, q, sum := l.angular(&a.power), l.angular(&b.power), 0.0
			for i := range p {
				sum += math.Abs(p[i] - q[i])
			}
			return sum / sectors
		}},
	}
	for i := range 2 {
		list = append(list, histograms("gradient."+orientations[i], "grey levels", 1,
			plain(func(t *totals) counts { return t.grey.gradient[i] }))...)
	}
	for s := range 3 {
		for i, o := range orientations {
			list = append(list, histograms(fmt.Sprintf("wavelet.scale%d.%s", s+1, o), "grey levels", haarUnit(s),
				func(t *totals) (counts, counts) { c := t.grey.haar[s][i]; return c, coarse(c, s) })...)
		}
	}
	list = append(list,
		respect{"neighbours.information", "bits", difference(func(_ *lattice, t *totals) float64 { return information(t.grey.joint) })},
		respect{"neighbours.js", "bits", func(_ *lattice, a, b *totals) float64 { return jensenShannon(a.grey.joint, b.grey.joint) }},
		respect{"colour.frechet", "Lab", func(_ *lattice, a, b *totals) float64 { return frechet(&a.lab, &b.lab) }})
	list = append(list, histograms("colour.lightness", "L", 1, plain(func(t *totals) counts { return t.colours.lightness }))...)
	list = append(list, histograms("colour.a", "a", 2, plain(func(t *totals) counts { return t.colours.a }))...)
	list = append(list, histograms("colour.b", "b", 2, plain(func(t *totals) counts { return t.colours.b }))...)
	list = append(list, histograms("colour.chroma", "C", 2, plain(func(t *totals) counts { return t.colours.chroma }))...)
	list = append(list, respect{"colour.plane.js", "bits", func(_ *lattice, a, b *totals) float64 { return jensenShannon(a.colours.plane, b.colours.plane) }})
	list = append(list, histograms("entropy", "bits", 0.1, plain(func(t *totals) counts { return t.grey.entropy }))...)
	list = append(list, respect{"blur.w1", "", func(_ *lattice, a, b *totals) float64 { return wasserstein(a.grey.blur, b.grey.blur, 1./blurBins) }})
	list = append(list, respect{"objects.edge_density", "", difference(func(_ *lattice, t *totals) float64 {
		return float64(t.objects.edges) / float64(t.objects.pairs)
	})})
	list = append(list, histograms("objects.area", "octaves", 0.5, plain(func(t *totals) counts { return t.objects.area }))...)
	return append(list, histograms("objects.boundary", "octaves", 0.5, plain(func(t *totals) counts { return t.objects.boundary }))...)
}

// decibels compares two radial spectra, ring by ring of the band: the mean of
// 10 log10(a/b), and its standard deviation over rings.
func decibels(l *lattice, a, b *totals) (mean, sd float64) {
	var sum, square, n float64
	for r := l.lo; r < l.hi; r++ {
		if l.waves[r] > 0 {
			d := 10 * math.Log10(a.power.ring[r]/float64(a.power.patches)*float64(b.power.patches)/b.power.ring[r])
			sum, square, n = sum+d, square+d*d, n+1
		}
	}
	mean = sum / n
	return mean, math.Sqrt(max(square/n-mean*mean, 0))
}

// Compare returns the distances from set a to set b, which must have been measured with
// the same patch. Differences are a less b.
func Compare(a, b *Set) ([]Distance, error) {
	if a.lattice == nil || b.lattice == nil || a.lattice.n != b.lattice.n {
		return nil, errors.New("two sets can be compared if both were measured with the same patch: measure them again")
	}
	var list []Distance
	for _, r := range respects() {
		floor := func(h [2]*totals) Number { return Number(math.Abs(r.of(a.lattice, h[0], h[1]))) }
		list = append(list, Distance{r.name, r.unit, Number(r.of(a.lattice, a.all, b.all)), floor(a.halves), floor(b.halves), nil})
	}
	return list, nil
}
