package palette

import (
	"context"
	"flag"
	"fmt"
	"math"
	"os"
	"slices"
	"strings"
	"testing"
)

var photosDir = flag.String("photos", "", "directory of photographs to compare the built-in set with")

// statistic is one number for each palette of a set.
type statistic struct {
	name string
	of   func(p *Palette) float64
}

// statistics are what the built-in set was tuned by; docs/palettes.md has them.
var statistics = []statistic{
	{"mean L of pixels", func(p *Palette) float64 { m, _ := meanStd(column(p, lightness)); return m }},
	{"std of L of pixels", func(p *Palette) float64 { _, s := meanStd(column(p, lightness)); return s }},
	{"L, 5th percentile", func(p *Palette) float64 { return quantile(column(p, lightness), 0.05) }},
	{"L, 95th percentile", func(p *Palette) float64 { return quantile(column(p, lightness), 0.95) }},
	{"mean chroma of pixels", func(p *Palette) float64 { m, _ := meanStd(column(p, chroma)); return m }},
	{"chroma, 95th percentile", func(p *Palette) float64 { return quantile(column(p, chroma), 0.95) }},
	{"mean a", func(p *Palette) float64 {
		m, _ := meanStd(column(p, func(x Pixel) float64 { return float64(x.Lab[1]) }))
		return m
	}},
	{"mean b", func(p *Palette) float64 {
		m, _ := meanStd(column(p, func(x Pixel) float64 { return float64(x.Lab[2]) }))
		return m
	}},
	{"std of a", func(p *Palette) float64 {
		_, s := meanStd(column(p, func(x Pixel) float64 { return float64(x.Lab[1]) }))
		return s
	}},
	{"std of b", func(p *Palette) float64 {
		_, s := meanStd(column(p, func(x Pixel) float64 { return float64(x.Lab[2]) }))
		return s
	}},
	{"std of patch mean L", func(p *Palette) float64 {
		_, s := meanStd(patches(p, func(q *Patch) float64 { return float64(q.Lab.Mean[0]) }))
		return s
	}},
	{"patch std of G, 10th percentile", func(p *Palette) float64 { return quantile(patches(p, stdG), 0.1) }},
	{"patch std of G, median", func(p *Palette) float64 { return quantile(patches(p, stdG), 0.5) }},
	{"patch std of G, 90th percentile", func(p *Palette) float64 { return quantile(patches(p, stdG), 0.9) }},
	{"patch std of a, median", func(p *Palette) float64 { return quantile(patches(p, stdA), 0.5) }},
	{"patch std of a, 90th percentile", func(p *Palette) float64 { return quantile(patches(p, stdA), 0.9) }},
	{"patch std of b, median", func(p *Palette) float64 { return quantile(patches(p, stdB), 0.5) }},
	{"patch std of b, 90th percentile", func(p *Palette) float64 { return quantile(patches(p, stdB), 0.9) }},
	{"first eigenvector's share, median", func(p *Palette) float64 { return quantile(patches(p, firstShare), 0.5) }},
	{"first eigenvector's share, 10th percentile", func(p *Palette) float64 { return quantile(patches(p, firstShare), 0.1) }},
	{"its angle to grey, degrees, median", func(p *Palette) float64 { return quantile(patches(p, greyAngle), 0.5) }},
	{"pixels with a byte of 255, %", func(p *Palette) float64 {
		return percent(p, func(x Pixel) bool { return max(x.RGB[0], x.RGB[1], x.RGB[2]) == 255 })
	}},
	{"pixels with a byte of 0, %", func(p *Palette) float64 {
		return percent(p, func(x Pixel) bool { return min(x.RGB[0], x.RGB[1], x.RGB[2]) == 0 })
	}},
	{"orange to yellow (30 to 100 degrees, chroma > 12), %", hueShare(30, 100)},
	{"green (100 to 170), %", hueShare(100, 170)},
	{"cyan to blue (170 to 300), %", hueShare(170, 300)},
	{"magenta to red (300 to 30), %", hueShare(300, 390)},
	{"nearly grey (chroma < 6), %", func(p *Palette) float64 { return percent(p, func(x Pixel) bool { return chroma(x) < 6 }) }},
}

// row is a statistic of a set: its mean over palettes (10th to 90th percentile).
func (st statistic) row(s *Set) string {
	v := make([]float64, len(s.Palettes))
	for i := range v {
		v[i] = st.of(&s.Palettes[i])
	}
	m, _ := meanStd(v)
	return fmt.Sprintf("%.1f (%.1f to %.1f)", m, quantile(v, 0.1), quantile(v, 0.9))
}

// What docs/palettes.md says of the built-in set is so. With a directory of photographs it
// prints theirs beside it:
//
//	go test ./palette -run TestCompare -v -photos DIR
func TestCompare(t *testing.T) {
	docs, err := os.ReadFile("../docs/palettes.md")
	if err != nil {
		t.Fatal(err)
	}
	var photos *Set
	if *photosDir != "" {
		var r Report
		if photos, r, err = BuildDir(context.Background(), *photosDir, 0, nil); err != nil {
			t.Fatal(err)
		}
		t.Logf("photographs: %d of %d used", r.Used, r.Found)
	}
	for _, st := range statistics {
		row := fmt.Sprintf("| %s | %s |", st.name, st.row(Builtin()))
		if !strings.Contains(string(docs), "\n"+row) {
			t.Errorf("docs/palettes.md lacks %s", row)
		}
		if photos != nil {
			t.Logf("%s %s |", row, st.row(photos))
		}
	}
}

func lightness(p Pixel) float64 { return float64(p.Lab[0]) }
func chroma(p Pixel) float64    { return math.Hypot(float64(p.Lab[1]), float64(p.Lab[2])) }

func column(p *Palette, f func(Pixel) float64) []float64 {
	v := make([]float64, len(p.Pixels))
	for i := range v {
		v[i] = f(p.Pixels[i])
	}
	return v
}

func patches(p *Palette, f func(*Patch) float64) []float64 {
	v := make([]float64, len(p.Patches))
	for i := range v {
		v[i] = f(&p.Patches[i])
	}
	return v
}

func percent(p *Palette, f func(Pixel) bool) float64 {
	m, _ := meanStd(column(p, func(x Pixel) float64 {
		if f(x) {
			return 100
		}
		return 0
	}))
	return m
}

func hueShare(lo, hi float64) func(*Palette) float64 {
	return func(p *Palette) float64 {
		return percent(p, func(x Pixel) bool {
			h := math.Atan2(float64(x.Lab[2]), float64(x.Lab[1])) * 180 / math.Pi
			for h < lo {
				h += 360
			}
			return h < hi && chroma(x) > 12
		})
	}
}

func meanStd(v []float64) (mean, std float64) {
	for _, x := range v {
		mean += x / float64(len(v))
	}
	for _, x := range v {
		std += (x - mean) * (x - mean) / float64(len(v))
	}
	return mean, math.Sqrt(std)
}

func quantile(v []float64, q float64) float64 {
	v = slices.Sorted(slices.Values(v))
	return v[int(q*float64(len(v)-1)+0.5)]
}

func stdG(q *Patch) float64 { return math.Sqrt(covariance(&q.RGB)[1][1]) }
func stdA(q *Patch) float64 { return math.Sqrt(covariance(&q.Lab)[1][1]) }
func stdB(q *Patch) float64 { return math.Sqrt(covariance(&q.Lab)[2][2]) }

// covariance is L Lᵀ.
func covariance(g *Gaussian) (c [3][3]float64) {
	l := [3][3]float64{}
	for i, k := 0, 0; i < 3; i++ {
		for j := 0; j <= i; j, k = j+1, k+1 {
			l[i][j] = float64(g.Chol[k])
		}
	}
	for i := range 3 {
		for j := range 3 {
			for k := range 3 {
				c[i][j] += l[i][k] * l[j][k]
			}
		}
	}
	return
}

// first returns the largest eigenvalue's share of an RGB covariance and its
// eigenvector, by power iteration.
func first(q *Patch) (share float64, v [3]float64) {
	c := covariance(&q.RGB)
	v = [3]float64{0.6, 0.58, 0.55}
	var norm float64
	for range 100 {
		var w [3]float64
		for i := range w {
			for j := range v {
				w[i] += c[i][j] * v[j]
			}
		}
		norm = math.Sqrt(w[0]*w[0] + w[1]*w[1] + w[2]*w[2])
		if norm == 0 {
			return 1, v
		}
		v = [3]float64{w[0] / norm, w[1] / norm, w[2] / norm}
	}
	return norm / (c[0][0] + c[1][1] + c[2][2]), v
}

func firstShare(q *Patch) float64 { s, _ := first(q); return 100 * s }

func greyAngle(q *Patch) float64 {
	_, v := first(q)
	return math.Acos(min(1, math.Abs(v[0]+v[1]+v[2])/math.Sqrt(3))) * 180 / math.Pi
}
