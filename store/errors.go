package store

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"syscall"
)

// Explain turns an error of the file system into a sentence that names the path
// and the remedy. The error stays in the chain.
func Explain(path string, err error) error {
	if err == nil {
		return nil
	}
	cause := err // without the operation and path that err repeats
	var pe *fs.PathError
	var le *os.LinkError
	if errors.As(err, &pe) {
		cause = pe.Err
	} else if errors.As(err, &le) {
		cause = le.Err
	}
	const resume = "; then run the same command with --resume: finished files are kept"
	for _, known := range []struct {
		is     error
		remedy string
	}{
		{syscall.ENOSPC, "the disk is full: free some space" + resume},
		{syscall.EDQUOT, "the disk quota is used up: free some space" + resume},
		{syscall.EFBIG, "the file would pass the file-size limit: raise it (ulimit -f)" + resume},
		{syscall.EROFS, "the file system is read-only: choose another directory with -o"},
		{syscall.EMFILE, "too many open files: raise the limit (ulimit -n)" + resume},
		{syscall.ENOTDIR, "a part of this path is a file, not a directory: choose another directory with -o"},
		{syscall.EISDIR, "a directory is in the way: move it or choose another directory with -o"},
		{syscall.EIO, "the disk reports an input/output error: check it" + resume},
		{fs.ErrPermission, "permission denied: make it readable and writable for this user or choose another directory with -o"},
	} {
		if errors.Is(err, known.is) {
			return &sentence{fmt.Sprintf("%s: %s", path, known.remedy), err}
		}
	}
	return &sentence{fmt.Sprintf("%s: %v", path, cause), err}
}

// sentence is an error with its own text and a cause.
type sentence struct {
	text  string
	cause error
}

func (e *sentence) Error() string { return e.text }
func (e *sentence) Unwrap() error { return e.cause }
