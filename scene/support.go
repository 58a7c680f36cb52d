package scene

import (
	"fmt"
	"math"
	"reflect"
	"strconv"
	"strings"
)

// Support is what the images of a configuration can ask for, whatever its laws draw: tables are built and
// shaders compiled for it.
type Support struct {
	RMin, RMax                 float64 // px: ends of the radius law
	Rectangles, Polygons       bool    // outlines
	Textures, Gradients, Noise bool    // paints
	Tilted, Recedes            bool    // textures
	Stretched, Spots           bool
	Slopes                     []Interval
	Aspect                     float64 // smallest, of rectangles
	Margin                     float64 // px: the largest paint.noise.margin
	LargestTile                int     // px: the largest paint.noise.largest_tile
}

// Support returns the support of a checked configuration.
func (c *Config) Support() Support {
	p := &c.Paint
	s := Support{Slopes: c.slopes()}
	s.RMin, _ = c.ends("leaves.r_min", c.Leaves.RMin)
	_, s.RMax = c.ends("leaves.r_max", c.Leaves.RMax)
	if could(c, "properties.geometry", c.Properties.Geometry, true) {
		lists := options(c, "outline.per_image", c.Outline.PerImage)
		for i, name := range c.Outline.PerImage {
			lists = append(lists, options(c, fmt.Sprintf("outline.per_image[%d]", i), name)) // a law within the list
		}
		for _, list := range lists {
			for _, name := range list {
				s.Rectangles = s.Rectangles || name == "rectangle" || name == "mix"
				s.Polygons = s.Polygons || name == "polygon" || name == "mix"
			}
		}
	}
	s.Textures = could(c, "properties.texture", c.Properties.Texture, true)
	s.Gradients = could(c, "properties.gradient", c.Properties.Gradient, true)
	s.Tilted = could(c, "properties.perspective", c.Properties.Perspective, true)
	_, odds := c.ends("paint.perspective.odds", p.Perspective.Odds)
	s.Recedes = s.Tilted && odds > 0 && could(c, "paint.perspective.direction", p.Perspective.Direction, "recede")
	_, noise := c.ends("paint.weights.noise", p.Weights.Noise)
	_, mix := c.ends("paint.weights.mix", p.Weights.Mix)
	flat, _ := c.ends("paint.mix.flat_odds", p.Mix.FlatOdds)
	s.Noise = s.Textures && (noise > 0 || mix > 0 && flat < 1)
	s.Aspect = c.span("outline.rectangle.aspect", c.Outline.Rectangle.Aspect)[0]
	_, stretched := c.ends("paint.noise.stretch_odds", p.Noise.StretchOdds)
	_, spots := c.ends("paint.spots.odds", p.Spots.Odds)
	s.Stretched, s.Spots = s.Noise && stretched > 0, s.Textures && spots > 0
	_, s.Margin = c.ends("paint.noise.margin", p.Noise.Margin)
	_, largest := c.ends("paint.noise.largest_tile", float64(p.Noise.LargestTile))
	s.LargestTile = int(largest)
	return s
}

// slopes returns intervals that hold every slope that noise may have.
func (c *Config) slopes() (all []Interval) {
	const path = "paint.noise.slopes"
	for _, list := range options(c, path, c.Paint.Noise.Slopes) {
		for i, in := range list {
			all = append(all, c.span(fmt.Sprintf("%s[%d]", path, i), in))
		}
	}
	return all
}

// options returns the values that the field at path may have: those of its choice, or the plain one.
func options[T any](c *Config, path string, plain T) []T {
	l := c.Law(path)
	if l == nil || l.Kind != Choice {
		return []T{plain}
	}
	var all []T
	for _, v := range l.Choices {
		all = append(all, v.(T))
	}
	return all
}

// could reports whether the field at path may be want.
func could[T comparable](c *Config, path string, plain, want T) bool {
	for _, v := range options(c, path, plain) {
		if v == want {
			return true
		}
	}
	return false
}

// ends returns the smallest and the largest value of the number at path.
func (c *Config) ends(path string, plain float64) (lo, hi float64) {
	l := c.Law(path)
	if l == nil {
		return plain, plain
	}
	if l.Kind != Choice {
		_, tag := c.field(path)
		return l.ends(tagRange(tag))
	}
	lo, hi = math.Inf(1), math.Inf(-1)
	for _, v := range l.Choices {
		x := toFloat(reflect.ValueOf(v))
		lo, hi = min(lo, x), max(hi, x)
	}
	return lo, hi
}

// span returns the smallest interval that holds every interval that the one at path may be.
func (c *Config) span(path string, plain Interval) Interval {
	s := Interval{math.Inf(1), math.Inf(-1)}
	for _, in := range options(c, path, plain) {
		lo, _ := c.ends(path+"[0]", in[0])
		_, hi := c.ends(path+"[1]", in[1])
		s[0], s[1] = min(s[0], lo), max(s[1], hi)
	}
	return s
}

// tagRange returns the range of a number.
func tagRange(tag reflect.StructTag) (lo, hi float64) {
	lo, _ = strconv.ParseFloat(tag.Get("min"), 64)
	hi, _ = strconv.ParseFloat(tag.Get("max"), 64)
	return lo, hi
}

func toFloat(v reflect.Value) float64 {
	if v.Kind() == reflect.Int {
		return float64(v.Int())
	}
	return v.Float()
}

// extremes returns plain configurations such that, if they make sense, so does what any image draws:
// contradictions are inequalities that one of them comes nearest to.
func (c *Config) extremes() []*Config {
	at := func(high func(path string) bool) *Config {
		d := c.clone()
		d.Laws = nil
		for i := range c.Laws {
			l := &c.Laws[i]
			v, tag := d.field(l.Path)
			numbers := v.Kind() == reflect.Float64 || v.Kind() == reflect.Int
			if !numbers {
				continue // the first choice stands there; the others follow
			}
			x, hi := c.ends(l.Path, 0)
			if high(l.Path) {
				x = hi
			}
			if l.Kind == Normal {
				lo, hi := tagRange(tag)
				x = min(max(x, lo), hi)
			}
			if v.Kind() == reflect.Int {
				v.SetInt(int64(math.Floor(x + 0.5)))
			} else {
				v.SetFloat(x)
			}
		}
		return &d
	}
	all := []*Config{
		at(func(string) bool { return false }),
		at(func(string) bool { return true }),
		// Small numbers that must not pass large ones.
		at(func(path string) bool { return path == "leaves.r_min" || strings.HasSuffix(path, "[0]") }),
	}
	ends := all[:]
	for i := range c.Laws {
		l := &c.Laws[i]
		if v, _ := c.field(l.Path); l.Kind != Choice || v.Kind() == reflect.Float64 || v.Kind() == reflect.Int {
			continue
		}
		for _, choice := range l.Choices {
			for _, end := range ends {
				d := end.clone()
				v, _ := d.field(l.Path)
				v.Set(reflect.ValueOf(choice))
				all = append(all, &d)
			}
		}
	}
	return all
}
