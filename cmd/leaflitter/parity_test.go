package main

import (
	"bytes"
	"image/png"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"leaflitter/parity"
	"leaflitter/render"
	"leaflitter/scene"
)

// An image that differs is counted, drawn and an error. (That real differences are
// found is tested in package gpu, with changed shaders.)
func TestParityVerdict(t *testing.T) {
	cfg := scene.Default()
	cfg.Image = scene.Image{Width: 4, Height: 2}
	a, b := render.NewImage(&cfg, render.Labels{}), render.NewImage(&cfg, render.Labels{})
	b.Pix[3*5+1] = 200
	r := &parity.Result{Index: 3, First: "shade of stack 1", Pixels: parity.Difference{Count: 1, Of: 8, Largest: 200}, A: a, B: b}
	good := &parity.Result{Index: 4, Equal: true, Pixels: parity.Difference{Of: 8}}
	rows := []parityRow{{"some/preset", []*parity.Result{good, r}}}

	p := &parityCmd{BackendA: "cpu", BackendB: "gpu", Output: filepath.Join(t.TempDir(), "pictures")}
	if err := p.verdict(rows); err == nil || !strings.HasPrefix(err.Error(), "1 of 2 images differ between cpu and gpu") {
		t.Error(err)
	}
	if err := p.verdict([]parityRow{{"x", []*parity.Result{good}}}); err != nil {
		t.Error(err)
	}
	var table bytes.Buffer
	if err := parityTable(&table, rows); err != nil {
		t.Fatal(err)
	}
	if fields := strings.Join(strings.Fields(strings.Split(table.String(), "\n")[1]), " "); fields != "some/preset 2 1 0 of 0 1 of 16 200 shade of stack 1 (image 3)" {
		t.Error(fields)
	}
	if err := p.picture("some/preset", r); err != nil {
		t.Fatal(err)
	}
	f, err := os.Open(filepath.Join(p.Output, "preset-000003.png"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	im, err := png.Decode(f)
	if err != nil {
		t.Fatal(err)
	}
	if im.Bounds().Dx() != 12 || im.Bounds().Dy() != 2 {
		t.Fatal(im.Bounds())
	}
	for y := range 2 {
		for x := range 4 {
			want := uint32(0)
			if x == 1 && y == 1 {
				want = 0xffff
			}
			if got, _, _, _ := im.At(8+x, y).RGBA(); got != want {
				t.Errorf("mark at %d, %d: %d", x, y, got)
			}
		}
	}
}
