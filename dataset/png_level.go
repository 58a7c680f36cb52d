package dataset

import (
	"encoding/binary"
	"fmt"
	"slices"

	"github.com/klauspost/compress/flate"
)

// Level is how hard an Encoder compresses. The zero value is Quick.
type Level int

// Levels. Those from 2 to 9 are DEFLATE's usual ones: 5 to 10 % smaller files of textured
// leaves, 40 % of flat ones, and 4 to 90 times slower than Quick.
const (
	Quick  Level = 0 // our own encoder; level 1 where levels are counted
	Stored Level = 1 // no compression; level 0 where levels are counted
)

// LevelOf returns the level that is counted as n, 0 to 9.
func LevelOf(n int) (Level, error) {
	switch {
	case n < 0 || n > 9:
		return Quick, fmt.Errorf("PNG level %d is out of range; give 0 (not compressed) to 9 (smallest)", n)
	case n < 2:
		return Level(1 - n), nil
	}
	return Level(n), nil
}

// Number returns the level as it is counted: LevelOf's argument.
func (l Level) Number() int {
	if l < 2 {
		return int(1 - l)
	}
	return int(l)
}

// appender collects what a compressor writes.
type appender struct{ out []byte }

func (a *appender) Write(p []byte) (int, error) {
	a.out = append(a.out, p...)
	return len(p), nil
}

// stored appends the rows of p, neither filtered nor compressed, and their checksum.
func (e *Encoder) stored(dst []byte, p *Picture) []byte {
	line := make([]byte, 1+p.width*int(p.format.bytes))
	buf := make([]byte, len(line)-1)
	sum := newAdler()
	left := len(line) * p.height
	block := 0 // bytes that the open block still takes
	dst = slices.Grow(dst, left+left/blockSize*5+16)
	for y := range p.height {
		copy(line[1:], p.row(y, buf))
		sum.update(line)
		for part := line; len(part) > 0; {
			if block == 0 {
				block = min(left, blockSize)
				final := byte(0)
				if block == left {
					final = 1
				}
				dst = append(dst, final)
				dst = binary.LittleEndian.AppendUint16(dst, uint16(block))
				dst = binary.LittleEndian.AppendUint16(dst, ^uint16(block))
			}
			n := min(len(part), block)
			dst = append(dst, part[:n]...)
			part, block, left = part[n:], block-n, left-n
		}
	}
	return binary.BigEndian.AppendUint32(dst, sum.sum())
}

// small appends the rows of p, each with the filter that leaves the smallest
// differences, compressed at the encoder's level, and their checksum.
func (e *Encoder) small(dst []byte, p *Picture) []byte {
	bpp := int(p.format.bytes)
	stride := p.width * bpp
	if e.flate == nil || e.flateLevel != e.Level {
		w, err := flate.NewWriter(&e.sink, int(e.Level))
		if err != nil {
			panic(err) // levels are checked where they are given
		}
		e.flate, e.flateLevel = w, e.Level
	}
	e.sink.out = dst
	e.flate.Reset(&e.sink)
	for i := range e.rows {
		e.rows[i] = slices.Grow(e.rows[i][:0], stride)[:stride]
	}
	if len(e.zero) < stride {
		e.zero = make([]byte, stride)
	}
	best, trial := make([]byte, 1+stride), make([]byte, 1+stride)
	above := e.zero[:stride]
	sum := newAdler()
	for y := range p.height {
		row := p.row(y, e.rows[y&1])
		least := ^uint64(0)
		for filter := range byte(5) {
			trial[0] = filter
			filterRow(filter, trial[1:], row, above, bpp)
			if c := cost(trial[1:]); c < least {
				least = c
				best, trial = trial, best
			}
		}
		sum.update(best)
		e.flate.Write(best) // to memory: it cannot fail
		above = row
	}
	e.flate.Close()
	dst, e.sink.out = e.sink.out, nil
	return binary.BigEndian.AppendUint32(dst, sum.sum())
}
