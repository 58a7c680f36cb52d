package scene

import (
	"encoding/json"
	"math"
	"reflect"
	"strings"
	"testing"
)

// parsed returns the default with a YAML text over it.
func parsed(t *testing.T, text string) *Config {
	t.Helper()
	c, err := Parse("test.yaml", []byte(text), Default())
	if err != nil {
		t.Fatal(err)
	}
	return &c
}

// drawn returns what images 0 to n-1 draw for a number.
func drawn(c *Config, path string, n int) []float64 {
	xs := make([]float64, n)
	for i := range xs {
		v, _ := c.Drawn(7, uint64(i)).field(path)
		xs[i] = toFloat(v)
	}
	return xs
}

// distance returns the largest difference between the distribution function of the numbers and cdf
// (Kolmogorov's statistic).
func supDistance(xs []float64, cdf func(x float64) float64) float64 {
	worst := 0.0
	for _, x := range xs {
		below := 0
		for _, y := range xs {
			if y <= x {
				below++
			}
		}
		worst = max(worst, math.Abs(float64(below)/float64(len(xs))-cdf(x)))
	}
	return worst
}

func TestLawsAreDrawnAsTheySay(t *testing.T) {
	const n = 4000
	for text, cdf := range map[string]func(x float64) float64{
		"{uniform: [2, 30]}":     func(x float64) float64 { return (x - 2) / 28 },
		"{log_uniform: [1, 30]}": func(x float64) float64 { return math.Log(x) / math.Log(30) },
		"{normal: [40, 6]}":      func(x float64) float64 { return (1 + math.Erf((x-40)/6/math.Sqrt2)) / 2 },
		"{choice: [3, 5, 9], odds: [1, 0, 3]}": func(x float64) float64 {
			return map[float64]float64{3: 0.25, 9: 1}[x]
		},
		"{choice: [3, 9]}": func(x float64) float64 { return map[float64]float64{3: 0.5, 9: 1}[x] },
	} {
		c := parsed(t, "leaves: {r_min: "+text+"}")
		// 1.95 / sqrt(n) is passed once in a thousand times.
		if d := supDistance(drawn(c, "leaves.r_min", n), cdf); d > 1.95/math.Sqrt(n) {
			t.Errorf("%s: its distribution function is %.3f off", text, d)
		}
	}
	c := parsed(t, "paint: {noise: {largest_tile: {choice: [64, 256]}}, flat_below: {normal: [1, 3]}}")
	for _, x := range drawn(c, "paint.flat_below", n) {
		if x < 0 || x > 19 {
			t.Fatalf("a normal law drew %v, out of the field's range or farther than six deviations", x)
		}
	}
	whole := map[float64]int{}
	m := parsed(t, "paint: {noise: {largest_tile: {choice: [64, 256]}}}")
	for _, x := range drawn(m, "paint.noise.largest_tile", n) {
		whole[x]++
	}
	if len(whole) != 2 || whole[64] < n*45/100 || whole[256] < n*45/100 {
		t.Errorf("the choice of 64 and 256 drew %v", whole)
	}
}

func TestALawMoreChangesNoOtherDraw(t *testing.T) {
	one := parsed(t, "leaves: {r_min: {uniform: [2, 30]}}")
	two := parsed(t, "leaves: {r_min: {uniform: [2, 30]}, alpha: {uniform: [2, 4]}}")
	a, b := drawn(one, "leaves.r_min", 100), drawn(two, "leaves.r_min", 100)
	if !reflect.DeepEqual(a, b) {
		t.Error("leaves.r_min is drawn otherwise once leaves.alpha has a law")
	}
	if reflect.DeepEqual(drawn(two, "leaves.alpha", 100), drawn(parsed(t, "leaves: {alpha: {uniform: [2, 4]}}"), "leaves.r_min", 100)) {
		t.Error("two fields draw alike")
	}
}

func TestAnImageOfALawIsTheImageOfItsDraw(t *testing.T) {
	c := parsed(t, "leaves: {r_min: {log_uniform: [5, 40]}}\nlayers: [{name: a, cover: {uniform: [0, 0.8]}, blur: 1}, {name: b, cover: 1}]\nblur: {sigma_max: {uniform: [0, 8]}}\noutline: {per_image: [disk]}")
	with := NewPlacer(c, nil, 3, 5)
	for i := range uint64(20) {
		d := c.Drawn(5, i)
		if d.Laws != nil {
			t.Fatal("what an image drew has laws")
		}
		a, b := with.Scene(i), NewPlacer(d, nil, 3, 5).Scene(i)
		a.Extend(1)
		b.Extend(1)
		if !reflect.DeepEqual(a.Stacks, b.Stacks) || a.Palette != b.Palette {
			t.Fatalf("image %d differs from the image of what it drew", i)
		}
	}
	if plain := Default(); plain.Drawn(1, 2) != &plain {
		t.Error("a configuration without laws is copied")
	}
}

func TestLawsAreWrittenAndReadBack(t *testing.T) {
	text := `
properties: {warp: {choice: [true, false], odds: [3, 1]}}
leaves: {r_min: {log_uniform: [1, 30]}, alpha: {normal: [3, 0.5]}}
outline: {per_image: {choice: [[polygon], [disk, mix]]}}
layers:
  - {name: near, cover: {uniform: [0, 0.5]}, blur: 1}
  - {name: far, cover: 1}
paint:
  mixing: {choice: [lab, srgb]}
  noise: {slopes: [[{uniform: [0.25, 1]}, 2.5], [3, 3.5]], largest_tile: {choice: [64, 128]}}
  sin: {period: {choice: [[5, 10], [20, 100]]}}
`
	c := parsed(t, text)
	if len(c.Laws) != 9 {
		t.Fatalf("%d laws were read, not 9: %+v", len(c.Laws), c.Laws)
	}
	again, err := Parse("again.yaml", Marshal(c), Config{})
	if err != nil || !reflect.DeepEqual(&again, c) {
		t.Fatalf("config show does not read back (%v):\n%s", err, Marshal(c))
	}
	data, err := json.Marshal(c)
	if err != nil {
		t.Fatal(err)
	}
	if again, err = Parse("manifest.json", data, Config{}); err != nil || !reflect.DeepEqual(&again, c) {
		t.Fatalf("JSON does not read back (%v):\n%s", err, data)
	}
	base := Default()
	set := base
	for _, s := range Diff(&base, c) {
		if err := Set(&set, s); err != nil {
			t.Fatal(err)
		}
	}
	if !reflect.DeepEqual(&set, c) {
		t.Errorf("the assignments of Diff make another configuration: %v", Diff(c, &set))
	}
}

func TestAPlainValueReplacesALaw(t *testing.T) {
	c := *parsed(t, "leaves: {r_min: {uniform: [2, 30]}}\nlayers: [{name: a, cover: {uniform: [0, 0.5]}}, {name: b, cover: 1}]\npaint: {noise: {slopes: [[{uniform: [0, 1]}, 2]]}}")
	for _, s := range []string{"leaves.r_min=4", "layers.0.cover=0.1", "paint.noise.slopes=[[1, 2]]"} {
		if err := Set(&c, s); err != nil {
			t.Fatal(err)
		}
	}
	if len(c.Laws) != 0 {
		t.Errorf("laws are left: %+v", c.Laws)
	}
	c = *parsed(t, "leaves: {r_min: {uniform: [2, 30]}}")
	c, err := Parse("over.yaml", []byte("leaves: {alpha: {uniform: [2, 3]}}"), c)
	if err != nil || len(c.Laws) != 2 {
		t.Errorf("a file that does not name a law dropped it: %v, %+v", err, c.Laws)
	}
	if c, err = Parse("over.yaml", []byte("leaves: {r_min: 3}"), c); err != nil || len(c.Laws) != 1 || c.Leaves.RMin != 3 {
		t.Errorf("a file's plain value did not replace the law: %v, %+v", err, c.Laws)
	}
}

func TestBadLawsAreRefused(t *testing.T) {
	for text, want := range map[string]string{
		"leaves: {r_min: {uniform: [2]}}":                                           "test.yaml:1: leaves.r_min: \"[...]\" are no two numbers",
		"leaves: {r_min: {uniform: [30, 2]}}":                                       "runs backwards",
		"leaves: {r_min: {uniform: [0, 2]}}":                                        "0 is out of range; give a number from 0.5 to 4096",
		"leaves: {r_min: {triangular: [1, 2]}}":                                     "no law; laws are {uniform: [lo, hi]}, {log_uniform",
		"leaves: {r_min: {}}":                                                       "no law",
		"leaves: {r_min: {uniform: [1, 2], odds: [1]}}":                             "\"odds\" does not belong to the law {uniform",
		"leaves: {r_min: {normal: [5, 0]}}":                                         "the deviation 0",
		"leaves: {r_min: {choice: []}}":                                             "a list of 1 to 64 values",
		"leaves: {r_min: {choice: [1, x]}}":                                         "\"x\" is no number",
		"leaves: {r_min: {choice: [1, {uniform: [1, 2]}]}}":                         "cannot stand within a law",
		"leaves: {r_min: {choice: [1, 2], odds: [1]}}":                              "1 odds for 2 choices",
		"leaves: {r_min: {choice: [1, 2], odds: [0, 0]}}":                           "not all 0",
		"leaves: {r_min: {uniform: [1, 900]}}":                                      "exceeds leaves.r_max = 500; lower one or raise the other (an image may draw this)",
		"paint: {flat_below: {log_uniform: [0, 5]}}":                                "begins at 0.000001 or more",
		"paint: {mixing: {uniform: [1, 2]}}":                                        "has no law of numbers",
		"paint: {mixing: {choice: [lab, hsv]}}":                                     "\"hsv\" is not known",
		"image: {width: {uniform: [64, 128]}}":                                      "cannot have a law, since all images of a dataset have one size",
		"develop: {supersample: {choice: [1, 2]}}":                                  "cannot have a law",
		"paint: {noise: {slopes: [[{uniform: [1, 3]}, 2]]}}":                        "runs backwards",
		"paint: {weights: {sin: {choice: [0, 1]}, noise: 0, mix: 0}}":               "are all 0",
		"layers: [{name: a, cover: {uniform: [0.5, 1]}}, {name: b, cover: 1}]":      "hides every layer behind it",
		"paint: {gradient: {odds: {uniform: [{uniform: [0, 1]}, 1]}}}":              "are no two numbers",
		"paint: {gradient: {odds: {choice: [0, 1], odds: [{uniform: [0, 1]}, 1]}}}": "odds are numbers",
		"paint: {sin: {period: {choice: [[5, {uniform: [6, 7]}], [5, 10]]}}}":       "cannot stand within a law",
		"properties: {texture: {choice: [false, true]}}\npaint: {weights: {sin: {choice: [0, 1]}, noise: 0, mix: 0}}": "are all 0",
		"outline: {per_image: {choice: [[disk], []]}}":                                                                "holds 0 outlines",
		"layers: {choice: [[{name: a, cover: 1}], [{name: b, cover: 1}]]}":                                            "cannot have a law",
		"outline: {polygon: {reach: {uniform: [1, 2]}}}":                                                              "cannot have a law",
		"blur: {kind: {choice: [gaussian, lens], odds: {uniform: [1, 2]}}}":                                           "odds are numbers",
		"paint: {noise: {largest_tile: {uniform: [64, 128]}}}":                                                        "one of 64, 128",
	} {
		_, err := Parse("test.yaml", []byte(text), Default())
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s\n  says %v\n  want %s", text, err, want)
		}
	}
}

func TestSupportHoldsWhatImagesDraw(t *testing.T) {
	stream := NewStream(Key{Seed: 9, Purpose: PurposeBank})
	for range 300 {
		c := RandomConfig(stream.Uint32)
		s := c.Support()
		for i := range uint64(8) {
			d := c.Drawn(3, i)
			if err := Check(d); err != nil {
				t.Fatalf("an image drew nonsense: %v\n%s", err, Marshal(&c))
			}
			one := d.Support()
			if one.RMin < s.RMin || one.RMax > s.RMax || one.Margin > s.Margin || one.LargestTile > s.LargestTile || one.Aspect < s.Aspect {
				t.Fatalf("the support %+v does not hold %+v", s, one)
			}
			for _, b := range [][2]bool{{one.Rectangles, s.Rectangles}, {one.Polygons, s.Polygons}, {one.Textures, s.Textures}, {one.Gradients, s.Gradients}, {one.Noise, s.Noise}, {one.Tilted, s.Tilted}, {one.Recedes, s.Recedes}} {
				if b[0] && !b[1] {
					t.Fatalf("the support %+v does not hold %+v", s, one)
				}
			}
			for _, in := range one.Slopes {
				if !within(in, s.Slopes) {
					t.Fatalf("the slopes %v do not hold %v", s.Slopes, in)
				}
			}
		}
	}
}

func within(in Interval, all []Interval) bool {
	for _, a := range all {
		if a[0] <= in[0] && in[1] <= a[1] {
			return true
		}
	}
	return false
}

func BenchmarkDrawn(b *testing.B) {
	c, err := Parse("bench.yaml", []byte("leaves: {r_min: {log_uniform: [1, 30]}, alpha: {normal: [3, 0.5]}}\nblur: {sigma_max: {choice: [0, 2, 5]}}\npaint: {noise: {slopes: [[{uniform: [0.25, 1]}, 2.5]]}, contrast: {log_uniform: [0.5, 2]}, weights: {sin: {uniform: [0, 1]}}}"), Default())
	if err != nil {
		b.Fatal(err)
	}
	for i := range b.N {
		c.Drawn(1, uint64(i))
	}
}

// A law of a list and one within it would have nothing to do with each other.
func TestNoLawWithinALaw(t *testing.T) {
	c := *parsed(t, "outline: {per_image: {choice: [[disk, mix], [rectangle]]}}")
	if err := Set(&c, "outline.per_image.1={choice: [disk, mix]}"); err == nil || !strings.Contains(err.Error(), "outline.per_image as a whole has a law") {
		t.Errorf("a law within a law: %v", err)
	}
	if err := Set(&c, "outline.per_image.0=disk"); err == nil {
		t.Error("a value within a law is taken and forgotten")
	}
	c.Laws = append(c.Laws, Law{Path: "outline.per_image[1]", Kind: Choice, Choices: []any{"disk"}})
	if err := Check(&c); err == nil || !strings.Contains(err.Error(), "cannot have a law while outline.per_image") {
		t.Errorf("Check takes a law within a law: %v", err)
	}
}

// The order of a law's entries does not matter, as the schema says.
func TestOddsMayComeFirst(t *testing.T) {
	a, b := parsed(t, "leaves: {r_min: {odds: [1, 2], choice: [3, 5]}}"), parsed(t, "leaves: {r_min: {choice: [3, 5], odds: [1, 2]}}")
	if !reflect.DeepEqual(a, b) {
		t.Errorf("%+v and %+v", a.Laws, b.Laws)
	}
}

// Tables for more radii than an image draws change nothing, at the edges of their classes too.
func TestMeanAreaOfOneRadius(t *testing.T) {
	one := parsed(t, "leaves: {r_min: 10, r_max: 10}\noutline: {per_image: [polygon]}")
	classes := []OutlineClass{{RMin: 5, RMax: 10, Count: 1, Size: 64, MeanArea: 0.9}, {RMin: 10, RMax: 15, First: 1, Count: 1, Size: 64, MeanArea: 1.1}}
	wide, narrow := NewPlacer(one, classes, 1, 1), NewPlacer(one, classes[1:], 1, 1)
	if a, b := wide.meanArea(one, "polygon"), narrow.meanArea(one, "polygon"); a != b {
		t.Errorf("the mean area is %v with more classes and %v without", a, b)
	}
}
