package bank

import (
	"crypto/sha256"
	"encoding/hex"
	"math"
	"runtime"
	"slices"
	"sync"
	"testing"

	"leaflitter/scene"
)

var polygons = scene.Default().Outline.Polygon

// defaultOutlines is the bank of the default configuration.
var defaultOutlines = sync.OnceValue(func() *Outlines { return BuildOutlines(polygons, 10, 500) })

// sources lists the outlines of a class.
func sources(c scene.OutlineClass) (s []outlineSource) {
	for i := range c.Count {
		s = append(s, outlineSource{classOf(c.RMin), i, c.Count})
	}
	return s
}

func classAt(o *Outlines, r float64) scene.OutlineClass {
	return o.Classes[slices.IndexFunc(o.Classes, func(c scene.OutlineClass) bool { return r < c.RMax })]
}

// More points fill more of the disk of radius reach r; and what else holds of
// every tile of the default bank.
func TestOutlineTiles(t *testing.T) {
	o := defaultOutlines()
	few, many := o.Classes[0], o.Classes[len(o.Classes)-1]
	t.Logf("%.1f MiB, %d outlines", float64(len(o.Texels))/(1<<20), len(o.Tiles))
	for _, c := range o.Classes {
		t.Logf("r = %.1f to %.1f: %d outlines of %d texels, mean area over pi r^2 %.3f", c.RMin, c.RMax, c.Count, c.Size, c.MeanArea)
	}
	if few.MeanArea < 0.86 || few.MeanArea > 1 {
		t.Errorf("small leaves: %.3f", few.MeanArea)
	}
	if many.MeanArea < 1.2 || many.MeanArea > 1.4 {
		t.Errorf("large leaves: %.3f", many.MeanArea)
	}
	if len(o.Texels) > 24<<20 {
		t.Errorf("%d bytes of outlines", len(o.Texels))
	}
	offset := 0
	for i, tile := range o.Tiles {
		if tile.Offset != offset || tile.Size%4 != 0 || tile.Offset%4 != 0 {
			t.Fatalf("outline %d: offset %d, size %d", i, tile.Offset, tile.Size)
		}
		offset += tile.Size * tile.Size
		texels := o.Texels[tile.Offset:offset]
		// A drawn point lies next to a positive texel, hence within a texel and a
		// half of it; none of the outermost ring is positive.
		mid, unit := float64(tile.Size-1)/2, float64(tile.Size-3)/(2*polygons.Reach)
		for k, v := range texels {
			x, y := k%tile.Size, k/tile.Size
			if v <= 0 {
				continue
			}
			if x == 0 || y == 0 || x == tile.Size-1 || y == tile.Size-1 {
				t.Fatalf("outline %d touches the border of its tile", i)
			}
			if d := math.Hypot(float64(x)-mid, float64(y)-mid) / unit; d > float64(tile.Radius)+0.01/unit {
				t.Fatalf("outline %d: a texel at %.4f r, radius %.4f r", i, d, tile.Radius)
			}
		}
		if float64(tile.Radius) > polygons.Reach || tile.Radius < 1 {
			t.Errorf("outline %d: radius %g r", i, tile.Radius)
		}
	}
	if offset != len(o.Texels) {
		t.Errorf("tiles end at %d of %d", offset, len(o.Texels))
	}
}

// The number of points, the odds of holes and of smoothing, and the smoothing's
// sigma follow the law of the configuration.
func TestOutlineLaw(t *testing.T) {
	for _, c := range []struct {
		r           float64
		least, most int
	}{{10, 50, 99}, {111, 50, 99}, {200, 50, 179}, {500, 50, 449}, {4000, 50, 2000}} {
		if got := pointCount(polygons, c.r, 1e-9); got != c.least {
			t.Errorf("r = %g: least %d points", c.r, got)
		}
		if got := pointCount(polygons, c.r, 1-1e-9); got != c.most {
			t.Errorf("r = %g: most %d points", c.r, got)
		}
		sum := 0
		for i := range 1000 {
			sum += pointCount(polygons, c.r, (float64(i)+0.5)/1000)
		}
		if mean := float64(sum) / 1000; c.r < 4000 && math.Abs(mean-float64(c.least+c.most)/2) > 0.6 {
			t.Errorf("r = %g: mean of %g points", c.r, mean)
		}
	}
	narrow := polygons
	narrow.PointsMin, narrow.PointsFloor = 80, 20
	if got := pointCount(narrow, 10, 0.9); got != 80 {
		t.Errorf("floor under the least: %d points", got)
	}
	for _, c := range []struct{ r, lo, hi float64 }{
		{1, 0.075, 0.075},                                             // inverted: 0.5 and 3/40
		{10, 0.5, 0.75}, {50, 1.5, 3.75}, {200, 6, 10}, {500, 10, 10}, // inverted: 15 and 10
	} {
		lo, hi := smoothSigma(polygons, c.r, 0), smoothSigma(polygons, c.r, 1)
		if math.Abs(lo-c.lo) > 1e-12 || math.Abs(hi-c.hi) > 1e-12 {
			t.Errorf("r = %g: sigma from %g to %g px, want %g to %g", c.r, lo, hi, c.lo, c.hi)
		}
	}
	// Uniform distance: the mean is half the reach, and half of the points lie
	// within it.
	draw := scene.NewStream(scene.Key{Seed: 96, Purpose: scene.PurposeBank})
	sum, near := 0.0, 0
	points := drawPoints(20000, &draw)
	for _, q := range points {
		d := math.Hypot(float64(q.x), float64(q.y)) / outlineGrid
		sum += d
		if d < 0.5 {
			near++
		}
	}
	n := float64(len(points))
	if math.Abs(sum/n-0.5) > 0.01 || math.Abs(float64(near)/n-0.5) > 0.015 {
		t.Errorf("mean distance %.3f of the reach, %.3f within half of it", sum/n, float64(near)/n)
	}

	// At 200 points and more, 95 % of the outlines that may have holes have some.
	crowded := polygons
	crowded.PointsMin, crowded.PointsFloor = 200, 220
	const total = 400
	smooth, holed := 0, 0
	for i := range total {
		var tile OutlineTile
		if loops(t, outlineSource{i % 4, i, total}.draw(crowded, &tile)) > 1 {
			holed++
		}
		if tile.Smooth > 0 {
			smooth++
		}
	}
	t.Logf("of %d outlines %d are smoothed, %d have holes", total, smooth, holed)
	slack := 3.5 * 0.5 * math.Sqrt(total)
	if math.Abs(float64(smooth)-0.5*total) > slack {
		t.Errorf("%d of %d outlines are smoothed", smooth, total)
	}
	if math.Abs(float64(holed)-0.475*total) > slack {
		t.Errorf("%d of %d outlines have holes", holed, total)
	}
}

// Classes cover [rMin, rMax] and their content depends on neither.
func TestOutlineClasses(t *testing.T) {
	quick := polygons
	quick.PointsFloor, quick.PointsMin, quick.PointsPerRadius = 12, 8, 0.01
	for _, r := range [][2]float64{{10, 30}, {0.5, 1.5}, {15, 15}, {14.999, 15}, {600, 700}} {
		o := BuildOutlines(quick, r[0], r[1])
		first, last := o.Classes[0], o.Classes[len(o.Classes)-1]
		if first.RMin > r[0] || first.RMax <= r[0] || last.RMin > r[1] || last.RMax <= r[1] {
			t.Errorf("radii %v: classes from %g to %g", r, first.RMin, last.RMax)
		}
		for i := 1; i < len(o.Classes); i++ {
			if o.Classes[i].RMin != o.Classes[i-1].RMax {
				t.Errorf("radii %v: gap after class %d", r, i-1)
			}
		}
	}
	for _, r := range [][2]float64{{16, 20}, {0.5, 1}, {4, 12}} {
		a, b := BuildOutlines(quick, r[0], r[1]), BuildOutlines(quick, max(r[0]/4, 0.5), r[1]*2)
		for _, c := range a.Classes {
			d := classAt(b, c.RMin)
			first, second := a.Tiles[c.First].Offset, b.Tiles[d.First].Offset
			n := c.Count * c.Size * c.Size
			if c.RMin != d.RMin || !slices.Equal(a.Texels[first:first+n], b.Texels[second:second+n]) {
				t.Errorf("radii %v: class from %g changes with the others", r, c.RMin)
			}
		}
	}
}

// The ends of the configuration's ranges: no outline leaves its tile, no tile is
// larger than 512 texels, and shapes have an area. (A triangle thinner than a
// texel may have none, and extreme smoothing may leave nothing of a shape.)
func TestOutlinesOfExtremeConfigurations(t *testing.T) {
	for name, c := range map[string]struct {
		class  int
		vanish int // how many of 24 may
		change func(p *scene.Polygon)
	}{
		"tiny":        {lowestClass, 0, func(p *scene.Polygon) { p.SmoothOdds = 1 }},
		"four points": {0, 4, func(p *scene.Polygon) { p.PointsMin, p.PointsFloor, p.PointsPerRadius = 4, 5, 0 }},
		"whole hull":  {0, 0, func(p *scene.Polygon) { p.HullRatio, p.Reach, p.HoleOdds = 1, 1, 1 }},
		"all eroded":  {0, 0, func(p *scene.Polygon) { p.HullRatio, p.Reach, p.HoleOdds = 0, 2, 1 }},
		"huge":        {14, 0, func(p *scene.Polygon) { p.PointsMin, p.PointsFloor = 1990, 2000 }},
		"smooth": {7, 4, func(p *scene.Polygon) {
			p.SmoothOdds, p.SmoothSigma, p.SmoothFraction = 1, scene.Interval{100, 100}, scene.Interval{0.2, 0.2}
		}},
	} {
		p, gone := polygons, 0
		c.change(&p)
		size := outlineGrade(classEdge(c.class)).size
		if size > 512 {
			t.Errorf("%s: tiles of %d texels", name, size)
		}
		for i := range 24 {
			tile, texels := OutlineTile{Size: size}, make([]int8, size*size)
			outlineSource{c.class, i, 24}.draw(p, &tile).rasterise(&tile, p.Reach, texels)
			if tile.Area == 0 {
				gone++
			}
			if tile.Area > p.Reach*p.Reach {
				t.Errorf("%s: outline %d has area %g", name, i, tile.Area)
			}
			for k := range size {
				if max(texels[k], texels[(size-1)*size+k], texels[k*size], texels[(k+1)*size-1]) > 0 {
					t.Fatalf("%s: outline %d touches the border of its tile", name, i)
				}
			}
		}
		if gone > c.vanish {
			t.Errorf("%s: %d of 24 outlines are empty", name, gone)
		}
	}
}

// The bytes, on however many cores.
func TestOutlinesGolden(t *testing.T) {
	sum := func(o *Outlines) string {
		h := sha256.New()
		for _, v := range o.Texels {
			h.Write([]byte{byte(v)})
		}
		return hex.EncodeToString(h.Sum(nil)[:8])
	}
	const golden = "fc278ff741b92e79"
	if got := sum(defaultOutlines()); got != golden {
		t.Errorf("outlines hash to %s, golden %s", got, golden)
	}
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))
	if got := sum(BuildOutlines(polygons, 10, 500)); got != golden {
		t.Errorf("on one core outlines hash to %s, golden %s", got, golden)
	}
}

// On one core.
func BenchmarkBuildOutlines(b *testing.B) {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))
	for b.Loop() {
		BuildOutlines(polygons, 10, 500)
	}
}
