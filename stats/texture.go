package stats

import "math"

const (
	entropySide   = 16 // px
	entropyLevels = 32
)

// selfInformation is n log2 n in units of 2^-16 bits, rounded: integers, so that
// the bin of a block does not depend on the order of a sum.
var selfInformation = func() (t [entropySide*entropySide + 1]int64) {
	for n := 1; n < len(t); n++ {
		t[n] = int64(math.Round(float64(n) * math.Log2(float64(n)) * (1 << 16)))
	}
	return
}()

// blocks counts the entropy of blocks of 16 x 16 pixels of 32 levels: 0 to 5 bits.
// It returns the tally of them.
func (g *grey) blocks(y []uint8, width, height int) (t tally) {
	const area = entropySide * entropySide
	for by := 0; by+entropySide <= height; by += entropySide {
		for bx := 0; bx+entropySide <= width; bx += entropySide {
			var levels [entropyLevels]uint16
			for r := range entropySide {
				for _, v := range y[(by+r)*width+bx:][:entropySide] {
					levels[v/(256/entropyLevels)]++
				}
			}
			e := int64(8 * area << 16) // log2 of the area, times the area
			for _, k := range levels {
				e -= selfInformation[k]
			}
			g.entropy[min(e*10/(area<<16), entropyBins-1)]++
			t.add(float64(e) / (area << 16))
		}
	}
	return t
}

// blurReach is how many pixels the strong blur takes in on either side: 9 in all.
const blurReach = 4

// blurOf is the no-reference blur metric of F. Crete, T. Dolmiere, P. Ladret, M. Nicolas
// (2007), 0 sharp to 1 blurred: how little of the differences between neighbours a
// strong blur (the mean of 9 pixels along the line) takes away, the larger of across and down.
// Pixels whose blur would reach outside are not used. It counts the image; ok is false
// where it is not defined: no contrast, or a side below 10 px.
func (g *grey) blurOf(y []uint8, width, height int) (blur float64, ok bool) {
	across, okA := blurAlong(y, width, height, 1)
	down, okD := blurAlong(y, width, height, width)
	if !okA && !okD {
		return undefined, false
	}
	f := max(across, down)
	g.blur[min(int(f*blurBins), blurBins-1)]++
	return f, true
}

// blurAlong takes differences between pixels i and i - step.
func blurAlong(y []uint8, width, height, step int) (float64, bool) {
	x0, x1, y0, y1 := 0, width, 0, height
	if step == 1 {
		x0, x1 = blurReach+1, width-blurReach
	} else {
		y0, y1 = blurReach+1, height-blurReach
	}
	const taps = 2*blurReach + 1
	all, lost := int64(0), int64(0) // in ninths
	for r := y0; r < y1; r++ {
		for x := x0; x < x1; x++ {
			i := r*width + x
			d := int(y[i]) - int(y[i-step])
			b := int(y[i+blurReach*step]) - int(y[i-(blurReach+1)*step])
			d = max(d, -d) * taps
			b = max(b, -b)
			all += int64(d)
			lost += int64(max(d-b, 0))
		}
	}
	if all == 0 {
		return 0, false
	}
	return float64(all-lost) / float64(all), true
}
