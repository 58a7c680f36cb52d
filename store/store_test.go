package store

import (
	"context"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/minio/minio-go/v7"
)

var ctx = context.Background()

func read(t *testing.T, s Store, name string, offset, length int64) string {
	t.Helper()
	r, err := s.Open(ctx, name, offset, length)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	data, err := io.ReadAll(r)
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

func list(t *testing.T, s Store, prefix string) []string {
	t.Helper()
	var names []string
	if err := s.Each(ctx, prefix, func(name string) error { names = append(names, name); return nil }); err != nil {
		t.Fatal(err)
	}
	slices.Sort(names)
	return names
}

// What Store promises, of a directory. The object store is held to the same by the
// command's tests, on a real server.
func TestDir(t *testing.T) {
	root := filepath.Join(t.TempDir(), "a", "b")
	s := Dir(root)
	if got := list(t, s, ""); got != nil {
		t.Errorf("a directory that is not there lists %q", got)
	}
	if _, err := os.Stat(root); err == nil {
		t.Error("listing made the directory")
	}
	w, err := s.Create(ctx, "GT/one.png")
	if err != nil {
		t.Fatal(err)
	}
	io.WriteString(w, "hello ")
	if _, err := s.Size(ctx, "GT/one.png"); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("a file in the making has a size: %v", err)
	}
	if got := list(t, s, ""); got != nil {
		t.Errorf("a file in the making is listed: %q", got)
	}
	io.WriteString(w, "world")
	if err := w.Commit(); err != nil {
		t.Fatal(err)
	}
	w.Abort() // does nothing now
	if err := s.Put(ctx, "two", []byte("2")); err != nil {
		t.Fatal(err)
	}
	if got := read(t, s, "GT/one.png", 0, -1) + read(t, s, "GT/one.png", 6, 3) + read(t, s, "GT/one.png", 9, -1) + read(t, s, "two", 0, 0); got != "hello worldworld" {
		t.Errorf("read %q", got)
	}
	if n, err := s.Size(ctx, "GT/one.png"); n != 11 || err != nil {
		t.Errorf("size %d, %v", n, err)
	}
	if got := list(t, s, ""); !slices.Equal(got, []string{"GT/one.png", "two"}) {
		t.Errorf("list: %q", got)
	}
	if got := list(t, s, "GT/"); !slices.Equal(got, []string{"GT/one.png"}) {
		t.Errorf("list: %q", got)
	}
	stop := errors.New("stop")
	if err := s.Each(ctx, "", func(string) error { return stop }); !errors.Is(err, stop) {
		t.Errorf("each: %v", err)
	}
	for _, name := range []string{"two", "two", "nowhere/x"} {
		if err := s.Remove(ctx, name); err != nil {
			t.Error(err)
		}
	}
	if _, err := s.Open(ctx, "two", 0, -1); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("removed, then opened: %v", err)
	}
}

// Sweep deletes what matches and nothing else; who is swept finds the file that another
// made, or fails.
func TestSweep(t *testing.T) {
	s := Dir(t.TempDir())
	var writers []Writer
	for _, name := range []string{"GT/a+b %2F.png", "c", "c", "d"} {
		w, err := s.Create(ctx, name)
		if err != nil {
			t.Fatal(err)
		}
		io.WriteString(w, "12345")
		writers = append(writers, w)
	}
	if err := writers[1].Commit(); err != nil {
		t.Fatal(err)
	}
	var seen []string
	if err := s.Sweep(ctx, func(name string) bool { seen = append(seen, name); return name != "d" }); err != nil {
		t.Fatal(err)
	}
	slices.Sort(seen)
	if !slices.Equal(seen, []string{"GT/a+b %2F.png", "c", "d"}) {
		t.Errorf("swept: %q", seen)
	}
	if err := writers[0].Commit(); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("swept, and nobody made it: %v", err)
	}
	if err := writers[2].Commit(); err != nil {
		t.Errorf("swept after another had made it: %v", err)
	}
	if err := writers[3].Commit(); err != nil {
		t.Errorf("not swept: %v", err)
	}
	if got := list(t, s, ""); !slices.Equal(got, []string{"c", "d"}) {
		t.Errorf("list: %q", got)
	}
}

func TestOpen(t *testing.T) {
	for _, where := range []string{"http://x/y", "s3://", "s3:///x", "s3://a:secret@ccc/d", "://", "s3:/bucket/x", "s3:bucket", "s3://IMAGES/x", "s3://ab/x", "s3://bbb/a/../c", "s3://bbb/a//c"} {
		_, err := Open(where)
		if err == nil || !strings.Contains(err.Error(), "give a directory, or s3://BUCKET/PREFIX") || strings.Contains(err.Error(), "secret") {
			t.Errorf("%s: %v", where, err)
		}
	}
	t.Setenv("AWS_ACCESS_KEY_ID", "a")
	t.Setenv("AWS_SECRET_ACCESS_KEY", "b")
	for where, want := range map[string]string{"s3://bbb": "s3://bbb", "s3://bbb/": "s3://bbb", "s3://bbb/p/q/": "s3://bbb/p/q", "s3://bbb/a%2Fb ü?#": "s3://bbb/a%2Fb ü?#"} {
		if s, err := Open(where); err != nil || s.String() != want {
			t.Errorf("%s: %v, %v", where, s, err)
		}
	}
}

// Parts grow so that ten thousand of them hold the largest object there may be.
func TestParts(t *testing.T) {
	u := upload{}
	total := int64(0)
	for range 10_000 {
		if part := u.part(); part < 5<<20 || part > 5<<30 {
			t.Fatalf("part %d has %d bytes", len(u.sent)+1, part)
		}
		total += int64(u.part())
		u.sent = append(u.sent, minio.CompletePart{})
	}
	if total < 5<<40 {
		t.Errorf("10,000 parts hold %d bytes", total)
	}
}
