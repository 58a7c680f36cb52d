package dataset

import (
	"encoding/binary"
	"math/bits"
)

const (
	blockSize    = 65535 // most bytes of a stored block; every block is at most this long
	maxCodeBits  = 12    // four codes and what is left of a byte fit 64 bits
	endOfBlock   = 256
	literalCodes = 286
	maxRun       = 258 // longest match of DEFLATE
)

// deflater writes DEFLATE blocks (RFC 1951) for filtered image rows: Huffman
// codes of their own a block, and matches for runs of zero bytes only. That is
// what flat areas become, what noise lacks, and what costs next to no search.
// Everything is integer arithmetic in a fixed order, so a picture has the same
// bytes on any machine.
type deflater struct {
	out      []byte
	acc      uint64 // bits not yet in out, lowest first
	nacc     uint
	segments []segment
	hist     [4][256]uint32
	literals huffman // of literals, end of block and match lengths
	lengths  huffman // of the code lengths in the header
}

// segment is literal bytes followed by a run of zeros.
type segment struct{ literals, zeros int32 }

// lengthCode and lengthExtra are DEFLATE's code and number of extra bits for a
// match length; lengthBase the shortest length of the code.
var lengthCode, lengthExtra, lengthBase = func() (code, extra [maxRun + 1]uint8, base [maxRun + 1]uint16) {
	length := 3
	for c := range 28 {
		n := uint8(max(c/4-1, 0))
		first := length
		for range 1 << n {
			code[length], extra[length], base[length] = uint8(c), n, uint16(first)
			length++
		}
	}
	code[maxRun], extra[maxRun], base[maxRun] = 28, 0, maxRun
	return
}()

// block appends data, of 1 to blockSize bytes, as one block.
func (d *deflater) block(data []byte, final bool) {
	d.scan(data)
	size := d.literals.build(maxCodeBits)
	for c, n := range d.literals.freq[257:] {
		if n > 0 && c < 28 {
			size += int(n) * max(c/4-1, 0)
		}
		size += int(n) // the distance: one bit
	}
	head := uint64(0)
	if final {
		head = 1
	}
	// A header takes about 700 bits; what does not shrink is stored.
	if size+700 >= 8*len(data) {
		d.reserve(len(data) + 16)
		d.put(head, 3)
		d.align()
		d.out = binary.LittleEndian.AppendUint16(d.out, uint16(len(data)))
		d.out = binary.LittleEndian.AppendUint16(d.out, ^uint16(len(data)))
		d.out = append(d.out, data...)
		return
	}
	d.reserve(len(data) + 1024)
	d.put(head|2<<1, 3)
	d.header()
	d.body(data)
	d.put(d.literals.get(endOfBlock))
}

// scan splits data into literals and runs of zeros, and counts symbols.
func (d *deflater) scan(data []byte) {
	d.segments = d.segments[:0]
	clear(d.hist[0][:])
	clear(d.hist[1][:])
	clear(d.hist[2][:])
	clear(d.hist[3][:])
	freq := &d.literals.freq
	clear(freq[:])
	h0, h1, h2, h3 := &d.hist[0], &d.hist[1], &d.hist[2], &d.hist[3]
	start, i := 0, 0
	for i+8 <= len(data) {
		x := binary.LittleEndian.Uint64(data[i:])
		if x != 0 {
			h0[uint8(x)]++
			h1[uint8(x>>8)]++
			h2[uint8(x>>16)]++
			h3[uint8(x>>24)]++
			if x>>32 == 0 { // perhaps a run begins: look from its first byte
				i += 4
				continue
			}
			h0[uint8(x>>32)]++
			h1[uint8(x>>40)]++
			h2[uint8(x>>48)]++
			h3[uint8(x>>56)]++
			i += 8
			continue
		}
		end := i + 8
		for end+8 <= len(data) {
			x := binary.LittleEndian.Uint64(data[end:])
			if x != 0 {
				end += bits.TrailingZeros64(x) / 8
				break
			}
			end += 8
		}
		// The first zero is a literal: matches repeat it.
		h0[0]++
		i++
		d.segments = append(d.segments, segment{int32(i - start), int32(end - i)})
		for n := end - i; n > 0; {
			m := nextRun(n)
			freq[257+int(lengthCode[m])]++
			n -= m
		}
		i, start = end, end
	}
	for _, x := range data[i:] {
		h0[x]++
	}
	d.segments = append(d.segments, segment{int32(len(data) - start), 0})
	for i := range 256 {
		freq[i] = h0[i] + h1[i] + h2[i] + h3[i]
	}
	freq[endOfBlock] = 1
}

// nextRun is the length of the next match of n zeros still to match, n >= 3:
// never one that would leave less than a match.
func nextRun(n int) int {
	if n <= maxRun {
		return n
	}
	return min(maxRun, n-3)
}

// body writes the segments of data.
func (d *deflater) body(data []byte) {
	codes := (*[256]uint64)(d.literals.code[:256])
	for _, s := range d.segments {
		lit := data[:s.literals]
		data = data[int(s.literals)+int(s.zeros):]
		n := len(d.out)
		n, d.acc, d.nacc = emit(codes, lit, d.out[:cap(d.out)], n, d.acc, d.nacc)
		d.out = d.out[:n]
		lit = lit[len(lit)&^3:]
		for _, x := range lit {
			d.acc |= codes[x] >> 8 << (d.nacc & 63)
			d.nacc += uint(codes[x] & 63)
		}
		d.spill()
		for n := int(s.zeros); n > 0; {
			m := nextRun(n)
			n -= m
			code, length := d.literals.get(257 + int(lengthCode[m]))
			extra := uint(lengthExtra[m])
			// Extra bits, then distance 1: one zero bit.
			d.put(code|uint64(m-int(lengthBase[m]))<<length, length+extra+1)
		}
	}
}

// emit writes to out[n:] the codes of all literals but the last few that make no
// four, and returns the new n, acc and nacc. out has eight bytes to spare.
func emit(codes *[256]uint64, lit, out []byte, n int, acc uint64, nacc uint) (int, uint64, uint) {
	for len(lit) >= 4 {
		x := binary.LittleEndian.Uint32(lit)
		lit = lit[4:]
		// A length sits in the low six bits, which are what a shift takes.
		e := codes[x>>24]
		v, bits := e>>8, e
		e = codes[x>>16&0xff]
		v = v<<(e&63) | e>>8
		bits += e
		e = codes[x>>8&0xff]
		v = v<<(e&63) | e>>8
		bits += e
		e = codes[x&0xff]
		v = v<<(e&63) | e>>8
		bits += e
		acc |= v << (nacc & 63)
		nacc += uint(bits & 63)
		binary.LittleEndian.PutUint64(out[n:], acc)
		n += int(nacc >> 3)
		acc >>= nacc & 56
		nacc &= 7
	}
	return n, acc, nacc
}

// reserve makes room for n bytes.
func (d *deflater) reserve(n int) {
	if cap(d.out)-len(d.out) < n {
		d.out = append(make([]byte, 0, 2*cap(d.out)+n), d.out...)
	}
}

// put writes the n <= 48 low bits of v, of which the others are zero.
func (d *deflater) put(v uint64, n uint) {
	d.acc |= v << d.nacc
	d.nacc += n
	d.spill()
}

// spill moves whole bytes from the accumulator to out.
func (d *deflater) spill() {
	for d.nacc >= 8 {
		d.out = append(d.out, byte(d.acc))
		d.acc >>= 8
		d.nacc -= 8
	}
}

// align fills the last byte with zero bits.
func (d *deflater) align() {
	d.nacc = (d.nacc + 7) &^ 7
	d.spill()
}
