package store

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/url"
	"os"
	"path"
	"path/filepath"
	"strings"
	"sync"
)

// Dir is a store in a directory, which is made when the first file is written.
func Dir(path string) Store { return &dir{root: path} }

type dir struct {
	root string
	made sync.Map // directories that are there
}

func (d *dir) String() string { return d.root }

func (d *dir) path(name string) string { return filepath.Join(d.root, filepath.FromSlash(name)) }

// temp returns a path that nobody else has for a file in the making.
func (d *dir) temp(name string) string {
	var random [6]byte
	rand.Read(random[:])
	return d.path(TempPrefix + hex.EncodeToString(random[:]) + "-" + url.PathEscape(name))
}

// target returns the name that a temporary file would have had.
func target(temp string) (name string, ok bool) {
	rest, ok := strings.CutPrefix(temp, TempPrefix)
	if !ok {
		return "", false
	}
	_, escaped, ok := strings.Cut(rest, "-")
	name, err := url.PathUnescape(escaped)
	return name, ok && err == nil
}

func (d *dir) ready(path string) error {
	parent := filepath.Dir(path)
	if _, ok := d.made.Load(parent); ok {
		return nil
	}
	for _, p := range []string{d.root, parent, filepath.Dir(d.path(TempPrefix))} {
		if err := os.MkdirAll(p, 0o777); err != nil {
			return Explain(p, err)
		}
	}
	d.made.Store(parent, true)
	return nil
}

func (d *dir) Put(ctx context.Context, name string, data []byte) error {
	w, err := d.Create(ctx, name)
	if err != nil {
		return err
	}
	defer w.Abort()
	w.(*dirFile).small = true
	if _, err := w.Write(data); err != nil {
		return err
	}
	return w.Commit()
}

// dirFile is a file in the making. It is synced before it gets its name, unless Put made
// it: those are small and many.
type dirFile struct {
	f          *os.File
	temp, path string
	n          int64
	small      bool
	done       bool
}

func (d *dir) Create(_ context.Context, name string) (Writer, error) {
	w := &dirFile{temp: d.temp(name), path: d.path(name)}
	if err := d.ready(w.path); err != nil {
		return nil, err
	}
	var err error
	if w.f, err = os.OpenFile(w.temp, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o666); err != nil {
		return nil, Explain(w.path, err)
	}
	return w, nil
}

func (w *dirFile) Write(p []byte) (int, error) {
	n, err := w.f.Write(p)
	w.n += int64(n)
	return n, Explain(w.path, err)
}

func (w *dirFile) Commit() error {
	if !w.small {
		if err := w.f.Sync(); err != nil {
			return Explain(w.path, err)
		}
	}
	if err := w.f.Close(); err != nil {
		return Explain(w.path, err)
	}
	err := os.Rename(w.temp, w.path)
	if errors.Is(err, fs.ErrNotExist) {
		// Another process made the same file and swept ours away.
		if info, e := os.Stat(w.path); e == nil && info.Size() == w.n {
			err = nil
		}
	}
	w.done = err == nil
	return Explain(w.path, err)
}

func (w *dirFile) Abort() {
	if !w.done {
		w.f.Close()
		os.Remove(w.temp)
		w.done = true
	}
}

func (d *dir) Open(_ context.Context, name string, offset, length int64) (io.ReadCloser, error) {
	size, err := d.Size(context.Background(), name)
	if err != nil {
		return nil, err
	}
	f, err := os.Open(d.path(name))
	if err != nil {
		return nil, Explain(d.path(name), err)
	}
	if length < 0 {
		length = max(size-offset, 0)
	}
	return section{io.NewSectionReader(f, offset, length), f}, nil
}

type section struct {
	*io.SectionReader
	io.Closer
}

func (d *dir) Size(_ context.Context, name string) (int64, error) {
	info, err := os.Stat(d.path(name))
	if err != nil {
		return 0, Explain(d.path(name), err)
	}
	if !info.Mode().IsRegular() {
		return 0, fmt.Errorf("%s is in the way and not a file: move it or choose another directory with -o", d.path(name))
	}
	return info.Size(), nil
}

// Each lists a directory in pieces, so that memory does not grow with it.
func (d *dir) Each(ctx context.Context, prefix string, fn func(name string) error) error {
	folder := ""
	if i := strings.LastIndexByte(prefix, '/'); i >= 0 {
		folder = prefix[:i]
	}
	return d.each(ctx, folder, func(name string) error {
		if !strings.HasPrefix(name, prefix) || strings.HasPrefix(name, TempPrefix) {
			return nil
		}
		return fn(name)
	})
}

func (d *dir) each(ctx context.Context, folder string, fn func(name string) error) error {
	where := d.path(folder)
	f, err := os.Open(where)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return Explain(where, err)
	}
	defer f.Close()
	for {
		entries, err := f.ReadDir(256)
		for _, e := range entries {
			name := e.Name()
			if folder != "" {
				name = folder + "/" + name
			}
			if e.IsDir() {
				err = d.each(ctx, name, fn)
			} else {
				err = fn(name)
			}
			if err != nil {
				return err
			}
		}
		if errors.Is(err, io.EOF) {
			return ctx.Err()
		}
		if err != nil {
			return Explain(where, err)
		}
		if ctx.Err() != nil {
			return ctx.Err()
		}
	}
}

func (d *dir) Remove(_ context.Context, name string) error {
	if err := os.Remove(d.path(name)); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return Explain(d.path(name), err)
	}
	return nil
}

func (d *dir) Sweep(ctx context.Context, match func(name string) bool) error {
	var temps []string // removing while listing may hide some
	err := d.each(ctx, path.Dir(TempPrefix), func(temp string) error {
		if name, ok := target(temp); ok && match(name) {
			temps = append(temps, temp)
		}
		return nil
	})
	for _, temp := range temps {
		err = errors.Join(err, d.Remove(ctx, temp))
	}
	return err
}
