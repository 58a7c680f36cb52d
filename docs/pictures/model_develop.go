package main

import "image"

func develops() []picture {
	part := image.Rect(96, 78, 148, 130)
	zoomed := func(caption string, sets ...string) panel {
		p := with(caption, sets...)
		p.crop, p.zoom = part, 4
		return p
	}
	edges := flags{preset: "flat", size: side, seed: 1, index: 20, sets: []string{"properties.depth=false", "leaves.r_max=80"}}
	return []picture{
		{
			name: "supersample", about: "52 x 52 pixels, each enlarged to 4 x 4, at four settings", lossless: true, flags: edges,
			panels: []panel{
				zoomed("supersample 1", "develop.supersample=1"), zoomed("supersample 2", "develop.supersample=2"),
				zoomed("supersample 4", "develop.supersample=4"),
				zoomed("extra blur", "develop.blur_odds=1", "develop.blur_sigma=[1, 1]"),
			},
		},
		{
			name: "develop", about: "an image, with extra blur, and in grey", flags: flags{preset: "no-depth", size: side, seed: 1, index: 20, sets: []string{"leaves.r_max=80"}},
			panels: []panel{
				with("as it is"), with("blurred by 1 px", "develop.blur_odds=1", "develop.blur_sigma=[1, 1]"),
				with("blurred by 3 px", "develop.blur_odds=1", "develop.blur_sigma=[3, 3]"), with("grey", "develop.grey=true"),
			},
		},
	}
}
