//go:build unix

package palette

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"runtime"
	"strings"
	"syscall"
	"testing"
)

// TestOddFiles has links that loop or lead nowhere, a directory named like a
// photograph, and a pipe, which must not be opened.
func TestOddFiles(t *testing.T) {
	dir := writeTree(t, map[string][]byte{
		"real/p.png":     losslessWebP,
		"dir.jpg/q.webp": losslessWebP,
	})
	link := func(to, name string) {
		t.Helper()
		if err := os.Symlink(to, filepath.Join(dir, name)); err != nil {
			t.Fatal("the temporary directory takes no symbolic links; set TMPDIR to one that does: ", err)
		}
	}
	link("..", "real/up")
	link("loop", "loop")
	link("loop.png", "loop.png")
	link("nowhere", "dangling.jpg")
	link("real/p.png", "z.png")
	if err := syscall.Mkfifo(filepath.Join(dir, "pipe.jpg"), 0o666); err != nil {
		t.Fatal("the temporary directory takes no pipes; set TMPDIR to one that does: ", err)
	}
	s, r, err := BuildDir(context.Background(), dir, 1, nil)
	if err != nil {
		t.Fatal(err)
	}
	if got, want := names(s), []string{"dir.jpg/q.webp", "real/p.png", "z.png"}; !reflect.DeepEqual(got, want) {
		t.Errorf("palettes are %q, want %q", got, want)
	}
	want := []Skip{
		{"dangling.jpg", "cannot be read: no such file or directory"},
		{"loop.png", "cannot be read: too many levels of symbolic links"},
		{"pipe.jpg", "is not a regular file"},
	}
	if !reflect.DeepEqual(r.Skipped, want) {
		t.Errorf("skipped are %q, want %q", r.Skipped, want)
	}
}

// TestWriteToLinks writes through a link to a file, and refuses one that leads
// to a pipe by way of /proc, as /dev/stdout does.
func TestWriteToLinks(t *testing.T) {
	dir := t.TempDir()
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	defer w.Close()
	file, link, pipe := filepath.Join(dir, "file"), filepath.Join(dir, "link"), filepath.Join(dir, "pipe")
	if err := errors.Join(
		os.WriteFile(file, nil, 0o666),
		os.Symlink("file", link),
		os.Symlink(fmt.Sprintf("/proc/self/fd/%d", w.Fd()), pipe),
	); err != nil {
		t.Fatal(err)
	}
	if err := small().WriteFile(link); err != nil {
		t.Error(err)
	}
	if _, err := Load(file); err != nil {
		t.Error(err)
	}
	if _, err := os.Stat(pipe); err != nil {
		if runtime.GOOS == "linux" {
			t.Fatal(err)
		}
		t.Skip("only Linux has links to open pipes, below /proc")
	}
	if err := small().WriteFile(pipe); err == nil || !strings.Contains(err.Error(), "is not a regular file") {
		t.Errorf("writing to a pipe: %v", err)
	}
	for _, path := range []string{link, pipe} {
		if info, err := os.Lstat(path); err != nil || info.Mode()&os.ModeSymlink == 0 {
			t.Errorf("%s is no longer a link", path)
		}
	}
}
