// Package hdf5 writes HDF5 files of images front to back, to any io.Writer, never
// seeking: an object store's multipart upload takes them as they come. All is fixed
// before the first byte, so a file is a pure function of its layout and its items
// (it holds no times), and the raw data of item i is at an offset known in advance.
//
// A file is its metadata (the prefix) and then the items, in order, without gaps.
// There are two layouts, [NewPatches] (one dataset an item) and [NewArray] (one
// dataset, one chunk an item). The format is that of the oldest superblock (version
// 0), which every libhdf5 and h5py reads. Source: the HDF5 File Format Specification.
package hdf5

import (
	"fmt"
	"strconv"
)

const (
	// MaxItems is the most items that a file holds. The format has no such limit,
	// but readers take long to list so many datasets.
	MaxItems = 1_000_000
	// MaxItemSize is the most bytes of an item: a chunk is smaller than 4 GiB, and
	// an int of 32 bits counts to 2 GiB.
	MaxItemSize = 1<<31 - 1

	maxRank  = 32 // dimensions of a dataset in libhdf5
	maxName  = 255
	minWidth = 9  // digits of a patch's name
	dataUnit = 64 // the raw data starts at a multiple of it, for readers that map the file
)

// File is the geometry of a file: what it holds and where. It is immutable.
type File struct {
	typ      Type
	count    int    // items
	item     []int  // shape of an item
	itemSize int    // bytes
	name     string // of the array; empty if each item is a dataset
	first    uint64 // number of the first patch
	width    int    // digits of a patch's name

	// Where the parts are that follow the root group's header, in the file's order.
	groupTree tree  // names to symbol nodes
	heap      int64 // names
	symbols   int64 // symbol nodes: names to object headers
	chunkTree tree  // of the array: indices to items
	objects   int64 // object headers of the datasets
	data      int64

	nameRoom   int64 // bytes of a name in the heap: its own, at least one zero, in units of 8
	objectSize int64 // bytes of a dataset's object header
}

// NewPatches returns the geometry of a file with count datasets in its root group,
// each of the given shape (such as C, H, W), contiguous. They are named by the
// decimal numbers first, first+1, ... with leading zeros to 9 digits, or to as many as
// the last of them has, so that the order of names is that of numbers.
func NewPatches(t Type, first uint64, count int, shape ...int) (*File, error) {
	f := &File{typ: t, count: count, first: first}
	if err := f.setItem(shape, maxRank); err != nil {
		return nil, err
	}
	last := first + uint64(count-1)
	if last < first {
		return nil, fmt.Errorf("%d patches from number %d on do not fit 64 bits: start at a lower number", count, first)
	}
	f.width = max(minWidth, len(strconv.FormatUint(last, 10)))
	f.place()
	return f, nil
}

// NewArray returns the geometry of a file with one dataset of the given shape (such
// as N, H, W, C) in its root group, in N chunks, each one item of shape[1:]. name is
// of 1 to 255 printable ASCII characters, no space or slash, and not ".".
func NewArray(t Type, name string, shape ...int) (*File, error) {
	if len(name) < 1 || len(name) > maxName || name == "." {
		return nil, fmt.Errorf("a dataset cannot be named %q: give 1 to %d letters or digits", name, maxName)
	}
	for _, c := range []byte(name) {
		if c <= ' ' || c > '~' || c == '/' {
			return nil, fmt.Errorf("a dataset cannot be named %q: use letters and digits, no space and no slash", name)
		}
	}
	if len(shape) == 0 {
		return nil, fmt.Errorf("dataset %q has no dimensions: give the number of items and the shape of one", name)
	}
	f := &File{typ: t, count: shape[0], name: name}
	if err := f.setItem(shape[1:], maxRank-1); err != nil {
		return nil, err
	}
	f.place()
	return f, nil
}

// setItem checks the type and the number of items, and sets the shape and size of one.
func (f *File) setItem(shape []int, maxDims int) error {
	if f.typ.Size() == 0 {
		return fmt.Errorf("%v is no type of elements: use Uint8, Uint16, Uint32 or Float32", f.typ)
	}
	if f.count < 1 || f.count > MaxItems {
		return fmt.Errorf("an HDF5 file of %d images: give each file 1 to %d", f.count, MaxItems)
	}
	if len(shape) < 1 || len(shape) > maxDims {
		return fmt.Errorf("an image of %d dimensions: give 1 to %d, such as 3 for channels, height and width", len(shape), maxDims)
	}
	size := int64(f.typ.Size())
	for _, n := range shape {
		if n < 1 || int64(n) > MaxItemSize/size {
			return fmt.Errorf("an image of shape %v of %v: give sides of at least 1, and at most %d bytes in all", shape, f.typ, MaxItemSize)
		}
		size *= int64(n)
	}
	f.item, f.itemSize = append([]int(nil), shape...), int(size)
	return nil
}

// place sets the addresses of all parts.
func (f *File) place() {
	f.nameRoom = int64(len(f.Name(0))+8) / 8 * 8
	f.groupTree = newTree(superblockSize+rootHeaderSize, (f.datasets()+nodeSymbols-1)/nodeSymbols, groupFan, 8)
	f.heap = f.groupTree.end()
	f.symbols = f.heap + heapHeaderSize + f.heapSize()
	f.objects = f.symbols + int64(f.groupTree.leaves)*symbolNodeSize
	if f.isArray() {
		f.chunkTree = newTree(f.objects, f.count, chunkFan, f.chunkKeySize())
		f.objects = f.chunkTree.end()
	}
	f.objectSize = int64(len(f.object(0)))
	end := f.objects + int64(f.datasets())*f.objectSize
	f.data = (end + dataUnit - 1) &^ (dataUnit - 1)
}

// Count returns the number of items: patches, or images of the array.
func (f *File) Count() int { return f.count }

// ItemSize returns the bytes of an item.
func (f *File) ItemSize() int { return f.itemSize }

// Offset returns where in the file the raw data of item i starts, 0 ≤ i < Count. It
// is ItemSize bytes long: the elements in row-major order, little-endian.
// Offset(0) is the size of the prefix.
func (f *File) Offset(i int) int64 { return f.data + int64(i)*int64(f.itemSize) }

// Size returns the bytes of the file.
func (f *File) Size() int64 { return f.Offset(f.count) }

// Name returns the name of the dataset that holds item i, 0 ≤ i < Count.
func (f *File) Name(i int) string {
	if f.isArray() {
		return f.name
	}
	return fmt.Sprintf("%0*d", f.width, f.first+uint64(i))
}

func (f *File) isArray() bool { return f.name != "" }

// datasets returns the number of datasets.
func (f *File) datasets() int {
	if f.isArray() {
		return 1
	}
	return f.count
}
