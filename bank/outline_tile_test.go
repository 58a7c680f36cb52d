package bank

import (
	"fmt"
	"math"
	"slices"
	"testing"
)

// A leaf drawn from the bank overlaps its exact polygon: every outline of the
// classes of r = 10, 50 and 500 px. Smoothed ones are compared with the polygon
// blurred at a higher resolution.
func TestOutlinesOverlapTheirPolygons(t *testing.T) {
	o := defaultOutlines()
	for _, r := range []float64{10, 50, 500} {
		t.Run(fmt.Sprint(r), func(t *testing.T) {
			t.Parallel()
			c := classAt(o, r)
			least, sum := 1.0, 0.0
			for i, s := range sources(c) {
				var drawn OutlineTile
				truth := exactMask(t, s.draw(polygons, &drawn), drawn.Smooth, polygons.Reach)
				if drawn.Points != o.Tiles[c.First+i].Points {
					t.Fatalf("outline %d is made of other points", c.First+i)
				}
				both, either := 0, 0
				for k, a := range truth {
					u, v := float64(k%fine)+0.5, float64(k/fine)+0.5
					b := o.Inside(c.First+i, float32((2*u/fine-1)*polygons.Reach), float32((2*v/fine-1)*polygons.Reach))
					if a && b {
						both++
					}
					if a || b {
						either++
					}
				}
				iou := float64(both) / float64(either)
				sum += iou
				least = min(least, iou)
			}
			t.Logf("r = %g: %d outlines of %d texels, IoU mean %.4f, least %.4f", r, c.Count, c.Size, sum/float64(c.Count), least)
			if least < 0.98 {
				t.Errorf("r = %g: IoU %.4f", r, least)
			}
		})
	}
}

// fine is the number of samples a side at which shapes are compared.
const fine = 288

// exactMask samples the exact shape at the middles of fine x fine cells over
// [-reach, reach] squared: the points that the outline winds round once, or,
// if sigma (over r) is positive, the half level of that indicator blurred.
func exactMask(t *testing.T, o outline, sigma, reach float64) []bool {
	t.Helper()
	type crossing struct {
		x     float64
		winds int
	}
	mask := make([]bool, fine*fine)
	var row []crossing
	for y := range fine {
		at := (2*(float64(y)+0.5)/fine - 1) * outlineGrid
		row = row[:0]
		for _, e := range o {
			ax, ay, bx, by := float64(e[0].x), float64(e[0].y), float64(e[1].x), float64(e[1].y)
			switch x := ax + (bx-ax)*(at-ay)/(by-ay); {
			case ay > at && by <= at: // downwards: the inside lies to the right
				row = append(row, crossing{x, 1})
			case ay <= at && by > at:
				row = append(row, crossing{x, -1})
			}
		}
		slices.SortFunc(row, func(a, b crossing) int { return int(math.Copysign(1, a.x-b.x)) })
		winding, k := 0, 0
		for x := range fine {
			for ; k < len(row) && row[k].x <= (2*(float64(x)+0.5)/fine-1)*outlineGrid; k++ {
				winding += row[k].winds
			}
			if winding != 0 && winding != 1 {
				t.Fatalf("the outline winds %d times", winding)
			}
			mask[y*fine+x] = winding == 1
		}
	}
	if sigma == 0 {
		return mask
	}
	field := make([]float64, fine*fine)
	for i, in := range mask {
		if in {
			field[i] = 1
		}
	}
	// Four box blurs of the same variance stand in for the Gaussian.
	cells := sigma / (2 * reach) * fine
	for range 4 {
		boxBlur(field, cells*cells/4, 1, fine)
		boxBlur(field, cells*cells/4, fine, 1)
	}
	for i := range mask {
		mask[i] = field[i] > 0.5
	}
	return mask
}

// boxBlur blurs along lines of a given step by a box of the given variance: its
// two outermost weights are fractions (Gwosdek and others, 2011).
func boxBlur(f []float64, variance float64, step, across int) {
	half := int((math.Sqrt(12*variance+1) - 1) / 2)
	h := float64(half)
	// Weights 1, and a at +-(half+1): (h(h+1)(2h+1)/3 + 2a(h+1)^2) / (2h+1+2a) = variance.
	a := (2*h + 1) * (variance - h*(h+1)/3) / (2 * ((h+1)*(h+1) - variance))
	var sums [fine + 1]float64
	for line := range fine {
		at := f[line*across:]
		for i := range fine {
			sums[i+1] = sums[i] + at[i*step]
		}
		for i := range fine {
			inner := sums[min(fine, i+half+1)] - sums[max(0, i-half)]
			outer := sums[min(fine, i+half+2)] - sums[max(0, i-half-1)]
			at[i*step] = ((1-a)*inner + a*outer) / (2*h + 1 + 2*a)
		}
	}
}

// Smoothing shortens outlines.
func TestSmoothingShortensOutlines(t *testing.T) {
	for class, most := range map[int]float64{0: 0.95, 4: 0.9, 9: 0.96} {
		sum, n := 0.0, 0
		const size = 256
		for i := range 40 {
			var tile OutlineTile
			edges := outlineSource{class, i, 40}.draw(polygons, &tile)
			if tile.Smooth == 0 {
				continue
			}
			tile.Size = size
			texels := make([]int8, size*size)
			edges.rasterise(&tile, polygons.Reach, texels)
			smoothed := perimeter(texels, size)
			tile.Smooth = 0
			edges.rasterise(&tile, polygons.Reach, texels)
			plain := perimeter(texels, size)
			if smoothed >= plain {
				t.Errorf("class %d: outline %d grows from %.0f to %.0f texels", class, i, plain, smoothed)
			}
			exact := 0.0
			for _, e := range edges {
				exact += math.Hypot(float64(e[1].x-e[0].x), float64(e[1].y-e[0].y)) * (size - 3) / (2 * outlineGrid)
			}
			if math.Abs(plain/exact-1) > 0.06 {
				t.Errorf("class %d: outline %d is drawn %.0f texels long, its edges are %.0f", class, i, plain, exact)
			}
			sum += smoothed / plain
			n++
		}
		t.Logf("class %d: smoothed outlines are %.3f as long", class, sum/float64(n))
		if sum/float64(n) > most {
			t.Errorf("class %d: smoothed outlines are %.3f as long", class, sum/float64(n))
		}
	}
}

// perimeter returns the length, texels, of a tile's zero level, as a segment in
// each cell.
func perimeter(texels []int8, size int) (sum float64) {
	for y := range size - 1 {
		for x := range size - 1 {
			corner := [4][3]float64{{0, 0}, {1, 0}, {1, 1}, {0, 1}}
			for k := range corner {
				c := &corner[k]
				c[2] = float64(texels[(y+int(c[1]))*size+x+int(c[0])])
			}
			var ends [][2]float64
			for k, a := range corner {
				b := corner[(k+1)%4]
				if (a[2] > 0) != (b[2] > 0) {
					s := a[2] / (a[2] - b[2])
					ends = append(ends, [2]float64{a[0] + s*(b[0]-a[0]), a[1] + s*(b[1]-a[1])})
				}
			}
			for ; len(ends) > 1; ends = ends[2:] {
				sum += math.Hypot(ends[1][0]-ends[0][0], ends[1][1]-ends[0][1])
			}
		}
	}
	return sum
}
