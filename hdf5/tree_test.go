package hdf5

import (
	"bytes"
	"encoding/binary"
	"testing"

	"pgregory.net/rapid"
)

// walk reads a tree of a file without libhdf5, which does not look at all of it.
type walk struct {
	file         []byte
	fan, keySize int
	end          int64 // where the next part of the file starts
	leaves       []int64
	keys         [][]byte         // before each leaf, and after the last
	left, right  map[int64]int64  // siblings of nodes
	levels       map[byte][]int64 // nodes from left to right
}

func (w *walk) u64(at int64) int64 { return int64(binary.LittleEndian.Uint64(w.file[at:])) }

// node walks what is below a node. It returns the node's first and last keys.
func (w *walk) node(t failer, at int64, kind byte) (first, last []byte) {
	b := w.file[at:]
	if string(b[:4]) != "TREE" || b[4] != kind {
		t.Fatalf("no node of kind %d at %d", kind, at)
	}
	lev, n := b[5], int(binary.LittleEndian.Uint16(b[6:]))
	if n < 1 || n > w.fan {
		t.Fatalf("a node of %d children", n)
	}
	w.levels[lev] = append(w.levels[lev], at)
	w.left[at], w.right[at] = w.u64(at+8), w.u64(at+16)
	key := func(i int) []byte {
		from := nodeHeaderSize + i*(w.keySize+8)
		return b[from : from+w.keySize]
	}
	for i := range n {
		child := w.u64(at + int64(nodeHeaderSize+i*(w.keySize+8)+w.keySize))
		if lev == 0 {
			w.leaves = append(w.leaves, child)
			w.keys = append(w.keys, key(i))
			continue
		}
		f, l := w.node(t, child, kind)
		if w.file[child+5] != lev-1 || !bytes.Equal(f, key(i)) || !bytes.Equal(l, key(i+1)) {
			t.Fatalf("child %d of the node at %d, of level %d, is of level %d and has keys %x to %x, not %x to %x",
				i, at, lev, w.file[child+5], f, l, key(i), key(i+1))
		}
	}
	w.end = max(w.end, at+int64(nodeHeaderSize+w.fan*8+(w.fan+1)*w.keySize))
	return key(0), key(n)
}

// walkTree walks the tree whose root is at the address at.
func walkTree(t failer, file []byte, at int64, kind byte, fan, keySize int) *walk {
	t.Helper()
	w := &walk{
		file: file, fan: fan, keySize: keySize,
		left: map[int64]int64{}, right: map[int64]int64{}, levels: map[byte][]int64{},
	}
	_, last := w.node(t, at, kind)
	w.keys = append(w.keys, last)
	for lev, nodes := range w.levels {
		for i, at := range nodes {
			left, right := int64(undefined), int64(undefined)
			if i > 0 {
				left = nodes[i-1]
			}
			if i < len(nodes)-1 {
				right = nodes[i+1]
			}
			if w.left[at] != left || w.right[at] != right {
				t.Fatalf("node %d of level %d is between %d and %d, want %d and %d", i, lev, w.left[at], w.right[at], left, right)
			}
		}
	}
	return w
}

func TestTreesAreWhole(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		f := drawFile(t, 10_000)
		var b bytes.Buffer
		if err := f.WritePrefix(&b); err != nil {
			t.Fatal(err)
		}
		file := b.Bytes()
		w := walkTree(t, file, f.groupTree.root(), groupKind, groupFan, 8)
		if w.end != f.heap {
			t.Fatalf("the group's tree ends at %d, the names start at %d", w.end, f.heap)
		}
		name := func(at uint64) string {
			s, _, _ := bytes.Cut(file[f.heap+heapHeaderSize+int64(at):], []byte{0})
			return string(s)
		}
		i := 0
		for leaf, at := range w.leaves {
			low, high := name(binary.LittleEndian.Uint64(w.keys[leaf])), name(binary.LittleEndian.Uint64(w.keys[leaf+1]))
			for s := range int(binary.LittleEndian.Uint16(file[at+6:])) {
				n := name(uint64(w.u64(at + int64(8+s*symbolSize))))
				if n != f.Name(i) || n <= low || n > high {
					t.Fatalf("name %d is %q, want %q, above %q and up to %q", i, n, f.Name(i), low, high)
				}
				i++
			}
		}
		if i != f.datasets() {
			t.Fatalf("%d names, want %d", i, f.datasets())
		}
		if !f.isArray() {
			return
		}
		w = walkTree(t, file, f.chunkTree.root(), chunkKind, chunkFan, f.chunkKeySize())
		if len(w.leaves) != f.Count() || w.end != f.objects {
			t.Fatalf("%d chunks, want %d; the tree ends at %d, the object headers start at %d", len(w.leaves), f.Count(), w.end, f.objects)
		}
		for i, key := range w.keys {
			if got := binary.LittleEndian.Uint64(key[8:]); got != uint64(i) || i < f.Count() && w.leaves[i] != f.Offset(i) {
				t.Fatalf("key %d is %d", i, got)
			}
		}
	})
}
