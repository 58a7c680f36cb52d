package hdf5

import (
	"encoding/binary"
	"io"
)

// undefined is the address of what is not there.
const undefined = -1

// stream appends little-endian values to a buffer and writes that out as it fills.
type stream struct {
	w       io.Writer
	buf     []byte
	written int64 // bytes out of the buffer
	err     error // the first of w; what follows it is dropped
}

const streamBuffer = 1 << 16

// room writes the buffer out if n more bytes would not fit.
func (s *stream) room(n int) {
	if len(s.buf)+n > streamBuffer {
		s.flush()
	}
}

// flush writes the buffer out.
func (s *stream) flush() {
	if s.err == nil {
		s.err = writeAll(s.w, s.buf)
	}
	s.written += int64(len(s.buf))
	s.buf = s.buf[:0]
}

// at returns the address of what comes next.
func (s *stream) at() int64 { return s.written + int64(len(s.buf)) }

func (s *stream) bytes(b ...byte) {
	s.room(len(b))
	s.buf = append(s.buf, b...)
}

func (s *stream) text(t string) {
	s.room(len(t))
	s.buf = append(s.buf, t...)
}

func (s *stream) u16(v int) {
	s.room(2)
	s.buf = binary.LittleEndian.AppendUint16(s.buf, uint16(v))
}

func (s *stream) u32(v int64) {
	s.room(4)
	s.buf = binary.LittleEndian.AppendUint32(s.buf, uint32(v))
}

func (s *stream) u64(v int64) {
	s.room(8)
	s.buf = binary.LittleEndian.AppendUint64(s.buf, uint64(v))
}

// padTo appends zeros up to the address at.
func (s *stream) padTo(at int64) {
	for s.at() < at {
		s.bytes(0)
	}
}
