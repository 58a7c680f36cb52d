package codelength

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
)

const (
	side  = 8             // of a patch, in samples of its scale
	dims  = side*side - 1 // coefficients of a patch without its mean
	least = side << (scales - 1)
)

// Patches are what a density is fitted to or tried on: patches of each scale, noise added,
// as DCT coefficients without the mean.
type Patches struct {
	coef   [scales][]float64 // dims a patch
	counts []int             // patches of each image, the same at every scale
}

// Images is the number of images that patches were taken of.
func (p *Patches) Images() int { return len(p.counts) }

// Count is the number of patches of one scale.
func (p *Patches) Count() int { return len(p.coef[0]) / dims }

// Add appends the patches of q.
func (p *Patches) Add(q *Patches) {
	for s := range p.coef {
		p.coef[s] = append(p.coef[s], q.coef[s]...)
	}
	p.counts = append(p.counts, q.counts...)
}

// basis holds the DCT's 63 vectors that change, the slowest first: they tell a patch from many
// components by a few numbers (see score; the other way round takes two thirds longer).
var basis = func() (b [dims][side * side]float64) {
	type wave struct{ u, v int }
	var waves []wave
	for u := range side {
		for v := range side {
			if u+v > 0 {
				waves = append(waves, wave{u, v})
			}
		}
	}
	slices.SortStableFunc(waves, func(a, b wave) int { return a.u + a.v - b.u - b.v })
	line := func(u, x int) float64 {
		if u == 0 {
			return math.Sqrt(1. / side)
		}
		return math.Sqrt(2./side) * math.Cos(math.Pi*float64(u)*(float64(x)+0.5)/side)
	}
	for i, w := range waves {
		for y := range side {
			for x := range side {
				b[i][y*side+x] = line(w.u, y) * line(w.v, x)
			}
		}
	}
	return b
}()

// Take takes patches of the luma (0 to 255) of the image at a place of its set, at random
// positions that depend on the place alone: n of each scale on average, n being whole or less than 1.
// It can be called from any goroutine.
func Take(luma []uint8, width, height, place int, n float64) (*Patches, error) {
	if width < least || height < least {
		return nil, fmt.Errorf("has %d x %d pixels, less than the %d a side that the code length needs: take larger images", width, height, least)
	}
	if len(luma) != width*height {
		return nil, fmt.Errorf("has %d bytes of luma for %d x %d pixels", len(luma), width, height)
	}
	random := rand.New(rand.NewPCG(0x636f6465, uint64(place)))
	if n < 1 {
		if random.Float64() >= n {
			return &Patches{}, nil
		}
		n = 1
	}
	p := &Patches{counts: []int{int(n)}}
	var block [side * side]float64
	for s := range scales {
		p.coef[s] = make([]float64, int(n)*dims)
		for i := range int(n) {
			x, y := random.IntN(width-side<<s+1), random.IntN(height-side<<s+1)
			average(&block, luma[y*width+x:], width, 1<<s)
			out := p.coef[s][i*dims:][:dims]
			for k := range out {
				sum := 0.0
				for j, b := range &basis[k] {
					sum += b * block[j]
				}
				// White noise is the same in any orthonormal basis.
				out[k] = sum + noise*random.NormFloat64()
			}
		}
	}
	return p, nil
}

// average fills a block with the means of step x step pixels each, 1 for white.
func average(block *[side * side]float64, luma []uint8, stride, step int) {
	for r := range side {
		for c := range side {
			sum := 0
			for y := range step {
				for _, v := range luma[(r*step+y)*stride+c*step:][:step] {
					sum += int(v)
				}
			}
			block[r*side+c] = float64(sum) / float64(255*step*step)
		}
	}
}
