package scene

import (
	"fmt"
	"reflect"
	"strconv"
	"strings"

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
	for _, name := range strings.FieldsFunc(path, func(r rune) bool { return r == '.' || r == '[' || r == ']' }) {
		switch v.Kind() {
		case reflect.Struct:
			next := field(v, name)
			if !next.IsValid() {
				return fmt.Errorf("--set %s: no field %q; choose one of %s%s", assignment, name, strings.Join(names(v.Type()), ", "), meant(v.Type(), at, name))
			}
			v, at = next, join(at, name)
		case reflect.Slice, reflect.Array:
			i, err := strconv.Atoi(name)
			if err != nil || i < 0 || i >= v.Len() {
				return fmt.Errorf("--set %s: %q is no index into a list of %d; give 0 to %d", assignment, name, v.Len(), v.Len()-1)
			}
			v, at = v.Index(i), fmt.Sprintf("%s.%d", at, i)
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
	k.check(v.Type(), file.Docs[0].Body, at)
	if k.problems != nil {
		return fmt.Errorf("--set %s: %s", assignment, k.problems[0].Text)
	}
	if err := yaml.NodeToValue(file.Docs[0].Body, fresh.Interface(), yaml.Strict()); err != nil {
		return fmt.Errorf("--set %s: %q is no %s", assignment, value, typeName(v.Type()))
	}
	v.Set(fresh.Elem())
	*c = d
	return nil
}

func field(v reflect.Value, name string) reflect.Value {
	for i := range v.NumField() {
		if v.Type().Field(i).Tag.Get("yaml") == name {
			return v.Field(i)
		}
	}
	return reflect.Value{}
}

func names(t reflect.Type) (out []string) {
	for i := range t.NumField() {
		out = append(out, t.Field(i).Tag.Get("yaml"))
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
