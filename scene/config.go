// Package scene decides what an image contains and where: configuration,
// counter-based randomness and the placement of leaves. It knows no pixels.
package scene

import (
	"math"

	"leaflitter/exact"
)

// Config is every number of the Dead Leaves++ model. It is what a YAML file
// holds, what a manifest records and, with palettes, a seed and an image
// index, all that an image depends on.
//
// All lengths are output pixels, before supersampling. The tags are the single
// source of the YAML names, of the allowed ranges (min, max: of the number, or
// of each number in a list), of the comments that `config show` writes (doc)
// and of the JSON Schema (there with the unit). Any field may have a Law, but for those whose tag
// says why it is the same in all images (same).
type Config struct {
	Image      Image      `yaml:"image" doc:"size of the finished image"`
	Properties Properties `yaml:"properties" doc:"each property of the model, switched off alone by false"`
	Leaves     Leaves     `yaml:"leaves" doc:"radius law: density proportional to r^-alpha on [r_min, r_max]"`
	Outline    Outline    `yaml:"outline" doc:"shapes of leaves"`
	Gravity    Gravity    `yaml:"gravity" doc:"directions of outlines and textures, from uniform to mostly upright and level"`
	Layers     []Layer    `yaml:"layers" same:"all images have the same stacks" doc:"stacks of leaves, front to back; the last one covers everything"`
	Blur       Blur       `yaml:"blur" doc:"depth of field: one u ~ U(0,1) an image"`
	Paint      Paint      `yaml:"paint" doc:"what leaves are filled with"`
	Develop    Develop    `yaml:"develop" doc:"from rendered layers to the 8-bit image"`

	// Laws are the fields that every image draws for itself, sorted by path. In a file a law stands
	// in place of the field's value.
	Laws []Law `yaml:"-"`
}

// Image is the size of the output.
type Image struct {
	Width  int `yaml:"width" same:"all images of a dataset have one size" min:"1" max:"16384" unit:"px" doc:"px"`
	Height int `yaml:"height" same:"all images of a dataset have one size" min:"1" max:"16384" unit:"px" doc:"px"`
}

// Properties switches off one property of the model each.
type Properties struct {
	Geometry    bool `yaml:"geometry" doc:"false: every outline is a disk"`
	Texture     bool `yaml:"texture" doc:"false: no noise, sin or mix; leaves of radius paint.flat_below and more get gradients"`
	Gradient    bool `yaml:"gradient" doc:"false: flat colour where a gradient would be"`
	Depth       bool `yaml:"depth" same:"all images have the same stacks; a layer whose cover is 0 is empty" doc:"false: the last layer alone, sharp"`
	Colour      bool `yaml:"colour" same:"the palettes are chosen once" doc:"false: colours uniform in the RGB cube instead of a photograph's palette"`
	Perspective bool `yaml:"perspective" doc:"false: no texture is tilted"`
	Warp        bool `yaml:"warp" doc:"false: no periodic map is displaced"`
}

// Leaves is the radius law.
type Leaves struct {
	Alpha        float64 `yaml:"alpha" min:"0" max:"10" doc:"exponent of the radius density"`
	RMin         float64 `yaml:"r_min" min:"0.5" max:"4096" unit:"px" doc:"smallest radius, px"`
	RMax         float64 `yaml:"r_max" min:"0.5" max:"4096" unit:"px" doc:"largest radius, px"`
	IntegerRadii bool    `yaml:"integer_radii" doc:"round radii down to whole px, as the published generator does"`
}

// Outline is the law of leaf shapes.
type Outline struct {
	PerImage  []string  `yaml:"per_image" enum:"disk,rectangle,polygon,mix" doc:"one is drawn for each image with equal odds; mix draws disk, rectangle or polygon for each leaf"`
	Rectangle Rectangle `yaml:"rectangle" doc:"area pi r^2, any angle"`
	Polygon   Polygon   `yaml:"polygon" same:"the outlines are drawn once, before the first image" doc:"concave hull of random points"`
}

// Rectangle is the law of rectangular outlines; their area is pi r^2.
type Rectangle struct {
	Aspect Interval `yaml:"aspect" min:"0.05" max:"1" doc:"short side over long side, uniform"`
}

// Polygon is the law of polygonal outlines: the ratio hull of n points with
// uniform angle and uniform distance in [0, Reach r].
type Polygon struct {
	PointsMin       int      `yaml:"points_min" min:"4" max:"2000" doc:"n is uniform in [points_min, max(points_floor, points_per_radius r))"`
	PointsFloor     int      `yaml:"points_floor" min:"5" max:"2000" doc:"see points_min"`
	PointsPerRadius float64  `yaml:"points_per_radius" min:"0" max:"10" doc:"see points_min; n never exceeds 2000"`
	Reach           float64  `yaml:"reach" min:"1" max:"2" doc:"points lie within reach * r of the centre"`
	HullRatio       float64  `yaml:"hull_ratio" min:"0" max:"1" doc:"border triangles go while their border edge exceeds min + ratio (max - min) edge length"`
	HoleOdds        float64  `yaml:"hole_odds" min:"0" max:"1" doc:"probability that holes are opened too"`
	SmoothOdds      float64  `yaml:"smooth_odds" min:"0" max:"1" doc:"probability that the outline is smoothed"`
	SmoothSigma     Interval `yaml:"smooth_sigma" min:"0.1" max:"100" unit:"px" doc:"px: the smoothing sigma is uniform in [max(lo, lo_fraction s), min(hi, hi_fraction s)] for outline width s = 2 reach r"`
	SmoothFraction  Interval `yaml:"smooth_fraction" min:"0.001" max:"0.2" doc:"fractions of the outline width, see smooth_sigma"`
}

// Gravity makes directions lean to the axes of the image, as those of walls, trunks and horizons do.
type Gravity struct {
	Odds   float64 `yaml:"odds" min:"0" max:"1" doc:"probability that a direction (of a rectangle or polygon, a gradient, a periodic map, spots or noise drawn out) lies near an axis; 0: all are alike"`
	Spread float64 `yaml:"spread" min:"0" max:"45" unit:"degrees" doc:"degrees: it then lies within so much of the axis, uniform; the others lie farther off"`
}

// Layer is one stack of leaves at one depth.
type Layer struct {
	Name  string  `yaml:"name" same:"a layer has one name" doc:"used in messages and reports"`
	Cover float64 `yaml:"cover" min:"0" max:"1" doc:"expected covered fraction; 1: full, no pixel stays uncovered"`
	Blur  float64 `yaml:"blur" min:"0" max:"4" doc:"this layer's blur as a multiple of the image's; 0: sharp"`
	Depth float64 `yaml:"depth" min:"0" max:"1" doc:"value in the depth label, 0 near to 1 far"`
}

// Blur is the depth of field: an image draws u ~ U(0,1).
type Blur struct {
	Kind     string  `yaml:"kind" enum:"gaussian,lens" doc:"gaussian: sigma = sigma_max u^2; lens: a disk of radius radius_max u^2 with gamma-2 highlights"`
	SigmaMax float64 `yaml:"sigma_max" min:"0" max:"10" unit:"px" doc:"px"`
	LensMax  float64 `yaml:"radius_max" min:"0" max:"20" unit:"px" doc:"px; times a layer's blur and develop.supersample at most 128"`
}

// Paint is what leaves are filled with.
type Paint struct {
	FlatBelow   float64     `yaml:"flat_below" min:"0" max:"4096" unit:"px" doc:"px: leaves of smaller radius have one flat colour"`
	Contrast    float64     `yaml:"contrast" min:"0" max:"4" doc:"the palette's colours are scaled about their mean by this; 1: as photographed"`
	Mixing      string      `yaml:"mixing" enum:"lab,srgb" doc:"space in which two colours or paints are mixed"`
	Gradient    Gradient    `yaml:"gradient" doc:"two colours along a random direction"`
	Weights     Weights     `yaml:"weights" doc:"relative odds of the textures"`
	Noise       Noise       `yaml:"noise" doc:"1/f^s noise with the mean and covariance of a patch of the photograph"`
	Sin         Sin         `yaml:"sin" doc:"periodic map of one or two sinusoids"`
	Spots       Spots       `yaml:"spots" doc:"map of spots and stripes: a smooth Gaussian field, drawn out along a direction, through a logistic"`
	Grid        Grid        `yaml:"grid" doc:"periodic map of thin lines"`
	Mix         Mix         `yaml:"mix" doc:"two paints mixed by a periodic map"`
	Warp        Warp        `yaml:"warp" doc:"smooth Gaussian displacement of periodic maps"`
	Perspective Perspective `yaml:"perspective" doc:"textures seen tilted: a square seen as a trapezium whose far side is half as long, at half the depth"`
}

// Gradient is the two-colour gradient paint.
type Gradient struct {
	Odds      float64  `yaml:"odds" min:"0" max:"1" doc:"of a leaf that could have a texture"`
	Steepness Interval `yaml:"steepness" min:"0.01" max:"10" doc:"k of the logistic profile over [-6, 6], drawn twice as wide as the leaf, uniform"`
}

// Weights are relative odds of the textures; at least one is positive.
type Weights struct {
	Sin   float64 `yaml:"sin" min:"0" max:"1000"`
	Noise float64 `yaml:"noise" min:"0" max:"1000"`
	Mix   float64 `yaml:"mix" min:"0" max:"1000"`
}

// Noise is the 1/f^s noise paint; s is the slope of the amplitude spectrum.
type Noise struct {
	Slopes      []Interval `yaml:"slopes" min:"0" max:"4" doc:"s is uniform over this union of intervals, to the nearest 1/8"`
	Margin      float64    `yaml:"margin" min:"0" max:"1000" unit:"px" doc:"px: the lowest frequency is about 1 / (leaf width + margin)"`
	LargestTile int        `yaml:"largest_tile" enum:"64,128,256,512,1024,2048,4096" unit:"px" doc:"px: the spectrum rises down to 1 / this and no further; 2048 and more cost memory"`
	StretchOdds float64    `yaml:"stretch_odds" min:"0" max:"1" doc:"probability that a texture of noise is drawn out along a random direction"`
	Stretch     Interval   `yaml:"stretch" min:"1" max:"64" doc:"how many times it is drawn out, log-uniform"`
	Spectrum    string     `yaml:"spectrum" same:"the noise tiles are made once" enum:"isotropic,axes" doc:"isotropic: 1/|f|^s; axes: 1/(|fx|^s + |fy|^s), as published"`
}

// Sin is the periodic map of sinusoids.
type Sin struct {
	DoubleOdds     float64  `yaml:"double_odds" min:"0" max:"1" doc:"probability of a second sinusoid"`
	Period         Interval `yaml:"period" min:"2" max:"1000" unit:"px" doc:"px, drawn by period_law"`
	PeriodLaw      string   `yaml:"period_law" enum:"uniform,log_uniform" doc:"log_uniform: as many maps of 5 to 10 px as of 50 to 100"`
	FirstAngle     float64  `yaml:"first_angle" min:"0" max:"90" unit:"degrees" doc:"degrees: the first is turned by U(-first_angle, first_angle) from upright stripes"`
	SecondAngle    Interval `yaml:"second_angle" min:"0" max:"90" unit:"degrees" doc:"degrees by which the directions of the two differ from a right angle, either side, uniform"`
	Threshold      Interval `yaml:"threshold" min:"0.01" max:"1" doc:"values over it become 1, uniform"`
	Slope          Interval `yaml:"slope" min:"0.1" max:"20" doc:"of the logistic, lambda on [0, 1], uniform"`
	Rotation       float64  `yaml:"rotation" min:"0" max:"180" unit:"degrees" doc:"degrees: the map is turned by U(-rotation, rotation)"`
	RightAngleOdds float64  `yaml:"right_angle_odds" min:"0" max:"1" doc:"probability that it is turned by a right angle as well; at 0.5 neither axis has more stripes than the other"`
}

// Spots is the map of spots and stripes: the soft excursion set of a smooth Gaussian field.
type Spots struct {
	Odds        float64  `yaml:"odds" min:"0" max:"1" doc:"a map that would be of sinusoids is of spots with this probability"`
	Size        Interval `yaml:"size" min:"1" max:"200" unit:"px" doc:"px: correlation length, that of white noise smoothed by a Gaussian of this sigma, log-uniform"`
	StretchOdds float64  `yaml:"stretch_odds" min:"0" max:"1" doc:"probability that spots are drawn out into stripes along a random direction"`
	Stretch     Interval `yaml:"stretch" min:"1" max:"64" doc:"how many times they are drawn out, log-uniform"`
	Threshold   Interval `yaml:"threshold" min:"-3" max:"3" doc:"standard deviations: where the map is a half, uniform"`
	Slope       Interval `yaml:"slope" min:"0.1" max:"100" doc:"of the logistic, a standard deviation, log-uniform; edges narrower than about a pixel are softened"`
}

// Grid is the periodic map of lines.
type Grid struct {
	Line     Interval `yaml:"line" min:"0.5" max:"50" unit:"px" doc:"px: line width, uniform"`
	Period   Interval `yaml:"period" min:"4" max:"1000" unit:"px" doc:"px, uniform"`
	BothOdds float64  `yaml:"both_odds" min:"0" max:"1" doc:"probability of lines in two directions"`
}

// Mix is the paint that mixes two paints by a periodic map.
type Mix struct {
	FlatOdds float64 `yaml:"flat_odds" min:"0" max:"1" doc:"each of the two paints is flat with this probability, else noise"`
	GridOdds float64 `yaml:"grid_odds" min:"0" max:"1" doc:"the map is a grid with this probability, else sinusoids"`
}

// Warp displaces periodic maps by a smooth Gaussian field.
type Warp struct {
	Odds          float64  `yaml:"odds" min:"0" max:"1"`
	Sigma         Interval `yaml:"sigma" min:"2" max:"200" unit:"px" doc:"px: correlation length, uniform"`
	AmplitudeMin  float64  `yaml:"amplitude_min" min:"0" max:"100" unit:"px" doc:"px: the rms displacement is uniform in [amplitude_min, amplitude_per_sigma sigma]"`
	AmplitudeRate float64  `yaml:"amplitude_per_sigma" min:"0" max:"1" doc:"see amplitude_min"`
}

// Perspective tilts textures.
type Perspective struct {
	Odds      float64 `yaml:"odds" min:"0" max:"1"`
	Direction string  `yaml:"direction" enum:"recede,approach" doc:"recede: texture scale 1 to 1/4 towards the far side; approach: the near half of the trapezium, enlarged 1 to 2.25 times along and 1 to 1.5 across"`
}

// Develop turns rendered layers into the 8-bit image.
type Develop struct {
	Supersample int      `yaml:"supersample" same:"images are rendered together, at one scale" min:"1" max:"4" doc:"render at this multiple of the size, then average boxes"`
	BlurOdds    float64  `yaml:"blur_odds" min:"0" max:"1" doc:"probability of an extra Gaussian blur of the whole image"`
	BlurSigma   Interval `yaml:"blur_sigma" min:"0.1" max:"10" unit:"px" doc:"px, uniform"`
	Grey        bool     `yaml:"grey" same:"all images of a dataset have as many channels" doc:"one channel of Rec. 601 luma"`
}

// Interval is [lo, hi] with lo <= hi.
type Interval [2]float64

// Log2 returns the low end of an interval over 0 and how many octaves it spans.
func (in Interval) Log2() (lo, octaves float32) {
	return float32(in[0]), float32((exact.Log(in[1]) - exact.Log(in[0])) / math.Ln2)
}

// Default returns the preset dead-leaves-pp: every number as in the reference.
func Default() Config {
	return Config{
		Image: Image{512, 512},
		Properties: Properties{
			Geometry: true, Texture: true, Gradient: true, Depth: true,
			Colour: true, Perspective: true, Warp: true,
		},
		Leaves: Leaves{Alpha: 3, RMin: 10, RMax: 500},
		Outline: Outline{
			PerImage:  []string{"polygon", "mix"},
			Rectangle: Rectangle{Aspect: Interval{0.5, 1}},
			Polygon: Polygon{
				PointsMin: 50, PointsFloor: 100, PointsPerRadius: 0.9, Reach: 1.5,
				HullRatio: 0.3, HoleOdds: 0.5, SmoothOdds: 0.5,
				SmoothSigma: Interval{0.5, 10}, SmoothFraction: Interval{0.01, 0.025},
			},
		},
		Gravity: Gravity{Spread: 5},
		Layers: []Layer{
			{Name: "foreground", Cover: 0.27, Blur: 1, Depth: 0},
			{Name: "middle", Cover: 0.46, Blur: 0, Depth: 0.5},
			{Name: "background", Cover: 1, Blur: 1, Depth: 1},
		},
		Blur: Blur{Kind: "gaussian", SigmaMax: 5, LensMax: 10},
		Paint: Paint{
			FlatBelow: 20, Contrast: 1, Mixing: "lab",
			Gradient: Gradient{Odds: 0.05, Steepness: Interval{0.1, 0.5}},
			Weights:  Weights{Sin: 0.16, Noise: 0.67, Mix: 0.17},
			Noise: Noise{
				Slopes: []Interval{{0.5, 2.5}}, Margin: 60, LargestTile: 1024, Stretch: Interval{1, 8}, Spectrum: "isotropic",
			},
			Sin: Sin{
				DoubleOdds: 0.5, Period: Interval{5, 100}, PeriodLaw: "uniform", FirstAngle: 45, SecondAngle: Interval{15, 45},
				Threshold: Interval{0.05, 1}, Slope: Interval{1, 10}, Rotation: 22.5, RightAngleOdds: 0.5,
			},
			Spots:       Spots{Size: Interval{1.5, 15}, StretchOdds: 0.7, Stretch: Interval{1, 12}, Threshold: Interval{-0.8, 0.8}, Slope: Interval{1, 20}},
			Grid:        Grid{Line: Interval{1, 2}, Period: Interval{20, 100}, BothOdds: 0.7},
			Mix:         Mix{FlatOdds: 0.1, GridOdds: 0.1},
			Warp:        Warp{Odds: 0.5, Sigma: Interval{10, 20}, AmplitudeMin: 5, AmplitudeRate: 0.5},
			Perspective: Perspective{Odds: 0.5, Direction: "recede"},
		},
		Develop: Develop{Supersample: 1, BlurOdds: 0, BlurSigma: Interval{1, 3}},
	}
}

// DrawsPolygons reports whether any image of the configuration may hold
// polygonal outlines.
func (c *Config) DrawsPolygons() bool {
	return c.Support().Polygons
}
