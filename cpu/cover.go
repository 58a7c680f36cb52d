package cpu

import (
	"math"
	"math/bits"

	"leaflitter/bank"
	"leaflitter/scene"
)

// cover decides, per pixel and layer, the front-most leaf. Pixels of the canvas
// that no leaf has reached yet are the set bits of a mask, 64 a word; leaves go
// front to back and take the set bits inside their outline, so that work follows
// what is visible.
type cover struct {
	width, height int // canvas, render px
	margin        int // the canvas starts at -margin
	words         int // a row of the mask
	open          []uint64
	rowOpen       []int32 // set bits a row
	ids           []uint32
	tall          int // rows a band
	bands         []band
}

// reset opens every pixel of a w x h canvas; ids, w*h long, receives the numbers
// of leaves, 1 upwards, and is otherwise left as it is.
func (c *cover) reset(w, h, margin int, ids []uint32) {
	c.width, c.height, c.margin, c.ids = w, h, margin, ids
	c.words = (w + 63) / 64
	c.open = grow(c.open, c.words*h)
	c.rowOpen = grow(c.rowOpen, h)
	for i := range c.open {
		c.open[i] = ^uint64(0)
	}
	if tail := uint(w & 63); tail != 0 {
		for y := range h {
			c.open[(y+1)*c.words-1] = 1<<tail - 1
		}
	}
	for y := range c.rowOpen {
		c.rowOpen[y] = int32(w)
	}
	c.split(min(max(32, bandPixels/w), bandRows))
}

// pixel returns the canvas row or column of coordinate v.
func (c *cover) pixel(v float32) int {
	i := int(v)
	if float32(i) > v {
		i--
	}
	return i + c.margin
}

// centre returns the coordinate of the middle of canvas row or column i.
func (c *cover) centre(i int) float32 { return float32(i-c.margin) + 0.5 }

// disk takes the pixels with dx^2 + dy^2 <= r^2. For a fixed row that is a
// monotone predicate of |dx| even after rounding, so a row is one span: guessed
// by a square root, then moved to where the predicate changes.
func (c *cover) disk(leaf *scene.Leaf, box *box) (taken int) {
	left, right := int(box.lo)>>6, int(box.hi)>>6
	for y := int(box.top); y < int(box.end); y++ {
		if c.rowOpen[y] == 0 || !c.anyOpen(y, left, right) {
			continue
		}
		dy := c.centre(y) - leaf.Y
		dy2 := float32(dy * dy)
		if dy2 > leaf.A {
			continue
		}
		inside := func(x int) bool {
			dx := c.centre(x) - leaf.X
			return float32(dx*dx)+dy2 <= leaf.A
		}
		half := math.Sqrt(float64(leaf.A - dy2))
		mid := float64(leaf.X) + float64(c.margin) - 0.5
		lo, hi := int(math.Ceil(mid-half)), int(math.Floor(mid+half))
		for inside(lo - 1) {
			lo--
		}
		for lo <= hi && !inside(lo) {
			lo++
		}
		for inside(hi + 1) {
			hi++
		}
		for hi >= lo && !inside(hi) {
			hi--
		}
		lo, hi = max(lo, 0), min(hi+1, c.width)
		if lo < hi {
			taken += c.span(y, lo, hi, uint32(box.id))
		}
	}
	return taken
}

// anyOpen reports whether mask words first to last of row y have a set bit.
func (c *cover) anyOpen(y, first, last int) bool {
	for _, w := range c.open[y*c.words+first : y*c.words+last+1] {
		if w != 0 {
			return true
		}
	}
	return false
}

// span takes the open pixels of row y in [lo, hi).
func (c *cover) span(y, lo, hi int, id uint32) (taken int) {
	row := c.open[y*c.words : (y+1)*c.words]
	ids := c.ids[y*c.width : (y+1)*c.width]
	for w := lo >> 6; w <= (hi-1)>>6; w++ {
		m := row[w] & wordMask(w, lo, hi)
		if m == 0 {
			continue
		}
		row[w] &^= m
		taken += bits.OnesCount64(m)
		for base := w << 6; m != 0; {
			skip := bits.TrailingZeros64(m)
			run := bits.TrailingZeros64(^(m >> skip))
			at := ids[base+skip : base+skip+run]
			for i := range at {
				at[i] = id
			}
			if skip+run == 64 {
				break
			}
			m = m >> (skip + run) << (skip + run)
		}
	}
	c.rowOpen[y] -= int32(taken)
	return taken
}

// wordMask returns the bits of mask word w that lie in [lo, hi).
func wordMask(w, lo, hi int) uint64 {
	m := ^uint64(0)
	if d := lo - w<<6; d > 0 {
		m <<= uint(d)
	}
	if d := w<<6 + 64 - hi; d > 0 {
		m = m << uint(d) >> uint(d)
	}
	return m
}

// rect takes the pixels with |u| <= A and |v| <= B in the leaf's own axes.
func (c *cover) rect(leaf *scene.Leaf, box *box) (taken int) {
	return c.test(leaf, box, func(u, v float32) bool {
		return u <= leaf.A && u >= -leaf.A && v <= leaf.B && v >= -leaf.B
	})
}

// poly takes the pixels inside a polygon's signed-distance tile.
func (c *cover) poly(leaf *scene.Leaf, box *box, outlines *bank.Outlines) (taken int) {
	tile := &outlines.Tiles[leaf.Tile()]
	tex := outlines.Texels[tile.Offset : tile.Offset+tile.Size*tile.Size]
	scale, mid, last := leaf.A, float32(tile.Size-1)*0.5, float32(tile.Size-1)
	size := tile.Size
	if leaf.Mirrored() {
		scale = -scale
	}
	return c.test(leaf, box, func(u, v float32) bool {
		s, t := float32(u*scale)+mid, float32(v*leaf.A)+mid
		if s < 0 || t < 0 || s >= last || t >= last {
			return false
		}
		i, j := int(s), int(t)
		f, g := s-float32(i), t-float32(j)
		q := tex[j*size+i:]
		a, b := float32(q[0]), float32(q[size])
		a += float32((float32(q[1]) - a) * f)
		b += float32((float32(q[size+1]) - b) * f)
		return a+float32((b-a)*g) > 0
	})
}

// test takes the open pixels of the leaf's box for which inside holds; u and v are
// the pixel in the leaf's own axes.
func (c *cover) test(leaf *scene.Leaf, box *box, inside func(u, v float32) bool) (taken int) {
	bound, id := leaf.Bound(), uint32(box.id)
	for y := int(box.top); y < int(box.end); y++ {
		if c.rowOpen[y] == 0 {
			continue
		}
		dy := c.centre(y) - leaf.Y
		rest := float64(bound)*float64(bound) - float64(dy)*float64(dy)
		if rest < 0 {
			continue
		}
		// One pixel of slack: this only culls, the test decides.
		half := float32(math.Sqrt(rest)) + 1
		lo, hi := max(c.pixel(leaf.X-half), 0), min(c.pixel(leaf.X+half)+1, c.width)
		if lo >= hi {
			continue
		}
		us, vc := float32(dy*leaf.Sin), float32(dy*leaf.Cos)
		row := c.open[y*c.words : (y+1)*c.words]
		ids := c.ids[y*c.width : (y+1)*c.width]
		n := 0
		for w := lo >> 6; w <= (hi-1)>>6; w++ {
			for m := row[w] & wordMask(w, lo, hi); m != 0; m &= m - 1 {
				bit := bits.TrailingZeros64(m)
				x := w<<6 + bit
				dx := c.centre(x) - leaf.X
				if inside(float32(dx*leaf.Cos)+us, vc-float32(dx*leaf.Sin)) {
					row[w] &^= 1 << bit
					ids[x] = id
					n++
				}
			}
		}
		c.rowOpen[y] -= int32(n)
		taken += n
	}
	return taken
}

// grow returns s with length n, reusing its memory when it can. Its content is
// undefined.
func grow[T any](s []T, n int) []T {
	if cap(s) < n {
		return make([]T, n)
	}
	return s[:n]
}
