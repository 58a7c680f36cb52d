package scene

import (
	"encoding/json"
	"fmt"
	"hash/fnv"
	"math"
	"reflect"
	"slices"
	"strings"

	"leaflitter/exact"
)

// Law is the distribution of one field of a configuration, drawn once an image. In the
// Config that carries it the field itself holds a value that is only a placeholder; what an
// image is rendered from is Config.Drawn.
//
// An image draws each law from a stream of its own, named by the field: a law more or less
// changes no other draw, and a configuration without laws draws nothing.
type Law struct {
	Path string // of the field, as in leaves.r_min or layers[0].blur
	Kind LawKind
	A, B float64 // of the first three kinds, see there

	Choices []any     // of Choice: values of the field's type
	Odds    []float64 // relative; nil: equal
}

// LawKind is the family of a law.
type LawKind int

// The kinds of law. Whole numbers are drawn as real ones and rounded, but for Uniform, where both
// ends and all between have the same odds.
const (
	Uniform    LawKind = iota // on [A, B)
	LogUniform                // the logarithm is uniform on [log A, log B), A from 1e-6 on
	Normal                    // mean A, standard deviation B; cut to the field's range, and to 6 B either side
	Choice                    // one of Choices
)

var lawNames = [...]string{"uniform", "log_uniform", "normal", "choice"}

func (k LawKind) String() string { return lawNames[k] }

// normalReach is where a Normal law ends, in standard deviations.
const normalReach = 6

// ends returns the support of a law of numbers for a field that ranges over [lo, hi].
func (l *Law) ends(lo, hi float64) (float64, float64) {
	if l.Kind == Normal {
		return max(lo, l.A-float64(normalReach*l.B)), min(hi, l.A+float64(normalReach*l.B))
	}
	return l.A, l.B
}

// number draws from a law of numbers.
func (l *Law) number(draw *Stream, tag reflect.StructTag) float64 {
	switch l.Kind {
	case LogUniform:
		a, b := exact.Log(l.A), exact.Log(l.B)
		return min(max(exact.Exp(a+float64(draw.Float64()*(b-a))), l.A), l.B)
	case Normal:
		lo, hi := l.ends(tagRange(tag))
		// The mean lies within, so at least one try in ten is taken.
		for range 512 {
			x := lo + float64(draw.Float64()*(hi-lo))
			z := (x - l.A) / l.B
			if draw.Float64() < exact.Exp(float64(-0.5*float64(z*z))) {
				return x
			}
		}
		return l.A
	}
	return l.A + float64(draw.Float64()*(l.B-l.A))
}

// draw sets the field v, whose tag is given.
func (l *Law) draw(seed, image uint64, v reflect.Value, tag reflect.StructTag) {
	h := fnv.New32a()
	h.Write([]byte(l.Path))
	stream := NewStream(Key{Seed: seed, Image: image, Leaf: h.Sum32(), Purpose: PurposeLaw})
	switch {
	case l.Kind == Choice:
		v.Set(reflect.ValueOf(l.Choices[l.pick(stream.Float64())]))
	case v.Kind() == reflect.Float64:
		v.SetFloat(l.number(&stream, tag))
	case l.Kind == Uniform:
		n := int64(l.B-l.A) + 1
		v.SetInt(int64(l.A) + min(int64(stream.Float64()*float64(n)), n-1))
	default:
		v.SetInt(int64(math.Floor(l.number(&stream, tag) + 0.5)))
	}
}

// pick returns the number of the choice at u in (0, 1).
func (l *Law) pick(u float64) int {
	if l.Odds == nil {
		return min(int(u*float64(len(l.Choices))), len(l.Choices)-1)
	}
	total := 0.0
	for _, o := range l.Odds {
		total += o
	}
	at := float64(u * total)
	last := 0
	for i, o := range l.Odds {
		if o <= 0 {
			continue
		}
		if last = i; at < o {
			break
		}
		at -= o
	}
	return last
}

// Drawn returns the configuration of one image: c with every law drawn. The image of c is the
// image of Drawn, with the same palettes, seed and index. Without laws it returns c itself.
func (c *Config) Drawn(seed, image uint64) *Config {
	if len(c.Laws) == 0 {
		return c
	}
	d := c.clone()
	d.Laws = nil
	for i := range c.Laws {
		l := &c.Laws[i]
		v, tag := d.field(l.Path)
		l.draw(seed, image, v, tag)
	}
	return &d
}

// Draws is what an image drew for the fields with laws, in the order of Config.Laws.
type Draws struct {
	Values []Draw
	Bytes  int // how long their JSON can be, whatever is drawn
}

// Draw is what an image drew for the field at a path.
type Draw struct {
	Path  string
	Value any
}

func (d Draw) String() string { return d.Path + "=" + mustJSON(reflect.ValueOf(d.Value), "", nil) }

// Draws returns what the image drew.
func (s *Scene) Draws() Draws {
	laws := s.placer.cfg.Laws
	if len(laws) == 0 {
		return Draws{}
	}
	return Draws{draws(laws, s.Config), s.placer.cfg.DrawBytes()}
}

// Draws returns what an image draws, in the order of Laws.
func (c *Config) Draws(seed, image uint64) []Draw { return draws(c.Laws, c.Drawn(seed, image)) }

func draws(laws []Law, drawn *Config) []Draw {
	all := make([]Draw, len(laws))
	for i := range laws {
		v, _ := drawn.field(laws[i].Path)
		all[i] = Draw{laws[i].Path, v.Interface()}
	}
	return all
}

// DrawBytes returns how long the JSON of an image's Draws can be.
func (c *Config) DrawBytes() int {
	sum := 0
	for i := range c.Laws {
		l := &c.Laws[i]
		most := max(32, len(decimal(l.A))+20, len(decimal(l.B))+20) // of a number in decimal, with 17 digits
		for _, v := range l.Choices {
			most = max(most, len(mustJSON(reflect.ValueOf(v), "", nil)))
		}
		sum += len(l.Path) + len(`"":,`) + most
	}
	return sum
}

// Settle puts what an image drew in place of the laws of the field that is pointed at, and of what lies
// within it: from then on it is a plain value. at points into c.
func (c *Config) Settle(at any, seed, image uint64) {
	for _, l := range slices.Clone(c.Laws) {
		for path := l.Path; path != ""; path = path[:max(0, strings.LastIndexAny(path, ".["))] {
			if v, _ := c.field(path); v.Addr().Interface() == at {
				v, tag := c.field(l.Path)
				l.draw(seed, image, v, tag)
				c.dropLaws(l.Path)
				break
			}
		}
	}
}

// MarshalJSON writes an object of paths and values.
func (d Draws) MarshalJSON() ([]byte, error) {
	var b strings.Builder
	b.WriteByte('{')
	for i, one := range d.Values {
		fmt.Fprintf(&b, "%s%q:%s", strings.Repeat(",", min(i, 1)), one.Path, mustJSON(reflect.ValueOf(one.Value), "", nil))
	}
	b.WriteByte('}')
	return []byte(b.String()), nil
}

// Law returns the law of a field, nil if it is a plain value.
func (c *Config) Law(path string) *Law {
	if c == nil {
		return nil
	}
	for i := range c.Laws {
		if c.Laws[i].Path == path {
			return &c.Laws[i]
		}
	}
	return nil
}

// dropLaws removes the laws of a field and of what lies within it.
func (c *Config) dropLaws(path string) {
	c.Laws = slices.DeleteFunc(slices.Clone(c.Laws), func(l Law) bool {
		rest, within := strings.CutPrefix(l.Path, path)
		return within && (rest == "" || rest[0] == '.' || rest[0] == '[')
	})
	if len(c.Laws) == 0 {
		c.Laws = nil
	}
}

// setLaw gives a field a law; in its place stands a value that it may draw.
func (c *Config) setLaw(l Law) {
	c.dropLaws(l.Path)
	v, _ := c.field(l.Path)
	middle := l.A
	if l.Kind != Normal {
		middle = l.A + float64(float64(l.B-l.A)/2)
	}
	switch {
	case l.Kind == Choice:
		v.Set(reflect.ValueOf(l.Choices[0]))
	case v.Kind() == reflect.Int:
		v.SetInt(int64(middle))
	default:
		v.SetFloat(middle)
	}
	c.Laws = append(c.Laws, l)
	slices.SortFunc(c.Laws, func(a, b Law) int { return strings.Compare(a.Path, b.Path) })
}

// MarshalJSON writes the law as a configuration file has it, without its path.
func (l Law) MarshalJSON() ([]byte, error) {
	var b strings.Builder
	fmt.Fprintf(&b, "{%q:", l.Kind.String())
	if l.Kind != Choice {
		fmt.Fprintf(&b, "[%s,%s]}", decimal(l.A), decimal(l.B))
		return []byte(b.String()), nil
	}
	err := jsonOf(&b, reflect.ValueOf(l.Choices), "", nil)
	if l.Odds != nil {
		b.WriteString(`,"odds":`)
		err = jsonOf(&b, reflect.ValueOf(l.Odds), "", nil)
	}
	b.WriteByte('}')
	return []byte(b.String()), err
}

// flow writes the law on one line of YAML.
func (l *Law) flow() string {
	if l.Kind != Choice {
		return fmt.Sprintf("{%s: [%s, %s]}", l.Kind, decimal(l.A), decimal(l.B))
	}
	odds := ""
	if l.Odds != nil {
		odds = ", odds: " + flow(reflect.ValueOf(l.Odds), "", nil)
	}
	return fmt.Sprintf("{choice: %s%s}", flow(reflect.ValueOf(l.Choices), "", nil), odds)
}

var _ json.Marshaler = Law{}
