package dataset

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"hash"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"

	"leaflitter/store"
)

// verdict is what a file was found to be.
type verdict int

const (
	fileWhole verdict = iota
	fileMissing
	fileDamaged
)

// checker hashes files, keeping its buffers.
type checker struct {
	hash hash.Hash
	buf  []byte
}

func newChecker() *checker { return &checker{hash: sha256.New(), buf: make([]byte, 1<<17)} }

// check compares the file's SHA-256 with want. What cannot be read is damaged.
func (c *checker) check(path string, want [sha256.Size]byte) verdict {
	if info, err := os.Stat(path); errors.Is(err, fs.ErrNotExist) {
		return fileMissing
	} else if err != nil || !info.Mode().IsRegular() {
		return fileDamaged
	}
	f, err := os.Open(path)
	if err != nil {
		return fileDamaged
	}
	defer f.Close()
	c.hash.Reset()
	if _, err := io.CopyBuffer(c.hash, struct{ io.Reader }{f}, c.buf); err != nil {
		return fileDamaged
	}
	var got [sha256.Size]byte
	if [sha256.Size]byte(c.hash.Sum(got[:0])) != want {
		return fileDamaged
	}
	return fileWhole
}

// verify checks every file whose checksum is known, and marks for repair the
// samples that are not whole.
func (f *folder) verify(ctx context.Context, c *counters) error {
	names := kinds(f.record.Labels)
	var next atomic.Uint64
	var wg sync.WaitGroup
	var failed atomic.Pointer[error]
	for range runtime.GOMAXPROCS(0) {
		wg.Go(func() {
			check := newChecker()
			for ctx.Err() == nil && failed.Load() == nil {
				i := next.Add(1) - 1
				if i >= f.record.Count {
					return
				}
				state, sums, err := f.sums.get(i)
				if err == nil && state == sumWhole {
					worst := fileWhole
					for k, name := range names {
						worst = max(worst, check.check(filepath.Join(f.dir, fileName(f.record.Start+i, name)), sums[k]))
					}
					switch worst {
					case fileWhole:
						c.verified.Add(1)
						continue
					case fileMissing:
						c.missing.Add(1)
					case fileDamaged:
						c.damaged.Add(1)
					}
					err = f.sums.mark(i, sumDamaged)
				}
				if err != nil {
					err = store.Explain(f.dir, err)
					failed.Store(&err)
				}
			}
		})
	}
	wg.Wait()
	if err := failed.Load(); err != nil {
		return *err
	}
	return ctx.Err()
}

// Report is what Verify found, in files.
type Report struct {
	Files, Whole     uint64
	Missing, Damaged uint64
	Names            []string // of those missing or damaged, at most a hundred
}

// OK reports whether every file is whole.
func (r Report) OK() bool { return r.Whole == r.Files }

// Verify checks every file that the manifest of a directory lists against its
// SHA-256. The error is for what cannot be checked; see the report for the files.
func Verify(ctx context.Context, dir string) (Report, error) {
	var report Report
	var mu sync.Mutex
	var wg sync.WaitGroup
	queue := make(chan listed, 64)
	for range runtime.GOMAXPROCS(0) {
		wg.Go(func() {
			check := newChecker()
			for l := range queue {
				if ctx.Err() != nil {
					continue
				}
				found := fileDamaged // a checksum that is none matches no file
				if sum, ok := parseSum(l.SHA256); ok {
					found = check.check(filepath.Join(dir, l.Name), sum)
				}
				mu.Lock()
				report.note(l.Name, found)
				mu.Unlock()
			}
		})
	}
	files := uint64(0)
	r, err := readManifest(dir, func(l listed) error {
		if _, _, ok := parseName(l.Name); !ok {
			return fmt.Errorf("%s lists %q, which is no file of a dataset", filepath.Join(dir, manifestName), l.Name)
		}
		files++
		queue <- l
		return ctx.Err()
	})
	close(queue)
	wg.Wait()
	report.Files = files
	slices.Sort(report.Names)
	switch {
	case ctx.Err() != nil:
		return report, fmt.Errorf("stopped after %d files: %w", report.Whole+report.Missing+report.Damaged, ctx.Err())
	case errors.Is(err, fs.ErrNotExist):
		return report, noManifest(dir)
	case err != nil:
		return report, err
	case files != r.Count*uint64(len(kinds(r.Labels))):
		return report, fmt.Errorf("%s lists %d files instead of %d: run generate with --resume to mend it",
			filepath.Join(dir, manifestName), files, r.Count*uint64(len(kinds(r.Labels))))
	}
	return report, nil
}

// noManifest says why a directory cannot be verified.
func noManifest(dir string) error {
	if _, err := os.Stat(filepath.Join(dir, journalName)); err == nil {
		return fmt.Errorf("%s holds an unfinished dataset: finish it with generate --resume", dir)
	}
	if info, err := os.Stat(dir); err != nil {
		return store.Explain(dir, err)
	} else if !info.IsDir() {
		return fmt.Errorf("%s is a file: name the directory of a dataset", dir)
	}
	return fmt.Errorf("%s has no %s: name a directory that leaflitter generated", dir, manifestName)
}
