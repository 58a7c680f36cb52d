package steps

import (
	"archive/tar"
	"compress/gzip"
	"fmt"
	"os"
	"path/filepath"
	"time"
)

// Bundle packs the files of dir into a .tar.gz, in which they lie in a directory of
// dir's name. The archive is replaced when it is whole.
func Bundle(dir, archive string) error {
	all, err := os.ReadDir(dir)
	if err != nil {
		return reason(err)
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
