// Package store keeps files by name, in a directory or in an object store. A file is
// whole under its name or it is not there; what is being written has no name yet.
package store

import (
	"context"
	"fmt"
	"io"
	"io/fs"
	"regexp"
	"strings"
)

// Store is a place for files. Names are relative, with slashes; they neither begin
// with a slash nor hold "." or ".." as a part. Methods may be called from several
// goroutines and processes at once: of two that write one name the last wins, with a
// whole file. An error that wraps fs.ErrNotExist says that a name is not there.
type Store interface {
	// String is the directory or URL, for messages.
	String() string
	// Put writes a whole small file. In a directory it may not have reached the disk when
	// Put returns; what Create begins has, when it is committed.
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
	bad := func(why string) (Store, error) {
		return nil, fmt.Errorf("%s is no destination, %s: give a directory, or s3://BUCKET/PREFIX", shown(where), why)
	}
	if !IsURL(where) {
		if strings.HasPrefix(where, "s3:") {
			return bad("two slashes follow s3:")
		}
		return Dir(where), nil
	}
	rest, ok := strings.CutPrefix(where, "s3://")
	bucket, prefix, _ := strings.Cut(rest, "/")
	prefix = strings.Trim(prefix, "/")
	switch {
	case !ok:
		return bad("only s3:// is known")
	case strings.Contains(bucket, "@"):
		return bad("credentials belong into the environment")
	case !bucketName.MatchString(bucket):
		return bad("a bucket's name has 3 to 63 small letters, digits, dots and hyphens")
	case prefix != "" && !fs.ValidPath(prefix):
		return bad("the prefix has empty parts, or . or ..")
	}
	return newS3(bucket, prefix)
}

var bucketName = regexp.MustCompile(`^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$`)

// shown is a destination without what may be a secret.
func shown(where string) string {
	if scheme, rest, ok := strings.Cut(where, "://"); ok {
		if at := strings.LastIndexByte(rest, '@'); at >= 0 {
			return scheme + "://...@" + rest[at+1:]
		}
	}
	return where
}
