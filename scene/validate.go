package scene

import (
	"errors"
	"fmt"
	"math"
	"reflect"
	"slices"
	"strconv"
	"strings"
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
	if len(errs) == 0 {
		checkSense(c, report)
	}
	return errors.Join(errs...)
}

type reporter = func(path, format string, args ...any)

var intervalType = reflect.TypeFor[Interval]()

// checkRanges walks the configuration; tag is the struct tag that governs v.
func checkRanges(v reflect.Value, tag reflect.StructTag, path string, report reporter) {
	switch v.Kind() {
	case reflect.Struct:
		for i := range v.NumField() {
			f := v.Type().Field(i)
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

// checkSense reports contradictions between fields that are each in range.
func checkSense(c *Config, report reporter) {
	if c.Leaves.RMin > c.Leaves.RMax {
		report("leaves.r_min", "%v exceeds leaves.r_max = %v; lower one or raise the other", c.Leaves.RMin, c.Leaves.RMax)
	}
	if len(c.Outline.PerImage) == 0 {
		report("outline.per_image", "is empty; name at least one of disk, rectangle, polygon, mix")
	}
	if p := c.Outline.Polygon; p.PointsMin >= p.PointsFloor {
		report("outline.polygon.points_min", "%d is not below points_floor = %d; lower it", p.PointsMin, p.PointsFloor)
	}
	if len(c.Paint.Noise.Slopes) == 0 {
		report("paint.noise.slopes", "is empty; give at least one interval, such as [[0.5, 2.5]]")
	}
	if w := c.Paint.Weights; c.Properties.Texture && w.Sin+w.Noise+w.Mix <= 0 {
		report("paint.weights", "are all 0; raise one, or set properties.texture to false")
	}
	if n := len(c.Layers); n == 0 || n > 255 {
		report("layers", "holds %d layers; give 1 to 255", n)
	} else if last := c.Layers[n-1]; last.Cover < 1 {
		report(fmt.Sprintf("layers[%d].cover", n-1), "is %v, but the last layer must cover everything; set it to 1", last.Cover)
	}
	for i, l := range c.Layers {
		if i < len(c.Layers)-1 && l.Cover >= 1 {
			report(fmt.Sprintf("layers[%d].cover", i), "is 1, which hides every layer behind it; lower it or remove them")
		}
		if l.Name == "" {
			report(fmt.Sprintf("layers[%d].name", i), "is missing; give the layer a name")
		}
		for j := range i {
			if c.Layers[j].Name == l.Name {
				report(fmt.Sprintf("layers[%d].name", i), "%q is also the name of layer %d; rename one", l.Name, j)
			}
		}
	}
	k := c.Develop.Supersample
	if c.Image.Width*k > 16384 || c.Image.Height*k > 16384 {
		report("develop.supersample", "%d times %d x %d exceeds 16384 rendered pixels a side; lower it or the image size", k, c.Image.Width, c.Image.Height)
	}
	if pixels := c.Image.Width * c.Image.Height * k * k; pixels > 1<<27 {
		report("image", "%d rendered pixels would need about %d GiB of memory; at most %d (width * height * supersample^2) are allowed", pixels, pixels*40>>30, 1<<27)
	}
}
