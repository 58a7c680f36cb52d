package scene

import (
	"fmt"
	"reflect"
	"slices"
	"strings"

	"github.com/goccy/go-yaml/ast"
)

// mostProblems is how many problems of one file are told: more help nobody.
const mostProblems = 20

// located is a problem and its line in the file, 0 if unknown.
type located struct {
	line int
	Problem
}

// checker compares YAML nodes with the types they are to fill, before the
// decoder sees them: the decoder cuts 1.5 to 1, reads 010 as 8, expands aliases
// and names Go types in its messages.
//
// A law stands where a value would: the checker takes it out, and puts a value in its place.
type checker struct {
	problems []located
	plain    bool     // no law may stand here
	given    []string // paths of the values that were read
	laws     []Law
}

// apply gives c, which holds the values that were read, their laws in place of those it had.
func (c *checker) apply(to *Config) {
	for _, path := range c.given {
		to.dropLaws(path)
	}
	for _, l := range c.laws {
		to.setLaw(l)
	}
}

func (c *checker) wrong(node ast.Node, path, format string, args ...any) {
	line := 0
	if tk := node.GetToken(); tk != nil && tk.Position != nil {
		line = tk.Position.Line
	}
	c.problems = append(c.problems, located{line, Problem{path, fmt.Sprintf(format, args...)}})
}

// check checks the node that is to fill a value of type t, governed by tag, and returns what to decode.
func (c *checker) check(t reflect.Type, tag reflect.StructTag, node ast.Node, path string) ast.Node {
	if len(c.problems) > mostProblems {
		return node
	}
	switch node.Type() {
	case ast.AnchorType, ast.AliasType, ast.MergeKeyType:
		c.wrong(node, path, "anchors and aliases (& and *) are not read; write the value out")
		return node
	}
	if t.Kind() != reflect.Struct {
		c.given = append(c.given, path)
		if law, isMap := fieldsOf(node); isMap {
			return c.law(t, tag, node, law, path)
		}
	}
	ok := true
	switch t.Kind() {
	case reflect.Struct:
		ok = c.checkGroup(t, node, path)
	case reflect.Slice, reflect.Array:
		list, isList := node.(*ast.SequenceNode)
		if !isList || t.Kind() == reflect.Array && len(list.Values) != t.Len() {
			ok = false
			break
		}
		for i, v := range list.Values {
			list.Values[i] = c.check(t.Elem(), tag, v, fmt.Sprintf("%s[%d]", path, i))
		}
	case reflect.Int:
		ok = node.Type() == ast.IntegerType
		c.refuseOctal(node, path)
	case reflect.Float64:
		ok = slices.Contains([]ast.NodeType{ast.IntegerType, ast.FloatType, ast.InfinityType, ast.NanType}, node.Type())
		c.refuseOctal(node, path)
	case reflect.Bool:
		ok = node.Type() == ast.BoolType
	case reflect.String:
		ok = node.Type() == ast.StringType
	}
	if !ok {
		c.wrong(node, path, "%q is no %s", shorten(node), typeName(t))
	}
	return node
}

// checkGroup checks a mapping that fills a struct; it reports false if node is
// none.
func (c *checker) checkGroup(t reflect.Type, node ast.Node, path string) bool {
	values, isMap := fieldsOf(node)
	if !isMap {
		return false
	}
	given := map[string]bool{}
	for _, kv := range values {
		key := kv.Key.GetToken().Value
		f, known := named(t, key)
		if !known || kv.Key.Type() == ast.AnchorType {
			c.wrong(kv.Key, path, "unknown field %q; choose one of %s%s", key, strings.Join(names(t), ", "), meant(t, path, key))
			continue
		}
		given[key] = true
		kv.Value = c.check(f.Type, f.Tag, kv.Value, join(path, key))
	}
	for _, name := range required(t) {
		if !given[name] {
			c.wrong(node, join(path, name), "is missing; every layer needs name and cover")
		}
	}
	return true
}

// required names the fields that a group in a file must have: a layer that
// leaves out its name or cover is a mistake, one that leaves out blur or depth
// is sharp and near.
func required(t reflect.Type) []string {
	if t == reflect.TypeFor[Layer]() {
		return []string{"name", "cover"}
	}
	return nil
}

// refuseOctal refuses 010, which YAML reads as 8 and people as 10.
func (c *checker) refuseOctal(node ast.Node, path string) {
	text := strings.TrimLeft(node.String(), "+-")
	if node.Type() == ast.IntegerType && len(text) > 1 && text[0] == '0' && text[1] >= '0' && text[1] <= '9' {
		c.wrong(node, path, "%s would be read as octal; write it without the leading 0", shorten(node))
	}
}

// shorten returns the text of a node for a message.
func shorten(node ast.Node) string {
	switch node.(type) {
	case *ast.MappingNode, *ast.MappingValueNode:
		return "{...}" // writing out a large one takes long
	case *ast.SequenceNode:
		return "[...]"
	case *ast.NullNode:
		return "null"
	}
	text := node.String()
	if len(text) > 40 {
		text = strings.ToValidUTF8(text[:40], "") + "..."
	}
	return text
}

// fieldsOf returns the entries of a mapping; the parser has two forms of it.
func fieldsOf(node ast.Node) ([]*ast.MappingValueNode, bool) {
	switch n := node.(type) {
	case *ast.MappingNode:
		return n.Values, true
	case *ast.MappingValueNode:
		return []*ast.MappingValueNode{n}, true
	}
	return nil, false
}
