package cpu_test

import (
	"testing"

	"leaflitter/cpu"
	"leaflitter/palette"
	"leaflitter/render"
	"leaflitter/scene"
)

// rendered returns image 0 of seed 3 of a configuration, and the palette it used.
func rendered(t *testing.T, cfg scene.Config) (*render.Image, *palette.Palette) {
	t.Helper()
	if err := scene.Check(&cfg); err != nil {
		t.Fatal(err)
	}
	m := render.NewModel(&cfg, nil, nil)
	im := render.NewImage(&cfg, render.Labels{})
	s := m.Placer(3).Scene(0)
	if err := cpu.New(m, 0).Render(t.Context(), []*scene.Scene{s}, []*render.Image{im}); err != nil {
		t.Fatal(err)
	}
	return im, &m.Palettes.Palettes[s.Palette]
}

// Contrast scales every colour of an image about the palette's mean: of flat leaves exactly, and of all
// paints as far as clipping and mixing in Lab let it.
func TestContrast(t *testing.T) {
	for _, c := range []struct {
		preset string
		bound  float64 // grey levels, mean over the pixels
	}{{"dead-leaves", 0.51}, {"no-gradient", 1.5}} {
		p, _ := scene.PresetByName(c.preset)
		p.Config.Image = scene.Image{Width: 160, Height: 120}
		plain, pal := rendered(t, p.Config)
		p.Config.Paint.Contrast = 0.4
		low, _ := rendered(t, p.Config)
		mean := pal.Mean().RGB
		sum, changed := 0.0, 0
		for i, v := range low.Pix {
			m := float64(mean[i%3])
			want := m + 0.4*(float64(plain.Pix[i])-m)
			sum += max(want-float64(v), float64(v)-want)
			if v != plain.Pix[i] {
				changed++
			}
		}
		if off := sum / float64(len(low.Pix)); off > c.bound || changed < len(low.Pix)/2 {
			t.Errorf("%s: %.2f grey levels off the scaled colours on average, %d of %d bytes changed", c.preset, off, changed, len(low.Pix))
		}
	}
	flat := scene.Default()
	flat.Image = scene.Image{Width: 64, Height: 64}
	flat.Paint.Contrast = 0
	im, _ := rendered(t, flat)
	for i := 3; i < len(im.Pix); i++ {
		if d := int(im.Pix[i]) - int(im.Pix[i%3]); d < -1 || d > 1 {
			t.Fatalf("without contrast pixel %d is %d, and the first %d", i/3, im.Pix[i], im.Pix[i%3])
		}
	}
}
