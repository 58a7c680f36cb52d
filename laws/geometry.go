package laws

import (
	"context"
	"fmt"
	"math"
	"slices"

	"leaflitter/render"
	"leaflitter/scene"
)

// covariogram returns the mean overlap area of two disks of radius r at distance
// h under the density r^-alpha on [lo, hi]: the mean geometric covariogram.
func covariogram(h, alpha, lo, hi float64) float64 {
	sum, mass := 0.0, 0.0
	const n = 20000
	for i := range n {
		r := lo * math.Pow(hi/lo, (float64(i)+0.5)/n)
		w := math.Pow(r, 1-alpha) // dr = r d(log r)
		mass += w
		if h < 2*r {
			sum += w * (2*r*r*math.Acos(h/(2*r)) - h/2*math.Sqrt(4*r*r-h*h))
		}
	}
	return sum / mass
}

// twoPoint: the probability that two points at distance h see the same leaf is
// g(h) / (2 g(0) - g(h)), g the mean covariogram (Bordenave, Gousseau, Roueff 2006).
func twoPoint(ctx context.Context, o *Options) ([]Result, error) {
	var out []Result
	for _, alpha := range []float64{3, 2.5} {
		cfg := preset("dead-leaves", 192)
		cfg.Leaves = scene.Leaves{Alpha: alpha, RMin: 8, RMax: 120}
		offsets := [][2]int{{1, 0}, {3, 4}, {0, 10}, {16, 12}, {40, 0}, {48, 64}}
		tallies := make([]tally, len(offsets))
		err := images(ctx, o, &cfg, nil, render.Labels{ID: true}, 101, o.samples(1500), func(_ int, im *render.Image) {
			for k, d := range offsets {
				same, pairs := 0, 0
				for y := 0; y+d[1] < im.Height; y += 2 {
					for x := 0; x+d[0] < im.Width; x += 2 {
						pairs++
						if im.ID[y*im.Width+x] == im.ID[(y+d[1])*im.Width+x+d[0]] {
							same++
						}
					}
				}
				tallies[k].add(float64(same) / float64(pairs))
			}
		})
		if err != nil {
			return nil, err
		}
		g0 := covariogram(0, alpha, 8, 120)
		for k, d := range offsets {
			h := math.Hypot(float64(d[0]), float64(d[1]))
			g := covariogram(h, alpha, 8, 120)
			r := tallies[k].result(fmt.Sprintf("same leaf at distance %g, alpha %g", h, alpha), g/(2*g0-g))
			r.X = h
			out = append(out, r)
		}
	}
	return out, nil
}

// radius: Kolmogorov and Smirnov's distance between the radii of placed leaves
// and the law. Leaves that may reach into the window have the density
// r^-alpha (A + P r + pi r^2); those centred in it have r^-alpha.
func radius(ctx context.Context, o *Options) ([]Result, error) {
	var out []Result
	for _, alpha := range []float64{1, 2, 2.5, 3, 4} {
		cfg := preset("dead-leaves", 256)
		cfg.Leaves.Alpha = alpha
		cfg.Layers = []scene.Layer{{Name: "only", Cover: 1}} // no blur, so no margin but the 1 px that placement adds
		p := scene.NewPlacer(&cfg, nil, 1, 7)
		var hit, inside []float64
		for i := 0; len(hit) < o.samples(400_000); i++ {
			if err := ctx.Err(); err != nil {
				return nil, err
			}
			s := p.Scene(uint64(i))
			for range 40 {
				s.Extend(0)
			}
			for _, l := range s.Stacks[0].Leaves {
				hit = append(hit, float64(l.R))
				if l.X >= 0 && l.Y >= 0 && l.X <= 256 && l.Y <= 256 {
					inside = append(inside, float64(l.R))
				}
			}
		}
		side := 256 + 2.0
		terms := func(r float64) float64 { return side*side + 4*side*r + math.Pi*r*r }
		for _, c := range []struct {
			what    string
			radii   []float64
			density func(float64) float64
		}{
			{"leaves reaching into the window", hit, func(r float64) float64 { return math.Pow(r, -alpha) * terms(r) }},
			{"leaves centred in the window", inside, func(r float64) float64 { return math.Pow(r, -alpha) }},
		} {
			out = append(out, Result{
				What: fmt.Sprintf("%s, alpha %g: KS distance", c.what, alpha), Measured: distance(c.radii, c.density, 10, 500),
				Bound: 2.2 / math.Sqrt(float64(len(c.radii))), Samples: len(c.radii),
				Basis: "Kolmogorov's law at 2.2/sqrt(n): exceeded once in 8,000", X: alpha,
			})
		}
	}
	return out, nil
}

// distance is the largest gap between the sample's distribution function and
// that of a density on [lo, hi].
func distance(sample []float64, density func(float64) float64, lo, hi float64) float64 {
	slices.Sort(sample)
	const n = 50000
	cdf := make([]float64, n+1)
	for i := range n {
		r := lo * math.Pow(hi/lo, (float64(i)+0.5)/n)
		cdf[i+1] = cdf[i] + density(r)*r
	}
	worst := 0.0
	for i, r := range sample {
		at := math.Log(r/lo) / math.Log(hi/lo) * n
		k := min(max(int(at), 0), n-1)
		f := (cdf[k] + (cdf[k+1]-cdf[k])*(at-float64(k))) / cdf[n]
		worst = max(worst, math.Abs(f-float64(i)/float64(len(sample))), math.Abs(f-float64(i+1)/float64(len(sample))))
	}
	return worst
}

// cover: the foreground covers 27 % in expectation, the middle 46 % of the rest,
// whatever the outlines.
func cover(ctx context.Context, o *Options) ([]Result, error) {
	var out []Result
	for _, outline := range []string{"disk", "rectangle", "polygon", "mix"} {
		cfg := preset("flat", 128)
		cfg.Outline.PerImage = []string{outline}
		var front, middle tally
		err := images(ctx, o, &cfg, nil, render.Labels{Layer: true}, 202, o.samples(4000), func(_ int, im *render.Image) {
			var n [3]float64
			for _, l := range im.Layer {
				n[l]++
			}
			size := float64(len(im.Layer))
			front.add(n[0] / size)
			middle.add(n[1] / size)
		})
		if err != nil {
			return nil, err
		}
		a, b := cfg.Layers[0].Cover, cfg.Layers[1].Cover
		out = append(out, front.result("foreground, "+outline, a), middle.result("middle not hidden, "+outline, b*(1-a)))
	}
	return out, nil
}

// holes: a full layer leaves no pixel uncovered.
func holes(ctx context.Context, o *Options) ([]Result, error) {
	var out []Result
	for _, name := range []string{"dead-leaves", "no-depth", "dead-leaves-pp", "dead-leaves-pp-2025"} {
		cfg := preset(name, 96)
		n, open := o.samples(1000), 0
		err := images(ctx, o, &cfg, nil, render.Labels{ID: true}, 303, n, func(_ int, im *render.Image) {
			for _, id := range im.ID {
				if id == 0 {
					open++
				}
			}
		})
		if err != nil {
			return nil, err
		}
		out = append(out, Result{What: "uncovered pixels, " + name, Measured: float64(open), Samples: n, Basis: "none is allowed"})
	}
	return out, nil
}

// border: a pixel near the border or a corner is like one in the middle.
func border(ctx context.Context, o *Options) ([]Result, error) {
	const size, band = 160, 16
	cfg := preset("dead-leaves-pp", size)
	cfg.Outline.PerImage = []string{"mix"}
	zone := func(x, y int) int { // 0 inside, 1 border, 2 corner
		near := func(v int) bool { return v < band || v >= size-band }
		switch {
		case near(x) && near(y):
			return 2
		case near(x) || near(y):
			return 1
		}
		return 0
	}
	var edge, front, square [3]tally
	err := images(ctx, o, &cfg, nil, render.Labels{ID: true, Layer: true}, 404, o.samples(3000), func(_ int, im *render.Image) {
		var pixels, edges, fronts, pairs, detail [3]float64
		for y := range size {
			for x := range size {
				k, p := zone(x, y), y*size+x
				pixels[k]++
				if im.Layer[p] == 0 {
					fronts[k]++
				}
				if x+1 < size && zone(x+1, y) == k {
					pairs[k]++
					if im.ID[p] != im.ID[p+1] {
						edges[k]++
					}
					d := float64(im.Pix[3*p+1]) - float64(im.Pix[3*p+4])
					detail[k] += d * d
				}
			}
		}
		for k := range 3 {
			edge[k].add(edges[k] / pairs[k])
			front[k].add(fronts[k] / pixels[k])
			square[k].add(detail[k] / pairs[k])
		}
	})
	if err != nil {
		return nil, err
	}
	var out []Result
	for k, name := range []string{"", "border", "corners"} {
		if k == 0 {
			continue
		}
		for _, c := range []struct {
			what string
			t    *[3]tally
		}{{"edges between leaves", &edge}, {"foreground cover", &front}, {"squared difference of neighbours, G", &square}} {
			in, at := &c.t[0], &c.t[k]
			out = append(out, Result{
				What: c.what + ", " + name, Measured: at.mean(), Expected: in.mean(),
				Bound: z * math.Hypot(in.sem(), at.sem()), Samples: at.n, Basis: basis,
			})
		}
	}
	return out, nil
}
