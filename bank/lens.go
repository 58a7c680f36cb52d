package bank

import "math"

// LensKernel is a disk, row by row: what a lens out of focus makes of a point. Row j, above
// and below the middle, is a sum of runs: each adds its weight at every offset |x| <= Reach.
// Rows and columns are alike: a small blur has no direction.
type LensKernel struct {
	First []uint32 // First[j] is the first run of row j, First[j+1] ends it
	Runs  []Run
	Sum   uint32 // of all weights, at most 2^16
}

// Run is a stretch of equal weights round the middle of a row.
type Run struct{ Reach, Weight uint32 }

// Lens returns the kernel of a lens of a radius in [0, scene.MaxLens] pixels: of the disk that blurs as
// much as that one, that is, whose second moment along each axis is radius^2 / 4 once its
// area is shared out to pixels. (The disk of that very radius would blur more, because
// pixels blur too; a small one by much.)
func Lens(radius float64) LensKernel {
	share := coverage(sameBlur(radius))
	k := LensKernel{Runs: make([]Run, 0, 4*len(share))}
	for full := uint32(1 << 15); ; full /= 2 {
		k.First, k.Runs, k.Sum = append(k.First[:0], 0), k.Runs[:0], 0
		for j, row := range share {
			k.row(row, full, j > 0)
		}
		if k.Sum <= 1<<16 {
			return k
		}
	}
}

// row appends a row whose pixels' shares do not rise outwards; both says that it stands
// above and below the middle.
func (k *LensKernel) row(share []float64, full uint32, both bool) {
	outer := uint32(0)
	for i := len(share) - 1; i >= 0; i-- {
		w := uint32(math.Floor(float64(share[i]*float64(full)) + 0.5))
		if w <= outer {
			continue
		}
		k.Runs = append(k.Runs, Run{uint32(i), w - outer})
		sum := (w - outer) * uint32(2*i+1)
		if both {
			sum *= 2
		}
		k.Sum += sum
		outer = w
	}
	if outer > 0 {
		k.First = append(k.First, uint32(len(k.Runs)))
	}
}

// Reach returns the largest offset that the kernel touches.
func (k *LensKernel) Reach() int { return len(k.First) - 2 }

// Taps returns how many runs a pixel adds up.
func (k *LensKernel) Taps() int { return 2*len(k.Runs) - int(k.First[1]) }

// sameBlur returns the radius of the disk that blurs as much as one of the given radius
// without pixels.
func sameBlur(radius float64) float64 {
	const pixel = 1. / 3 // four times the second moment of a pixel
	square := float64(radius * radius)
	if radius > 4 {
		return math.Sqrt(square - pixel) // 0.01 px off at most
	}
	lo, hi := 0.5, radius+0.5
	for range 20 {
		middle := float64(0.5 * (lo + hi))
		if 4*secondMoment(coverage(middle)) < square {
			lo = middle
		} else {
			hi = middle
		}
	}
	return lo
}

// secondMoment returns the variance along an axis of a quadrant of shares.
func secondMoment(share [][]float64) float64 {
	sum, moment := 0.0, 0.0
	for j, row := range share {
		twice := 2.0
		if j == 0 {
			twice = 1
		}
		// The middle column has no moment; the others stand on both sides.
		sum += float64(twice * row[0])
		for i, w := range row[1:] {
			x := float64(i + 1)
			sum += float64(2 * twice * w)
			moment += float64(float64(2*twice*w) * float64(x*x))
		}
	}
	return moment / sum
}

// coverage returns how much of pixel (j, i), j and i >= 0, a disk round the middle of pixel
// (0, 0) covers: the mean of what is found along rows and along columns, so that
// share[j][i] = share[i][j] exactly.
func coverage(radius float64) [][]float64 {
	const fine = 16 // lines a pixel
	n := int(math.Floor(radius+0.5)) + 1
	share := make([][]float64, n)
	all := make([]float64, n*n)
	for j := range share {
		share[j] = all[j*n : (j+1)*n]
	}
	for j := range share {
		for line := range fine {
			y := float64(j) - 0.5 + (float64(line)+0.5)/fine
			square := float64(radius*radius) - float64(y*y)
			if square <= 0 {
				continue
			}
			half := math.Sqrt(square)
			for i := range n {
				reach := half - (float64(i) - 0.5)
				switch {
				case reach <= 0:
				case i == 0:
					reach = 2 * min(half, 0.5)
				default:
					reach = min(reach, 1)
				}
				if reach <= 0 {
					break
				}
				share[j][i] += float64(reach * (0.5 / fine))
				share[i][j] += float64(reach * (0.5 / fine))
			}
		}
	}
	return share
}
