package hdf5

import (
	"bytes"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"math"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// The bytes of a file change only with a new major version: shards made before could
// not be made again.
func TestGolden(t *testing.T) {
	for want, f := range map[string]*File{
		"d2cf8f803c88ec3c6cc5487baa4577ad5f121a79beb277c1354445d9f8068401": must(NewPatches(Uint8, 0, 300, 3, 4, 5))(t),
		"f1be11a50851fd7ecd0b99fdd318f20637d7f6fe20e70fef20a8457988c19f92": must(NewArray(Float32, "images", 100, 4, 5, 3))(t),
	} {
		h := sha256.New()
		writeItems(t, f, h)
		if got := fmt.Sprintf("%x", h.Sum(nil)); got != want {
			t.Errorf("hash of a file of %s in %d datasets is %s, want %s", f.typ, f.datasets(), got, want)
		}
	}
}

// Sizes and offsets are what is written, in pieces that need little memory.
func TestBytesAreWhereTheyShouldBe(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		f := drawFile(t, 3000)
		var b pieces
		writeItems(t, f, &b)
		if int64(b.Len()) != f.Size() {
			t.Fatalf("%d bytes, Size is %d", b.Len(), f.Size())
		}
		if b.largest > max(streamBuffer, f.ItemSize()) {
			t.Fatalf("a piece of %d bytes", b.largest)
		}
		if f.Offset(0)%dataUnit != 0 {
			t.Fatalf("the data starts at %d", f.Offset(0))
		}
		for i := range f.Count() {
			at := f.Offset(i)
			if !bytes.Equal(b.Bytes()[at:at+int64(f.ItemSize())], appendItem(nil, f, i)) {
				t.Fatalf("item %d is not at %d", i, at)
			}
		}
		var prefix bytes.Buffer
		if err := f.WritePrefix(&prefix); err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(prefix.Bytes(), b.Bytes()[:f.Offset(0)]) {
			t.Fatal("WritePrefix does not write the bytes before item 0")
		}
	})
}

// drawFile draws a geometry of at most maxCount small items.
func drawFile(t *rapid.T, maxCount int) *File {
	typ := rapid.SampledFrom(types).Draw(t, "type")
	count := rapid.IntRange(1, maxCount).Draw(t, "count")
	shape := rapid.SliceOfN(rapid.IntRange(1, 6), 1, 4).Draw(t, "shape")
	if rapid.Bool().Draw(t, "array") {
		name := rapid.StringMatching(`[!-.0-~]{1,40}`).Filter(func(s string) bool { return s != "." }).Draw(t, "name")
		return must(NewArray(typ, name, append([]int{count}, shape...)...))(t)
	}
	first := rapid.Uint64Range(0, math.MaxUint64-uint64(maxCount)).Draw(t, "first")
	return must(NewPatches(typ, first, count, shape...))(t)
}

// pieces is a buffer that knows the largest piece written to it.
type pieces struct {
	bytes.Buffer
	largest int
}

func (p *pieces) Write(b []byte) (int, error) {
	p.largest = max(p.largest, len(b))
	return p.Buffer.Write(b)
}

func TestWrongItemsAreErrors(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		f := drawFile(t, 20)
		var b bytes.Buffer
		w := f.NewWriter(&b)
		item := make([]byte, f.ItemSize())
		for i := range f.Count() {
			if err := w.Close(); err == nil || !strings.Contains(err.Error(), fmt.Sprintf("has %d of the %d", i, f.Count())) {
				t.Fatalf("Close after %d of %d items: %v", i, f.Count(), err)
			}
			before := b.Len()
			for _, wrong := range [][]byte{nil, item[1:], append(item, 0)} {
				if err := w.WriteItem(wrong); err == nil || !strings.Contains(err.Error(), fmt.Sprintf("image %d of", i)) {
					t.Fatalf("an item of %d bytes, not %d: %v", len(wrong), len(item), err)
				}
			}
			if b.Len() != before {
				t.Fatal("a wrong item was written")
			}
			if err := w.WriteItem(item); err != nil {
				t.Fatal(err)
			}
		}
		if err := w.WriteItem(item); err == nil || !strings.Contains(err.Error(), "is full") {
			t.Fatalf("an item too many: %v", err)
		}
		if err := w.Close(); err != nil || int64(b.Len()) != f.Size() {
			t.Fatalf("%d bytes, Size is %d: %v", b.Len(), f.Size(), err)
		}
	})
}

// limited takes so many bytes, then fails or, if short, takes less than it is given.
type limited struct {
	left  int64
	short bool
}

var errFull = errors.New("full")

func (l *limited) Write(p []byte) (int, error) {
	if int64(len(p)) <= l.left {
		l.left -= int64(len(p))
		return len(p), nil
	}
	n := int(l.left)
	l.left = 0
	if l.short {
		return n, nil
	}
	return n, errFull
}

func TestErrorsOfTheWriterStay(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		f := drawFile(t, 600)
		l := &limited{rapid.Int64Range(0, f.Size()-1).Draw(t, "bytes"), rapid.Bool().Draw(t, "short")}
		want := errFull
		if l.short {
			want = io.ErrShortWrite
		}
		w := f.NewWriter(l)
		item := make([]byte, f.ItemSize())
		var err error
		for i := 0; i < f.Count() && err == nil; i++ {
			err = w.WriteItem(item)
		}
		if !errors.Is(err, want) {
			t.Fatalf("WriteItem: %v, want %v", err, want)
		}
		l.left = math.MaxInt64
		if err := w.WriteItem(item); !errors.Is(err, want) {
			t.Fatalf("WriteItem after an error: %v, want %v", err, want)
		}
		if err := w.Close(); !errors.Is(err, want) {
			t.Fatalf("Close: %v, want %v", err, want)
		}
	})
}

func TestGeometryHasLimits(t *testing.T) {
	patches := func(typ Type, first uint64, count int, shape ...int) error {
		_, err := NewPatches(typ, first, count, shape...)
		return err
	}
	array := func(typ Type, name string, shape ...int) error {
		_, err := NewArray(typ, name, shape...)
		return err
	}
	for want, err := range map[string]error{
		"Type(4) is no type":                  patches(4, 0, 1, 1),
		"of 0 images: give each file 1 to":    patches(Uint8, 0, 0, 1),
		"of -1 images":                        array(Uint8, "a", -1, 1),
		"of 1000001 images":                   patches(Uint8, 0, MaxItems+1, 1),
		"do not fit 64 bits":                  patches(Uint8, math.MaxUint64, 2, 1),
		"of 0 dimensions: give 1 to 32":       patches(Uint8, 0, 1),
		"of 33 dimensions: give 1 to 32":      patches(Uint8, 0, 1, make([]int, 33)...),
		"of 0 dimensions: give 1 to 31":       array(Uint8, "a", 1),
		"of 32 dimensions: give 1 to 31":      array(Uint8, "a", append([]int{1}, make([]int, 32)...)...),
		`"a" has no dimensions`:               array(Uint8, "a"),
		"shape [3 0] of uint8: give sides of": patches(Uint8, 0, 1, 3, 0),
		"shape [-3 -2] of uint8":              patches(Uint8, 0, 1, -3, -2),
		"shape [32768 65536] of uint8":        array(Uint8, "a", 1, 1<<15, 1<<16),
		"shape [2147483647 2147483647 4]":     patches(Uint8, 0, 1, math.MaxInt32, math.MaxInt32, 4),
		"shape [536870912] of float32":        patches(Float32, 0, 1, 1<<29),
		`named "": give 1 to 255`:             array(Uint8, "", 1, 1),
		`named ".": give`:                     array(Uint8, ".", 1, 1),
		`named "a/b": use letters`:            array(Uint8, "a/b", 1, 1),
		`named "a b": use letters`:            array(Uint8, "a b", 1, 1),
		`named "é": use letters`:              array(Uint8, "é", 1, 1),
		`named "a\x00": use letters`:          array(Uint8, "a\x00", 1, 1),
		`a": give 1 to 255 letters or digits`: array(Uint8, strings.Repeat("a", 256), 1, 1),
	} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("the error is %v, want %q in it", err, want)
		}
	}
	for _, err := range []error{
		patches(Uint8, math.MaxUint64, 1, MaxItemSize),
		patches(Float32, 0, MaxItems, 1<<29-1),
		array(Uint32, "~", MaxItems, 1<<29-1),
	} {
		if err != nil {
			t.Error(err)
		}
	}
}

// The shape is the caller's to change.
func TestGeometryIsImmutable(t *testing.T) {
	shape := []int{3, 4, 5}
	f := must(NewPatches(Uint8, 0, 2, shape...))(t)
	var before, after bytes.Buffer
	writeItems(t, f, &before)
	shape[0] = 9
	writeItems(t, f, &after)
	if !bytes.Equal(before.Bytes(), after.Bytes()) {
		t.Error("the file changed with the caller's shape")
	}
}

func TestNames(t *testing.T) {
	for _, c := range []struct {
		first       uint64
		count       int
		begin, last string
	}{
		{0, 1, "000000000", "000000000"},
		{41, 2, "000000041", "000000042"},
		{999_999_998, 2, "999999998", "999999999"},
		{999_999_998, 3, "0999999998", "1000000000"},
		{math.MaxUint64 - 1, 2, "18446744073709551614", "18446744073709551615"},
	} {
		f := must(NewPatches(Uint8, c.first, c.count, 1))(t)
		if b, l := f.Name(0), f.Name(c.count-1); b != c.begin || l != c.last {
			t.Errorf("names are %s to %s, want %s to %s", b, l, c.begin, c.last)
		}
	}
}
