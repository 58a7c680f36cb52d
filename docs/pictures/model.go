package main

import (
	"fmt"
	"slices"
)

// model lists the pictures of docs/model.md. Each isolates one thing by the
// configuration alone: the other paints have weight 0, the other layers are off, and
// leaves are few and large.
func model() []picture {
	all := slices.Concat(sizes(), outlines(), gravities(), layers(), colours(), plainPaints(), noises(), patterns(), tilts(), develops())
	for i := range all {
		if all[i].quality == 0 {
			all[i].quality = 85
		}
	}
	return all
}

// side is the width of a panel, px; four fit a page.
const side = 208

// one returns the sets that give all leaves one radius.
func one(r float64) []string {
	return []string{fmt.Sprintf("leaves.r_min=%g", r), fmt.Sprintf("leaves.r_max=%g", r)}
}

// textured returns flags for large disks, sharp and in one layer, all with the same kind
// of paint: sin, noise or mix. Nothing is warped or tilted. Image index.
func textured(kind string, index uint64, sets ...string) flags {
	f := flags{preset: "no-depth", size: side, seed: 1, index: index}
	f.sets = append(one(90), "outline.per_image=[disk]", "paint.gradient.odds=0", "paint.perspective.odds=0", "paint.warp.odds=0")
	for _, k := range []string{"sin", "noise", "mix"} {
		if k != kind {
			f.sets = append(f.sets, "paint.weights."+k+"=0")
		}
	}
	f.sets = append(f.sets, sets...)
	return f
}

// with is a panel with sets of its own.
func with(caption string, sets ...string) panel {
	return panel{caption: caption, flags: flags{sets: sets}}
}

// at is a panel of another image.
func at(caption string, index uint64, sets ...string) panel {
	return panel{caption: caption, flags: flags{index: index, sets: sets}}
}

func sizes() []picture {
	return []picture{
		{
			name: "sizes", about: "flat disks with radii from four laws", lossless: true,
			flags: flags{preset: "dead-leaves", size: side, seed: 1, index: 9},
			panels: []panel{
				with("the default", "leaves.alpha=3"),
				with("small leaves rarer", "leaves.alpha=2"),
				with("large leaves rarer", "leaves.alpha=4"),
				with("smaller leaves", "leaves.r_min=2"),
			},
		},
	}
}

func outlines() []picture {
	base := flags{preset: "flat", size: side, seed: 1}
	flat := func(index uint64, r float64, sets ...string) flags {
		f := base
		f.index = index
		f.sets = append(append([]string{"properties.depth=false"}, one(r)...), sets...)
		return f
	}
	return []picture{
		{
			name: "outlines", about: "leaves of radius 48 px: disks, rectangles, polygons, and all three", lossless: true,
			flags: flat(1, 48),
			panels: []panel{
				with("disk", "outline.per_image=[disk]"), with("rectangle", "outline.per_image=[rectangle]"),
				with("polygon", "outline.per_image=[polygon]"), with("mix", "outline.per_image=[mix]"),
			},
		},
		{
			name: "rectangles", about: "rectangles: the default, squares, and narrower ones", lossless: true,
			flags: flat(12, 48, "outline.per_image=[rectangle]"),
			panels: []panel{
				with("the default, aspect 0.5 to 1"), with("aspect 1", "outline.rectangle.aspect=[1,1]"),
				with("aspect 0.5", "outline.rectangle.aspect=[0.5,0.5]"), with("aspect 0.2", "outline.rectangle.aspect=[0.2,0.2]"),
			},
		},
		{
			name: "polygon-sizes", about: "polygons of radius 10, 25, 62 and 150 px", lossless: true,
			flags:  flat(11, 10, "outline.per_image=[polygon]"),
			panels: []panel{with("r = 10"), with("r = 25", one(25)...), with("r = 62", one(62)...), with("r = 150", one(150)...)},
		},
		{
			name: "polygons", about: "polygons: sharp or smoothed, without or with holes", lossless: true,
			flags: flat(11, 62, "outline.per_image=[polygon]"),
			panels: []panel{
				with("sharp", "outline.polygon.smooth_odds=0", "outline.polygon.hole_odds=0"),
				with("sharp, holes", "outline.polygon.smooth_odds=0", "outline.polygon.hole_odds=1"),
				with("smoothed", "outline.polygon.smooth_odds=1", "outline.polygon.hole_odds=0"),
				with("smoothed, holes", "outline.polygon.smooth_odds=1", "outline.polygon.hole_odds=1"),
			},
		},
		{
			name: "hulls", about: "polygons from few and many points, and from two hull ratios", lossless: true,
			flags: flat(11, 62, "outline.per_image=[polygon]", "outline.polygon.smooth_odds=0", "outline.polygon.hole_odds=0"),
			panels: []panel{
				with("50 points", "outline.polygon.points_floor=51", "outline.polygon.points_per_radius=0"),
				with("400 points", "outline.polygon.points_min=400", "outline.polygon.points_floor=401"),
				with("convex: no triangle goes", "outline.polygon.hull_ratio=1"),
				with("eroded", "outline.polygon.hull_ratio=0.1"),
			},
		},
	}
}

func layers() []picture {
	deep := []string{
		"{name: a, cover: 0.15, blur: 1.5, depth: 0}", "{name: b, cover: 0.2, blur: 0.8, depth: 0.2}",
		"{name: c, cover: 0.3, blur: 0, depth: 0.4}", "{name: d, cover: 0.3, blur: 0.4, depth: 0.6}",
		"{name: e, cover: 0.4, blur: 0.8, depth: 0.8}", "{name: f, cover: 1, blur: 1.2, depth: 1}",
	}
	many := "layers=[" + deep[0]
	for _, l := range deep[1:] {
		many += ", " + l
	}
	many += "]"
	scene := flags{size: side, seed: 1, index: 14, sets: []string{"leaves.r_max=100"}}
	labelled := func(name string) panel { return panel{caption: "label: " + name, label: name} }
	return []picture{
		{
			name: "layers", about: "the background alone, with the middle, with the foreground, and the depth label", flags: scene,
			panels: []panel{
				with("background", "layers.0.cover=0", "layers.1.cover=0"),
				with("background and middle", "layers.0.cover=0"),
				with("all three"), labelled("depth"),
			},
		},
		{
			name: "blur", about: "the background alone: sharp, blurred by a Gaussian and by a lens",
			flags: flags{preset: "flat", size: side, seed: 1, index: 25,
				sets: []string{"layers.0.cover=0", "layers.1.cover=0", "leaves.r_min=2", "leaves.r_max=60"}},
			panels: []panel{
				with("sharp", "properties.depth=false"), with("Gaussian"),
				// Layer 0 holds nothing, but as much margin as a Gaussian: the same leaves.
				with("lens", "blur.kind=lens", "layers.0.blur=1.5"),
				with("lens, half the radius", "blur.kind=lens", "layers.0.blur=1.5", "layers.2.blur=0.5"),
			},
		},
		{
			name: "depth", about: "six layers, each with a blur of its own, and three labels", flags: scene.over(flags{sets: []string{many}}),
			panels: []panel{with("six layers"), labelled("depth"), labelled("id"), labelled("edge")},
		},
	}
}

func gravities() []picture {
	return []picture{{
		name: "gravity", about: "rectangles and stripes of four gravities", lossless: true,
		flags:  flags{preset: "no-depth", size: side, seed: 1, index: 3, sets: []string{"leaves.r_min=24", "leaves.r_max=90", "outline.per_image=[rectangle]", "paint.weights.noise=0", "paint.weights.mix=0", "paint.perspective.odds=0", "paint.warp.odds=0"}},
		panels: []panel{with("none"), with("0.5", "gravity.odds=0.5"), with("0.9", "gravity.odds=0.9"), with("1, within 0 degrees", "gravity.odds=1", "gravity.spread=0")},
	}}
}

func colours() []picture {
	flat := flags{preset: "dead-leaves", size: side, seed: 1, sets: []string{"leaves.r_max=60"}}
	return []picture{{
		name: "palettes", about: "flat disks in the colours of three palettes, and uniform in the RGB cube", lossless: true, flags: flat,
		panels: []panel{at("image 6", 6), at("image 12", 12), at("image 17", 17), at("colour off", 12, "properties.colour=false")},
	}, {
		name: "contrast", about: "one image at four contrasts", flags: flags{preset: "no-depth", size: side, seed: 1, index: 20, sets: []string{"leaves.r_max=80"}},
		panels: []panel{with("0.3", "paint.contrast=0.3"), with("0.6", "paint.contrast=0.6"), with("1"), with("1.6", "paint.contrast=1.6")},
	}}
}
