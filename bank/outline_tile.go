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
			py := float64(y) - e[1]
			along := float64(py * dy)
			row := far[y*size+x0 : y*size+x1+1]
			for i := range row {
				px := float64(x0+i) - e[0]
				s := float64((float64(px*dx) + along) * inv)
				if s < 0 {
					s = 0
				} else if s > 1 {
					s = 1
				}
				qx, qy := px-float64(s*dx), py-float64(s*dy)
				if d := float64(qx*qx) + float64(qy*qy); d < row[i] {
					row[i] = d
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
			d := int8(127)
			if f := far[y*size+x]; f < band*band {
				d = int8(float64(math.Sqrt(f)*distanceUnits) + 0.5)
			}
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
	blurTile(cover, size, gaussianWeights(sigma))
	// The slope of a blurred straight edge is 1 / (sigma sqrt(2 pi)).
	steep := float32(distanceUnits * float64(max(sigma, 0.3)*math.Sqrt(2*math.Pi)))
	for i, v := range cover {
		switch d := float32((v - 0.5) * steep); {
		case d <= -127:
			texels[i] = -127
		case d >= 127:
			texels[i] = 127
		default: // to nearest, halves upwards
			n := int8(d + 0.5)
			if float32(n) > d+0.5 {
				n--
			}
			texels[i] = n
		}
	}
}

// gaussianWeights returns the right half of a Gaussian kernel that reaches to
// 3 sigma (texels) and sums to 1, both sides and the middle.
func gaussianWeights(sigma float64) []float32 {
	weight := make([]float32, int(math.Ceil(3*sigma))+1)
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
	return weight
}

// blurTile convolves a tile with a symmetric kernel, weight[0] in the middle;
// beyond the tile all is zero. What can only come out zero is not computed.
func blurTile(f []float32, size int, weight []float32) {
	radius := len(weight) - 1
	// Along x, from f to across. Row y of across is zero outside [lo[y], hi[y]).
	across := make([]float32, size*size)
	lo, hi := make([]int, size), make([]int, size)
	padded := make([]float32, size+2*radius)
	for y := range size {
		row := f[y*size : (y+1)*size]
		a, b := 0, size
		for a < b && row[a] == 0 {
			a++
		}
		for a < b && row[b-1] == 0 {
			b--
		}
		if a == b {
			lo[y], hi[y] = size, 0
			continue
		}
		a, b = max(0, a-radius), min(size, b+radius)
		lo[y], hi[y] = a, b
		copy(padded[radius:], row)
		convolve(across[y*size+a:y*size+b], weight, func(k int) []float32 { return padded[radius+k+a:] })
	}
	// Along y, back into f.
	zero := make([]float32, size)
	for y := range size {
		a, b := size, 0
		for j := max(0, y-radius); j <= min(size-1, y+radius); j++ {
			a, b = min(a, lo[j]), max(b, hi[j])
		}
		row := f[y*size : (y+1)*size]
		clear(row)
		if a >= b {
			continue
		}
		convolve(row[a:b], weight, func(k int) []float32 {
			if y+k < 0 || y+k >= size {
				return zero
			}
			return across[(y+k)*size+a:]
		})
	}
}

// convolve sets out[x] to the sum of weight[|k|] at(k)[x] over k. It adds the
// pairs k, -k in ascending order, which fixes the rounding.
func convolve(out, weight []float32, at func(k int) []float32) {
	n := len(out)
	mid, w := at(0)[:n], weight[0]
	for x := range out {
		out[x] = float32(mid[x] * w)
	}
	k := 1
	for ; k+1 < len(weight); k += 2 { // two pairs at a time: fewer loads and stores
		l1, r1, w1 := at(-k)[:n], at(k)[:n], weight[k]
		l2, r2, w2 := at(-k - 1)[:n], at(k + 1)[:n], weight[k+1]
		for x := range out {
			s := out[x] + float32((l1[x]+r1[x])*w1)
			out[x] = s + float32((l2[x]+r2[x])*w2)
		}
	}
	if k < len(weight) {
		l, r, w := at(-k)[:n], at(k)[:n], weight[k]
		for x := range out {
			out[x] += float32((l[x] + r[x]) * w)
		}
	}
}

// addSpan adds weight to the texels of a row by how much of each [a, b] covers;
// texel i is [i, i+1].
func addSpan(row []float32, a, b float64, weight float32) {
	part := func(i int) {
		part := min(b, float64(i+1)) - max(a, float64(i))
		row[i] += float32(float32(part) * weight)
	}
	first, last := max(0, int(a)), min(len(row), int(math.Ceil(b)))
	if first >= last {
		return
	}
	part(first)
	for i := first + 1; i < last-1; i++ {
		row[i] += weight
	}
	if last-1 > first {
		part(last - 1)
	}
}

// drawnArea returns the area, texels squared, where the interpolated tile is
// positive, from 4 x 4 samples a texel.
func drawnArea(texels []int8, size int) float64 {
	n := 0
	for y := range size - 1 {
		above, below := texels[y*size:(y+1)*size], texels[(y+1)*size:(y+2)*size]
		left := positive(above[0], below[0])
		for x := range size - 1 {
			right := positive(above[x+1], below[x+1])
			inside := left + right
			left = right
			switch inside {
			case 4:
				n += 16
				continue
			case 0:
				continue
			}
			a, b, c, d := int(above[x]), int(above[x+1]), int(below[x]), int(below[x+1])
			for j := 1; j < 8; j += 2 { // eighths
				l, r := a*(8-j)+c*j, b*(8-j)+d*j
				for i := 1; i < 8; i += 2 {
					if l*(8-i)+r*i > 0 {
						n++
					}
				}
			}
		}
	}
	return float64(n) / 16
}

// positive returns how many of two texels are positive.
func positive(a, b int8) (n int) {
	if a > 0 {
		n++
	}
	if b > 0 {
		n++
	}
	return n
}
