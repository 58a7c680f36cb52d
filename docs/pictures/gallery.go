package main

import (
	"fmt"
	"image"
	"strings"

	"leaflitter/scene"
)

// gallery is a picture for each preset: three images at half size, which show their
// layout, and the middle of the first as it is, which shows its pixels.
func gallery(presets []scene.Preset) (out []picture) {
	for _, p := range presets {
		row := picture{
			name: p.Name, about: "images of " + p.Name + ": " + p.About,
			flags: flags{preset: p.Name, seed: gallerySeed}, side: 256, quality: 90,
		}
		for _, index := range galleryIndices {
			row.panels = append(row.panels, panel{flags: flags{index: index}})
		}
		row.panels = append(row.panels, panel{flags: flags{index: galleryIndices[0]}, crop: image.Rect(128, 128, 384, 384)})
		out = append(out, row)
	}
	return out
}

// The images of the gallery.
const gallerySeed = 1

var galleryIndices = []uint64{8, 1, 15}

// galleryPage writes docs/gallery.md.
func galleryPage(a *album, _ string) (string, error) {
	var b strings.Builder
	fmt.Fprintf(&b, `# Gallery

Every preset, and so every ablation. `+"`make gallery`"+` draws this page; a test fails when a preset's pixels are no
longer those shown here. What the presets' fields mean is in [model.md](model.md), with pictures.

Each row: images %d, %d and %d of seed %d, 512 x 512 at half size, then the middle of the first one at full size. Each is
also made by

    leaflitter generate -o OUT --preset NAME --seed %d --start %d --count 1

The same number is the same scene in every row but `+"`dead-leaves-pp-2025`"+`, so rows can be compared: a property that is switched off moves
no leaf. The exceptions: without depth the background is there alone; and disks reach less far, so the leaves centred outside the window, and
one in 15 of the others, come out elsewhere.
`, galleryIndices[0], galleryIndices[1], galleryIndices[2], gallerySeed, gallerySeed, galleryIndices[0])
	for i := range a.pictures {
		p := &a.pictures[i]
		fmt.Fprintf(&b, "\n## %s\n\n%s.\n\n![%s](gallery/%s)\n", p.name, sentence(a.presets[i].About), p.about, p.file())
	}
	return b.String(), nil
}

func sentence(s string) string {
	if strings.HasPrefix(s, "dead-leaves") {
		return "`dead-leaves-pp`" + strings.TrimPrefix(s, "dead-leaves-pp")
	}
	return strings.ToUpper(s[:1]) + s[1:]
}
