// Package store keeps files by name, in a directory or in an object store. A file is
// whole under its name or it is not there; what is being written has no name yet.
package store

import (
	"context"
	"fmt"
	"io"
	"net/url"
	"strings"
)

// Store is a place for files. Names are relative, with slashes; they neither begin
// with a slash nor hold "." or ".." as a part. Methods may be called from several
// goroutines and processes at once: of two that write one name the last wins, with a
// whole file. An error that wraps fs.ErrNotExist says that a name is not there.
type Store interface {
	// String is the directory or URL, for messages.
	String() string
	// Put writes a whole file.
	Put(ctx context.Context, name string, data []byte) error
	// Create begins a file.
	Create(ctx context.Context, name string) (Writer, error)
	// Open reads length bytes of a file from offset on; length -1: to its end.
	Open(ctx context.Context, name string, offset, length int64) (io.ReadCloser, error)
	// Size returns a file's length in bytes.
	Size(ctx context.Context, name string) (int64, error)
	// Each calls fn for every file whose name begins with prefix, in no order, until
	// it returns an error.
	Each(ctx context.Context, prefix string, fn func(name string) error) error
	// Remove deletes a file; one that is not there is no error.
	Remove(ctx context.Context, name string) error
	// Sweep deletes what killed processes left of files that they had begun, where
	// match holds for the name that the file would have had. What a living process is
	// writing it loses: match holds only for names whose files are there or that
	// nobody writes.
	Sweep(ctx context.Context, match func(name string) bool) error
}

// Writer is a file that is being written. After an error nothing but Abort follows.
type Writer interface {
	io.Writer
	// Commit makes the file whole under its name.
	Commit() error
	// Abort leaves nothing of the file; after Commit it does nothing.
	Abort()
}

// TempPrefix begins the names of unfinished files in a directory: they have a folder of
// their own, so that sweeping need not list a million images. Each never gives one.
const TempPrefix = ".leaflitter/tmp-"

// IsURL reports whether a destination is written as a URL.
func IsURL(where string) bool { return strings.Contains(where, "://") }

// Open returns the store that a directory or URL names: s3://BUCKET/PREFIX is a bucket
// of an S3-compatible object store, whose endpoint and credentials come from the
// usual environment and files (see S3). It neither makes nor touches anything.
func Open(where string) (Store, error) {
	if !IsURL(where) {
		return Dir(where), nil
	}
	u, err := url.Parse(where)
	if err != nil || u.Scheme != "s3" || u.Host == "" || u.RawQuery != "" || u.Fragment != "" || u.User != nil {
		return nil, fmt.Errorf("%s is no destination: give a directory, or s3://BUCKET/PREFIX", where)
	}
	return newS3(u.Host, strings.Trim(u.Path, "/"))
}
