package hdf5

import (
	"bufio"
	"encoding/binary"
	"encoding/json"
	"io"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// h5py is a Python process that runs testdata/check.py.
type h5py struct {
	in  io.Writer
	out *bufio.Reader
}

// failer is what *testing.T and *rapid.T have in common here.
type failer interface {
	Helper()
	Fatal(args ...any)
	Fatalf(format string, args ...any)
}

func startH5py(t *testing.T) *h5py {
	t.Helper()
	for _, python := range []string{"python3", "/usr/bin/python3"} {
		if exec.Command(python, "-c", "import h5py").Run() != nil {
			continue
		}
		c := exec.Command(python, "testdata/check.py")
		c.Stderr = os.Stderr
		in, err := c.StdinPipe()
		if err != nil {
			t.Fatal(err)
		}
		out, err := c.StdoutPipe()
		if err != nil {
			t.Fatal(err)
		}
		if err := c.Start(); err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() {
			in.Close()
			if err := c.Wait(); err != nil {
				t.Errorf("check.py: %v", err)
			}
		})
		return &h5py{in, bufio.NewReader(out)}
	}
	t.Fatal("no python3 has h5py, which reads the files that this test writes: install python3-h5py")
	return nil
}

// ask has Python do "check" or "change" with a file of the geometry f, and fails if
// that finds a fault.
func (h *h5py) ask(t failer, do, path string, f *File) {
	t.Helper()
	request, err := json.Marshal(map[string]any{
		"do": do, "path": path, "size": f.Size(), "offset": f.Offset(0), "dtype": f.typ.String(),
		"name": f.name, "first": f.first, "width": f.width, "count": f.count, "shape": f.item,
	})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := h.in.Write(append(request, '\n')); err != nil {
		t.Fatal(err)
	}
	line, err := h.out.ReadBytes('\n')
	if err != nil {
		t.Fatalf("%s: check.py died, or libhdf5 found no end in 5 minutes: %v", request, err)
	}
	var answer string
	if err := json.Unmarshal(line, &answer); err != nil {
		t.Fatal(err)
	}
	if answer != "ok" {
		t.Fatalf("%s: %s", request, answer)
	}
}

// appendItem appends item i of a test file: what check.py expects there.
func appendItem(dst []byte, f *File, i int) []byte {
	n := f.itemSize / f.typ.Size()
	for p := uint64(i * n); p < uint64((i+1)*n); p++ {
		switch f.typ {
		case Uint8:
			dst = append(dst, byte(p*7+p/251))
		case Uint16:
			dst = binary.LittleEndian.AppendUint16(dst, uint16(p*40503))
		case Uint32:
			dst = binary.LittleEndian.AppendUint32(dst, uint32(p*2654435761))
		case Float32:
			v := float32(uint16(p*40503))/8 - 1000
			dst = binary.LittleEndian.AppendUint32(dst, math.Float32bits(v))
		}
	}
	return dst
}

// writeItems writes a whole test file to w.
func writeItems(t failer, f *File, w io.Writer) {
	t.Helper()
	fw := f.NewWriter(w)
	var item []byte
	for i := range f.Count() {
		item = appendItem(item[:0], f, i)
		if err := fw.WriteItem(item); err != nil {
			t.Fatal(err)
		}
	}
	if err := fw.Close(); err != nil {
		t.Fatal(err)
	}
}

// writeFile writes a whole test file to path.
func writeFile(t failer, f *File, path string) {
	t.Helper()
	file, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	w := bufio.NewWriter(file)
	writeItems(t, f, w)
	if err := w.Flush(); err != nil {
		t.Fatal(err)
	}
	if err := file.Close(); err != nil {
		t.Fatal(err)
	}
}

func must(f *File, err error) func(failer) *File {
	return func(t failer) *File {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return f
	}
}

var types = []Type{Uint8, Uint16, Uint32, Float32}

// The counts are around the sizes of nodes: 8 symbols, 64 chunks, 8·32 symbols, and
// enough for trees of three levels.
func TestH5pyReadsEveryCountAndType(t *testing.T) {
	for _, typ := range types {
		t.Run(typ.String(), func(t *testing.T) {
			t.Parallel()
			h := startH5py(t)
			path := filepath.Join(t.TempDir(), "test.h5")
			for _, count := range []int{1, 2, 7, 8, 9, 64, 65, 100, 256, 257, 1000, 5000} {
				f := must(NewPatches(typ, uint64(count)*3, count, 3, 5, 4))(t)
				writeFile(t, f, path)
				h.ask(t, "check", path, f)
				f = must(NewArray(typ, "images", count, 5, 4, 3))(t)
				writeFile(t, f, path)
				h.ask(t, "check", path, f)
			}
		})
	}
}

func TestH5pyReadsMany(t *testing.T) {
	for name, f := range map[string]*File{
		"patches": must(NewPatches(Uint8, 999_950_000, 100_000, 1, 2, 2))(t), // all of ten digits
		"array":   must(NewArray(Uint8, "images", 100_000, 2, 2, 1))(t),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			path := filepath.Join(t.TempDir(), "test.h5")
			writeFile(t, f, path)
			startH5py(t).ask(t, "check", path, f)
		})
	}
}

func TestLibhdf5ChangesFiles(t *testing.T) {
	h := startH5py(t)
	path := filepath.Join(t.TempDir(), "test.h5")
	for _, count := range []int{1, 8, 9, 100, 256, 257, 1000} {
		f := must(NewPatches(Uint8, 7, count, 1, 3, 5))(t)
		writeFile(t, f, path)
		h.ask(t, "change", path, f)
	}
}

func TestH5pyReadsAnyGeometry(t *testing.T) {
	h := startH5py(t)
	path := filepath.Join(t.TempDir(), "test.h5")
	rapid.Check(t, func(t *rapid.T) {
		f := drawFile(t, 600)
		writeFile(t, f, path)
		h.ask(t, "check", path, f)
	})
}

func TestH5pyReadsExtremes(t *testing.T) {
	h := startH5py(t)
	path := filepath.Join(t.TempDir(), "test.h5")
	names := []string{"..", "~"}
	for _, n := range []int{1, 7, 8, 9, 15, 16, maxName} {
		names = append(names, strings.Repeat("a", n))
	}
	for _, name := range names {
		f := must(NewArray(Uint8, name, 3, 2))(t)
		writeFile(t, f, path)
		h.ask(t, "check", path, f)
	}
	shape := make([]int, maxRank)
	for i := range shape {
		shape[i] = 1
	}
	shape[3], shape[maxRank-1] = 3, 2
	for _, f := range []*File{
		must(NewPatches(Float32, math.MaxUint64-9, 10, shape...))(t),
		must(NewArray(Float32, "deep", shape...))(t),
	} {
		writeFile(t, f, path)
		h.ask(t, "check", path, f)
	}
}
