package scene

import (
	"fmt"
	"math"
	"reflect"
	"strconv"
	"strings"
)

// RandomConfig draws a valid configuration from the whole of what the tags
// allow, for tests that must hold whatever the configuration. stream gives
// uniform words. Half of the fields keep their default, so that draws are not
// all extreme. Images are small and tables quick to build: at most 160 px a
// side and, before supersampling, radii from 2 to 300.
func RandomConfig(stream func() uint32) Config {
	d := drawer{stream}
	for {
		c := Default()
		d.group(reflect.ValueOf(&c).Elem())
		d.lists(&c)
		d.bound(&c)
		if d.upTo(2) == 0 {
			d.laws(&c)
		}
		// What remains can be weights that are all 0: one draw in thousands.
		if Check(&c) == nil {
			return c
		}
	}
}

type drawer struct{ stream func() uint32 }

// unit is uniform in [0, 1].
func (d drawer) unit() float64 { return float64(d.stream()) / math.MaxUint32 }

// upTo is uniform in 0 to n-1.
func (d drawer) upTo(n int) int { return int(uint64(d.stream()) * uint64(n) >> 32) }

// between is in [lo, hi], an end of it one time in four. A range that spans
// decades is drawn on a logarithmic scale half of the time.
func (d drawer) between(lo, hi float64) float64 {
	switch k := d.upTo(8); {
	case k == 0:
		return lo
	case k == 1:
		return hi
	case k < 5 && hi > 20*max(lo, 0.05):
		from := max(lo, 0.05)
		return min(hi, max(lo, from*math.Pow(hi/from, d.unit())))
	}
	return lo + (hi-lo)*d.unit()
}

func (d drawer) group(v reflect.Value) {
	for i, field := range tagged(v.Type()) {
		f, tag := v.Field(i), field.Tag
		lo, _ := strconv.ParseFloat(tag.Get("min"), 64)
		hi, _ := strconv.ParseFloat(tag.Get("max"), 64)
		words := strings.Split(tag.Get("enum"), ",")
		switch {
		case f.Kind() == reflect.Struct:
			d.group(f)
		case f.Kind() == reflect.Slice || d.upTo(2) == 0:
		case f.Kind() == reflect.Bool:
			f.SetBool(d.upTo(4) > 0)
		case f.Kind() == reflect.String:
			f.SetString(words[d.upTo(len(words))])
		case f.Kind() == reflect.Int && tag.Get("enum") != "":
			n, _ := strconv.Atoi(words[d.upTo(len(words))])
			f.SetInt(int64(n))
		case f.Kind() == reflect.Int:
			f.SetInt(int64(d.between(lo, hi)))
		case f.Kind() == reflect.Float64:
			f.SetFloat(d.between(lo, hi))
		case f.Type() == intervalType:
			f.Set(reflect.ValueOf(d.interval(lo, hi)))
		}
	}
}

func (d drawer) interval(lo, hi float64) Interval {
	a, b := d.between(lo, hi), d.between(lo, hi)
	return Interval{min(a, b), max(a, b)}
}

// lists draws the fields that are lists.
func (d drawer) lists(c *Config) {
	c.Outline.PerImage = nil
	for range 1 + d.upTo(3) {
		c.Outline.PerImage = append(c.Outline.PerImage, []string{"disk", "rectangle", "polygon", "mix"}[d.upTo(4)])
	}
	c.Paint.Noise.Slopes = nil
	for range 1 + d.upTo(3) {
		c.Paint.Noise.Slopes = append(c.Paint.Noise.Slopes, d.interval(0, 4))
	}
	c.Layers = nil
	for i := range 1 + d.upTo(4) {
		l := Layer{Name: "layer " + strconv.Itoa(i)}
		d.group(reflect.ValueOf(&l).Elem())
		l.Name, l.Cover = "layer "+strconv.Itoa(i), min(l.Cover, 0.99)
		c.Layers = append(c.Layers, l)
	}
	c.Layers[len(c.Layers)-1].Cover = 1
}

// laws gives some fields laws, between the value that was drawn and the default.
func (d drawer) laws(c *Config) {
	var paths []string
	usual := Default()
	eachField(reflect.TypeFor[Config](), "", func(path string, f reflect.StructField) {
		if same(path) == "" && f.Type.Kind() != reflect.Struct && f.Type.Kind() != reflect.Slice && !strings.HasPrefix(path, "layers") {
			paths = append(paths, path)
		}
	})
	for range 1 + d.upTo(6) {
		path := paths[d.upTo(len(paths))]
		v, tag := c.field(path)
		other, _ := usual.field(path)
		l := Law{Path: path, Kind: LawKind(d.upTo(4))}
		if l.Kind == Choice || v.Kind() != reflect.Float64 {
			l.Kind, l.Choices = Choice, []any{v.Interface(), other.Interface()}
			c.setLaw(l)
			continue
		}
		l.A, l.B = min(v.Float(), other.Float()), max(v.Float(), other.Float())
		lo, _ := tagRange(tag)
		switch {
		case l.Kind == LogUniform && l.A <= 0:
			l.Kind = Uniform
		case l.Kind == Normal && (l.B-l.A)/12 < 1e-6:
			continue
		case l.Kind == Normal:
			l.A, l.B = max(lo, (l.A+l.B)/2), (l.B-l.A)/12
		}
		c.setLaw(l)
	}
	slopes := fmt.Sprintf("paint.noise.slopes[%d][0]", d.upTo(len(c.Paint.Noise.Slopes)))
	if v, _ := c.field(slopes); d.upTo(4) == 0 {
		c.setLaw(Law{Path: slopes, Kind: Uniform, A: v.Float() / 2, B: v.Float()})
	}
	if cover := d.unit() / 2; len(c.Layers) > 1 && d.upTo(4) == 0 {
		c.setLaw(Law{Path: "layers[0].cover", Kind: Uniform, A: cover, B: cover + 0.4})
	}
}

// bound mends contradictions and keeps a draw quick to render.
func (d drawer) bound(c *Config) {
	c.Image = Image{Width: 1 + d.upTo(160), Height: 1 + d.upTo(160)}
	c.Leaves.RMin = d.between(2, 40)
	c.Leaves.RMax = d.between(c.Leaves.RMin, 300)
	p := &c.Outline.Polygon
	p.PointsMin = min(p.PointsMin, 60)
	p.PointsFloor = min(max(p.PointsFloor, p.PointsMin+1), 120)
	p.PointsPerRadius = min(p.PointsPerRadius, 2)
	c.Paint.Noise.LargestTile = min(c.Paint.Noise.LargestTile, 512)
	c.Develop.Supersample = min(c.Develop.Supersample, 3)
	for _, l := range c.Layers {
		c.Blur.LensMax = min(c.Blur.LensMax, MaxLens/max(1, l.Blur*float64(c.Develop.Supersample)))
	}
}
