package dataset

import (
	"encoding/binary"
	"fmt"
	"hash/crc32"
	"slices"

	"github.com/klauspost/compress/flate"

	"leaflitter/render"
)

// format is a PNG pixel format.
type format struct{ depth, colour, bytes uint8 }

var (
	grey8  = format{8, 0, 1}
	grey16 = format{16, 0, 2}
	rgb8   = format{8, 2, 3}
	rgba8  = format{8, 6, 4}
)

// Picture is what one PNG file holds. It refers to the pixels it was made of.
type Picture struct {
	width, height int
	format        format
	pix           []uint8
	pix16         []uint16
	pix32         []uint32
	err           error
}

// ImagePicture is the image without its labels: 8-bit RGB or grey.
func ImagePicture(im *render.Image) Picture {
	switch im.Channels {
	case 3:
		return RGBPicture(im.Width, im.Height, im.Pix)
	case 1:
		return GreyPicture(im.Width, im.Height, im.Pix)
	}
	return Picture{err: fmt.Errorf("an image has %d channels, but 1 (grey) or 3 (RGB) can be written", im.Channels)}
}

// RGBPicture is 8-bit RGB.
func RGBPicture(width, height int, pix []uint8) Picture {
	return Picture{width: width, height: height, format: rgb8, pix: pix}.checked(len(pix))
}

// GreyPicture is 8-bit grey.
func GreyPicture(width, height int, pix []uint8) Picture {
	return Picture{width: width, height: height, format: grey8, pix: pix}.checked(len(pix))
}

// Grey16Picture is 16-bit grey.
func Grey16Picture(width, height int, pix []uint16) Picture {
	return Picture{width: width, height: height, format: grey16, pix16: pix}.checked(2 * len(pix))
}

// IDPicture is 16-bit grey when every number fits, and otherwise 8-bit RGBA
// holding each number as little-endian uint32: red is the lowest byte.
func IDPicture(width, height int, pix []uint32) Picture {
	p := Picture{width: width, height: height, format: grey16, pix32: pix}
	all := uint32(0)
	for _, x := range pix {
		all |= x
	}
	if all > 0xffff {
		p.format = rgba8
	}
	return p.checked(int(p.format.bytes) * len(pix))
}

// checked is p, marked if it cannot be a PNG: n is the bytes its pixels take.
func (p Picture) checked(n int) Picture {
	const most = 1 << 24 // a side: rows and sizes stay far below 2^31 bytes
	if p.width < 1 || p.height < 1 || p.width > most || p.height > most {
		p.err = fmt.Errorf("a picture is %d x %d pixels, but each side must be 1 to %d", p.width, p.height, most)
	} else if want := p.width * p.height * int(p.format.bytes); n != want {
		p.err = fmt.Errorf("a picture of %d x %d pixels has %d bytes of pixels instead of %d", p.width, p.height, n, want)
	} else if want >= 1<<30 {
		p.err = fmt.Errorf("a picture of %d x %d pixels is over the 2^30 bytes that can be written", p.width, p.height)
	}
	return p
}

// Err says why the picture cannot be encoded; nil if it can.
func (p Picture) Err() error {
	if p.err == nil && p.width == 0 {
		return fmt.Errorf("an empty picture cannot be written")
	}
	return p.err
}

// row is row y in PNG's byte order: a part of the picture, or made in buf.
func (p *Picture) row(y int, buf []byte) []byte {
	lo, hi := y*p.width, (y+1)*p.width
	switch {
	case p.pix16 != nil:
		for i, x := range p.pix16[lo:hi] {
			binary.BigEndian.PutUint16(buf[2*i:], x)
		}
	case p.pix32 != nil && p.format == grey16:
		for i, x := range p.pix32[lo:hi] {
			binary.BigEndian.PutUint16(buf[2*i:], uint16(x))
		}
	case p.pix32 != nil:
		for i, x := range p.pix32[lo:hi] {
			binary.LittleEndian.PutUint32(buf[4*i:], x)
		}
	default:
		return p.pix[lo*int(p.format.bytes) : hi*int(p.format.bytes)]
	}
	return buf
}

// Encoder writes PNG files. It keeps its buffers from one picture to the next,
// so use one for each goroutine; the zero value is ready. A picture's bytes
// depend on its pixels and the level alone: not on the machine or on what came before.
type Encoder struct {
	Level Level

	flate      *flate.Writer // of flateLevel; nil: not yet needed
	flateLevel Level
	sink       appender

	deflate deflater
	band    []byte
	rows    [2][]byte
	zero    []byte
}

const signature = "\x89PNG\r\n\x1a\n"

// Encode appends p to dst as a complete PNG file. It appends nothing if p.Err
// is not nil.
func (e *Encoder) Encode(dst []byte, p Picture) []byte {
	if p.Err() != nil {
		return dst
	}
	dst = append(dst, signature...)
	dst, start := openChunk(dst, "IHDR")
	dst = binary.BigEndian.AppendUint32(dst, uint32(p.width))
	dst = binary.BigEndian.AppendUint32(dst, uint32(p.height))
	dst = append(dst, p.format.depth, p.format.colour, 0, 0, 0)
	closeChunk(&dst, start)

	dst, start = openChunk(dst, "IDAT")
	dst = append(dst, 0x78, 0x01) // zlib: DEFLATE, window of 32 KiB, fastest
	switch e.Level {
	case Quick:
		dst = e.pixels(dst, &p)
	case Stored:
		dst = e.stored(dst, &p)
	default:
		dst = e.small(dst, &p)
	}
	closeChunk(&dst, start)

	dst, start = openChunk(dst, "IEND")
	closeChunk(&dst, start)
	return dst
}

func openChunk(dst []byte, name string) ([]byte, int) {
	return append(append(dst, 0, 0, 0, 0), name...), len(dst)
}

func closeChunk(dst *[]byte, start int) {
	d := *dst
	binary.BigEndian.PutUint32(d[start:], uint32(len(d)-start-8))
	*dst = binary.BigEndian.AppendUint32(d, crc32.ChecksumIEEE(d[start+4:]))
}

// pixels appends the filtered, compressed rows of p and their checksum. The rows
// go in bands of one DEFLATE block each, with one filter a band.
func (e *Encoder) pixels(dst []byte, p *Picture) []byte {
	bpp := int(p.format.bytes)
	stride := p.width * bpp
	e.rows[0] = slices.Grow(e.rows[0][:0], stride)[:stride]
	e.rows[1] = slices.Grow(e.rows[1][:0], stride)[:stride]
	if len(e.zero) < stride {
		e.zero = make([]byte, stride)
	}
	rows := min(max(1, blockSize/(stride+1)), p.height)
	e.band = slices.Grow(e.band[:0], rows*(stride+1))[:rows*(stride+1)]
	e.deflate.out = dst
	sum := newAdler()
	for y := 0; y < p.height; y += rows {
		n := min(rows, p.height-y)
		filter := e.choose(p, y, n, bpp)
		above := e.above(p, y)
		band := e.band[:n*(stride+1)]
		for i := range n {
			row := p.row(y+i, e.rows[(y+i)&1])
			line := band[i*(stride+1):]
			line[0] = filter
			filterRow(filter, line[1:stride+1], row, above, bpp)
			above = row
		}
		sum.update(band)
		for len(band) > 0 {
			part := band[:min(len(band), blockSize)]
			band = band[len(part):]
			e.deflate.block(part, len(band) == 0 && y+n == p.height)
		}
	}
	e.deflate.align()
	dst, e.deflate.out = e.deflate.out, nil
	return binary.BigEndian.AppendUint32(dst, sum.sum())
}

// above is the row above row y, zero for the first row.
func (e *Encoder) above(p *Picture, y int) []byte {
	if y == 0 {
		return e.zero[:p.width*int(p.format.bytes)]
	}
	return p.row(y-1, e.rows[(y-1)&1])
}

// choose picks the filter that leaves the smallest differences in a sixteenth
// of rows [y, y+n).
func (e *Encoder) choose(p *Picture, y, n, bpp int) byte {
	var costs [4]uint64
	line := e.band[:p.width*bpp]
	for i := min(n/2, 8); i < n; i += 16 {
		row, above := p.row(y+i, e.rows[(y+i)&1]), e.above(p, y+i)
		for _, f := range [...]byte{filterUp, filterSub, filterAverage} {
			filterRow(f, line, row, above, bpp)
			costs[f] += cost(line)
		}
	}
	best := byte(filterUp)
	for _, f := range [...]byte{filterSub, filterAverage} {
		if costs[f] < costs[best] {
			best = f
		}
	}
	return best
}

// Bytes is how many bytes the picture's pixels take before compression.
func (p Picture) Bytes() int { return p.width * p.height * int(p.format.bytes) }
