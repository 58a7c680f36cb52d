package scene

import (
	"errors"
	"fmt"
	"math"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Problem is one thing wrong with a configuration.
type Problem struct {
	Path string // YAML path, as in leaves.r_min or layers[0].blur
	Text string // what is wrong, the allowed range, the remedy
}

func (p Problem) Error() string { return p.Path + ": " + p.Text }

// Check reports everything wrong with a configuration: numbers out of their
// range (the min, max and enum tags of Config) and contradictions. The error
// joins one Problem each.
func Check(c *Config) error {
	var errs []error
	report := func(path, format string, args ...any) {
		errs = append(errs, Problem{path, fmt.Sprintf(format, args...)})
	}
	checkRanges(reflect.ValueOf(c).Elem(), "", "", report)
	checkLaws(c, report)
	if len(errs) == 0 && c.Laws == nil {
		checkSense(c, report)
	}
	if len(errs) == 0 && c.Laws != nil {
		for _, d := range c.extremes() {
			mayDraw := func(path, format string, args ...any) { report(path, format+" (an image may draw this)", args...) }
			checkRanges(reflect.ValueOf(d).Elem(), "", "", mayDraw)
			checkSense(d, mayDraw)
			if len(errs) > 0 {
				break
			}
		}
	}
	return errors.Join(errs...)
}

type reporter = func(path, format string, args ...any)

var intervalType = reflect.TypeFor[Interval]()

// checkRanges walks the configuration; tag is the struct tag that governs v.
func checkRanges(v reflect.Value, tag reflect.StructTag, path string, report reporter) {
	switch v.Kind() {
	case reflect.Struct:
		for i, f := range tagged(v.Type()) {
			checkRanges(v.Field(i), f.Tag, join(path, f.Tag.Get("yaml")), report)
		}
	case reflect.Slice, reflect.Array:
		for i := range v.Len() {
			checkRanges(v.Index(i), tag, fmt.Sprintf("%s[%d]", path, i), report)
		}
		if v.Type() == intervalType && v.Index(0).Float() > v.Index(1).Float() {
			report(path, "[%v, %v] runs backwards; give the smaller number first", v.Index(0), v.Index(1))
		}
	case reflect.Float64:
		checkNumber(v.Float(), tag, path, report)
	case reflect.Int:
		checkNumber(float64(v.Int()), tag, path, report)
		checkEnum(strconv.FormatInt(v.Int(), 10), tag, path, report)
	case reflect.String:
		checkEnum(v.String(), tag, path, report)
	}
}

func join(path, name string) string {
	if path == "" {
		return name
	}
	return path + "." + name
}

func checkNumber(x float64, tag reflect.StructTag, path string, report reporter) {
	lo, hi := tag.Get("min"), tag.Get("max")
	if lo == "" {
		return
	}
	low, _ := strconv.ParseFloat(lo, 64)
	high, _ := strconv.ParseFloat(hi, 64)
	if !(x >= low && x <= high) || math.IsInf(x, 0) {
		report(path, "%v is out of range; give a number from %s to %s", x, lo, hi)
	}
}

func checkEnum(s string, tag reflect.StructTag, path string, report reporter) {
	enum := tag.Get("enum")
	if enum != "" && !slices.Contains(strings.Split(enum, ","), s) {
		report(path, "%q is not known; choose one of %s", s, strings.ReplaceAll(enum, ",", ", "))
	}
}

// Bounds of lists; the layer label is 8 bits.
const (
	maxLayers = 255
	maxList   = 64
)

// checkSense reports contradictions between fields that are each in range.
func checkSense(c *Config, report reporter) {
	if c.Leaves.RMin > c.Leaves.RMax {
		report("leaves.r_min", "%v exceeds leaves.r_max = %v; lower one or raise the other", c.Leaves.RMin, c.Leaves.RMax)
	}
	if n := len(c.Outline.PerImage); n == 0 || n > maxList {
		report("outline.per_image", "holds %d outlines; give 1 to %d of disk, rectangle, polygon, mix", n, maxList)
	}
	if p := c.Outline.Polygon; p.PointsMin >= p.PointsFloor {
		report("outline.polygon.points_min", "%d is not below points_floor = %d; lower it", p.PointsMin, p.PointsFloor)
	}
	if n := len(c.Paint.Noise.Slopes); n == 0 || n > maxList {
		report("paint.noise.slopes", "holds %d intervals; give 1 to %d, such as [[0.5, 2.5]]", n, maxList)
	}
	if w := c.Paint.Weights; c.Properties.Texture && w.Sin+w.Noise+w.Mix <= 0 {
		report("paint.weights", "are all 0; raise one, or set properties.texture to false")
	}
	checkLayers(c.Layers, report)
	checkLens(c, report)
	k := c.Develop.Supersample
	if c.Image.Width*k > 16384 || c.Image.Height*k > 16384 {
		report("develop.supersample", "%d times %d x %d exceeds 16384 rendered pixels a side; lower it or the image size", k, c.Image.Width, c.Image.Height)
	}
	if pixels := c.Image.Width * c.Image.Height * k * k; pixels > 1<<27 {
		report("image", "%d rendered pixels (width * height * supersample^2) would need about %d GiB of memory; lower one until there are at most %d", pixels, pixels*40>>30, 1<<27)
	}
}

// MaxLens is the largest radius of a lens, in rendered pixels. The weights of its pixels sum to 2^16 at
// most; there those at its rim are all or nothing.
const MaxLens = 128

func checkLens(c *Config, report reporter) {
	if c.Blur.Kind != "lens" || !c.Properties.Depth {
		return
	}
	for i, l := range c.Layers {
		if r := c.Blur.LensMax * l.Blur * float64(c.Develop.Supersample); r > MaxLens {
			report(fmt.Sprintf("layers[%d].blur", i), "%v times blur.radius_max = %v and develop.supersample = %d is a lens of %v rendered pixels; lower one of them until it is at most %d",
				l.Blur, c.Blur.LensMax, c.Develop.Supersample, r, MaxLens)
			return
		}
	}
}

func checkLayers(layers []Layer, report reporter) {
	n := len(layers)
	if n == 0 || n > maxLayers {
		report("layers", "holds %d layers; give 1 to %d", n, maxLayers)
		return
	}
	if cover := layers[n-1].Cover; cover < 1 {
		report(fmt.Sprintf("layers[%d].cover", n-1), "is %v, but the last layer must cover everything; set it to 1", cover)
	}
	first := map[string]int{}
	for i, l := range layers {
		if i < n-1 && l.Cover >= 1 {
			report(fmt.Sprintf("layers[%d].cover", i), "is 1, which hides every layer behind it; lower it or remove them")
		}
		path := fmt.Sprintf("layers[%d].name", i)
		switch j, twice := first[l.Name]; {
		case l.Name == "":
			report(path, "is missing; give the layer a name")
		case len(l.Name) > 64 || strings.ContainsFunc(l.Name, func(r rune) bool { return !unicode.IsPrint(r) || r == utf8.RuneError }):
			report(path, "%.70q is no name; give at most 64 bytes of printable text", l.Name)
		case twice:
			report(path, "%q is also the name of layer %d; rename one", l.Name, j)
		default:
			first[l.Name] = i
		}
	}
}
