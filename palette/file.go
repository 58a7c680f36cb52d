package palette

import (
	"bufio"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"unicode/utf8"
)

// The file, little-endian (docs/palettes.md has the table):
//
//	magic, version, palettes, pixels, patches, patch side: 8 bytes and 5 uint32
//	for each palette: length of name (uint16), name (UTF-8),
//	  pixels:  3 bytes each
//	  patches: RGB mean 3 uint16, RGB factor 6 int16, Lab mean 3 int16, Lab factor 6 int16
//	CRC-32 (IEEE) of all that
const (
	magic       = "\x89LFP\r\n\x1a\n" // as in PNG: shows mangled line ends and 7-bit copies
	version     = 1
	headerSize  = len(magic) + 5*4
	pixelSize   = 3
	patchSize   = 2 * 2 * 9
	bodySize    = PixelCount*pixelSize + PatchCount*patchSize
	maxPalettes = 1 << 20
	maxName     = 4096 // bytes
	remedy      = `build one with "leaflitter palette build DIR -o FILE"`
)

// Encode writes the set in the form that Decode reads.
func (s *Set) Encode(w io.Writer) error {
	if err := s.check(); err != nil {
		return err
	}
	_, err := w.Write(s.encoded())
	return err
}

func (s *Set) encoded() []byte {
	le := binary.LittleEndian
	b := make([]byte, 0, headerSize+len(s.Palettes)*(bodySize+64)+4)
	b = append(b, magic...)
	for _, n := range []int{version, len(s.Palettes), PixelCount, PatchCount, PatchSide} {
		b = le.AppendUint32(b, uint32(n))
	}
	for i := range s.Palettes {
		p := &s.Palettes[i]
		b = append(le.AppendUint16(b, uint16(len(p.Name))), p.Name...)
		for j := range p.Pixels {
			b = append(b, p.Pixels[j].RGB[:]...)
		}
		for j := range p.Patches {
			for _, g := range []*Gaussian{&p.Patches[j].RGB, &p.Patches[j].Lab} {
				for _, x := range g.Mean {
					b = le.AppendUint16(b, uint16(round(float64(x)*256)))
				}
				for _, x := range g.Chol {
					b = le.AppendUint16(b, uint16(round(float64(x)*256)))
				}
			}
		}
	}
	return le.AppendUint32(b, crc32.ChecksumIEEE(b))
}

// Decode reads a set that Encode wrote; r holds that and nothing more.
func Decode(r io.Reader) (*Set, error) { return decode(r, "this input") }

// Load reads a palette file.
func Load(path string) (*Set, error) {
	info, err := os.Stat(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("palette file %s does not exist; %s", path, remedy)
	}
	if err == nil && info.IsDir() {
		return nil, fmt.Errorf("%s is a directory, not a palette file; build one from its photographs with %q",
			path, "leaflitter palette build "+path+" -o FILE")
	}
	if err != nil {
		return nil, fmt.Errorf("palette file %s cannot be read (%w); check the path and its permissions", path, err)
	}
	f, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("palette file %s cannot be opened (%w); check its permissions", path, err)
	}
	defer f.Close()
	s, err := decode(bufio.NewReaderSize(f, 1<<16), path)
	if err != nil {
		return nil, err
	}
	s.Origin = path
	return s, nil
}

// decode reads palette by palette, so that memory follows the bytes that are
// really there and not the count that the header claims.
func decode(r io.Reader, name string) (*Set, error) {
	le := binary.LittleEndian
	crc := crc32.NewIEEE()
	buf := make([]byte, bodySize)
	read := func(n int) ([]byte, error) {
		k, err := io.ReadFull(r, buf[:n])
		crc.Write(buf[:k])
		return buf[:k], err
	}
	b, err := read(len(magic))
	if string(b) != magic {
		if err != nil && !errors.Is(err, io.EOF) && !errors.Is(err, io.ErrUnexpectedEOF) {
			return nil, fmt.Errorf("%s cannot be read (%w); check the disk and try again", name, err)
		}
		return nil, fmt.Errorf("%s is not a leaflitter palette file (bad magic); %s", name, remedy)
	}
	cut := func(err error, where string) error {
		if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
			return fmt.Errorf("palette file %s is cut short (it ends in %s); copy it again, or %s", name, where, remedy)
		}
		return fmt.Errorf("palette file %s cannot be read (%w); check the disk and try again", name, err)
	}
	damaged := func(format string, a ...any) error {
		return fmt.Errorf("palette file %s is damaged (%s); copy it again, or %s", name, fmt.Sprintf(format, a...), remedy)
	}
	if b, err = read(headerSize - len(magic)); err != nil {
		return nil, cut(err, "its header")
	}
	if v := le.Uint32(b); v != version {
		return nil, fmt.Errorf("palette file %s has format version %d, this program reads version %d; rebuild it with \"leaflitter palette build DIR -o FILE\"",
			name, v, version)
	}
	if le.Uint32(b[8:]) != PixelCount || le.Uint32(b[12:]) != PatchCount || le.Uint32(b[16:]) != PatchSide {
		return nil, damaged("it claims %d pixels and %d patches of %d px a palette, expected %d, %d and %d",
			le.Uint32(b[8:]), le.Uint32(b[12:]), le.Uint32(b[16:]), PixelCount, PatchCount, PatchSide)
	}
	count := le.Uint32(b[4:])
	if count == 0 || count > maxPalettes {
		return nil, damaged("it claims %d palettes, expected 1 to %d", count, maxPalettes)
	}
	s := &Set{Origin: name}
	for i := range count {
		where := fmt.Sprintf("palette %d of %d", i+1, count)
		if b, err = read(2); err != nil {
			return nil, cut(err, where)
		}
		n := int(le.Uint16(b))
		if n > maxName {
			return nil, damaged("%s has a name of %d bytes, at most %d are allowed", where, n, maxName)
		}
		if b, err = read(n); err != nil {
			return nil, cut(err, where)
		}
		p := Palette{Name: string(b)}
		if !utf8.ValidString(p.Name) {
			return nil, damaged("the name of %s is not UTF-8", where)
		}
		if b, err = read(bodySize); err != nil {
			return nil, cut(err, where)
		}
		if !p.decode(b) {
			return nil, damaged("%s has a number out of range", where)
		}
		s.Palettes = append(s.Palettes, p)
	}
	sum := crc.Sum32()
	if b, err = read(4); err != nil {
		return nil, cut(err, "its checksum")
	}
	if got := le.Uint32(b); got != sum {
		return nil, damaged("its checksum is %08x, expected %08x", got, sum)
	}
	if n, _ := io.ReadFull(r, buf[:1]); n != 0 {
		return nil, damaged("there are bytes after its end")
	}
	return s, nil
}

// decode fills the palette from the bodySize bytes of b and reports whether
// all numbers are in range.
func (p *Palette) decode(b []byte) bool {
	p.Pixels = make([]Pixel, PixelCount)
	p.Patches = make([]Patch, PatchCount)
	for i := range p.Pixels {
		p.Pixels[i] = newPixel([3]uint8(b))
		b = b[pixelSize:]
	}
	next := func() uint16 {
		v := binary.LittleEndian.Uint16(b)
		b = b[2:]
		return v
	}
	ok := true
	for i := range p.Patches {
		rgb, lab := &p.Patches[i].RGB, &p.Patches[i].Lab
		for k := range rgb.Mean {
			rgb.Mean[k] = float32(next()) / 256
		}
		for k := range rgb.Chol {
			rgb.Chol[k] = float32(int16(next())) / 256
		}
		for k := range lab.Mean {
			lab.Mean[k] = float32(int16(next())) / 256
		}
		for k := range lab.Chol {
			lab.Chol[k] = float32(int16(next())) / 256
		}
		ok = ok && p.Patches[i].valid()
	}
	return ok
}

// WriteFile writes the set to path whole or not at all: into a temporary file
// beside it, which is then renamed. An existing file is replaced.
func (s *Set) WriteFile(path string) error { return writeFile(path, s.Encode) }

func writeFile(path string, encode func(io.Writer) error) (err error) {
	// A rename would put a file in the place of a device or a link.
	if info, err := os.Stat(path); err == nil && !info.Mode().IsRegular() {
		return fmt.Errorf("palette file %s cannot be written: it exists and is not a regular file; choose another name", path)
	}
	if real, err := filepath.EvalSymlinks(path); err == nil {
		path = real
	}
	defer func() {
		if err != nil {
			err = fmt.Errorf("palette file %s cannot be written (%w); nothing was left behind: check the directory, its permissions and free space", path, err)
		}
	}()
	f, err := os.CreateTemp(filepath.Dir(path), ".palette-*.tmp")
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			f.Close() // after a failure, its own error adds nothing
			os.Remove(f.Name())
		}
	}()
	if err = encode(f); err != nil {
		return err
	}
	if err = f.Chmod(0o644); err != nil {
		return err
	}
	if err = f.Sync(); err != nil {
		return err
	}
	if err = f.Close(); err != nil {
		return err
	}
	return os.Rename(f.Name(), path)
}
