package scene

import (
	"fmt"
	"reflect"
	"slices"
	"strings"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/parser"
)

// lawForms says how each kind of law is written.
var lawForms = [...]string{"{uniform: [lo, hi]}", "{log_uniform: [lo, hi]}", "{normal: [mean, deviation]}", "{choice: [value, ...], odds: [number, ...]}"}

// law reads the law that stands at path in place of a value of type t, and returns the value to decode
// there.
func (c *checker) law(t reflect.Type, tag reflect.StructTag, node ast.Node, values []*ast.MappingValueNode, path string) ast.Node {
	l := Law{Path: path}
	problems := len(c.problems)
	if c.plain {
		c.wrong(node, path, "a law cannot stand within a law; give values")
		return node
	}
	if why := same(path); why != "" {
		c.wrong(node, path, "cannot have a law, since %s; give a value", why)
		return node
	}
	kind, at := -1, 0
	for i, kv := range values {
		if k := slices.Index(lawNames[:], kv.Key.GetToken().Value); k >= 0 && kind < 0 {
			kind, at = k, i
		}
	}
	if kind < 0 {
		if t.Kind() == reflect.Slice || t.Kind() == reflect.Array {
			c.wrong(node, path, "%q is no %s, and no law, such as {choice: [...]}", shorten(node), typeName(t))
		} else {
			c.wrong(node, path, "%q is no %s, and no law; laws are %s", shorten(node), typeName(t), strings.Join(lawForms[:], ", "))
		}
		return node
	}
	l.Kind = LawKind(kind)
	var odds ast.Node
	for i, kv := range values {
		switch key := kv.Key.GetToken().Value; {
		case i == at:
		case l.Kind == Choice && key == "odds" && odds == nil:
			odds = kv.Value
		default:
			c.wrong(kv.Key, path, "%q does not belong to the law %s", key, lawForms[kind])
		}
	}
	stands := node
	if l.Kind == Choice {
		stands = c.choices(&l, t, tag, values[at].Value, odds, path)
	} else {
		stands = c.numbers(&l, t, tag, values[at].Value, path)
	}
	if len(c.problems) == problems {
		c.laws = append(c.laws, l)
	}
	return stands
}

// numbers reads the two numbers of a law.
func (c *checker) numbers(l *Law, t reflect.Type, tag reflect.StructTag, node ast.Node, path string) ast.Node {
	if enum := tag.Get("enum"); t.Kind() == reflect.Int && enum != "" {
		c.wrong(node, path, "is one of %s and has no law of numbers; give %s", strings.ReplaceAll(enum, ",", ", "), lawForms[Choice])
		return node
	}
	if t.Kind() != reflect.Float64 && t.Kind() != reflect.Int {
		c.wrong(node, path, "is no number and has no law of numbers; give %s", lawForms[Choice])
		return node
	}
	k := checker{plain: true}
	k.check(intervalType, "", node, path)
	var ab Interval
	if len(k.problems) > 0 || yaml.NodeToValue(node, &ab) != nil {
		c.wrong(node, path, "%q are no two numbers; a law is written %s", shorten(node), lawForms[l.Kind])
		return node
	}
	l.A, l.B = ab[0], ab[1]
	return anyNumber
}

// choices reads the values and the odds of a law.
func (c *checker) choices(l *Law, t reflect.Type, tag reflect.StructTag, node, odds ast.Node, path string) ast.Node {
	list, isList := node.(*ast.SequenceNode)
	if !isList || len(list.Values) == 0 || len(list.Values) > maxList {
		c.wrong(node, path, "give choice a list of 1 to %d values, as in %s", maxList, lawForms[Choice])
		return node
	}
	for _, node := range list.Values {
		k := checker{plain: true}
		k.check(t, tag, node, path)
		if c.problems = append(c.problems, k.problems...); len(k.problems) > 0 {
			return list.Values[0]
		}
		v := reflect.New(t)
		if err := yaml.NodeToValue(node, v.Interface(), yaml.Strict()); err != nil {
			c.wrong(node, path, "%q is no %s", shorten(node), typeName(t))
			return node
		}
		l.Choices = append(l.Choices, v.Elem().Interface())
	}
	if odds != nil {
		k := checker{plain: true}
		k.check(reflect.TypeFor[[]float64](), "", odds, path)
		if len(k.problems) > 0 || yaml.NodeToValue(odds, &l.Odds) != nil {
			c.wrong(odds, path, "odds are numbers, one for each choice")
		}
	}
	return list.Values[0]
}

// anyNumber is decoded where a law of numbers stands; Config.setLaw then puts its own value there.
var anyNumber = func() ast.Node {
	file, err := parser.ParseBytes([]byte("1"), 0)
	if err != nil {
		panic(err)
	}
	return file.Docs[0].Body
}()

// checkLaws reports what is wrong with the laws: ends out of the field's range, and fields that
// contradict each other in some image.
func checkLaws(c *Config, report reporter) {
	for i := range c.Laws {
		l := &c.Laws[i]
		for j := range c.Laws {
			if rest, within := strings.CutPrefix(l.Path, c.Laws[j].Path); within && rest != "" && strings.ContainsAny(rest[:1], ".[") {
				report(l.Path, "cannot have a law while %s as a whole has one; leave one of them out", c.Laws[j].Path)
				return
			}
		}
		l.check(c, report)
	}
}

// leastLogUniform is where a log-uniform law may begin.
const leastLogUniform = 1e-6

func (l *Law) check(c *Config, report reporter) {
	_, tag := c.field(l.Path)
	switch {
	case l.Kind == Choice:
		for i, v := range l.Choices {
			checkRanges(reflect.ValueOf(v), tag, fmt.Sprintf("%s.choice[%d]", l.Path, i), report)
		}
		if l.Odds == nil {
			return
		}
		sum := 0.0
		for _, o := range l.Odds {
			if !(o >= 0 && o <= 1e6) {
				report(l.Path, "%v are no odds; give numbers from 0 to 1000000", o)
				return
			}
			sum += o
		}
		if len(l.Odds) != len(l.Choices) || sum <= 0 {
			report(l.Path, "has %d odds for %d choices; give as many, not all 0", len(l.Odds), len(l.Choices))
		}
	case l.Kind == Normal:
		checkNumber(l.A, tag, l.Path, report)
		if !(l.B > 0 && l.B <= 1e6) {
			report(l.Path, "the deviation %v of a normal law is out of range; give a number over 0, at most 1000000", l.B)
		}
	default:
		for _, x := range []float64{l.A, l.B} {
			checkNumber(x, tag, l.Path, report)
		}
		if l.A > l.B {
			report(l.Path, "[%v, %v] runs backwards; give the smaller number first", l.A, l.B)
		}
		if l.Kind == LogUniform && l.A < leastLogUniform {
			report(l.Path, "a log_uniform law begins at 0.000001 or more, not at %v; give such a number, or a uniform law", l.A)
		}
		if v, _ := c.field(l.Path); v.Kind() == reflect.Int && l.Kind == Uniform && (l.A != float64(int(l.A)) || l.B != float64(int(l.B))) {
			report(l.Path, "[%v, %v] are not whole; the field is a whole number", l.A, l.B)
		}
	}
}
