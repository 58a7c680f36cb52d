package hdf5

// How many entries the nodes have: twice the superblock's two numbers, and 64 for
// chunks, which superblock version 0 has no number for. They are libhdf5's own.
const (
	nodeSymbols = 8
	groupFan    = 32
	chunkFan    = 64
)

const (
	superblockSize = 96
	rootHeaderSize = 40
	heapHeaderSize = 32
	symbolSize     = 40
	symbolNodeSize = 8 + nodeSymbols*symbolSize
)

// writeSuperblock writes what a reader finds at the start of the file: the widths of
// addresses and lengths (8 bytes), the file's size, and the root group.
func (f *File) writeSuperblock(s *stream) {
	s.text("\x89HDF\r\n\x1a\n")
	s.bytes(0, 0, 0, 0, 0, 8, 8, 0) // versions; sizes of addresses and lengths
	s.u16(nodeSymbols / 2)
	s.u16(groupFan / 2)
	s.u32(0)         // consistency flags: none
	s.u64(0)         // base of addresses
	s.u64(undefined) // free space
	s.u64(f.Size())
	s.u64(undefined) // driver
	// The symbol of the root group, which caches what its header says.
	s.u64(0)
	s.u64(superblockSize)
	s.u32(1)
	s.u32(0)
	s.u64(f.groupTree.root())
	s.u64(f.heap)
}

// writeGroup writes the root group: header, tree, names and symbols.
func (f *File) writeGroup(s *stream) {
	var body message
	body.u64(f.groupTree.root())
	body.u64(f.heap)
	s.bytes(objectHeader(body.of(symbolTableMessage, 0))...)

	f.groupTree.write(s, groupKind,
		func(i int) int64 { return f.symbols + int64(i)*symbolNodeSize },
		func(i int) { s.u64(f.lastNameBefore(i)) })

	s.text("HEAP")
	s.u32(0) // version
	s.u64(f.heapSize())
	s.u64(1) // no free block
	s.u64(f.heap + heapHeaderSize)
	data := s.at()
	s.u64(0) // the empty name
	for i := range f.datasets() {
		s.text(f.Name(i))
		s.padTo(data + f.nameAt(i+1))
	}

	for from := 0; from < f.datasets(); from += nodeSymbols {
		to := min(from+nodeSymbols, f.datasets())
		end := s.at() + symbolNodeSize
		s.text("SNOD")
		s.bytes(1, 0)
		s.u16(to - from)
		for i := from; i < to; i++ {
			s.u64(f.nameAt(i))
			s.u64(f.objects + int64(i)*f.objectSize)
			s.padTo(s.at() + symbolSize - 16) // caches nothing
		}
		s.padTo(end)
	}
}

// nameAt returns where in the heap's data the name of dataset i is: after the empty
// name, which has 8 bytes.
func (f *File) nameAt(i int) int64 { return 8 + int64(i)*f.nameRoom }

// heapSize returns the bytes of the heap's data.
func (f *File) heapSize() int64 { return f.nameAt(f.datasets()) }

// lastNameBefore returns the group tree's key before symbol node i: the names left of
// it are up to this one, those right of it are above. The first key is the empty name.
func (f *File) lastNameBefore(i int) int64 {
	if i == 0 {
		return 0
	}
	return f.nameAt(min(i*nodeSymbols, f.datasets()) - 1)
}
