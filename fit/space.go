package fit

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"

	"leaflitter/scene"
)

// Usual are the fields that vary when nobody names any: those that matter most to what photographs and
// images differ in.
var Usual = []string{
	"leaves.alpha", "leaves.r_min", "layers.*.cover", "blur.sigma_max", "paint.flat_below", "paint.contrast", "paint.weights.sin", "paint.weights.mix",
	"paint.gradient.odds", "paint.noise.slopes", "paint.noise.stretch_odds", "paint.sin.period", "paint.spots.odds", "paint.perspective.odds",
}

// Space is the numbers that a search varies and the coordinates in which it walks: a number is
// start 0, and 1 is about as far as one would first try.
type Space struct {
	Start      scene.Config
	Parameters []scene.Parameter
	axes       []axis
}

// axis maps a coordinate to a number.
type axis struct {
	lo, hi float64
	shift  float64 // over 0: the logarithm of number + shift is even; 0: the number is
	logs   bool
	from   float64 // the start on [0, 1]
	step   float64 // on [0, 1]
}

const (
	factor  = 1.3  // first step along a logarithm
	portion = 0.07 // first step along an even axis
	decades = 100  // from which ratio of its ends on a range is logarithmic
)

// NewSpace returns the space of the parameters of a configuration that the globs name.
func NewSpace(start scene.Config, globs []string) (*Space, error) {
	s := &Space{Start: start}
	all := start.Parameters()
	taken := make([]bool, len(all))
	for _, g := range globs {
		found := false
		for i := range all {
			if scene.MatchParameter(g, all[i].Path) {
				taken[i], found = true, true
			}
		}
		if !found {
			return nil, unknown(g, all)
		}
	}
	for i, p := range all {
		if taken[i] {
			s.Parameters = append(s.Parameters, p)
			s.axes = append(s.axes, newAxis(&p, start.Number(&p)))
		}
	}
	if len(s.Parameters) == 0 {
		return nil, errors.New("no field is named, so there is nothing to vary; name fields, such as leaves.*,paint.contrast")
	}
	if n := len(s.Parameters); n > mostParameters {
		return nil, fmt.Errorf("%d numbers are too many to search; name fields that hold at most %d", n, mostParameters)
	}
	return s, nil
}

const mostParameters = 64

func unknown(glob string, all []scene.Parameter) error {
	if why := scene.SameField(glob); why != "" {
		return fmt.Errorf("%s cannot vary, since %s; name other fields, such as leaves.*", glob, why)
	}
	var paths []string
	for _, p := range all {
		paths = append(paths, p.Path)
	}
	text := ""
	if near := scene.Closest(glob, paths); near != "" {
		text = fmt.Sprintf(" (did you mean %s?)", near)
	}
	return fmt.Errorf("%s names no number of the configuration%s; give dotted paths in which * stands for one name, such as leaves.*, layers.*.cover or paint.noise.slopes", glob, text)
}

func newAxis(p *scene.Parameter, start float64) axis {
	a := axis{lo: p.Lo, hi: p.Hi, step: portion}
	switch {
	case p.Lo > 0 && p.Hi/p.Lo >= decades:
		a.logs = true
	case p.Lo == 0 && p.Hi > 1 && !exponent(p.Path):
		// Lengths, weights and the contrast are scales; shares, up to 1, and exponents are none. From 0 on a
		// logarithm needs a number from which on it is one.
		a.logs, a.shift = true, start/4
		if start <= 0 {
			a.shift = p.Hi / 1000
		}
	}
	if a.logs {
		a.step = math.Log(factor) / a.span()
	}
	a.from = a.place(start)
	return a
}

func exponent(path string) bool {
	return strings.HasPrefix(path, "leaves.alpha") || strings.HasPrefix(path, "paint.noise.slopes")
}

func (a *axis) span() float64 { return math.Log((a.hi + a.shift) / (a.lo + a.shift)) }

// place returns where on [0, 1] a number lies.
func (a *axis) place(x float64) float64 {
	if a.logs {
		return math.Log((x+a.shift)/(a.lo+a.shift)) / a.span()
	}
	return (x - a.lo) / (a.hi - a.lo)
}

// number returns the number of a coordinate, with three digits. Beyond an end of the range the way leads back, so
// that every coordinate means something.
func (a *axis) number(z float64) float64 {
	u := math.Mod(math.Abs(a.from+z*a.step), 2)
	if u > 1 {
		u = 2 - u
	}
	x := a.lo + u*(a.hi-a.lo)
	if a.logs {
		x = (a.lo+a.shift)*math.Exp(u*a.span()) - a.shift
	}
	return min(max(digits(x), a.lo), a.hi)
}

// digits rounds to three digits, and to no more than four decimals.
func digits(x float64) float64 {
	x, _ = strconv.ParseFloat(strconv.FormatFloat(x, 'g', 3, 64), 64)
	return math.Round(x*1e4) / 1e4
}

// At returns the numbers at a point, as a configuration has them.
func (s *Space) At(z []float64) []float64 {
	x := make([]float64, len(z))
	for i := range z {
		x[i] = s.axes[i].number(z[i])
	}
	c := s.Config(x)
	for i := range x {
		x[i] = c.Number(&s.Parameters[i]) // whole, and in order
	}
	return x
}

// Numbers returns the numbers of the start.
func (s *Space) Numbers() []float64 {
	x := make([]float64, len(s.Parameters))
	for i := range x {
		x[i] = s.Start.Number(&s.Parameters[i])
	}
	return x
}

// Config returns the configuration with such numbers; scene.Check says whether it makes sense.
func (s *Space) Config(x []float64) scene.Config { return s.Start.WithNumbers(s.Parameters, x) }

// Fields groups the numbers by the field that a person would change: both ends of an interval, all covers of
// the layers apart, all parameters of a law.
func (s *Space) Fields() (names []string, members [][]int) {
	for i, p := range s.Parameters {
		parts := strings.Split(p.Path, ".")
		for len(parts) > 2 && strings.TrimLeft(parts[len(parts)-1], "0123456789") == "" {
			parts = parts[:len(parts)-1]
		}
		name := strings.Join(parts, ".")
		if at := slices.Index(names, name); at >= 0 {
			members[at] = append(members[at], i)
			continue
		}
		names, members = append(names, name), append(members, []int{i})
	}
	return names, members
}
