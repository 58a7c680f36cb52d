package dataset

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"sync"

	"leaflitter/store"
)

// folder is the sink that writes PNG files into a directory, with a manifest
// when it is complete and a journal until then. The journal is locked while the
// folder is open.
type folder struct {
	dir      string
	record   record
	journal  *os.File
	sums     *sumTable
	resumed  bool // the directory held a part of the dataset
	complete bool // its manifest lists all of it
	locked   bool

	mu   sync.Mutex // guards what follows
	size int64      // of the journal, in whole lines
	line []byte
	err  error // of the journal: nothing is written after it
}

// Missing implements Sink.
func (f *folder) Missing(_ context.Context, i uint64) (uint64, bool, error) {
	for ; f.record.contains(i); i++ {
		state, _, err := f.sums.at(i - f.record.Start)
		if err != nil {
			return 0, false, store.Explain(f.dir, err)
		}
		if state != sumWhole {
			return i, true, nil
		}
	}
	return 0, false, nil
}

// Put implements Sink.
func (f *folder) Put(_ context.Context, s Sample) error {
	sums := make([][sha256.Size]byte, len(s.Files))
	for i, file := range s.Files {
		sums[i] = file.Sum
	}
	row := s.Index - f.record.Start
	if f.resumed {
		state, want, err := f.sums.get(row)
		if err != nil {
			return store.Explain(f.dir, err)
		}
		for i := range sums {
			if state == sumDamaged && sums[i] != want[i] {
				return fmt.Errorf("%s: rendered again, it is not the file whose SHA-256 was recorded: another build or "+
					"other palettes made it; run with --overwrite to make the whole dataset anew",
					filepath.Join(f.dir, fileName(s.Index, s.Files[i].Kind)))
			}
		}
	}
	for _, file := range s.Files {
		if err := f.write(fileName(s.Index, file.Kind), file.Data); err != nil {
			return err
		}
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	f.line = appendEntry(f.line[:0], s)
	if err := f.append(f.line); err != nil {
		return err
	}
	return store.Explain(f.dir, f.sums.set(row, sumWhole, sums))
}

// write makes the file whole under another name, then gives it its own.
func (f *folder) write(name string, data []byte) error {
	path, temp := filepath.Join(f.dir, name), filepath.Join(f.dir, tempPrefix+name)
	err := os.WriteFile(temp, data, 0o666)
	if err == nil {
		err = os.Rename(temp, path)
	}
	if err != nil {
		os.Remove(temp)
	}
	return store.Explain(path, err)
}

// append writes lines to the journal. After a failure, which may leave a torn
// line, nothing follows. f.mu is held.
func (f *folder) append(lines []byte) error {
	if f.err != nil {
		return f.err
	}
	n, err := f.journal.WriteAt(lines, f.size)
	if err != nil {
		f.err = store.Explain(filepath.Join(f.dir, journalName), err)
		return f.err
	}
	f.size += int64(n)
	return nil
}

// begin writes the record as the journal's next line.
func (f *folder) begin() error {
	line, err := marshal(f.record, "")
	if err != nil {
		return err
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.append(append(line, '\n'))
}

// Finish implements Sink: it puts the manifest in place and then removes the
// journal, so that at any instant there is one of the two.
func (f *folder) Finish(context.Context) error {
	if !f.complete {
		f.sums.rewind()
		temp, path := filepath.Join(f.dir, tempPrefix+manifestName), filepath.Join(f.dir, manifestName)
		if err := f.writeManifest(temp); err != nil {
			os.Remove(temp)
			return store.Explain(path, err)
		}
		if err := os.Rename(temp, path); err != nil {
			os.Remove(temp)
			return store.Explain(path, err)
		}
		f.complete = true
	}
	path := filepath.Join(f.dir, journalName)
	if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return store.Explain(path, err)
	}
	return nil
}

func (f *folder) writeManifest(temp string) error {
	file, err := os.Create(temp)
	if err != nil {
		return err
	}
	defer file.Close()
	if err := writeManifest(file, f.record, f.sums); err != nil {
		return err
	}
	if err := file.Sync(); err != nil {
		return err
	}
	return file.Close()
}

// Close implements Sink. Closing the journal unlocks it.
func (f *folder) Close() error {
	if f.sums != nil {
		f.sums.close()
	}
	return f.journal.Close()
}
