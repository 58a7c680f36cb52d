package hdf5

import (
	"fmt"
	"io"
)

// WritePrefix writes what comes before item 0: Offset(0) bytes, in pieces of at most
// 64 KiB. The items follow it in order, without gaps, and end the file. An error is w's.
func (f *File) WritePrefix(w io.Writer) error {
	s := &stream{w: w}
	f.writeSuperblock(s)
	f.writeGroup(s)
	if f.isArray() {
		f.writeChunkTree(s)
	}
	for i := range f.datasets() {
		s.bytes(f.object(i)...)
	}
	s.padTo(f.data)
	s.flush()
	return s.err
}

// Writer writes a file item by item. It is not for several goroutines at once.
type Writer struct {
	f    *File
	w    io.Writer
	next int   // item; the prefix comes with item 0
	err  error // ends the file: its bytes are of no use
}

// NewWriter returns a writer of the file to w.
func (f *File) NewWriter(w io.Writer) *Writer { return &Writer{f: f, w: w} }

// WriteItem writes the next item: ItemSize bytes, the elements in row-major order,
// little-endian. An item of another size or one too many is an error and writes
// nothing. Errors of the underlying writer stay.
func (w *Writer) WriteItem(item []byte) error {
	switch {
	case w.err != nil:
		return w.err
	case w.next >= w.f.count:
		return fmt.Errorf("the HDF5 file is full: it was laid out for %d images", w.f.count)
	case len(item) != w.f.itemSize:
		return fmt.Errorf("image %d of the HDF5 file has %d bytes: it was laid out for %d", w.next, len(item), w.f.itemSize)
	}
	if w.next == 0 {
		w.err = w.f.WritePrefix(w.w)
	}
	if w.err == nil {
		w.err = writeAll(w.w, item)
	}
	if w.err == nil {
		w.next++
	}
	return w.err
}

// Close checks that the file is whole: an error if items are missing or one failed.
// It does not close the underlying writer.
func (w *Writer) Close() error {
	if w.err == nil && w.next != w.f.count {
		return fmt.Errorf("the HDF5 file has %d of the %d images that it was laid out for: write them all", w.next, w.f.count)
	}
	return w.err
}

// writeAll writes p.
func writeAll(w io.Writer, p []byte) error {
	n, err := w.Write(p)
	if err == nil && n != len(p) {
		err = io.ErrShortWrite
	}
	return err
}
