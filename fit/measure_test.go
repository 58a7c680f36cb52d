package fit

import (
	"bytes"
	"context"
	"image"
	"image/png"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"strings"
	"testing"

	"leaflitter/palette"
	"leaflitter/scene"
)

// write puts pictures into a directory as PNG files.
func write(t *testing.T, dir string, pictures []Picture) {
	t.Helper()
	for i, p := range pictures {
		im := image.NewNRGBA(image.Rect(0, 0, p.Width, p.Height))
		for k := range p.Width * p.Height {
			copy(im.Pix[4*k:], p.Pix[3*k:3*k+3])
			im.Pix[4*k+3] = 255
		}
		f, err := os.Create(filepath.Join(dir, string(rune('a'+i/10))+string(rune('0'+i%10))+".png"))
		if err == nil {
			err = png.Encode(f, im)
		}
		if err == nil {
			err = f.Close()
		}
		if err != nil {
			t.Fatal(err)
		}
	}
}

// The halves are those of the network study: the low bit of the first byte of the SHA-256 of the name.
func TestHalves(t *testing.T) {
	for name, want := range map[string]int{"100007.jpg": 1, "some/where/100007.jpg": 1, "100000.jpg": 0, "a0.png": 0} {
		if got := Half(name); got != want {
			t.Errorf("%s is in half %d, not %d", name, got, want)
		}
	}
	dir, ctx := t.TempDir(), context.Background()
	if _, err := FindPhotos(ctx, dir); err == nil || !strings.Contains(err.Error(), "holds no photographs") {
		t.Errorf("an empty directory: %v", err)
	}
	flat := Picture{"", 130, 140, make([]uint8, 3*130*140)}
	pictures := []Picture{flat, flat, flat, flat}
	write(t, dir, pictures)
	if _, err := FindPhotos(ctx, dir); err == nil || !strings.Contains(err.Error(), "give 5 or more for each") {
		t.Errorf("four photographs: %v", err)
	}
	for range 26 {
		pictures = append(pictures, flat)
	}
	write(t, dir, pictures)
	p, err := FindPhotos(ctx, dir)
	if err != nil {
		t.Fatal(err)
	}
	both := map[string]bool{}
	for _, list := range [][]palette.Photo{p.Fitting, p.Judging} {
		for _, photo := range list {
			if both[photo.Path] {
				t.Errorf("%s is in both halves", photo.Path)
			}
			both[photo.Path] = true
		}
	}
	if len(both) != 30 || p.Warning() == "" {
		t.Errorf("%d photographs, warning %q", len(both), p.Warning())
	}
	loaded, _, err := Load(ctx, p.Fitting, 128)
	if err != nil || loaded[0].Width != 128 || loaded[0].Height != 128 || len(loaded[0].Pix) != 3*128*128 {
		t.Errorf("loaded: %v", err)
	}
	small := t.TempDir()
	for i := range pictures {
		pictures[i] = Picture{"", 100, 140, make([]uint8, 3*100*140)}
	}
	write(t, small, pictures)
	if p, err = FindPhotos(ctx, small); err == nil {
		_, _, err = Load(ctx, p.Fitting, 128)
	}
	if err == nil || !strings.Contains(err.Error(), "has 100 x 140 pixels") {
		t.Errorf("small photographs: %v", err)
	}
}

// Tables that have grown for other candidates change no image, and neither do threads.
func TestMaker(t *testing.T) {
	ctx, c := context.Background(), changed(t, "leaves.r_min=6")
	fresh, err := maker(6, 128, 3, 1).Make(ctx, c)
	if err != nil {
		t.Fatal(err)
	}
	m := maker(6, 128, 3, 3)
	for _, other := range []string{"leaves.r_min=40", "leaves.r_min=2", "leaves.r_max=900"} {
		if _, err := m.Make(ctx, changed(t, other)); err != nil {
			t.Fatal(err)
		}
	}
	again, err := m.Make(ctx, c)
	if err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(fresh, again) {
		t.Error("the images of a candidate depend on those before it")
	}
}

// quick is a small effort.
func quick(t *testing.T, photos []Picture, threads int) Objective {
	t.Helper()
	ctx := context.Background()
	first, err := NewCodeLength(ctx, photos, photos, Effort{Patches: 1500, Components: 4, Turns: 2, Threads: threads})
	if err != nil {
		t.Fatal(err)
	}
	second, err := NewStatistics(ctx, photos, threads)
	if err != nil {
		t.Fatal(err)
	}
	return Both{first, second, 0.1}
}

// Images are nearer to images made alike than others are, in every part that should tell, and threads change nothing.
func TestObjective(t *testing.T) {
	ctx := context.Background()
	make := func(c scene.Config, seed uint64) []Picture {
		p, err := maker(24, 128, seed, cores).Make(ctx, c)
		if err != nil {
			t.Fatal(err)
		}
		return p
	}
	photos := make(scene.Default(), 99)
	alike := make(scene.Default(), 1)
	flat, _ := scene.PresetByName("flat")
	others := map[string][]Picture{"flat": make(flat.Config, 1), "weak": make(changed(t, "paint.contrast=0.4"), 1), "sharp": make(changed(t, "blur.sigma_max=0", "leaves.r_min=2"), 1)}
	one, three := quick(t, photos, 1), quick(t, photos, 3)
	near, err := one.Figure(ctx, alike)
	if err != nil {
		t.Fatal(err)
	}
	if again, err := three.Figure(ctx, alike); err != nil || !reflect.DeepEqual(near, again) {
		t.Errorf("threads change the figure: %v, %v", near.Value, again.Value)
	}
	for name, images := range others {
		far, err := one.Figure(ctx, images)
		if err != nil {
			t.Fatal(err)
		}
		if far.Value < near.Value+0.005 {
			t.Errorf("%s: %.4f, alike %.4f", name, far.Value, near.Value)
		}
		if len(far.Each) != len(photos) || far.Parts[0].Name != GapName {
			t.Errorf("%d photographs, parts %v", len(far.Each), far.Parts)
		}
	}
}

// The page says what changed and what it is worth, and needs nothing from elsewhere. The field that matters is worth something,
// one that does nothing is worth nothing.
func TestReport(t *testing.T) {
	ctx := context.Background()
	photos, err := maker(24, 128, 99, cores).Make(ctx, changed(t, "paint.contrast=0.4"))
	if err != nil {
		t.Fatal(err)
	}
	s := space(t, scene.Default(), "paint.contrast", "leaves.r_max", "blur.radius_max")
	best := s.Numbers()
	for i, p := range s.Parameters {
		switch p.Path {
		case "paint.contrast":
			best[i] = 0.4
		case "blur.radius_max":
			best[i] = 7 // of a lens, which the images have none of
		}
	}
	v, err := Judge(ctx, s, best, maker(24, 128, 1, cores), quick(t, photos, cores), photos, cores, func(int, int) {})
	if err != nil {
		t.Fatal(err)
	}
	if len(v.Changes) != 2 || v.Changes[0].Field != "paint.contrast" || v.Changes[0].Worth.Low <= 0 || v.Changes[1].Worth.Value != 0 || v.Gain.Value != v.Changes[0].Worth.Value {
		t.Errorf("changes %+v, gain %+v", v.Changes, v.Gain)
	}
	var b bytes.Buffer
	r := Report{Verdict: v, Version: "1", Photographs: "Photographs <below>", Measure: "nats", Warning: "few", YAML: "preset: x", Count: 7, Why: "the time is up"}
	if err := r.WriteHTML(&b); err != nil {
		t.Fatal(err)
	}
	page := b.String()
	for _, want := range []string{"paint.contrast", "Photographs &lt;below&gt;", "few", "7 candidates", "the time is up", GapName, "preset: x", "Power spectrum", "(uncertain)"} {
		if !strings.Contains(page, want) {
			t.Errorf("the page lacks %q", want)
		}
	}
	for text, want := range map[string]int{"<svg": 2, "data:image/jpeg;base64,": 3} {
		if n := strings.Count(page, text); n != want {
			t.Errorf("the page has %d of %s, not %d", n, text, want)
		}
	}
	if found := regexp.MustCompile(`(src|href)="[^d]|https?://|<script`).FindString(page); found != "" {
		t.Errorf("the page needs something from elsewhere: %s", found)
	}
}
