package dataset

import (
	"encoding/binary"
	"math/bits"
)

// PNG's row filters, as far as they are used here: each byte of a row minus
// what the filter predicts from the pixel to the left and the one above.
const (
	filterNone    = 0 // nothing
	filterSub     = 1 // the left one
	filterUp      = 2 // the one above
	filterAverage = 3 // their mean, rounded down
	filterPaeth   = 4 // whichever of left, above and the one between is nearest left + above - between
)

const (
	highBits = 0x8080808080808080
	lowLanes = 0x00ff00ff00ff00ff
)

// subtract is x - y in each of eight bytes, modulo 256.
func subtract(x, y uint64) uint64 {
	return ((x | highBits) - (y &^ highBits)) ^ ((x ^ ^y) & highBits)
}

// filterRow writes to dst the bytes of row minus their prediction. above is the
// row above, all zero for the first; bpp is the bytes a pixel takes. All three
// slices have the same length. It works on eight bytes at a time and reads them
// the same way on machines of either byte order.
func filterRow(filter byte, dst, row, above []byte, bpp int) {
	n := len(dst)
	row, above = row[:n], above[:n]
	if filter == filterNone {
		copy(dst, row)
		return
	}
	// The first pixel has no left neighbour: it counts as zero.
	bpp = min(bpp, n)
	for i := range bpp {
		switch filter {
		case filterSub:
			dst[i] = row[i]
		case filterUp, filterPaeth:
			dst[i] = row[i] - above[i]
		case filterAverage:
			dst[i] = row[i] - above[i]/2
		}
	}
	dst, x, up, left, corner := dst[bpp:], row[bpp:], above[bpp:], row[:n-bpp], above[:n-bpp]
	n -= bpp
	x, up, left = x[:n], up[:n], left[:n]
	i := 0
	switch filter {
	case filterSub:
		for ; i+8 <= n; i += 8 {
			a, b := binary.LittleEndian.Uint64(x[i:]), binary.LittleEndian.Uint64(left[i:])
			binary.LittleEndian.PutUint64(dst[i:], subtract(a, b))
		}
		for ; i < n; i++ {
			dst[i] = x[i] - left[i]
		}
	case filterUp:
		for ; i+8 <= n; i += 8 {
			a, b := binary.LittleEndian.Uint64(x[i:]), binary.LittleEndian.Uint64(up[i:])
			binary.LittleEndian.PutUint64(dst[i:], subtract(a, b))
		}
		for ; i < n; i++ {
			dst[i] = x[i] - up[i]
		}
	case filterAverage:
		for ; i+8 <= n; i += 8 {
			a := binary.LittleEndian.Uint64(x[i:])
			b, c := binary.LittleEndian.Uint64(left[i:]), binary.LittleEndian.Uint64(up[i:])
			mean := b&c + (b^c)>>1&0x7f7f7f7f7f7f7f7f
			binary.LittleEndian.PutUint64(dst[i:], subtract(a, mean))
		}
		for ; i < n; i++ {
			dst[i] = x[i] - uint8((uint(left[i])+uint(up[i]))/2)
		}
	case filterPaeth:
		for ; i < n; i++ {
			dst[i] = x[i] - paeth(left[i], up[i], corner[i])
		}
	}
}

// paeth is PNG's predictor: the one of a (left), b (above) and c (above left) that is
// nearest a + b - c, the first of equals.
func paeth(a, b, c uint8) uint8 {
	pa, pb := int(b)-int(c), int(a)-int(c)
	pc := max(pa+pb, -pa-pb)
	pa, pb = max(pa, -pa), max(pb, -pb)
	switch {
	case pa <= pb && pa <= pc:
		return a
	case pb <= pc:
		return b
	}
	return c
}

// adler is a running Adler-32 checksum (RFC 1950).
type adler struct{ a, b uint32 }

func newAdler() adler { return adler{a: 1} }

func (s adler) sum() uint32 { return s.b<<16 | s.a }

// update adds data. It sums eight bytes at a time, in lanes of 16 bits: plain is
// the lane's sum, and prefix the sum of plain before each step, so that a byte
// counts once for each later step, which is what Adler's second sum is made of.
func (s *adler) update(data []byte) {
	const (
		mod   = 65521
		words = 22 // 255 * 22 * 21 / 2 < 65536: no lane overflows
	)
	a, b := s.a, s.b
	for len(data) >= 8*words {
		var plainE, plainO, prefixE, prefixO uint64
		for i := 0; i < 8*words; i += 8 {
			x := binary.LittleEndian.Uint64(data[i:])
			prefixE += plainE
			prefixO += plainO
			plainE += x & lowLanes
			plainO += x >> 8 & lowLanes
		}
		data = data[8*words:]
		b += 8 * words * a
		for lane := range 4 {
			shift := 16 * lane
			e, o := uint32(plainE>>shift&0xffff), uint32(plainO>>shift&0xffff)
			weight := uint32(8 - 2*lane)
			a += e + o
			b += 8*(uint32(prefixE>>shift&0xffff)+uint32(prefixO>>shift&0xffff)) + weight*e + (weight-1)*o
		}
		a %= mod
		b %= mod
	}
	for _, x := range data {
		a += uint32(x)
		b += a
	}
	s.a, s.b = a%mod, b%mod
}

// cost estimates how well filtered bytes will compress: the sum of their
// magnitudes as signed numbers.
func cost(data []byte) (sum uint64) {
	for len(data) >= 8 {
		x := binary.LittleEndian.Uint64(data)
		data = data[8:]
		if x == 0 {
			continue
		}
		// Complement the negative bytes: -1 - x, off by one, is near enough.
		negative := (x & highBits >> 7) * 0xff
		x ^= negative
		sum += (x&lowLanes+x>>8&lowLanes)*0x0001000100010001>>48 + uint64(bits.OnesCount64(negative)>>3)
	}
	for _, x := range data {
		sum += uint64(min(x, -x))
	}
	return sum
}
