package bank

import (
	"math"
	"runtime"
	"sync"
	"sync/atomic"

	"leaflitter/exact"
	"leaflitter/scene"
)

// Outlines is the bank of polygonal outlines: tiles of 8-bit signed distances,
// positive inside.
//
// A point (u, v) in units of the leaf's radius has texel coordinates
// t = u K + (Size-1)/2, K = (Size-3) / (2 reach): the outermost ring of texels
// is outside. Between texels the value is interpolated linearly.
type Outlines struct {
	Texels  []int8 // all tiles, one after another, rows of Size texels
	Tiles   []OutlineTile
	Classes []scene.OutlineClass

	reach float64 // Polygon.Reach
}

// OutlineTile is one outline.
type OutlineTile struct {
	Offset int     // of the first texel; a multiple of 4, like Size
	Size   int     // texels a side
	Area   float64 // as drawn, over pi r^2
	Radius float32 // no corner of the hull is farther from the centre, over r; the tile as drawn passes it by less than a texel
	Points int     // of the hull's point set
	Smooth float64 // sigma of the smoothing over r; 0: none
}

// bankOutline tags the outlines' random streams.
const bankOutline = 1

type outlineGradeRow struct {
	below       float64
	count, size int
}

// outlineGrades are the classes of radius: edges at 10 * 1.5^k px, and how many
// outlines of which tile size each class holds. Small leaves are many, so they
// get variety; large ones are seen closely, so they get texels (at most 5 px).
var outlineGrades = []outlineGradeRow{
	{22.5, 192, 64}, {50, 128, 96}, {75, 128, 128}, {113, 96, 128}, {170, 96, 160},
	{384, 32, 256}, {576, 32, 320}, {math.Inf(1), 32, 512},
}

// outlineGrade returns the grade of the class from rMin px.
func outlineGrade(rMin float64) (g outlineGradeRow) {
	for _, g = range outlineGrades {
		if rMin < g.below-1 { // the table's edges are rounded
			break
		}
	}
	return g
}

// classEdge returns the lower end of class k, px; classes are the same whichever
// of them a configuration needs.
func classEdge(k int) float64 {
	r := 10.0
	for ; k > 0; k-- {
		r *= 1.5
	}
	for ; k < 0; k++ {
		r /= 1.5
	}
	return r
}

// lowestClass has radii below the smallest that a configuration may ask for,
// 0.5 px.
const lowestClass = -8

// classOf returns the class of radius r px.
func classOf(r float64) int {
	k := lowestClass
	for classEdge(k+1) <= r {
		k++
	}
	return k
}

// BuildOutlines makes the outlines for leaves with radii in [rMin, rMax] px, in
// parallel. An outline depends on the law p, its class and its number in it alone.
func BuildOutlines(p scene.Polygon, rMin, rMax float64) *Outlines {
	o := &Outlines{reach: p.Reach}
	var sources []outlineSource
	texels := 0
	for class := classOf(rMin); class <= classOf(rMax); class++ {
		c := scene.OutlineClass{RMin: classEdge(class), RMax: classEdge(class + 1), First: len(o.Tiles)}
		grade := outlineGrade(c.RMin)
		c.Count, c.Size = grade.count, grade.size
		o.Classes = append(o.Classes, c)
		for i := range c.Count {
			sources = append(sources, outlineSource{class, i, c.Count})
			o.Tiles = append(o.Tiles, OutlineTile{Offset: texels, Size: c.Size})
			texels += c.Size * c.Size
		}
	}
	o.Texels = make([]int8, texels)

	var next atomic.Int64
	var wg sync.WaitGroup
	for range runtime.GOMAXPROCS(0) {
		wg.Go(func() {
			// From the last: the largest take longest, and none should start when
			// the other cores are done.
			for n := len(sources) - int(next.Add(1)); n >= 0; n = len(sources) - int(next.Add(1)) {
				t := &o.Tiles[n]
				sources[n].draw(p, t).rasterise(t, p.Reach, o.Texels[t.Offset:t.Offset+t.Size*t.Size])
			}
		})
	}
	wg.Wait()
	for i := range o.Classes {
		c := &o.Classes[i]
		for _, t := range o.Tiles[c.First : c.First+c.Count] {
			c.MeanArea += t.Area / float64(c.Count)
		}
	}
	return o
}

// outline is the boundary of one shape on the grid: edges with the inside on
// their left, in no particular order.
type outline [][2]point

// outlineSource names one outline: number of count in a class.
type outlineSource struct{ class, number, count int }

// radius returns the radius, px, that the outline is made for: the outlines of a
// class divide its logarithmic width evenly.
func (s outlineSource) radius() float64 {
	lo, hi := classEdge(s.class), classEdge(s.class+1)
	return float64(lo * exact.Pow(hi/lo, (float64(s.number)+0.5)/float64(s.count)))
}

// draw draws the outline, and the smoothing it gets.
func (s outlineSource) draw(p scene.Polygon, t *OutlineTile) outline {
	draw := scene.NewStream(scene.Key{
		Image: bankOutline, Layer: uint32(s.class + 64), Leaf: uint32(s.number), Purpose: scene.PurposeBank,
	})
	r := s.radius()
	t.Points = pointCount(p, r, draw.Float64())
	holes := draw.Float64() < p.HoleOdds
	smooth, u := draw.Float64() < p.SmoothOdds, draw.Float64()
	if smooth {
		t.Smooth = smoothSigma(p, r, u) / r
	}
	for {
		points := drawPoints(t.Points, &draw)
		tris, next := delaunay(points)
		if tris == nil {
			continue // all on a line
		}
		m := newMesh(points, tris, next, p.HullRatio)
		m.ratioHull(holes)
		edges := m.boundary()
		far := int64(0)
		for _, e := range edges {
			far = max(far, e[0].x*e[0].x+e[0].y*e[0].y)
		}
		// The grid may round a point beyond the reach.
		t.Radius = float32(p.Reach * min(1, math.Sqrt(float64(far))/outlineGrid))
		return edges
	}
}

// pointCount returns n uniform in [PointsMin, max(PointsFloor, PointsPerRadius r)),
// at most 2000, for u uniform in (0, 1).
func pointCount(p scene.Polygon, r, u float64) int {
	least := float64(p.PointsMin)
	most := max(float64(p.PointsFloor), float64(p.PointsPerRadius*r), least)
	return min(p.PointsMin+int(float64(u*(most-least))), 2000)
}

// smoothSigma returns the smoothing's sigma, px, for a leaf of radius r px and u
// uniform in (0, 1). Where the interval inverts, its smaller end holds: the
// fraction of the width for small leaves, which a fixed sigma would wash away,
// and the upper bound in px for large ones.
func smoothSigma(p scene.Polygon, r, u float64) float64 {
	width := float64(2 * float64(p.Reach*r))
	lo := max(p.SmoothSigma[0], float64(p.SmoothFraction[0]*width))
	hi := min(p.SmoothSigma[1], float64(p.SmoothFraction[1]*width))
	lo = min(lo, hi)
	return lo + float64(u*(hi-lo))
}

// drawPoints draws n points of uniform angle and uniform distance from the
// centre, hence denser in the middle, and drops those that fall on another.
func drawPoints(n int, draw *scene.Stream) []point {
	seen := make(map[point]bool, n)
	points := make([]point, 0, n)
	for range n {
		sin, cos := exact.SinCosTurns(draw.Float64())
		d := float64(draw.Float64() * outlineGrid)
		q := point{int64(math.Floor(float64(d*cos) + 0.5)), int64(math.Floor(float64(d*sin) + 0.5))}
		if !seen[q] {
			seen[q] = true
			points = append(points, q)
		}
	}
	return points
}

// Inside reports whether (u, v), in units of the leaf's radius, lies inside
// outline tile: the definition that the cover stage follows.
func (o *Outlines) Inside(tile int, u, v float32) bool {
	t := &o.Tiles[tile]
	k := float32(float64(t.Size-3) / (2 * o.reach))
	mid := float32(t.Size-1) * 0.5
	x, y := float32(u*k)+mid, float32(v*k)+mid
	if x < 0 || y < 0 || x >= float32(t.Size-1) || y >= float32(t.Size-1) {
		return false
	}
	i, j := int(x), int(y)
	f, g := x-float32(i), y-float32(j)
	q := o.Texels[t.Offset+j*t.Size+i:]
	a, b := float32(q[0]), float32(q[t.Size])
	a += float32((float32(q[1]) - a) * f)
	b += float32((float32(q[t.Size+1]) - b) * f)
	return a+float32((b-a)*g) > 0
}
