package scene

import (
	"fmt"
	"reflect"
	"strconv"
	"strings"
	"sync"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/parser"
)

// Set changes one field: assignment is path=value, the path dotted with list
// indices (leaves.r_min=1, layers.0.blur=0.5, outline.per_image=[disk]), the
// value YAML. It does not Check the result.
func Set(c *Config, assignment string) error {
	path, value, ok := strings.Cut(assignment, "=")
	if !ok {
		return fmt.Errorf("--set %s: give key=value, such as leaves.r_min=2", assignment)
	}
	d := c.clone()
	v, at := reflect.ValueOf(&d).Elem(), "" // at: the path so far
	var tag reflect.StructTag
	for _, name := range strings.FieldsFunc(path, func(r rune) bool { return r == '.' || r == '[' || r == ']' }) {
		switch v.Kind() {
		case reflect.Struct:
			next, known := named(v.Type(), name)
			if !known {
				return fmt.Errorf("--set %s: no field %q; choose one of %s%s", assignment, name, strings.Join(names(v.Type()), ", "), meant(v.Type(), dotted(at), name))
			}
			v, tag, at = v.FieldByIndex(next.Index), next.Tag, join(at, name)
		case reflect.Slice, reflect.Array:
			if d.Law(at) != nil {
				return fmt.Errorf("--set %s: %s as a whole has a law; set it as a whole", assignment, dotted(at))
			}
			i, err := strconv.Atoi(name)
			if err != nil || i < 0 || i >= v.Len() {
				return fmt.Errorf("--set %s: %q is no index into a list of %d; give 0 to %d", assignment, name, v.Len(), v.Len()-1)
			}
			v, at = v.Index(i), fmt.Sprintf("%s[%d]", at, i)
		default:
			return fmt.Errorf("--set %s: %q lies inside a single value; remove it", assignment, name)
		}
	}
	if v.Kind() == reflect.Struct {
		return fmt.Errorf("--set %s: %s is a group; set one of its fields: %s", assignment, path, strings.Join(names(v.Type()), ", "))
	}
	fresh := reflect.New(v.Type())
	if strings.TrimSpace(value) == "" {
		return fmt.Errorf("--set %s: the value is missing", assignment)
	}
	if len(value) > maxConfigBytes {
		return fmt.Errorf("--set %.40s...: %w", assignment, errTooLarge)
	}
	if err := tooDeep([]byte(value)); err != nil {
		return fmt.Errorf("--set %s: %w", assignment, err)
	}
	file, err := parser.ParseBytes([]byte(value), 0)
	if err != nil || len(file.Docs) != 1 || file.Docs[0].Body == nil {
		return fmt.Errorf("--set %s: %q is no %s", assignment, value, typeName(v.Type()))
	}
	var k checker
	node := k.check(v.Type(), tag, file.Docs[0].Body, at)
	if k.problems != nil {
		return fmt.Errorf("--set %s: %s", assignment, k.problems[0].Text)
	}
	if err := yaml.NodeToValue(node, fresh.Interface(), yaml.Strict()); err != nil {
		return fmt.Errorf("--set %s: %q is no %s", assignment, value, typeName(v.Type()))
	}
	v.Set(fresh.Elem())
	k.apply(&d)
	*c = d
	return nil
}

// tagged lists the fields that a file may name: all but Laws.
func tagged(t reflect.Type) []reflect.StructField {
	if known, ok := fieldsOfType.Load(t); ok {
		return known.([]reflect.StructField)
	}
	var fields []reflect.StructField
	for i := range t.NumField() {
		if f := t.Field(i); f.Tag.Get("yaml") != "-" {
			fields = append(fields, f)
		}
	}
	fieldsOfType.Store(t, fields)
	return fields
}

var fieldsOfType sync.Map // reflect.Type to []reflect.StructField

// named returns the field of that YAML name.
func named(t reflect.Type, name string) (f reflect.StructField, ok bool) {
	for _, f = range tagged(t) {
		if f.Tag.Get("yaml") == name {
			return f, true
		}
	}
	return f, false
}

// field returns the field at a path that is known to exist, as in layers[0].blur, and the tag that
// governs it. It is called for every law of every image.
func (c *Config) field(path string) (v reflect.Value, tag reflect.StructTag) {
	known, ok := routes.Load(path)
	if !ok {
		known, _ = routes.LoadOrStore(path, routeTo(path))
	}
	v = reflect.ValueOf(c).Elem()
	for _, i := range known.(route).steps {
		if v.Kind() == reflect.Struct {
			v = v.Field(i)
		} else {
			v = v.Index(i)
		}
	}
	return v, known.(route).tag
}

// route is how to reach a field: numbers of fields and of list entries.
type route struct {
	steps []int
	tag   reflect.StructTag
}

var routes sync.Map // path to route

func routeTo(path string) (r route) {
	t := reflect.TypeFor[Config]()
	for name := range strings.SplitSeq(dotted(path), ".") {
		if t.Kind() == reflect.Struct {
			f, _ := named(t, name)
			r.steps, r.tag, t = append(r.steps, f.Index[0]), f.Tag, f.Type
			continue
		}
		i, _ := strconv.Atoi(name)
		r.steps, t = append(r.steps, i), t.Elem()
	}
	return r
}

// dotted turns layers[0].blur into layers.0.blur, as --set is given paths.
func dotted(path string) string {
	return strings.NewReplacer("[", ".", "]", "").Replace(path)
}

// same returns why the field at a path cannot have a law, "" if it can: its own tag says so, or that of a
// group round it.
func same(path string) string {
	t := reflect.TypeFor[Config]()
	parts := strings.Split(dotted(path), ".")
	for i, name := range parts {
		if t.Kind() != reflect.Struct {
			t = t.Elem()
			continue
		}
		f, _ := named(t, name)
		if why := f.Tag.Get("same"); why != "" && (f.Type.Kind() == reflect.Struct || i == len(parts)-1) {
			return why
		}
		t = f.Type
	}
	return ""
}

func names(t reflect.Type) (out []string) {
	for _, f := range tagged(t) {
		out = append(out, f.Tag.Get("yaml"))
	}
	return out
}

func typeName(t reflect.Type) string {
	switch {
	case t == intervalType:
		return "interval [lo, hi]"
	case t.Kind() == reflect.Float64:
		return "number"
	case t.Kind() == reflect.Int:
		return "whole number"
	case t.Kind() == reflect.Bool:
		return "true or false"
	case t.Kind() == reflect.Struct:
		return "group of fields"
	case t.Kind() == reflect.String:
		return "word"
	}
	return "list"
}
