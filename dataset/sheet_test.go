package dataset

import (
	"image"
	"image/color"
	"os"
	"path/filepath"
	"testing"

	"leaflitter/render"
)

func TestSheet(t *testing.T) {
	job := testJob(filepath.Join(t.TempDir(), "d"), 7, render.Labels{ID: true})
	mustGenerate(t, job)
	for _, manifest := range []bool{true, false} {
		im, err := Sheet(job.Dir, 3, 8, 100)
		if err != nil {
			t.Fatal(err)
		}
		if want := image.Rect(0, 0, 4+3*12, 4+3*12); im.Bounds() != want {
			t.Errorf("manifest %v: sheet is %v, want %v", manifest, im.Bounds(), want)
		}
		os.Remove(filepath.Join(job.Dir, manifestName))
	}
	if im, err := Sheet(job.Dir, 3, 8, 2); err != nil || im.Bounds() != image.Rect(0, 0, 28, 16) {
		t.Errorf("limit: %v", err)
	}
	write(t, job.Dir, "000002.png", "not a PNG")
	_, err := Sheet(job.Dir, 3, 8, 100)
	wantError(t, err, "000002.png", "PNG", "--resume")
	_, err = Sheet(t.TempDir(), 3, 8, 100)
	wantError(t, err, "no images")
	_, err = Sheet(filepath.Join(t.TempDir(), "absent"), 3, 8, 100)
	wantError(t, err, "absent", "does not exist")
	for name, args := range map[string][3]int{"columns": {0, 8, 8}, "thumb": {3, 0, 8}, "limit": {3, 8, 0}} {
		_, err = Sheet(job.Dir, args[0], args[1], args[2])
		wantError(t, err, name, "must be 1 to")
	}
}

func TestComposeAndShrink(t *testing.T) {
	red := image.NewUniform(color.RGBA{200, 10, 0, 255})
	flat := image.NewRGBA(image.Rect(5, 5, 15, 12))
	for i := range flat.Pix {
		flat.Pix[i] = []uint8{200, 10, 0, 255}[i%4]
	}
	small := shrink(flat, 4)
	if small.Bounds() != image.Rect(0, 0, 4, 3) {
		t.Fatalf("shrunk to %v", small.Bounds())
	}
	for y := range 3 {
		for x := range 4 {
			if small.At(x, y) != red.At(0, 0) {
				t.Fatalf("a flat picture shrinks to %v at %d, %d", small.At(x, y), x, y)
			}
		}
	}
	// 3 pixels to 2: the middle one counts half in each.
	three := image.NewGray(image.Rect(0, 0, 3, 1))
	three.Pix = []uint8{0, 90, 255}
	two := shrink(three, 2)
	if got := [2]color.Color{two.At(0, 0), two.At(1, 0)}; got != [2]color.Color{color.RGBA{30, 30, 30, 255}, color.RGBA{200, 200, 200, 255}} {
		t.Errorf("3 to 2: %v", got)
	}
	sheet := Compose([]image.Image{flat, flat}, 1, 4, 2)
	if sheet.Bounds() != image.Rect(0, 0, 8, 14) || sheet.At(3, 3) != red.At(0, 0) || sheet.At(0, 0) != (color.RGBA{255, 255, 255, 255}) {
		t.Errorf("sheet %v, %v", sheet.Bounds(), sheet.At(3, 3))
	}
	Compose(nil, 0, 0, -1) // an empty sheet is no reason to panic
}
