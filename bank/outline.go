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
}

// OutlineTile is one outline.
type OutlineTile struct {
	Offset int     // of the first texel; a multiple of 4, like Size
	Size   int     // texels a side
	Area   float64 // as drawn, over pi r^2
	Points int     // of the hull's point set
	Smooth float64 // sigma of the smoothing over r; 0: none
}

// bankOutline tags the outlines' random streams.
const bankOutline = 1

// outlineGrades are the classes of radius: edges at 10 * 1.5^k px, and how many
// outlines of which tile size each class holds. Small leaves are many, so they
// get variety; large ones are seen closely, so they get texels (at most 5 px).
var outlineGrades = []struct {
	below       float64
	count, size int
}{
	{22.5, 192, 64}, {50, 128, 96}, {75, 128, 128}, {113, 96, 128}, {170, 96, 160},
	{384, 32, 256}, {576, 32, 320}, {math.Inf(1), 32, 512},
}

// BuildOutlines makes the outlines for leaves with radii in [rMin, rMax] px, in
// parallel. An outline depends on the law p and its class alone.
func BuildOutlines(p scene.Polygon, rMin, rMax float64) *Outlines {
	o := &Outlines{}
	type job struct {
		tile   int
		class  int // number on the global scale of classes
		within float64
		lo, hi float64
	}
	var jobs []job
	texels := 0
	lo := 10.0
	class := 0
	for lo > rMin {
		lo /= 1.5
		class--
	}
	for lo*1.5 <= rMin {
		lo *= 1.5
		class++
	}
	for ; len(o.Classes) == 0 || lo <= rMax; lo, class = lo*1.5, class+1 {
		grade := outlineGrades[0]
		for _, grade = range outlineGrades {
			if lo < grade.below-1 {
				break
			}
		}
		o.Classes = append(o.Classes, scene.OutlineClass{RMin: lo, RMax: lo * 1.5, First: len(o.Tiles), Count: grade.count, Size: grade.size})
		for i := range grade.count {
			jobs = append(jobs, job{len(o.Tiles), class, (float64(i) + 0.5) / float64(grade.count), lo, lo * 1.5})
			o.Tiles = append(o.Tiles, OutlineTile{Offset: texels, Size: grade.size})
			texels += grade.size * grade.size
		}
	}
	o.Texels = make([]int8, texels)

	var next atomic.Int64
	var wg sync.WaitGroup
	for range runtime.GOMAXPROCS(0) {
		wg.Go(func() {
			for {
				n := int(next.Add(1)) - 1
				if n >= len(jobs) {
					return
				}
				j := jobs[n]
				t := &o.Tiles[j.tile]
				r := float64(j.lo * exact.Pow(j.hi/j.lo, j.within))
				number := j.tile - o.Classes[0].First
				for _, c := range o.Classes {
					if j.tile >= c.First && j.tile < c.First+c.Count {
						number = j.tile - c.First
					}
				}
				draw := scene.NewStream(scene.Key{Image: bankOutline, Layer: uint32(j.class + 64), Leaf: uint32(number), Purpose: scene.PurposeBank})
				drawOutline(p, r, &draw, t).rasterise(t, p.Reach, o.Texels[t.Offset:t.Offset+t.Size*t.Size])
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

// outline is the boundary of one shape on the grid.
type outline [][2]point

// drawOutline draws the concave hull of a leaf of radius r px, and the smoothing
// it gets.
func drawOutline(p scene.Polygon, r float64, draw *scene.Stream, t *OutlineTile) outline {
	most := max(float64(p.PointsFloor), float64(p.PointsPerRadius*r))
	n := min(p.PointsMin+int(float64(draw.Float64()*(most-float64(p.PointsMin)))), 2000)
	holes := draw.Float64() < p.HoleOdds
	smooth, u := draw.Float64() < p.SmoothOdds, draw.Float64()
	t.Points = n
	if smooth {
		width := float64(2 * float64(p.Reach*r))
		lo := max(p.SmoothSigma[0], float64(p.SmoothFraction[0]*width))
		hi := min(p.SmoothSigma[1], float64(p.SmoothFraction[1]*width))
		if hi < lo {
			// Large leaves: the upper bound in px rules. Small ones: the lower.
			if lo > p.SmoothSigma[0] {
				lo = hi
			} else {
				hi = lo
			}
		}
		t.Smooth = (lo + float64(u*(hi-lo))) / r
	}
	for {
		seen := map[point]bool{}
		var points []point
		for range n {
			sin, cos := exact.SinCosTurns(draw.Float64())
			d := float64(draw.Float64() * outlineGrid)
			q := point{int64(math.Floor(float64(d*cos) + 0.5)), int64(math.Floor(float64(d*sin) + 0.5))}
			if !seen[q] {
				seen[q] = true
				points = append(points, q)
			}
		}
		if tris, next := delaunay(points); tris != nil {
			m := newMesh(points, tris, next, p.HullRatio)
			m.ratioHull(holes)
			return m.boundary()
		}
	}
}
