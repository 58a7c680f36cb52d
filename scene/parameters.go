package scene

import (
	"fmt"
	"math"
	"reflect"
	"slices"
	"strings"
)

// Parameter is one number of a configuration that a search may vary: a plain number, an end of an
// interval, or a number of a law.
type Parameter struct {
	Path   string  // dotted: leaves.r_min, layers.0.cover, paint.noise.slopes.0.1, leaves.alpha.normal.1
	Lo, Hi float64 // what the field's tag allows
	Whole  bool

	field string // the field, as in layers[0].blur
	slot  int    // of the field's law: 0 Law.A, 1 Law.B, 2 + i Law.Odds[i]; plain: no law
}

const plain = -1

// Parameters lists the numbers of a configuration that may differ between two configurations which
// render the same number of images of the same kind. It leaves out what is the same in all images (Config's tags say why), the cover of the
// last layer, which must be 1, depths, which only labels show, and words.
func (c *Config) Parameters() (all []Parameter) {
	c.parameters(reflect.ValueOf(c).Elem(), "", "", &all)
	return all
}

func (c *Config) parameters(v reflect.Value, tag reflect.StructTag, path string, all *[]Parameter) {
	if l := c.Law(path); l != nil {
		*all = append(*all, l.parameters(v, tag)...)
		return
	}
	switch v.Kind() {
	case reflect.Struct:
		for i, f := range tagged(v.Type()) {
			if f.Tag.Get("same") == "" || f.Type.Kind() == reflect.Slice {
				c.parameters(v.Field(i), f.Tag, join(path, f.Tag.Get("yaml")), all)
			}
		}
	case reflect.Slice, reflect.Array:
		for i := range v.Len() {
			c.parameters(v.Index(i), tag, fmt.Sprintf("%s[%d]", path, i), all)
		}
	case reflect.Float64, reflect.Int:
		inLayers := strings.HasPrefix(path, "layers[")
		last := strings.HasPrefix(path, fmt.Sprintf("layers[%d]", len(c.Layers)-1))
		if tag.Get("enum") != "" || inLayers && (strings.HasSuffix(path, ".depth") || last && strings.HasSuffix(path, ".cover")) {
			return
		}
		lo, hi := tagRange(tag)
		*all = append(*all, Parameter{dotted(path), lo, hi, v.Kind() == reflect.Int, path, plain})
	}
}

// parameters lists the numbers of a law of the field v.
func (l *Law) parameters(v reflect.Value, tag reflect.StructTag) (all []Parameter) {
	lo, hi := tagRange(tag)
	whole := v.Kind() == reflect.Int && l.Kind == Uniform
	name := dotted(l.Path) + "." + l.Kind.String()
	switch l.Kind {
	case Uniform, LogUniform:
		if l.Kind == LogUniform {
			lo = max(lo, hi/1e6) // it begins over 0
		}
		return []Parameter{{name + ".0", lo, hi, whole, l.Path, 0}, {name + ".1", lo, hi, whole, l.Path, 1}}
	case Normal:
		width := hi - lo
		return []Parameter{{name + ".0", lo, hi, false, l.Path, 0}, {name + ".1", width / 1e4, width, false, l.Path, 1}}
	}
	for i := range l.Odds {
		all = append(all, Parameter{fmt.Sprintf("%s.odds.%d", dotted(l.Path), i), 0, 1000, false, l.Path, 2 + i})
	}
	return all
}

// Number returns the value that a parameter of c has.
func (c *Config) Number(p *Parameter) float64 {
	if p.slot == plain {
		v, _ := c.field(p.field)
		return toFloat(v)
	}
	return *c.Law(p.field).slot(p.slot)
}

func (l *Law) slot(i int) *float64 {
	switch i {
	case 0:
		return &l.A
	case 1:
		return &l.B
	}
	return &l.Odds[i-2]
}

// WithNumbers returns c with the parameters at the values x, whole numbers rounded, and the ends of intervals and laws
// put in order. It does not Check the result.
func (c *Config) WithNumbers(parameters []Parameter, x []float64) Config {
	d := c.clone()
	for i := range d.Laws {
		d.Laws[i].Odds = slices.Clone(d.Laws[i].Odds)
	}
	for i := range parameters {
		p, value := &parameters[i], x[i]
		if p.Whole {
			value = math.Round(value)
		}
		if p.slot != plain {
			*d.Law(p.field).slot(p.slot) = value
			continue
		}
		if v, _ := d.field(p.field); v.Kind() == reflect.Int {
			v.SetInt(int64(value))
		} else {
			v.SetFloat(value)
		}
	}
	for i := range parameters {
		d.order(&parameters[i])
	}
	for _, l := range slices.Clone(d.Laws) {
		d.setLaw(l) // the placeholder follows
	}
	return d
}

// order swaps the ends of the interval or the law that a parameter belongs to where they run backwards.
func (c *Config) order(p *Parameter) {
	if p.slot != plain {
		if l := c.Law(p.field); (l.Kind == Uniform || l.Kind == LogUniform) && l.A > l.B {
			l.A, l.B = l.B, l.A
		}
		return
	}
	at := strings.LastIndexByte(p.field, '[')
	if at < 0 || !strings.HasSuffix(p.field, "]") {
		return
	}
	// Where an end has a law, the other ends at that law's support: Check tells whether it makes sense.
	if v, _ := c.field(p.field[:at]); v.Type() == intervalType && c.Law(p.field[:at]+"[0]") == nil && c.Law(p.field[:at]+"[1]") == nil {
		in := v.Addr().Interface().(*Interval)
		in[0], in[1] = min(in[0], in[1]), max(in[0], in[1])
	}
}

// MatchParameter reports whether a glob names a parameter or a group that holds it. A * stands for one name: layers.*.cover,
// paint.noise.*. leaves alone is all of leaves.
func MatchParameter(glob, path string) bool {
	want, have := strings.Split(dotted(glob), "."), strings.Split(path, ".")
	if len(want) > len(have) {
		return false
	}
	for i, w := range want {
		if w != "*" && w != have[i] {
			return false
		}
	}
	return true
}

// SameField returns why no parameter lies at the path of a field that exists, "" if none is known to forbid it.
func SameField(glob string) string {
	path := dotted(glob)
	found := ""
	eachField(reflect.TypeFor[Config](), "", func(p string, _ reflect.StructField) {
		if p == path {
			found = same(path)
		}
	})
	return found
}
