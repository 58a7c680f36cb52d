package palette

import (
	"bytes"
	"context"
	"errors"
	"image"
	"image/color"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	"golang.org/x/image/tiff"

	"leaflitter/scene"
)

// noise is a photograph of random colours.
func noise(w, h int, seed uint64) image.Image {
	rnd := scene.NewStream(scene.Key{Seed: seed})
	img := image.NewNRGBA(image.Rect(0, 0, w, h))
	for y := range h {
		for x := range w {
			v := rnd.Uint32()
			img.Set(x, y, color.NRGBA{uint8(v), uint8(v>>8) / 2, uint8(v>>16) / 4, 255})
		}
	}
	return img
}

func writeTree(t *testing.T, files map[string][]byte) string {
	t.Helper()
	dir := t.TempDir()
	for name, data := range files {
		path := filepath.Join(dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(path), 0o777); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, data, 0o666); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

func names(s *Set) (v []string) {
	for _, p := range s.Palettes {
		v = append(v, p.Name)
	}
	return
}

// photoTree has photographs of every kind, and files that are none.
func photoTree(t *testing.T) string {
	jpg := asJPEG(t, noise(70, 60, 1))
	return writeTree(t, map[string][]byte{
		"b/one.JPG":        jpg,
		"b/one copy.jpeg":  jpg,
		"b.png":            asPNG(t, noise(60, 30, 2)),
		"a/deep/er/x.tif":  asTIFF(t, noise(20, 80, 3), tiff.Deflate),
		"wrong name.webp":  asPNG(t, noise(20, 20, 4)), // the content counts
		"w.webp":           lossyWebP,
		"cut.jpg":          jpg[:len(jpg)/2],
		"text.png":         []byte("no picture"),
		"anim.gif":         gif,
		"a/gif.jpg":        gif,
		"notes.txt":        []byte("not looked at"),
		"noextension":      jpg,
		"a/._fork.jpg":     []byte("hidden"),
		".thumbs/tiny.jpg": jpg,
	})
}

func TestBuildDir(t *testing.T) {
	dir := photoTree(t)
	var calls [][2]int
	s, r, err := BuildDir(context.Background(), dir, 2, func(done, total int) { calls = append(calls, [2]int{done, total}) })
	if err != nil {
		t.Fatal(err)
	}
	if got, want := names(s), []string{"a/deep/er/x.tif", "b.png", "b/one copy.jpeg", "b/one.JPG", "w.webp", "wrong name.webp"}; !reflect.DeepEqual(got, want) {
		t.Errorf("palettes are %q, want %q", got, want)
	}
	want := Report{Found: 10, Used: 6, Skipped: []Skip{
		{"a/gif.jpg", "is a GIF file, which is not read; convert it to PNG or JPEG"},
		{"anim.gif", "is a GIF file, which is not read; convert it to PNG or JPEG"},
		{"cut.jpg", "is a corrupt or unsupported JPEG: short Huffman data"},
		{"text.png", "holds no JPEG, PNG, TIFF or WebP data"},
	}}
	if !reflect.DeepEqual(r, want) {
		t.Errorf("report is %+v, want %+v", r, want)
	}
	for i, c := range calls {
		if c != [2]int{i, 9} {
			t.Errorf("progress call %d says %v", i, c)
		}
	}
	if len(calls) != 10 {
		t.Errorf("progress was called %d times, want 10", len(calls))
	}
	if !reflect.DeepEqual(s.Palettes[2].Pixels, s.Palettes[3].Pixels) || !reflect.DeepEqual(s.Palettes[2].Patches, s.Palettes[3].Patches) {
		t.Error("the same photograph under two names gives two palettes")
	}
	if reflect.DeepEqual(s.Palettes[0].Pixels, s.Palettes[1].Pixels) {
		t.Error("two photographs give the same palette")
	}
	// What is built equals what is loaded.
	got, err := Decode(bytes.NewReader(encode(t, s)))
	if err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(got.Palettes, s.Palettes) || got.Hash() != s.Hash() {
		t.Error("the built set and the loaded one differ")
	}
	for _, threads := range []int{0, 1, 7} {
		other, otherReport, err := BuildDir(context.Background(), dir, threads, nil)
		if err != nil {
			t.Fatal(err)
		}
		if !reflect.DeepEqual(other, s) || !reflect.DeepEqual(otherReport, r) {
			t.Errorf("%d threads give another set", threads)
		}
	}
}

// TestBuildGolden pins the palette of a PNG: no machine may differ.
func TestBuildGolden(t *testing.T) {
	p := sample(noise(90, 70, 5), [32]byte{1, 2, 3})
	got := p.Patches[200]
	want := Patch{
		RGB: Gaussian{
			Mean: [3]float32{125.75781, 63.683594, 31.941406},
			Chol: [6]float32{73.97656, 0.51953125, 36.820312, 0.57421875, 0.3984375, 18.675781},
		},
		Lab: Gaussian{
			Mean: [3]float32{37.101562, 21.078125, 32.359375},
			Chol: [6]float32{14.25, 10.640625, 31.292969, 17.617188, 1.1171875, 9.71875},
		},
	}
	if got != want || p.Pixels[1000].RGB != [3]uint8{9, 107, 38} {
		t.Errorf("patch 200 is\n%#v, pixel 1000 is %v", got, p.Pixels[1000].RGB)
	}
}

func TestBuildErrors(t *testing.T) {
	empty := t.TempDir()
	bad := writeTree(t, map[string][]byte{"a.jpg": []byte("x"), "b.jpg": nil, "c.gif": gif, "d.png": nil, "e.png": nil, "f.png": nil})
	for dir, want := range map[string]string{
		filepath.Join(empty, "missing"): "missing does not exist; name a directory of photographs (.jpg .jpeg .png .tif .tiff .webp)",
		filepath.Join(bad, "a.jpg"):     "a.jpg is not a directory; name a directory of photographs",
		empty:                           "holds no photographs; files with these extensions are read: .jpg .jpeg .png .tif .tiff .webp",
		bad:                             "holds no usable photograph (files with these extensions are read: .jpg .jpeg .png .tif .tiff .webp); skipped a.jpg, which holds no JPEG, PNG, TIFF or WebP data; b.jpg, which is empty; c.gif, which is a GIF file, which is not read; convert it to PNG or JPEG; d.png, which is empty; e.png, which is empty; and 1 more",
	} {
		_, r, err := BuildDir(context.Background(), dir, 1, nil)
		if err == nil || !strings.Contains(err.Error(), want) || !strings.Contains(err.Error(), dir) {
			t.Errorf("%s: %v, want %q", dir, err, want)
		}
		if dir == bad && (r.Found != 6 || r.Used != 0 || len(r.Skipped) != 6) {
			t.Errorf("report is %+v", r)
		}
	}
}

// TestCancel stops a build after its first photograph, and one before it.
func TestCancel(t *testing.T) {
	files := map[string][]byte{}
	data := asPNG(t, noise(300, 300, 6))
	for _, c := range "abcdefghijklmnopqrstuvwxyz" {
		files[string(c)+".png"] = data
	}
	dir := writeTree(t, files)
	ctx, cancel := context.WithCancel(context.Background())
	seen := 0
	start := time.Now()
	_, _, err := BuildDir(ctx, dir, 1, func(done, total int) {
		seen = done
		if done == 1 {
			cancel()
		}
	})
	if !errors.Is(err, context.Canceled) || seen > 1 {
		t.Errorf("after %d photographs: %v", seen, err)
	}
	if d := time.Since(start); d > 5*time.Second {
		t.Errorf("stopping took %v", d)
	}
	if _, _, err := BuildDir(ctx, dir, 1, nil); !errors.Is(err, context.Canceled) {
		t.Errorf("a build that never began: %v", err)
	}
	if _, err := readPhoto(ctx, data, maxArea, nil); !errors.Is(err, context.Canceled) {
		t.Errorf("a photograph that is being read: %v", err)
	}
}
