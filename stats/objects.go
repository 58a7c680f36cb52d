package stats

import (
	"math"
	"math/bits"
	"slices"
)

// objects counts what id labels show. An object is all that shows of one leaf in one
// image, in however many pieces.
type objects struct {
	images      int64
	pairs       int64  // of adjacent pixels, across and down
	edges       int64  // of those, pairs of different leaves
	area        counts // half octaves: bin i holds areas A with 2^(i/2) <= A < 2^((i+1)/2) px
	boundary    counts // half octaves of the object's boundary in pairs; bin 0 also holds 0
	areaSum     int64
	boundarySum int64
}

const halfOctaves = 64

func newObjects() objects {
	return objects{area: make(counts, halfOctaves), boundary: make(counts, halfOctaves)}
}

func (o *objects) add(p *objects) {
	o.images, o.pairs, o.edges = o.images+p.images, o.pairs+p.pairs, o.edges+p.edges
	o.areaSum, o.boundarySum = o.areaSum+p.areaSum, o.boundarySum+p.boundarySum
	o.area.add(p.area)
	o.boundary.add(p.boundary)
}

// halfOctave is floor(2 log2 n), in integers.
func halfOctave(n uint32) int {
	if n == 0 {
		return 0
	}
	return bits.Len64(uint64(n)*uint64(n)) - 1
}

// leaf is what is counted of an object.
type leaf struct{ area, boundary uint32 }

// labels counts an image's id labels, keeping its buffers.
type labels struct {
	leaves []leaf
	ids    []uint32
	sorted []uint32
}

// compact renumbers ids when they are so large that a table of them all would not fit.
func (l *labels) compact(ids []uint32) []uint32 {
	if slices.Max(ids) < 1<<22 {
		return ids
	}
	l.sorted = append(l.sorted[:0], ids...)
	slices.Sort(l.sorted)
	l.sorted = slices.Compact(l.sorted)
	l.ids = l.ids[:0]
	for _, id := range ids {
		k, _ := slices.BinarySearch(l.sorted, id)
		l.ids = append(l.ids, uint32(k))
	}
	return l.ids
}

func (l *labels) measure(o *objects, ids []uint32, width, height int) {
	ids = l.compact(ids)
	n := int(slices.Max(ids)) + 1
	if cap(l.leaves) < n {
		l.leaves = make([]leaf, n)
	}
	l.leaves = l.leaves[:n]
	clear(l.leaves)
	edge := func(a, b uint32) {
		if a != b {
			o.edges++
			l.leaves[a].boundary++
			l.leaves[b].boundary++
		}
	}
	for r := range height {
		row := ids[r*width : (r+1)*width]
		for x, id := range row {
			l.leaves[id].area++
			if x > 0 {
				edge(row[x-1], id)
			}
		}
		if r > 0 {
			for x, above := range ids[(r-1)*width : r*width] {
				edge(above, row[x])
			}
		}
	}
	o.images++
	o.pairs += int64(height)*int64(width-1) + int64(width)*int64(height-1)
	for _, f := range l.leaves {
		if f.area == 0 {
			continue
		}
		o.area[halfOctave(f.area)]++
		o.boundary[halfOctave(f.boundary)]++
		o.areaSum += int64(f.area)
		o.boundarySum += int64(f.boundary)
	}
}

// halfOctaveStarts are the lower ends of the bins, in pixels.
func halfOctaveStarts(n int) []float64 {
	list := make([]float64, n)
	for i := range list {
		list[i] = math.Exp2(float64(i) / 2)
	}
	return list
}
