package bank

import (
	"math"
	"slices"

	"leaflitter/exact"
)

// distanceUnits is how many steps of a tile's value make one texel.
const distanceUnits = 32

// rasterise fills a tile with the outline's signed distance, or with its
// smoothed indicator, and sets the tile's area.
func (o outline) rasterise(t *OutlineTile, reach float64, texels []int8) {
	// Grid to texel coordinates.
	scale := float64(t.Size-3) / (2 * outlineGrid)
	mid := float64(t.Size-1) / 2
	edges := make([][4]float64, len(o))
	for i, e := range o {
		edges[i] = [4]float64{
			float64(float64(e[0].x)*scale) + mid, float64(float64(e[0].y)*scale) + mid,
			float64(float64(e[1].x)*scale) + mid, float64(float64(e[1].y)*scale) + mid,
		}
	}
	if t.Smooth > 0 {
		smoothTile(edges, t.Size, float64(t.Smooth*float64(t.Size-3))/float64(2*reach), texels)
	} else {
		distanceTile(edges, t.Size, texels)
	}
	t.Area = float64(drawnArea(texels, t.Size)/math.Pi) * float64(2*reach/float64(t.Size-3)) * float64(2*reach/float64(t.Size-3))
}

// crossings returns where the outline crosses the horizontal line y, ascending.
func crossings(edges [][4]float64, y float64, at []float64) []float64 {
	at = at[:0]
	for _, e := range edges {
		if (e[1] <= y) != (e[3] <= y) {
			at = append(at, e[0]+float64((e[2]-e[0])*float64((y-e[1])/(e[3]-e[1]))))
		}
	}
	slices.Sort(at)
	return at
}

// distanceTile writes signed distances near the outline and +-127 elsewhere.
func distanceTile(edges [][4]float64, size int, texels []int8) {
	const band = 127.0 / distanceUnits
	far := make([]float64, size*size)
	for i := range far {
		far[i] = band * band
	}
	for _, e := range edges {
		x0, x1 := max(0, int(min(e[0], e[2])-band)), min(size-1, int(max(e[0], e[2])+band)+1)
		y0, y1 := max(0, int(min(e[1], e[3])-band)), min(size-1, int(max(e[1], e[3])+band)+1)
		dx, dy := e[2]-e[0], e[3]-e[1]
		inv := 1 / (float64(dx*dx) + float64(dy*dy))
		for y := y0; y <= y1; y++ {
			for x := x0; x <= x1; x++ {
				px, py := float64(x)-e[0], float64(y)-e[1]
				s := min(max(float64((float64(px*dx)+float64(py*dy))*inv), 0), 1)
				px -= float64(s * dx)
				py -= float64(s * dy)
				if d := float64(px*px) + float64(py*py); d < far[y*size+x] {
					far[y*size+x] = d
				}
			}
		}
	}
	var at []float64
	for y := range size {
		at = crossings(edges, float64(y), at)
		in, k := false, 0
		for x := range size {
			for k < len(at) && at[k] <= float64(x) {
				in = !in
				k++
			}
			d := int8(float64(math.Sqrt(far[y*size+x])*distanceUnits) + 0.5)
			if in {
				texels[y*size+x] = max(d, 1)
			} else {
				texels[y*size+x] = -d
			}
		}
	}
}

// smoothTile writes the outline's indicator, blurred by a Gaussian of sigma
// texels, minus one half: its zero level is the smoothed outline.
func smoothTile(edges [][4]float64, size int, sigma float64, texels []int8) {
	const sub = 4 // scan lines a texel; along x the cover is exact
	cover := make([]float32, size*size)
	var at []float64
	for y := range size {
		row := cover[y*size : (y+1)*size]
		for s := range sub {
			at = crossings(edges, float64(y)+(float64(s)+0.5)/sub-0.5, at)
			for k := 0; k+1 < len(at); k += 2 {
				addSpan(row, at[k]+0.5, at[k+1]+0.5, 1.0/sub)
			}
		}
	}
	radius := int(math.Ceil(3 * sigma))
	weight := make([]float32, radius+1)
	sum := 0.0
	for i := range weight {
		w := exact.Exp(-float64(i*i) / float64(2*float64(sigma*sigma)))
		weight[i] = float32(w)
		sum += w
		if i > 0 {
			sum += w
		}
	}
	for i := range weight {
		weight[i] = float32(float64(weight[i]) / sum)
	}
	blurTile(cover, size, weight)
	// The slope of a blurred straight edge is 1 / (sigma sqrt(2 pi)).
	steep := float32(distanceUnits * float64(max(sigma, 0.3)*math.Sqrt(2*math.Pi)))
	for i, v := range cover {
		d := float32((v - 0.5) * steep)
		texels[i] = int8(floor32(min(max(d, -127), 127) + 0.5))
	}
}

// blurTile convolves a tile with a symmetric kernel, weight[0] in the middle;
// beyond the tile all is zero.
func blurTile(f []float32, size int, weight []float32) {
	radius := len(weight) - 1
	padded := make([]float32, size+2*radius)
	for y := range size {
		row := f[y*size : (y+1)*size]
		copy(padded[radius:], row)
		for x := range row {
			row[x] = float32(padded[x+radius] * weight[0])
		}
		for k := 1; k <= radius; k++ {
			left, right, w := padded[radius-k:][:size], padded[radius+k:][:size], weight[k]
			for x := range row {
				row[x] += float32((left[x] + right[x]) * w)
			}
		}
	}
	src := append([]float32(nil), f...)
	zero := make([]float32, size)
	line := func(y int) []float32 {
		if y < 0 || y >= size {
			return zero
		}
		return src[y*size : (y+1)*size]
	}
	for y := range size {
		row := f[y*size : (y+1)*size]
		for x, v := range line(y) {
			row[x] = float32(v * weight[0])
		}
		for k := 1; k <= radius; k++ {
			above, below, w := line(y-k), line(y+k), weight[k]
			for x := range row {
				row[x] += float32((above[x] + below[x]) * w)
			}
		}
	}
}

func floor32(v float32) float32 { return float32(math.Floor(float64(v))) }

// addSpan adds weight to the texels of a row by how much of each [a, b] covers;
// texel i is [i, i+1].
func addSpan(row []float32, a, b float64, weight float32) {
	for i := max(0, int(a)); i < len(row) && float64(i) < b; i++ {
		part := min(b, float64(i+1)) - max(a, float64(i))
		row[i] += float32(float32(part) * weight)
	}
}

// drawnArea returns the area, texels squared, where the interpolated tile is
// positive, from 4 x 4 samples a texel.
func drawnArea(texels []int8, size int) float64 {
	n := 0
	for y := range size - 1 {
		for x := range size - 1 {
			a, b := int(texels[y*size+x]), int(texels[y*size+x+1])
			c, d := int(texels[(y+1)*size+x]), int(texels[(y+1)*size+x+1])
			switch {
			case a > 0 && b > 0 && c > 0 && d > 0:
				n += 16
				continue
			case a <= 0 && b <= 0 && c <= 0 && d <= 0:
				continue
			}
			for j := 1; j < 8; j += 2 { // eighths
				for i := 1; i < 8; i += 2 {
					if (a*(8-i)+b*i)*(8-j)+(c*(8-i)+d*i)*j > 0 {
						n++
					}
				}
			}
		}
	}
	return float64(n) / 16
}

// Inside reports whether (u, v), in units of the leaf's radius, lies inside
// outline tile, for reach as the bank was built with: the definition that the
// cover stage follows.
func (o *Outlines) Inside(tile int, reach, u, v float32) bool {
	t := &o.Tiles[tile]
	k := float32(float64(t.Size-3) / (2 * float64(reach)))
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
