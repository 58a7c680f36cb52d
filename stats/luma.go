package stats

// luma is (77 R + 150 G + 29 B) / 256, rounded, of sRGB bytes: 0 to 255. (BT.601's
// weights; an integer, so that every histogram is exact.)
func luma(dst []uint8, pix []uint8, channels int) []uint8 {
	if channels == 1 {
		return append(dst[:0], pix...)
	}
	n := len(pix) / 3
	if cap(dst) < n {
		dst = make([]uint8, n)
	}
	dst = dst[:n]
	for i := range dst {
		p := pix[3*i : 3*i+3 : 3*i+3]
		dst[i] = uint8((77*uint32(p[0]) + 150*uint32(p[1]) + 29*uint32(p[2]) + 128) >> 8)
	}
	return dst
}

// grey counts what luma alone shows. Histograms of differences begin at the least
// possible one.
type grey struct {
	gradient [2]counts    // right less left, lower less upper: -255 to 255
	haar     [3][3]counts // scale; across, down, diagonal: sums of pixels
	joint    counts       // 64 x 64: left pixel / 4, right pixel / 4
	entropy  counts       // 50 bins of 0.1 bits
	blur     counts       // 1000 bins of 0.001, one count an image
}

const (
	jointLevels = 64
	entropyBins = 50
	blurBins    = 1000
)

// haarLimit is the largest coefficient of a scale (0 to 2), as a sum of pixels.
func haarLimit(scale int) int { return 255 * 2 << (2 * scale) }

func newGrey() grey {
	g := grey{joint: make(counts, jointLevels*jointLevels), entropy: make(counts, entropyBins), blur: make(counts, blurBins)}
	for i := range g.gradient {
		g.gradient[i] = make(counts, 511)
	}
	for s := range g.haar {
		for o := range g.haar[s] {
			g.haar[s][o] = make(counts, 2*haarLimit(s)+1)
		}
	}
	return g
}

func (g *grey) add(o *grey) {
	for i := range g.gradient {
		g.gradient[i].add(o.gradient[i])
	}
	for s := range g.haar {
		for i := range g.haar[s] {
			g.haar[s][i].add(o.haar[s][i])
		}
	}
	g.joint.add(o.joint)
	g.entropy.add(o.entropy)
	g.blur.add(o.blur)
}

// neighbours counts the differences and the pairs of adjacent pixels.
func (g *grey) neighbours(y []uint8, width, height int) {
	across, down, joint := g.gradient[0], g.gradient[1], g.joint
	for r := range height {
		row := y[r*width : (r+1)*width]
		for x := 1; x < len(row); x++ {
			a, b := row[x-1], row[x]
			across[int(b)-int(a)+255]++
			joint[int(a>>2)*jointLevels+int(b>>2)]++
		}
		if r == 0 {
			continue
		}
		for x, a := range y[(r-1)*width : r*width] {
			down[int(row[x])-int(a)+255]++
		}
	}
}

// wavelets counts the Haar coefficients of three scales. Blocks of 8 x 8 count from the
// first pixel; what is left at the right and at the bottom is not used.
func (g *grey) wavelets(y []uint8, width, height int) {
	var block [64]int32
	for by := 0; by+8 <= height; by += 8 {
		for bx := 0; bx+8 <= width; bx += 8 {
			for r := range 8 {
				row := y[(by+r)*width+bx:][:8]
				for x, v := range row {
					block[8*r+x] = int32(v)
				}
			}
			side := 8
			for s := range g.haar {
				across, down, diagonal := g.haar[s][0], g.haar[s][1], g.haar[s][2]
				zero := int32(haarLimit(s))
				half := side / 2
				for r := range half {
					for x := range half {
						i := 2*r*side + 2*x
						a, b, c, d := block[i], block[i+1], block[i+side], block[i+side+1]
						across[zero+a-b+c-d]++
						down[zero+a+b-c-d]++
						diagonal[zero+a-b-c+d]++
						block[r*half+x] = a + b + c + d // overwrites only what has been read
					}
				}
				side = half
			}
		}
	}
}
