//go:build linux && cgo && egl

package gpu

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"os"
	"path/filepath"
	"sync"
	"time"

	"github.com/go-gl/gl/v4.5-core/gl"
)

// programCache keeps the driver's binaries of programs in files of a directory, so that
// the next start compiles nothing. An entry that is damaged, of another driver or not
// taken by the driver is as good as none, and is written anew. Nothing depends on the
// cache but time: it may be deleted at any moment, and what cannot be kept is not.
//
// The methods of a nil cache keep nothing.
type programCache struct {
	dir    string
	device string // whose binaries they are: vendor and renderer
	driver string // the same and the versions
	say    func(format string, args ...any)
	once   sync.Once // to say that nothing can be kept
}

// openCache returns the cache of the current context's driver; nil if dir is empty or
// the driver gives no binaries.
func openCache(o *Options) *programCache {
	var formats int32
	if gl.GetIntegerv(gl.NUM_PROGRAM_BINARY_FORMATS, &formats); o.ProgramCache == "" || formats == 0 {
		return nil
	}
	return &programCache{dir: o.ProgramCache, device: model(), driver: driver(), say: o.say}
}

// An entry is this line, the length of the driver's name (32 bits, little-endian) and the
// name, the format (32 bits), the binary, and the SHA-256 of all before it.
const entryMagic = "leaflitter program 1\n"

// mostEntry is how large an entry may be. An H100's largest has 134 KB.
const mostEntry = 16 << 20

// path returns where a source's entry is. Each device has its own; another version of
// its driver has the same place, so that old entries do not pile up.
func (c *programCache) path(source string) string {
	sum := sha256.Sum256([]byte(c.device + "\n" + source))
	return filepath.Join(c.dir, hex.EncodeToString(sum[:16])+".program")
}

func (c *programCache) encode(format uint32, code []byte) []byte {
	data := []byte(entryMagic)
	data = binary.LittleEndian.AppendUint32(data, uint32(len(c.driver)))
	data = append(data, c.driver...)
	data = binary.LittleEndian.AppendUint32(data, format)
	data = append(data, code...)
	sum := sha256.Sum256(data)
	return append(data, sum[:]...)
}

// decode returns what an entry holds, if it is whole and this driver's.
func (c *programCache) decode(data []byte) (format uint32, code []byte, ok bool) {
	if len(data) < sha256.Size {
		return 0, nil, false
	}
	data, sum := data[:len(data)-sha256.Size], data[len(data)-sha256.Size:]
	if want := sha256.Sum256(data); !bytes.Equal(sum, want[:]) {
		return 0, nil, false
	}
	head := binary.LittleEndian.AppendUint32([]byte(entryMagic), uint32(len(c.driver)))
	head = append(head, c.driver...)
	if !bytes.HasPrefix(data, head) || len(data) < len(head)+4 {
		return 0, nil, false
	}
	return binary.LittleEndian.Uint32(data[len(head):]), data[len(head)+4:], true
}

// read returns the entry of a source.
func (c *programCache) read(source string) (format uint32, code []byte, ok bool) {
	if c == nil {
		return 0, nil, false
	}
	info, err := os.Lstat(c.path(source))
	if err != nil || !info.Mode().IsRegular() || info.Size() > mostEntry {
		return 0, nil, false
	}
	data, err := os.ReadFile(c.path(source))
	if err != nil {
		return 0, nil, false
	}
	return c.decode(data)
}

// write keeps the entry of a source, whole or not at all.
func (c *programCache) write(source string, format uint32, code []byte) {
	if c == nil {
		return
	}
	if err := c.replace(c.path(source), c.encode(format, code)); err != nil {
		c.once.Do(func() {
			c.say("compiled programs are not kept for the next start: %v; --no-program-cache does without", err)
		})
	}
}

func (c *programCache) replace(path string, data []byte) error {
	if err := os.MkdirAll(c.dir, 0o700); err != nil {
		return err
	}
	c.sweep()
	f, err := os.CreateTemp(c.dir, ".new-*")
	if err != nil {
		return err
	}
	_, err = f.Write(data)
	if closed := f.Close(); err == nil {
		err = closed
	}
	if err == nil {
		err = os.Rename(f.Name(), path)
	}
	if err != nil {
		os.Remove(f.Name())
	}
	return err
}

// sweep removes what processes left that were killed while they wrote.
func (c *programCache) sweep() {
	left, _ := filepath.Glob(filepath.Join(c.dir, ".new-*")) // the pattern is constant
	for _, path := range left {
		if info, err := os.Lstat(path); err == nil && time.Since(info.ModTime()) > time.Hour {
			os.Remove(path)
		}
	}
}

// load returns the program of a source, if the driver takes what is kept of it.
func (c *programCache) load(source string) (uint32, bool) {
	format, code, ok := c.read(source)
	if !ok || len(code) == 0 {
		return 0, false
	}
	program := gl.CreateProgram()
	gl.ProgramBinary(program, format, gl.Ptr(code), int32(len(code)))
	var linked int32
	gl.GetProgramiv(program, gl.LINK_STATUS, &linked)
	refused := gl.GetError() != gl.NO_ERROR // a format of another driver
	if linked == 0 || refused {
		gl.DeleteProgram(program)
		return 0, false
	}
	return program, true
}

// store keeps the program of a source.
func (c *programCache) store(source string, program uint32) {
	if c == nil {
		return
	}
	n := binarySize(program)
	if n == 0 {
		return
	}
	code := make([]byte, n)
	var length int32
	var format uint32
	gl.GetProgramBinary(program, int32(n), &length, &format, gl.Ptr(code))
	if gl.GetError() == gl.NO_ERROR && length > 0 {
		c.write(source, format, code[:length])
	}
}

// binarySize returns how many bytes the driver's binary of a program takes.
func binarySize(program uint32) int {
	var n int32
	gl.GetProgramiv(program, gl.PROGRAM_BINARY_LENGTH, &n)
	return int(n)
}
