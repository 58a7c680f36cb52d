package main

func plainPaints() []picture {
	disks := func(index uint64) flags {
		return flags{preset: "no-texture", size: side, seed: 1, index: index,
			sets: append(one(90), "properties.depth=false", "outline.per_image=[disk]")}
	}
	return []picture{
		{
			name: "gradient", about: "gradients: gentle, steep, mixed in sRGB, and steeper than the default allows", flags: disks(13),
			panels: []panel{
				with("k = 0.1", "paint.gradient.steepness=[0.1,0.1]"),
				with("k = 0.5", "paint.gradient.steepness=[0.5,0.5]"),
				with("k = 0.5, mixed in sRGB", "paint.gradient.steepness=[0.5,0.5]", "paint.mixing=srgb"),
				with("k = 3", "paint.gradient.steepness=[3,3]"),
			},
		},
		{
			name: "paints", about: "one scene with flat colour, gradients, textures, and the default's share of each",
			flags: flags{preset: "no-depth", size: side, seed: 1, index: 20, sets: []string{"leaves.r_max=80"}},
			panels: []panel{
				with("flat", "paint.flat_below=4096"),
				with("gradients from 20 px on", "properties.texture=false"),
				with("default"),
				with("textures from 10 px on", "paint.flat_below=10"),
			},
		},
	}
}

func noises() []picture {
	slope := func(s string) string { return "paint.noise.slopes=[[" + s + ", " + s + "]]" }
	return []picture{
		{
			name: "noise", about: "noise of four slopes on the same leaves", flags: textured("noise", 14),
			panels: []panel{with("s = 0.5", slope("0.5")), with("s = 1.25", slope("1.25")), with("s = 1.75", slope("1.75")), with("s = 2.5", slope("2.5"))},
		},
		{
			name: "noise-colour", about: "noise in the colours of patches of three palettes, and with colour off",
			flags:  textured("noise", 12, slope("1.5")),
			panels: []panel{at("image 12", 12), at("image 19", 19), at("image 17", 17), with("image 12, colour off", "properties.colour=false")},
		},
		{
			name: "noise-extent", about: "noise of slope 2 on leaves of radius 25 and 200, and with other lowest frequencies",
			flags: textured("noise", 14, slope("2")),
			panels: []panel{
				with("r = 25", one(25)...), with("r = 200", one(200)...),
				with("margin 1000", "paint.noise.margin=1000"),
				with("largest tile 64", "paint.noise.largest_tile=64"),
			},
		},
		{
			name: "noise-stretch", about: "noise as it is, and drawn out 2, 4 and 12 times", flags: textured("noise", 14, slope("1"), "paint.noise.stretch_odds=1"),
			panels: []panel{
				with("as it is", "paint.noise.stretch_odds=0"), with("2 times", "paint.noise.stretch=[2,2]"),
				with("4 times", "paint.noise.stretch=[4,4]"), with("12 times", "paint.noise.stretch=[12,12]"),
			},
		},
		{
			name: "noise-spectrum", about: "isotropic noise and noise whose spectrum leans to the axes",
			flags: textured("noise", 14),
			panels: []panel{
				with("isotropic, s = 1", slope("1")),
				with("axes, s = 1", slope("1"), "paint.noise.spectrum=axes"),
				with("isotropic, s = 2", slope("2")),
				with("axes, s = 2", slope("2"), "paint.noise.spectrum=axes"),
			},
		},
	}
}

func patterns() []picture {
	single := []string{"paint.sin.double_odds=0", "paint.sin.period=[24,24]"}
	double := []string{"paint.sin.double_odds=1", "paint.sin.period=[24,24]"}
	soft := []string{"paint.sin.threshold=[1,1]", "paint.sin.slope=[1,1]"}
	join := func(lists ...[]string) (out []string) {
		for _, l := range lists {
			out = append(out, l...)
		}
		return out
	}
	lines := []string{"paint.mix.grid_odds=1", "paint.mix.flat_odds=1"}
	return []picture{
		{
			name: "sin", about: "one sinusoid of four profiles", lossless: true, flags: textured("sin", 21, single...),
			panels: []panel{
				with("threshold 1, slope 1", soft...),
				with("threshold 1, slope 10", "paint.sin.threshold=[1,1]", "paint.sin.slope=[10,10]"),
				with("threshold 0.6, slope 1", "paint.sin.threshold=[0.6,0.6]", "paint.sin.slope=[1,1]"),
				with("threshold 0.1, slope 1", "paint.sin.threshold=[0.1,0.1]", "paint.sin.slope=[1,1]"),
			},
		},
		{
			name: "sin-double", about: "one and two sinusoids", lossless: true, flags: textured("sin", 21, soft...),
			panels: []panel{
				with("one", single...),
				with("two, crossing at 45 to 75 degrees", double...),
				with("two, at right angles", join(double, []string{"paint.sin.second_angle=[0,0]"})...),
				with("periods from 5 to 100 px", "paint.sin.double_odds=1"),
			},
		},
		{
			name: "sin-periods", about: "stripes whose periods are uniform, and log-uniform, from 5 to 100 px", lossless: true, flags: textured("sin", 5, "leaves.r_min=30", "leaves.r_max=60", "paint.sin.double_odds=0"),
			panels: []panel{with("uniform"), with("log-uniform", "paint.sin.period_law=log_uniform")},
		},
		{
			name: "spots", about: "spots of two sizes and edges, and drawn out into stripes", lossless: true, flags: textured("sin", 21, "paint.spots.odds=1", "paint.spots.threshold=[0,0]"),
			panels: []panel{
				with("size 8, slope 20", "paint.spots.size=[8,8]", "paint.spots.slope=[20,20]", "paint.spots.stretch_odds=0"),
				with("size 8, slope 1", "paint.spots.size=[8,8]", "paint.spots.slope=[1,1]", "paint.spots.stretch_odds=0"),
				with("size 3, slope 20", "paint.spots.size=[3,3]", "paint.spots.slope=[20,20]", "paint.spots.stretch_odds=0"),
				with("size 4, slope 20, drawn out 8 times", "paint.spots.size=[4,4]", "paint.spots.slope=[20,20]", "paint.spots.stretch_odds=1", "paint.spots.stretch=[8,8]"),
			},
		},
		{
			name: "grid", about: "grids of lines", lossless: true, flags: textured("mix", 21, lines...),
			panels: []panel{
				with("one direction", "paint.grid.both_odds=0"), with("two directions", "paint.grid.both_odds=1"),
				with("thick and dense", "paint.grid.both_odds=1", "paint.grid.line=[4,4]", "paint.grid.period=[12,12]"),
				with("warped", "paint.grid.both_odds=1", "paint.warp.odds=1"),
			},
		},
		{
			name: "warp", about: "stripes without warp, and with three", lossless: true, flags: textured("sin", 21, single...),
			panels: []panel{
				with("none"),
				with("sigma 10, amplitude 5", "paint.warp.odds=1", "paint.warp.sigma=[10,10]"),
				with("sigma 20, amplitude 5 to 10", "paint.warp.odds=1", "paint.warp.sigma=[20,20]"),
				with("sigma 60, amplitude 20", "paint.warp.odds=1", "paint.warp.sigma=[60,60]", "paint.warp.amplitude_min=20", "paint.warp.amplitude_per_sigma=0.34"),
			},
		},
		{
			name: "mix", about: "two paints mixed by a map", flags: textured("mix", 14),
			panels: []panel{
				with("noise and noise, by sinusoids", "paint.mix.flat_odds=0", "paint.mix.grid_odds=0"),
				with("noise and noise, by a grid", "paint.mix.flat_odds=0", "paint.mix.grid_odds=1"),
				with("one in two is flat", "paint.mix.flat_odds=0.5", "paint.mix.grid_odds=0"),
				with("by warped sinusoids", "paint.mix.flat_odds=0", "paint.mix.grid_odds=0", "paint.warp.odds=1"),
			},
		},
	}
}

func tilts() []picture {
	tilted := []string{"paint.perspective.odds=1"}
	nearer := append([]string{"paint.perspective.direction=approach"}, tilted...)
	square := []string{"paint.mix.grid_odds=1", "paint.mix.flat_odds=1", "paint.grid.both_odds=1", "paint.grid.line=[2,2]", "paint.grid.period=[16,16]"}
	return []picture{
		{
			name: "tilt", about: "grids, untilted, receding and approaching", lossless: true, flags: textured("mix", 21, square...),
			panels: []panel{
				with("not tilted"), with("recede", tilted...), with("approach", nearer...),
				with("recede and warp", append([]string{"paint.warp.odds=1"}, tilted...)...),
			},
		},
		{
			name: "tilt-noise", about: "noise, untilted, receding and approaching", flags: textured("noise", 14, "paint.noise.slopes=[[1, 1]]"),
			panels: []panel{
				with("not tilted"), with("recede", tilted...), with("approach", nearer...),
				with("recede, s = 2", append([]string{"paint.noise.slopes=[[2, 2]]"}, tilted...)...),
			},
		},
	}
}
