package hdf5

import "encoding/binary"

// Types of messages in object headers.
const (
	dataspaceMessage   = 0x01
	datatypeMessage    = 0x03
	fillValueMessage   = 0x05
	layoutMessage      = 0x08
	symbolTableMessage = 0x11
)

// constant flags a message that never changes.
const constant = 1

// message is the body of a message.
type message []byte

func (m *message) bytes(b ...byte) { *m = append(*m, b...) }
func (m *message) u32(v int)       { *m = binary.LittleEndian.AppendUint32(*m, uint32(v)) }
func (m *message) u64(v int64)     { *m = binary.LittleEndian.AppendUint64(*m, uint64(v)) }

// of returns the whole message: type, size and flags, then the body in units of 8 bytes.
func (m message) of(kind, flags byte) []byte {
	size := (len(m) + 7) / 8 * 8
	b := append([]byte{kind, 0, byte(size), byte(size >> 8), flags, 0, 0, 0}, m...)
	return append(b, make([]byte, size-len(m))...)
}

// objectHeader returns an object header of version 1 with one reference to it.
func objectHeader(messages ...[]byte) []byte {
	b := []byte{1, 0, byte(len(messages)), 0, 1, 0, 0, 0}
	size := 0
	for _, m := range messages {
		size += len(m)
	}
	b = binary.LittleEndian.AppendUint64(b, uint64(size)) // 4 bytes, and 4 that align the messages
	for _, m := range messages {
		b = append(b, m...)
	}
	return b
}

// object returns the object header of dataset i.
func (f *File) object(i int) []byte {
	shape := f.item
	if f.isArray() {
		shape = append([]int{f.count}, f.item...)
	}
	var space message
	space.bytes(1, byte(len(shape)), 0, 0, 0, 0, 0, 0)
	for _, n := range shape {
		space.u64(int64(n))
	}

	// Version 2; space is allocated late (2) or chunk by chunk (3); the value is
	// written if somebody sets it (2), and is the default one: zero.
	fill := message{2, 2, 2, 1, 0, 0, 0, 0}
	var layout message
	if f.isArray() {
		fill[1] = 3
		layout.bytes(3, 2, byte(len(shape)+1)) // the size of an element is one more dimension
		layout.u64(f.chunkTree.root())
		layout.u32(1)
		for _, n := range f.item {
			layout.u32(n)
		}
		layout.u32(f.typ.Size())
	} else {
		layout.bytes(3, 1)
		layout.u64(f.Offset(i))
		layout.u64(int64(f.itemSize))
	}
	return objectHeader(
		space.of(dataspaceMessage, 0),
		message(f.typ.datatype()).of(datatypeMessage, constant),
		fill.of(fillValueMessage, constant),
		layout.of(layoutMessage, 0),
	)
}

// chunkKeySize returns the bytes of a key of the chunk tree: size, filters, an offset
// for each dimension, and one in the element.
func (f *File) chunkKeySize() int { return 8 + 8*(1+len(f.item)+1) }

// writeChunkTree writes the index of the array's chunks.
func (f *File) writeChunkTree(s *stream) {
	f.chunkTree.write(s, chunkKind, f.Offset, func(i int) {
		s.u32(int64(f.itemSize))
		s.u32(0) // no filter is left out
		s.u64(int64(i))
		for range len(f.item) + 1 {
			s.u64(0)
		}
	})
}
