package main

import (
	"context"
	"image"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"leaflitter/scene"
)

var drawOnce = sync.OnceValues(func() ([]*album, error) { return drawAll(context.Background(), scene.Presets()) })

func albums(t *testing.T) []*album {
	t.Helper()
	a, err := drawOnce()
	if err != nil {
		t.Fatal(err)
	}
	return a
}

// The documentation's pictures, and what in its pages follows from the source, are as
// `make gallery` would make them.
func TestCurrent(t *testing.T) {
	for _, a := range albums(t) {
		for _, problem := range a.check("..") {
			t.Error(problem)
		}
	}
}

// fresh writes an album's part of the documentation as it should be, whatever the
// committed one is like.
func fresh(t *testing.T, a *album) string {
	t.Helper()
	docs := t.TempDir()
	if _, err := a.write(filepath.Join(docs, a.name)); err != nil {
		t.Fatal(err)
	}
	old, err := os.ReadFile(filepath.Join("..", a.name+".md"))
	if err != nil {
		t.Fatal(err)
	}
	page, err := a.page(a, string(old))
	if err != nil {
		t.Fatal(err)
	}
	write(t, filepath.Join(docs, a.name+".md"), page)
	return docs
}

// copied returns a copy of a directory.
func copied(t *testing.T, docs string) string {
	t.Helper()
	to := filepath.Join(t.TempDir(), "docs")
	if err := os.CopyFS(to, os.DirFS(docs)); err != nil {
		t.Fatal(err)
	}
	return to
}

func write(t *testing.T, path, text string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(text), 0o666); err != nil {
		t.Fatal(err)
	}
}

// edit replaces text in a file.
func edit(t *testing.T, path, from, to string) {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(string(data), from) {
		t.Fatalf("%s has no %q", path, from)
	}
	write(t, path, strings.Replace(string(data), from, to, 1))
}

// What the check is there for is found.
func TestCheckFinds(t *testing.T) {
	a := albums(t)
	gallery, model := a[0], a[1]
	sound := map[*album]string{gallery: fresh(t, gallery), model: fresh(t, model)}
	for _, c := range []struct {
		what  string
		album *album
		harm  func(docs string)
		want  string
	}{
		{"nothing", gallery, func(string) {}, ""},
		{"nothing in the model", model, func(string) {}, ""},
		{"a missing picture", gallery, func(docs string) { os.Remove(filepath.Join(docs, "gallery", "flat.jpg")) }, "flat.jpg: no such file"},
		{"another's picture", gallery, func(docs string) {
			os.Rename(filepath.Join(docs, "gallery", "flat.jpg"), filepath.Join(docs, "gallery", "grey.jpg"))
		}, "grey.jpg differs from its pixels"},
		{"a damaged picture", gallery, func(docs string) { write(t, filepath.Join(docs, "gallery", "flat.jpg"), "GIF89a") }, "flat.jpg"},
		{"a stray picture", gallery, func(docs string) { write(t, filepath.Join(docs, "gallery", "old.jpg"), "") }, "old.jpg belongs to no picture"},
		{"another checksum", gallery, func(docs string) {
			edit(t, filepath.Join(docs, "gallery", sumsFile), gallery.drawn[3].sum, gallery.drawn[4].sum)
		}, "no-geometry.jpg: its pixels have changed"},
		{"a lost checksum", gallery, func(docs string) {
			edit(t, filepath.Join(docs, "gallery", sumsFile), gallery.drawn[3].sum, "#")
		}, "no checksum of no-geometry.jpg"},
		{"a preset too few", gallery, func(docs string) {
			edit(t, filepath.Join(docs, "gallery.md"), "![images of no-warp", "![")
		}, "gallery.md is out of date"},
		{"a preset too many", gallery, func(docs string) {
			edit(t, filepath.Join(docs, "gallery.md"), "\n## flat\n", "\n## new\n\nNew.\n\n## flat\n")
		}, "gallery.md is out of date"},
		{"another default", model, func(docs string) { edit(t, filepath.Join(docs, "model.md"), "| 22.5 |", "| 30 |") }, "model.md is out of date"},
		{"another command", model, func(docs string) { edit(t, filepath.Join(docs, "model.md"), "--start 9 ", "") }, "model.md is out of date"},
		{"a picture that is not shown", model, func(docs string) {
			edit(t, filepath.Join(docs, "model.md"), "<!-- picture warp -->", "<!-- picture grid -->")
		}, "no picture grid, or it is shown twice"},
		{"a field without a table", model, func(docs string) {
			edit(t, filepath.Join(docs, "model.md"), "<!-- fields paint.warp -->", "<!-- fields paint.grid -->")
		}, "no field paint.grid, or it is in a table already"},
		{"an open block", model, func(docs string) { edit(t, filepath.Join(docs, "model.md"), "<!-- end -->\n", "") }, "has no <!-- end -->"},
	} {
		docs := copied(t, sound[c.album])
		c.harm(docs)
		problems := c.album.check(docs)
		if c.want == "" && problems != nil || c.want != "" && !strings.Contains(strings.Join(problems, "\n"), c.want) {
			t.Errorf("%s: %q", c.what, problems)
		}
	}
}

// A changed preset, a new one and a lost one are found.
func TestCheckFindsPresets(t *testing.T) {
	was := albums(t)[0]
	quick := func(presets []scene.Preset, keep ...string) *album {
		presets = slices.DeleteFunc(presets, func(p scene.Preset) bool { return !slices.Contains(keep, p.Name) })
		s := studio{presets: presets}
		a := &album{name: "gallery", pictures: gallery(presets), page: galleryPage, most: was.most, presets: presets}
		for i := range a.pictures {
			d, err := s.draw(context.Background(), &a.pictures[i])
			if err != nil {
				t.Fatal(err)
			}
			a.drawn = append(a.drawn, d)
		}
		return a
	}
	docs := fresh(t, was)
	changed := scene.Presets()
	i := slices.IndexFunc(changed, func(p scene.Preset) bool { return p.Name == "dead-leaves" })
	changed[i].Config.Leaves.RMin++
	changed = append(changed, changed[i])
	changed[len(changed)-1].Name = "new"
	problems := strings.Join(quick(changed, "dead-leaves", "new").check(docs), "\n")
	for _, want := range []string{"dead-leaves.jpg: its pixels have changed", "dead-leaves.jpg differs", "new.jpg: no such file",
		"no checksum of new.jpg", "grey.jpg belongs to no picture", "gallery.md is out of date"} {
		if !strings.Contains(problems, want) {
			t.Errorf("%q is not among\n%s", want, problems)
		}
	}
}

// A picture of the same pixels is not encoded again, and a stray one goes.
func TestWrite(t *testing.T) {
	a := albums(t)[0]
	docs := fresh(t, a)
	dir := filepath.Join(docs, a.name)
	before, err := os.ReadFile(filepath.Join(dir, "flat.jpg"))
	if err != nil {
		t.Fatal(err)
	}
	other := *a
	other.pictures = slices.Clone(a.pictures)
	for i := range other.pictures {
		other.pictures[i].quality = 50
	}
	write(t, filepath.Join(dir, "old.jpg"), "")
	if err := os.Remove(filepath.Join(dir, "grey.jpg")); err != nil {
		t.Fatal(err)
	}
	written, err := other.write(dir)
	if err != nil || len(written) != 1 || !strings.Contains(written[0], "grey.jpg") {
		t.Fatal(written, err)
	}
	after, err := os.ReadFile(filepath.Join(dir, "flat.jpg"))
	if err != nil || string(after) != string(before) {
		t.Errorf("flat.jpg was written again: %v", err)
	}
	if names, err := a.strays(dir); err != nil || names != nil {
		t.Error(names, err)
	}
}

func TestCut(t *testing.T) {
	im := image.NewRGBA(image.Rect(0, 0, 4, 4))
	for i := range im.Pix {
		im.Pix[i] = uint8(i)
	}
	got := cut(im, image.Rect(1, 2, 3, 4), 3)
	if got.Bounds() != image.Rect(0, 0, 6, 6) || got.At(5, 3) != im.At(2, 3) || got.At(2, 2) != im.At(1, 2) {
		t.Error("enlarged wrongly")
	}
	if got := cut(im, image.Rect(1, 2, 3, 4), 0); got.Bounds() != image.Rect(0, 0, 2, 2) || got.At(1, 0) != im.At(2, 2) {
		t.Error("cut wrongly")
	}
}
