package palette

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
)

const extensions = ".jpg .jpeg .png .tif .tiff .webp"

// unread are the extensions of photographs that are not read; such files are
// reported rather than passed over in silence.
const unread = ".gif .bmp .heic .heif .avif .jxl .jp2 .psd .dng .cr2 .cr3 .nef .arw .raf .orf .rw2"

// photo is a file that may be a photograph.
type photo struct {
	rel  string // slash path below the directory
	full string
}

// walker lists photographs. It follows symbolic links and enters each real
// directory once, so that loops end.
type walker struct {
	ctx    context.Context
	seen   map[string]bool // real directories
	photos []photo
	skips  []Skip
}

// listPhotos returns the files below dir that may be photographs, in the order
// of their slash paths, and what had to be left out.
func listPhotos(ctx context.Context, dir string) ([]photo, []Skip, error) {
	info, err := os.Stat(dir)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, nil, fmt.Errorf("directory %s does not exist; name a directory of photographs (%s)", dir, extensions)
	case err != nil:
		return nil, nil, fmt.Errorf("directory %s cannot be read (%w); check the path and its permissions", dir, err)
	case !info.IsDir():
		return nil, nil, fmt.Errorf("%s is not a directory; name a directory of photographs (%s)", dir, extensions)
	}
	w := &walker{ctx: ctx, seen: map[string]bool{}}
	if err := w.enter(dir, ""); err != nil {
		if ctx.Err() != nil {
			return nil, nil, err
		}
		return nil, nil, fmt.Errorf("directory %s cannot be read (%w); check its permissions", dir, err)
	}
	slices.SortFunc(w.photos, func(a, b photo) int { return strings.Compare(a.rel, b.rel) })
	return w.photos, w.skips, nil
}

func (w *walker) enter(dir, rel string) error {
	if err := w.ctx.Err(); err != nil {
		return err
	}
	real, err := filepath.EvalSymlinks(dir)
	if err == nil {
		real, err = filepath.Abs(real)
	}
	if err != nil {
		return err
	}
	if w.seen[real] {
		return nil
	}
	w.seen[real] = true
	entries, err := os.ReadDir(dir) // sorted, so which link is followed first is fixed
	if err != nil {
		return err
	}
	for _, e := range entries {
		if strings.HasPrefix(e.Name(), ".") {
			continue // hidden: thumbnails, resource forks
		}
		if err := w.visit(filepath.Join(dir, e.Name()), path.Join(rel, e.Name())); err != nil {
			return err
		}
	}
	return nil
}

// visit looks at one entry. Only the end of the context is an error.
func (w *walker) visit(full, rel string) error {
	skip := func(reason string) error {
		w.skips = append(w.skips, Skip{rel, reason})
		return nil
	}
	ext := strings.ToLower(path.Ext(rel))
	isPhoto := ext != "" && slices.Contains(strings.Fields(extensions), ext)
	isUnread := ext != "" && slices.Contains(strings.Fields(unread), ext)
	info, err := os.Stat(full)
	switch {
	case err != nil && (isPhoto || isUnread):
		return skip("cannot be read: " + reason(err))
	case err != nil:
		return nil
	case info.IsDir():
		if err := w.enter(full, rel); err != nil {
			if w.ctx.Err() != nil {
				return err
			}
			return skip("is a directory that cannot be read: " + reason(err))
		}
	case isUnread:
		return skip(fmt.Sprintf("is a %s file, which is not read; convert it to PNG or JPEG", strings.ToUpper(ext[1:])))
	case !isPhoto:
	case !info.Mode().IsRegular():
		return skip("is not a regular file")
	case info.Size() > maxBytes:
		return skip(fmt.Sprintf("has %d bytes; the limit is %d", info.Size(), maxBytes))
	case len(rel) > maxName:
		return skip(fmt.Sprintf("has a path of %d bytes; the limit is %d", len(rel), maxName))
	default:
		w.photos = append(w.photos, photo{rel, full})
	}
	return nil
}

// reason is the cause of a file error without the path, which the Skip has.
func reason(err error) string {
	var e *fs.PathError
	if errors.As(err, &e) {
		err = e.Err
	}
	return err.Error()
}
