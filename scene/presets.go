package scene

// Preset is a named configuration.
type Preset struct {
	Name   string
	About  string // one line
	Config Config
}

// Presets returns all presets, the default first.
func Presets() []Preset {
	pp := func(change func(*Config)) Config {
		c := Default()
		change(&c)
		return c
	}
	return []Preset{
		{"dead-leaves-pp", "everything: outlines, textures, three layers with depth of field (the default)",
			Default()},
		{"dead-leaves", "the classical model: flat disks, one sharp layer",
			pp(func(c *Config) {
				c.Properties.Geometry = false
				c.Properties.Texture = false
				c.Properties.Gradient = false
				c.Properties.Depth = false
			})},
		{"dead-leaves-pp-2025", "the paper's setting: rendered at 2x, polygons only, lens blur, textures 0.2/0.6/0.2",
			pp(paper2025)},
		{"no-geometry", "dead-leaves-pp with disks only",
			pp(func(c *Config) { c.Properties.Geometry = false })},
		{"no-texture", "dead-leaves-pp with gradients in place of textures",
			pp(func(c *Config) { c.Properties.Texture = false })},
		{"no-depth", "dead-leaves-pp in one sharp layer",
			pp(func(c *Config) { c.Properties.Depth = false })},
		{"no-colour", "dead-leaves-pp with colours uniform in the RGB cube",
			pp(func(c *Config) { c.Properties.Colour = false })},
		{"no-gradient", "dead-leaves-pp with flat colour in place of gradients",
			pp(func(c *Config) { c.Properties.Gradient = false })},
		{"no-perspective", "dead-leaves-pp without tilted textures",
			pp(func(c *Config) { c.Properties.Perspective = false })},
		{"no-warp", "dead-leaves-pp without warped patterns",
			pp(func(c *Config) { c.Properties.Warp = false })},
		{"flat", "dead-leaves-pp outlines and depth, one flat colour a leaf",
			pp(func(c *Config) { c.Properties.Texture = false; c.Properties.Gradient = false })},
		{"grey", "dead-leaves-pp in one channel",
			pp(func(c *Config) { c.Develop.Grey = true })},
	}
}

// paper2025 is the setting of the paper of 2025. Its lengths are given for the
// image before the 2 x 2 average, so they are halved here.
func paper2025(c *Config) {
	c.Develop.Supersample = 2
	c.Leaves.RMin, c.Leaves.RMax = 10, 250
	c.Outline.PerImage = []string{"polygon"}
	c.Outline.Polygon.PointsPerRadius = 1.8
	c.Outline.Polygon.SmoothSigma = Interval{0.25, 5}
	c.Blur.Kind, c.Blur.LensMax = "lens", 5
	c.Properties.Perspective = false
	c.Paint.FlatBelow = 10
	c.Paint.Weights = Weights{Sin: 0.2, Noise: 0.6, Mix: 0.2}
	c.Paint.Noise.Margin = 30
	c.Paint.Sin.Period = Interval{2.5, 50}
	c.Paint.Grid.Line, c.Paint.Grid.Period = Interval{0.5, 1}, Interval{10, 50}
	c.Paint.Warp.Sigma, c.Paint.Warp.AmplitudeMin = Interval{5, 10}, 2.5
}

// PresetByName returns the preset of that name.
func PresetByName(name string) (Preset, bool) {
	for _, p := range Presets() {
		if p.Name == name {
			return p, true
		}
	}
	return Preset{}, false
}
