package dataset

import (
	"math/bits"
	"slices"
)

// huffman is a length-limited prefix code for up to 288 symbols.
type huffman struct {
	freq   [288]uint32
	length [288]uint8
	code   [288]uint64 // the code's bits, first bit lowest, shifted left by 8, and its length

	sorted []uint64 // frequency << 9 | symbol, of the symbols in use
	weight [288]uint32
}

func (h *huffman) get(symbol int) (code uint64, length uint) {
	return h.code[symbol] >> 8, uint(h.code[symbol] & 63)
}

// build makes a code from freq, no longer than limit bits, and returns the
// number of bits all symbols take.
func (h *huffman) build(limit int) int {
	clear(h.length[:])
	clear(h.code[:])
	h.sorted = h.sorted[:0]
	for s, n := range h.freq {
		if n > 0 {
			h.sorted = append(h.sorted, uint64(n)<<9|uint64(s))
		}
	}
	slices.Sort(h.sorted)
	n := len(h.sorted)
	if n == 0 {
		return 0
	}
	var count [33]int // of codes a length
	if n == 1 {
		count[1] = 1
	} else {
		w := h.weight[:n]
		for i, s := range h.sorted {
			w[i] = uint32(s >> 9)
		}
		minimumRedundancy(w)
		for _, depth := range w {
			count[min(int(depth), limit)]++
		}
		// Codes cut down to the limit overfill the code space: make room by
		// lengthening the longest code shorter than the limit, one at a time.
		total := 0
		for l := 1; l <= limit; l++ {
			total += count[l] << (limit - l)
		}
		for ; total > 1<<limit; total-- {
			count[limit]--
			for l := limit - 1; l > 0; l-- {
				if count[l] > 0 {
					count[l]--
					count[l+1] += 2
					break
				}
			}
		}
	}
	// The rarest symbols get the longest codes.
	size, i := 0, 0
	for l := limit; l > 0; l-- {
		for range count[l] {
			h.length[h.sorted[i]&511] = uint8(l)
			size += l * int(h.sorted[i]>>9)
			i++
		}
	}
	// Canonical codes (RFC 1951, 3.2.2).
	var next [33]uint32
	code := uint32(0)
	for l := 1; l <= limit; l++ {
		code = (code + uint32(count[l-1])) << 1
		next[l] = code
	}
	for s, l := range h.length {
		if l > 0 {
			h.code[s] = uint64(bits.Reverse32(next[l])>>(32-l))<<8 | uint64(l)
			next[l]++
		}
	}
	return size
}

// minimumRedundancy replaces weights, two or more in ascending order, by the
// lengths of their optimal prefix codes, in descending order. A. Moffat and J.
// Katajainen, "In-place calculation of minimum-redundancy codes" (1995).
func minimumRedundancy(a []uint32) {
	n := len(a)
	// Pair the two smallest; a[root:next] are the sums not yet paired, and what
	// is left of root becomes a link to its parent.
	a[0] += a[1]
	root, leaf := 0, 2
	for next := 1; next < n-1; next++ {
		if leaf >= n || a[root] < a[leaf] {
			a[next] = a[root]
			a[root] = uint32(next)
			root++
		} else {
			a[next] = a[leaf]
			leaf++
		}
		if leaf >= n || (root < next && a[root] < a[leaf]) {
			a[next] += a[root]
			a[root] = uint32(next)
			root++
		} else {
			a[next] += a[leaf]
			leaf++
		}
	}
	// Depths of the inner nodes, from the root down.
	a[n-2] = 0
	for next := n - 3; next >= 0; next-- {
		a[next] = a[a[next]] + 1
	}
	// Depths of the leaves.
	available, used, depth := 1, 0, uint32(0)
	inner, next := n-2, n-1
	for available > 0 {
		for inner >= 0 && a[inner] == depth {
			used++
			inner--
		}
		for available > used {
			a[next] = depth
			next--
			available--
		}
		available = 2 * used
		depth++
		used = 0
	}
}

// lengthOrder is the order in which a header lists the lengths of the code for
// code lengths.
var lengthOrder = [19]int{16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15}

// header writes the code lengths of d.literals and of the one distance code.
func (d *deflater) header() {
	used := literalCodes
	for used > 257 && d.literals.length[used-1] == 0 {
		used--
	}
	// The lengths, the last one that of distance 1, as symbols of the code for
	// code lengths: 16 repeats the last one 3 to 6 times, 17 and 18 are 3 to
	// 10 and 11 to 138 zeros.
	var lengths [literalCodes + 1]uint8
	all := append(append(lengths[:0], d.literals.length[:used]...), 1)
	var symbols [literalCodes + 1]struct{ symbol, extra uint8 }
	n := 0
	h := &d.lengths
	clear(h.freq[:])
	add := func(symbol, extra int) {
		symbols[n].symbol, symbols[n].extra = uint8(symbol), uint8(extra)
		h.freq[symbol]++
		n++
	}
	for i := 0; i < len(all); {
		same := 1
		for i+same < len(all) && all[i+same] == all[i] {
			same++
		}
		i += same
		length := int(all[i-1])
		if length > 0 {
			add(length, 0)
			same--
		}
		for same >= 3 {
			switch {
			case length > 0:
				m := min(same, 6)
				add(16, m-3)
				same -= m
			case same <= 10:
				add(17, same-3)
				same = 0
			default:
				m := min(same, 138)
				add(18, m-11)
				same -= m
			}
		}
		for ; same > 0; same-- {
			add(length, 0)
		}
	}
	h.build(7)
	listed := len(lengthOrder)
	for listed > 4 && h.length[lengthOrder[listed-1]] == 0 {
		listed--
	}
	d.put(uint64(used-257), 5)
	d.put(0, 5)
	d.put(uint64(listed-4), 4)
	for _, s := range lengthOrder[:listed] {
		d.put(uint64(h.length[s]), 3)
	}
	for _, s := range symbols[:n] {
		d.put(h.get(int(s.symbol)))
		switch s.symbol {
		case 16:
			d.put(uint64(s.extra), 2)
		case 17:
			d.put(uint64(s.extra), 3)
		case 18:
			d.put(uint64(s.extra), 7)
		}
	}
}
