package view

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"

	"leaflitter/scene"
)

// row is a line of the panel whose value can be changed.
type row struct {
	name   string
	value  func(s *State) string
	change func(s *State, by int, far bool)
	typed  func(s *State, text string) error // nil: it is not typed
	about  func(s *State) *bool              // of what is on or off
}

// group is rows under a heading.
type group struct {
	name string
	rows []row
}

// tidy rounds away what adding tenths leaves behind.
func tidy(x float64) float64 { return math.Round(x*1e4) / 1e4 }

// settled returns a field of the configuration after what the image drew for it has taken the place of its
// law, if it had one: what a key changes is what is seen.
func settled[T any](s *State, field *T) *T {
	s.Config.Settle(field, s.Seed, s.Index)
	return field
}

// number is a row about a field. Left and right change it by step, with shift by far.
func number(name string, field func(s *State) *float64, step, far float64) row {
	return row{
		name:  name,
		value: func(s *State) string { return strconv.FormatFloat(*field(s), 'g', 6, 64) },
		change: func(s *State, by int, much bool) {
			d := step
			if much {
				d = far
			}
			p := settled(s, field(s)) // once: it may be in a list made for the occasion
			*p = tidy(*p + float64(by)*d)
		},
		typed: func(s *State, text string) error {
			x, err := strconv.ParseFloat(text, 64)
			if err != nil {
				return fmt.Errorf("%q is no number; type one, such as 2.5", text)
			}
			*settled(s, field(s)) = x
			return nil
		},
	}
}

// counter is a row about a whole number.
func counter(name string, field func(s *State) *uint64) row {
	return row{
		name:  name,
		value: func(s *State) string { return strconv.FormatUint(*field(s), 10) },
		change: func(s *State, by int, much bool) {
			if much {
				by *= 10
			}
			if n := *field(s); by < 0 && uint64(-by) > n {
				*field(s) = 0
			} else {
				*field(s) = n + uint64(by) // wraps at the end, where there is nothing to see
			}
		},
		typed: func(s *State, text string) error {
			n, err := strconv.ParseUint(text, 10, 64)
			if err != nil {
				return fmt.Errorf("%q is no whole number from 0 to 18446744073709551615; type one", text)
			}
			*field(s) = n
			return nil
		},
	}
}

// choice is a row about one of some words.
func choice(name string, field func(s *State) *string, words ...string) row {
	return row{
		name:  name,
		value: func(s *State) string { return *field(s) },
		change: func(s *State, by int, _ bool) {
			p := settled(s, field(s))
			n := slices.Index(words, *p) + by
			*p = words[(n+len(words))%len(words)]
		},
	}
}

// toggle is a row about something that is on or off.
func toggle(name string, field func(s *State) *bool) row {
	return row{
		name: name,
		value: func(s *State) string {
			if *field(s) {
				return "on"
			}
			return "off"
		},
		change: func(s *State, int int, _ bool) { p := settled(s, field(s)); *p = !*p },
		about:  field,
	}
}

var outlines = []string{"disk", "rectangle", "polygon", "mix", "polygon or mix"}

// outline is per_image as one word, and back.
func outlineRow() row {
	now := func(s *State) string { return strings.Join(s.Config.Outline.PerImage, " or ") }
	return row{
		name: "outline", value: now,
		change: func(s *State, by int, _ bool) {
			s.Config.Outline.PerImage = slices.Clone(s.Config.Outline.PerImage)
			settled(s, &s.Config.Outline.PerImage)
			n := (slices.Index(outlines, now(s)) + by + len(outlines)) % len(outlines)
			s.Config.Outline.PerImage = strings.Split(outlines[n], " or ")
		},
	}
}

// layersRow changes how many layers there are: spread over the depth, sharp in the
// middle and blurred at both ends, as the default three are.
func layersRow() row {
	return row{
		name:  "layers",
		value: func(s *State) string { return strconv.Itoa(len(s.Config.Layers)) },
		change: func(s *State, by int, _ bool) {
			s.Config.Layers = slices.Clone(s.Config.Layers)
			settled(s, &s.Config.Layers)
			s.Config.Layers = spread(min(max(len(s.Config.Layers)+by, 1), 9))
			s.layer = min(s.layer, len(s.Config.Layers)-1)
			s.Step.Layer = -1
		},
	}
}

func spread(n int) []scene.Layer {
	usual := scene.Default().Layers
	switch n {
	case 1:
		return usual[2:]
	case len(usual):
		return usual
	}
	layers := make([]scene.Layer, n)
	for i := range layers {
		depth := tidy(float64(i) / float64(n-1))
		layers[i] = scene.Layer{Name: fmt.Sprintf("layer %d", i+1), Cover: usual[0].Cover, Blur: tidy(math.Abs(2*depth - 1)), Depth: depth}
	}
	layers[n-1].Cover = 1
	return layers
}

func layerRow() row {
	return row{
		name:  "edit layer",
		value: func(s *State) string { return s.Config.Layers[s.layer].Name },
		change: func(s *State, by int, _ bool) {
			n := len(s.Config.Layers)
			s.layer = (s.layer + by + n) % n
		},
	}
}

func presetRow() row {
	return row{name: "preset", value: (*State).baseName, change: func(s *State, by int, _ bool) { s.rebase(s.base + by) }}
}

func supersampleRow() row {
	return row{
		name:   "supersample",
		value:  func(s *State) string { return strconv.Itoa(s.Config.Develop.Supersample) },
		change: func(s *State, by int, _ bool) { s.Config.Develop.Supersample += by },
	}
}

// own gives the state layers of its own before one is changed: presets share them.
func (s *State) own() *scene.Layer {
	s.Config.Layers = slices.Clone(s.Config.Layers)
	return &s.Config.Layers[s.layer]
}

// blurMost is how far the blur of the chosen kind goes.
func blurMost(s *State) *float64 {
	if s.Config.Blur.Kind == "lens" {
		return &s.Config.Blur.LensMax
	}
	return &s.Config.Blur.SigmaMax
}

var groups = []group{
	{"image", []row{
		counter("image", func(s *State) *uint64 { return &s.Index }),
		counter("seed", func(s *State) *uint64 { return &s.Seed }),
		presetRow(),
	}},
	{"leaves", []row{
		number("r_min", func(s *State) *float64 { return &s.Config.Leaves.RMin }, 1, 10),
		number("r_max", func(s *State) *float64 { return &s.Config.Leaves.RMax }, 10, 100),
		number("alpha", func(s *State) *float64 { return &s.Config.Leaves.Alpha }, 0.1, 1),
		outlineRow(),
	}},
	{"texture weights", []row{
		number("sin", func(s *State) *float64 { return &s.Config.Paint.Weights.Sin }, 0.05, 0.5),
		number("noise", func(s *State) *float64 { return &s.Config.Paint.Weights.Noise }, 0.05, 0.5),
		number("mix", func(s *State) *float64 { return &s.Config.Paint.Weights.Mix }, 0.05, 0.5),
	}},
	{"layers and blur", []row{
		layersRow(),
		layerRow(),
		number("  cover", func(s *State) *float64 { return &s.own().Cover }, 0.05, 0.2),
		number("  blur", func(s *State) *float64 { return &s.own().Blur }, 0.1, 1),
		choice("blur", func(s *State) *string { return &s.Config.Blur.Kind }, "gaussian", "lens"),
		number("blur, px", blurMost, 0.5, 5),
		supersampleRow(),
	}},
	{"properties", []row{
		toggle("geometry", func(s *State) *bool { return &s.Config.Properties.Geometry }),
		toggle("texture", func(s *State) *bool { return &s.Config.Properties.Texture }),
		toggle("gradient", func(s *State) *bool { return &s.Config.Properties.Gradient }),
		toggle("depth", func(s *State) *bool { return &s.Config.Properties.Depth }),
		toggle("colour", func(s *State) *bool { return &s.Config.Properties.Colour }),
		toggle("perspective", func(s *State) *bool { return &s.Config.Properties.Perspective }),
		toggle("warp", func(s *State) *bool { return &s.Config.Properties.Warp }),
		toggle("grey", func(s *State) *bool { return &s.Config.Develop.Grey }),
	}},
}

// rows are all rows, top to bottom.
var rows = func() (all []row) {
	for _, g := range groups {
		all = append(all, g.rows...)
	}
	return all
}()

// rowOf finds a row by its name.
func rowOf(name string) int {
	return slices.IndexFunc(rows, func(r row) bool { return r.name == name })
}
