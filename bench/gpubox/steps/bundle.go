package steps

import (
	"archive/tar"
	"compress/gzip"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"
)

// Bundle packs the files of dir into a .tar.gz, in which they lie in a directory of
// dir's name. The archive is replaced when it is whole.
func Bundle(dir, archive string) error {
	all, err := os.ReadDir(dir)
	if err != nil {
		return Reason(err)
	}
	p := create(archive)
	zipped := gzip.NewWriter(p)
	packed := tar.NewWriter(zipped)
	here, _ := filepath.Abs(archive)
	base, _ := filepath.Abs(dir)
	for _, e := range all {
		path := filepath.Join(base, e.Name())
		if !e.Type().IsRegular() || path == here || path == here+".part" {
			continue
		}
		data, err := os.ReadFile(path) // at once: a .part may grow, or get its name
		if err != nil {
			continue
		}
		// No owner and no time of the machine. Writing cannot fail: p takes everything.
		packed.WriteHeader(&tar.Header{Name: filepath.Join(filepath.Base(base), e.Name()), Mode: 0o644, Size: int64(len(data)), ModTime: time.Unix(0, 0)})
		packed.Write(data)
	}
	packed.Close()
	zipped.Close()
	if err := p.finish(); err != nil {
		return fmt.Errorf("the bundle cannot be written: %w", err)
	}
	return nil
}

// Unpack reads a bundle to its end and returns its files.
func Unpack(archive string) (map[string][]byte, error) {
	f, err := os.Open(archive)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	zipped, err := gzip.NewReader(f)
	if err != nil {
		return nil, err
	}
	files := map[string][]byte{}
	for packed := tar.NewReader(zipped); ; {
		h, err := packed.Next()
		if err == io.EOF {
			break
		}
		if err != nil {
			return nil, err
		}
		if files[h.Name], err = io.ReadAll(packed); err != nil {
			return nil, err
		}
	}
	_, err = io.Copy(io.Discard, zipped) // checks the sum
	return files, err
}
