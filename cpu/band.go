package cpu

import (
	"leaflitter/bank"
	"leaflitter/scene"
)

// band is some rows of the canvas: few enough that their leaf numbers stay in the
// cache while all leaves pass by, and each one worker's at a time.
type band struct {
	y0, y1 int
	left   int      // open pixels
	boxes  []box    // of the leaves to come
	seen   []uint32 // numbers of the leaves that took pixels
}

// box holds all pixels of a leaf that lie in a band: rows [top, end), columns lo
// to hi.
type box struct{ id, top, end, lo, hi int32 }

// bandPixels is the most pixels in a band, 1 MiB of leaf numbers, and bandRows the
// most rows, so that two threads share a small image. Lower bands meet more leaves
// of their neighbours: that is what large images pay for.
const (
	bandPixels = 1 << 18
	bandRows   = 256
)

// split makes bands of the canvas, with all pixels open.
func (c *cover) split(tall int) {
	c.tall = tall
	n := (c.height + tall - 1) / tall
	c.bands = c.bands[:cap(c.bands)] // with the memory of their lists
	for len(c.bands) < n {
		c.bands = append(c.bands, band{})
	}
	c.bands = c.bands[:n]
	for i := range c.bands {
		b := &c.bands[i]
		b.y0, b.y1 = i*tall, min((i+1)*tall, c.height)
		b.left = (b.y1 - b.y0) * c.width
		b.boxes, b.seen = b.boxes[:0], b.seen[:0]
	}
}

// sort hands leaves number first+1, first+2, ... to the bands that they may reach
// and that are still open, so that a band does not look at all the others' leaves.
func (c *cover) sort(leaves []scene.Leaf, first int) {
	for i := range leaves {
		leaf := &leaves[i]
		bound := leaf.Bound()
		top, end := max(0, c.pixel(leaf.Y-bound)-1), min(c.height, c.pixel(leaf.Y+bound)+2)
		lo, hi := max(0, c.pixel(leaf.X-bound)-1), min(c.width-1, c.pixel(leaf.X+bound)+1)
		if top >= end || lo > hi {
			continue
		}
		for n := top / c.tall; n*c.tall < end; n++ {
			if b := &c.bands[n]; b.left > 0 {
				b.boxes = append(b.boxes, box{int32(first + i + 1), int32(max(top, b.y0)), int32(min(end, b.y1)), int32(lo), int32(hi)})
			}
		}
	}
}

// run lets the leaves handed to band n take its open pixels. leaves are all of the
// stack.
func (c *cover) run(n int, leaves []scene.Leaf, outlines *bank.Outlines) {
	b := &c.bands[n]
	for i := range b.boxes {
		if b.left == 0 {
			break
		}
		box := &b.boxes[i]
		// Most leaves lie behind others altogether.
		if box.top = c.firstOpen(box); box.top == box.end {
			continue
		}
		leaf := &leaves[box.id-1]
		taken := 0
		switch leaf.Kind() {
		case scene.Disk:
			taken = c.disk(leaf, box)
		case scene.Rect:
			taken = c.rect(leaf, box)
		case scene.Poly:
			taken = c.poly(leaf, box, outlines)
		}
		if taken > 0 {
			b.seen = append(b.seen, uint32(box.id))
			b.left -= taken
		}
	}
	b.boxes = b.boxes[:0]
}

// full reports whether no pixel is open.
func (c *cover) full() bool {
	for i := range c.bands {
		if c.bands[i].left > 0 {
			return false
		}
	}
	return true
}

// firstOpen returns the first row of a box with an open pixel, or its end.
func (c *cover) firstOpen(box *box) int32 {
	first, last := int(box.lo)>>6, int(box.hi)>>6
	head, tail := ^uint64(0)<<(box.lo&63), ^uint64(0)>>(63-box.hi&63)
	at := int(box.top)*c.words + first
	if first == last { // most leaves are small
		head &= tail
		for y := box.top; y < box.end; y++ {
			if c.open[at]&head != 0 {
				return y
			}
			at += c.words
		}
		return box.end
	}
	for y := box.top; y < box.end; y++ {
		row := c.open[at : at+last-first+1]
		some := row[0]&head | row[last-first]&tail
		for _, w := range row[1 : last-first] {
			some |= w
		}
		if some != 0 {
			return y
		}
		at += c.words
	}
	return box.end
}
