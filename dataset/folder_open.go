package dataset

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"leaflitter/store"
)

// openFolder makes or opens the job's directory for r and locks it. What it
// refuses it leaves as it was.
func openFolder(job *Job, r record) (*folder, error) {
	if job.Resume && job.Overwrite {
		return nil, errors.New("--resume and --overwrite exclude each other: give one of them")
	}
	if err := os.MkdirAll(job.Dir, 0o777); err != nil {
		return nil, store.Explain(job.Dir, err)
	}
	if err := admit(job); err != nil {
		return nil, err
	}
	f := &folder{dir: job.Dir, record: r}
	created, err := f.lock()
	if err != nil {
		return nil, err
	}
	err = admit(job) // again, now that nobody else can change the answer
	if err == nil {
		err = f.prepare(job)
	}
	if err != nil {
		if created {
			os.Remove(filepath.Join(job.Dir, journalName))
		}
		f.Close()
		return nil, err
	}
	return f, nil
}

// admit decides whether the job may use its directory as it is.
func admit(job *Job) error {
	dir := job.Dir
	other, err := firstOther(dir)
	if err != nil {
		return store.Explain(dir, err)
	}
	// A journal, even an empty one, is the sign of a job here that did not end:
	// one killed at its very start has written no line yet.
	begun, lines := false, false
	if info, err := os.Lstat(filepath.Join(dir, journalName)); err == nil {
		begun, lines = true, info.Size() > 0
		if !info.Mode().IsRegular() {
			return fmt.Errorf("%s is not a file: remove it or choose another directory with -o", filepath.Join(dir, journalName))
		}
	}
	if other == "" && !lines {
		return nil
	}
	_, err = readManifest(dir, nil)
	manifest := err == nil
	switch {
	case !manifest && !begun && (errors.Is(err, errForeign) || errors.Is(err, fs.ErrNotExist)):
		return fmt.Errorf("%s is not empty and holds no dataset of leaflitter, which replaces nothing it did not write: "+
			"choose an empty or new directory with -o", dir)
	case !manifest && !begun:
		return fmt.Errorf("%w; choose another directory with -o, or empty this one yourself", err)
	case job.Resume || job.Overwrite:
		return nil
	case begun:
		return fmt.Errorf("%s holds an unfinished dataset: add --resume to finish it, or --overwrite to replace it", dir)
	}
	return fmt.Errorf("%s holds a finished dataset: add --resume to verify it, --overwrite to replace it, "+
		"or choose another directory with -o", dir)
}

// firstOther names an entry of dir that is neither a journal nor a temporary
// file of ours; empty if there is none.
func firstOther(dir string) (string, error) {
	d, err := os.Open(dir)
	if err != nil {
		return "", err
	}
	defer d.Close()
	for {
		names, err := d.Readdirnames(64)
		for _, name := range names {
			if name != journalName && !strings.HasPrefix(name, tempPrefix) {
				return name, nil
			}
		}
		if errors.Is(err, io.EOF) {
			return "", nil
		}
		if err != nil {
			return "", err
		}
	}
}

// lock opens the journal, making it if need be, and locks it.
func (f *folder) lock() (created bool, err error) {
	path := filepath.Join(f.dir, journalName)
	for range 20 {
		created = false
		file, err := os.OpenFile(path, os.O_RDWR, 0)
		if errors.Is(err, fs.ErrNotExist) {
			file, err = os.OpenFile(path, os.O_RDWR|os.O_CREATE|os.O_EXCL, 0o666)
			created = true
		}
		if errors.Is(err, fs.ErrExist) || errors.Is(err, fs.ErrNotExist) {
			continue // another process was faster
		}
		if err != nil {
			return false, store.Explain(f.dir, err)
		}
		f.locked, err = lockFile(file)
		if errors.Is(err, errLocked) {
			file.Close()
			return false, fmt.Errorf("%s is being written by another leaflitter process: wait for it to end, or choose another directory with -o", f.dir)
		}
		if err != nil {
			file.Close()
			return false, store.Explain(path, err)
		}
		// A job that ended meanwhile may have removed the file that we locked.
		here, err1 := file.Stat()
		there, err2 := os.Stat(path)
		if err1 == nil && err2 == nil && os.SameFile(here, there) {
			f.journal = file
			return created, nil
		}
		file.Close()
	}
	return false, fmt.Errorf("%s is being written by other leaflitter processes: wait for them to end, or choose another directory with -o", f.dir)
}

// prepare reads what the directory holds and makes it ready for Put.
func (f *folder) prepare(job *Job) error {
	var owned []record // what earlier jobs here were to write
	last, _, _, err := scanJournal(f.journal, nil)
	if err != nil {
		return store.Explain(filepath.Join(f.dir, journalName), err)
	}
	if last != nil {
		owned = append(owned, *last)
	}
	manifest, err := readManifest(f.dir, nil)
	if err == nil {
		owned = append(owned, manifest)
	} else if !errors.Is(err, fs.ErrNotExist) && !errors.Is(err, errForeign) && last == nil {
		return err
	} else if errors.Is(err, errForeign) {
		return fmt.Errorf("%s is in the way and leaflitter did not write it: move it or choose another directory with -o",
			filepath.Join(f.dir, manifestName))
	}
	hasManifest := err == nil
	if job.Resume {
		for _, there := range owned {
			if err := f.match(there); err != nil {
				return err
			}
		}
	}
	if err := f.collisions(owned); err != nil {
		return err
	}
	if err := f.sweep(job.Overwrite, owned); err != nil {
		return err
	}
	f.sums, err = newSumTable(filepath.Join(f.dir, tempPrefix+"sums"), len(kinds(f.record.Labels)))
	if err != nil {
		return store.Explain(f.dir, err)
	}
	if job.Overwrite || len(owned) == 0 {
		if err := f.journal.Truncate(0); err != nil {
			return store.Explain(filepath.Join(f.dir, journalName), err)
		}
		return f.begin()
	}
	// The names that do not matter stay what they were, so that the manifest
	// does not depend on which run finishes it.
	f.record.Version, f.record.Preset, f.record.Palette.Name = owned[0].Version, owned[0].Preset, owned[0].Palette.Name
	f.resumed = true
	return f.load(job, hasManifest, last)
}

// match refuses to resume what was made otherwise.
func (f *folder) match(there record) error {
	if err := there.sameModel(f.dir); err != nil {
		return err
	}
	if list := differences(there.flat(), f.record.flat()); len(list) > 0 {
		return fmt.Errorf("%s cannot be resumed, it was made otherwise: %s; give the same settings, or --overwrite to replace it",
			f.dir, strings.Join(list, "; "))
	}
	if there.Count > f.record.Count {
		return fmt.Errorf("%s cannot be resumed with fewer images: count is %d there, %d asked for; give %d or more, or --overwrite to replace it",
			f.dir, there.Count, f.record.Count, there.Count)
	}
	return nil
}

// holds reports whether a job of this record writes a file of that name.
func (r *record) holds(name string) bool {
	index, kind, ok := parseName(name)
	return ok && r.contains(index) && slices.Contains(kinds(r.Labels), kind)
}

// collisions refuses if a file that this job would write is there and is not
// of an earlier job's range.
func (f *folder) collisions(owned []record) error {
	return f.each(func(name string) error {
		if !f.record.holds(name) || slices.ContainsFunc(owned, func(r record) bool { return r.holds(name) }) {
			return nil
		}
		return fmt.Errorf("%s is in the way and leaflitter did not record it: move it or choose another directory with -o",
			filepath.Join(f.dir, name))
	})
}

// sweep removes what killed jobs left half-written and, to overwrite, the files
// of earlier jobs; the manifest last.
func (f *folder) sweep(overwrite bool, owned []record) error {
	removed := true
	for removed { // removing entries while listing them may hide some
		removed = false
		err := f.each(func(name string) error {
			ours := strings.HasPrefix(name, tempPrefix)
			for _, r := range owned {
				ours = ours || overwrite && r.holds(name)
			}
			if !ours {
				return nil
			}
			removed = true
			return store.Explain(filepath.Join(f.dir, name), os.Remove(filepath.Join(f.dir, name)))
		})
		if err != nil {
			return err
		}
	}
	if overwrite {
		path := filepath.Join(f.dir, manifestName)
		if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return store.Explain(path, err)
		}
	}
	return nil
}

// each calls fn for every name in the directory, holding few of them.
func (f *folder) each(fn func(name string) error) error {
	d, err := os.Open(f.dir)
	if err != nil {
		return store.Explain(f.dir, err)
	}
	defer d.Close()
	for {
		names, err := d.Readdirnames(1024)
		for _, name := range names {
			if err := fn(name); err != nil {
				return err
			}
		}
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return store.Explain(f.dir, err)
		}
	}
}

// load fills the table of checksums from the manifest and the journal, of which
// the later line wins, and drops the journal's torn end.
func (f *folder) load(job *Job, hasManifest bool, last *record) error {
	names := kinds(f.record.Labels)
	if hasManifest {
		row := make([][sha256.Size]byte, 0, len(names))
		listedSamples := uint64(0)
		manifest, err := readManifest(f.dir, func(l listed) error {
			sum, ok := parseSum(l.SHA256)
			index, kind, named := parseName(l.Name)
			if !ok || !named || !f.record.contains(index) || kind != names[len(row)] {
				row = row[:0]
				return nil
			}
			if row = append(row, sum); len(row) < len(names) {
				return nil
			}
			listedSamples++
			defer func() { row = row[:0] }()
			return store.Explain(f.dir, f.sums.set(index-f.record.Start, sumWhole, row))
		})
		if err != nil {
			job.warn(fmt.Sprintf("%v; images that it no longer lists are rendered again", err))
		}
		f.complete = err == nil && manifest.Count == f.record.Count && listedSamples == manifest.Count
	}
	if _, err := f.journal.Seek(0, io.SeekStart); err != nil {
		return store.Explain(f.dir, err)
	}
	_, bad, whole, err := scanJournal(f.journal, func(index uint64, kinds []string, sums [][sha256.Size]byte) error {
		if !f.record.contains(index) || !slices.Equal(kinds, names) {
			return nil
		}
		return f.sums.set(index-f.record.Start, sumWhole, sums)
	})
	if err != nil {
		return store.Explain(filepath.Join(f.dir, journalName), err)
	}
	if bad > 0 {
		job.warn(fmt.Sprintf("%s has %d lines that cannot be read; their images are rendered again", filepath.Join(f.dir, journalName), bad))
	}
	if err := f.journal.Truncate(whole); err != nil {
		return store.Explain(filepath.Join(f.dir, journalName), err)
	}
	f.size = whole
	if last == nil || last.Count != f.record.Count {
		return f.begin()
	}
	return nil
}
