package palette

import (
	"bytes"
	"encoding/binary"
	"errors"
	"hash/crc32"
	"io"
	"math"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"testing/iotest"
)

// small is a set of two palettes.
func small() *Set {
	s := &Set{Palettes: append([]Palette(nil), Builtin().Palettes[:2]...), Origin: "small"}
	s.Palettes[1].Name = "été/☃.jpg"
	return s
}

func encode(t testing.TB, s *Set) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := s.Encode(&b); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func TestRoundTrip(t *testing.T) {
	for _, s := range []*Set{Builtin(), Uniform(), small()} {
		data := encode(t, s)
		if n := len(data)/len(s.Palettes) - bodySize; n > 64 {
			t.Errorf("%s: %d bytes a palette besides its numbers", s.Origin, n)
		}
		got, err := Decode(iotest.OneByteReader(bytes.NewReader(data)))
		if err != nil {
			t.Fatal(err)
		}
		if !reflect.DeepEqual(got.Palettes, s.Palettes) {
			t.Errorf("%s: decoding what was encoded gives another set", s.Origin)
		}
		if got.Hash() != s.Hash() {
			t.Errorf("%s: decoding changes the hash", s.Origin)
		}
	}
}

func TestWriteAndLoad(t *testing.T) {
	path := filepath.Join(t.TempDir(), "p.lfp")
	if err := os.WriteFile(path, []byte("old"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := small().WriteFile(path); err != nil {
		t.Fatal(err)
	}
	s, err := Load(path)
	if err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(s.Palettes, small().Palettes) || s.Origin != path {
		t.Error("the file holds another set")
	}
	onlyFile(t, path)
}

// onlyFile fails if the directory of path has anything but path.
func onlyFile(t *testing.T, path string) {
	t.Helper()
	entries, err := os.ReadDir(filepath.Dir(path))
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		if e.Name() != filepath.Base(path) {
			t.Errorf("%s was left behind", e.Name())
		}
	}
}

// TestFailedWrite finds the old file as it was, and nothing beside it.
func TestFailedWrite(t *testing.T) {
	path := filepath.Join(t.TempDir(), "p.lfp")
	if err := os.WriteFile(path, []byte("old"), 0o600); err != nil {
		t.Fatal(err)
	}
	full := errors.New("no space left on device")
	err := writeFile(path, func(w io.Writer) error {
		w.Write(make([]byte, 5000))
		return full
	})
	if !errors.Is(err, full) || !strings.Contains(err.Error(), path) {
		t.Errorf("error is %v", err)
	}
	if b, _ := os.ReadFile(path); string(b) != "old" {
		t.Errorf("the old file now holds %q", b)
	}
	onlyFile(t, path)

	if err := (&Set{}).WriteFile(path); err == nil {
		t.Error("an empty set was written")
	}
	onlyFile(t, path)

	dir := t.TempDir()
	if err := small().WriteFile(dir); err == nil || !strings.Contains(err.Error(), "is not a regular file") {
		t.Errorf("writing over a directory: %v", err)
	}
	missing := filepath.Join(dir, "missing", "p.lfp")
	if err := small().WriteFile(missing); !errors.Is(err, os.ErrNotExist) || !strings.Contains(err.Error(), missing) {
		t.Errorf("writing into a missing directory: %v", err)
	}
	onlyFile(t, filepath.Join(dir, "nothing"))
	// Others may pass through what is above it, so that it is this directory that refuses.
	if err := errors.Join(os.Chmod(filepath.Dir(dir), 0o755), os.Chmod(dir, 0o555)); err != nil {
		t.Fatal(err)
	}
	if !withoutRoot(func() {
		if err := small().WriteFile(filepath.Join(dir, "p.lfp")); !errors.Is(err, os.ErrPermission) {
			t.Errorf("writing into a read-only directory: %v", err)
		}
	}) {
		if os.Getenv("LEAFLITTER_CI") != "" {
			t.Fatal("root's rights could not be laid down for a moment")
		}
		t.Skip("root may write everywhere: run as another user")
	}
}

func TestLoadErrors(t *testing.T) {
	dir := t.TempDir()
	good := encode(t, small())
	put := func(at int, v ...byte) []byte {
		b := bytes.Clone(good)
		copy(b[at:], v)
		// A wrong file may have a right checksum.
		return binary.LittleEndian.AppendUint32(b[:len(b)-4], crc32.ChecksumIEEE(b[:len(b)-4]))
	}
	flipped := bytes.Clone(good)
	flipped[len(flipped)/2] ^= 1
	firstName := int(good[headerSize])
	firstPatch := headerSize + 2 + firstName + PixelCount*pixelSize
	for _, c := range []struct {
		name, want string
		data       []byte
	}{
		{"photo.jpg", `photo.jpg is not a leaflitter palette file (bad magic); build one with "leaflitter palette build DIR -o FILE"`, []byte("\xff\xd8\xff\xe0 and more")},
		{"empty", "is not a leaflitter palette file (bad magic)", nil},
		{"header", "is cut short (it ends in its header); copy it again", good[:20]},
		{"cut", "is cut short (it ends in palette 2 of 2)", good[:len(good)-500]},
		{"sum", "is cut short (it ends in its checksum)", good[:len(good)-2]},
		{"flipped", "is damaged (", flipped},
		{"longer", "is damaged (there are bytes after its end)", append(bytes.Clone(good), 0)},
		{"version", "has format version 2, this program reads version 1; rebuild it", put(8, 2)},
		{"none", "is damaged (it claims 0 palettes, expected 1 to 1048576)", put(12, 0)},
		{"countless", "is damaged (it claims 4294967295 palettes", put(12, 255, 255, 255, 255)},
		{"many", "palette 3 of 1048576", put(12, 0, 0, 16)},
		{"shape", "is damaged (it claims 1025 pixels and 256 patches of 50 px a palette, expected 1024, 256 and 50)", put(16, 1)},
		{"longname", "is damaged (palette 1 of 2 has a name of 65535 bytes, at most 4096 are allowed)", put(headerSize, 255, 255)},
		{"badname", "is damaged (the name of palette 1 of 2 is not UTF-8)", put(headerSize+2, 0xff)},
		{"mean", "is damaged (palette 1 of 2 has a number out of range)", put(firstPatch, 1, 255)},
		{"factor", "is damaged (palette 1 of 2 has a number out of range)", put(firstPatch+6, 255, 255)},
		{"lightness", "is damaged (palette 1 of 2 has a number out of range)", put(firstPatch+18, 0, 101)},
	} {
		path := filepath.Join(dir, c.name)
		if err := os.WriteFile(path, c.data, 0o600); err != nil {
			t.Fatal(err)
		}
		_, err := Load(path)
		if err == nil || !strings.Contains(err.Error(), c.want) || !strings.Contains(err.Error(), path) {
			t.Errorf("%s: %v, want %q", c.name, err, c.want)
		}
	}
	if _, err := Load(filepath.Join(dir, "missing")); !errors.Is(err, os.ErrNotExist) && !strings.Contains(err.Error(), "does not exist") {
		t.Errorf("missing file: %v", err)
	}
	if _, err := Load(dir); err == nil || !strings.Contains(err.Error(), "is a directory, not a palette file") {
		t.Errorf("directory: %v", err)
	}
	broken := errors.New("broken disk")
	if _, err := Decode(io.MultiReader(bytes.NewReader(good[:100]), iotest.ErrReader(broken))); !errors.Is(err, broken) {
		t.Errorf("broken reader: %v", err)
	}
}

func TestEncodeErrors(t *testing.T) {
	s := small()
	s.Palettes[1].Pixels = s.Palettes[1].Pixels[1:]
	if err := s.Encode(io.Discard); err == nil || !strings.Contains(err.Error(), "has 1023 pixels") {
		t.Errorf("short palette: %v", err)
	}
	s = small()
	s.Palettes[1].Name = strings.Repeat("x", maxName+1)
	if err := s.Encode(io.Discard); err == nil || !strings.Contains(err.Error(), "is 4097 bytes long") {
		t.Errorf("long name: %v", err)
	}
	s = small()
	s.Palettes[0].Patches = append([]Patch(nil), s.Palettes[0].Patches...)
	s.Palettes[0].Patches[7].Lab.Mean[0] = float32(math.NaN())
	if err := s.Encode(io.Discard); err == nil || !strings.Contains(err.Error(), "patch 7") {
		t.Errorf("not a number: %v", err)
	}
	if err := (&Set{}).Encode(io.Discard); err == nil {
		t.Error("an empty set was encoded")
	}
}

func FuzzDecode(f *testing.F) {
	good := encode(f, small())
	f.Add(good)
	f.Add(good[:len(good)/2])
	f.Add(good[:headerSize+1])
	f.Add([]byte(nil))
	one := *small()
	one.Palettes = one.Palettes[:1]
	f.Add(encode(f, &one))
	f.Fuzz(func(t *testing.T, data []byte) {
		if len(data) > 4 { // most changes break the checksum: mend it half of the time
			if data[len(data)-1]&1 == 0 {
				data = bytes.Clone(data)
				binary.LittleEndian.PutUint32(data[len(data)-4:], crc32.ChecksumIEEE(data[:len(data)-4]))
			}
		}
		s, err := Decode(bytes.NewReader(data))
		if err != nil {
			return
		}
		var b bytes.Buffer
		if err := s.Encode(&b); err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(b.Bytes(), data) {
			t.Error("encoding what was decoded gives other bytes")
		}
	})
}
