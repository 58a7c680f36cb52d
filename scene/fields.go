package scene

import (
	"encoding/json"
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
	v := reflect.ValueOf(&d).Elem()
	for _, name := range strings.FieldsFunc(path, func(r rune) bool { return r == '.' || r == '[' || r == ']' }) {
		switch v.Kind() {
		case reflect.Struct:
			next := field(v, name)
			if !next.IsValid() {
				return fmt.Errorf("--set %s: no field %q; choose one of %s", assignment, name, strings.Join(names(v.Type()), ", "))
			}
			v = next
		case reflect.Slice, reflect.Array:
			i, err := strconv.Atoi(name)
			if err != nil || i < 0 || i >= v.Len() {
				return fmt.Errorf("--set %s: %q is no index into a list of %d; give 0 to %d", assignment, name, v.Len(), v.Len()-1)
			}
			v = v.Index(i)
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
	if err := tooDeep([]byte(value)); err != nil {
		return fmt.Errorf("--set %s: %w", assignment, err)
	}
	file, err := parser.ParseBytes([]byte(value), 0)
	if err != nil || len(file.Docs) != 1 || checkNode(v.Type(), file.Docs[0].Body, "--set", path) != nil {
		return fmt.Errorf("--set %s: %q is no %s", assignment, value, typeName(v.Type()))
	}
	if err := yaml.UnmarshalWithOptions([]byte(value), fresh.Interface(), yaml.Strict()); err != nil {
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

// Marshal writes the whole configuration as YAML, each field with its
// description and range as a comment. Parse reads it back to the same Config.
func Marshal(c *Config) []byte {
	var b strings.Builder
	marshalStruct(&b, reflect.ValueOf(c).Elem(), "", "")
	return []byte(b.String())
}

func marshalStruct(b *strings.Builder, v reflect.Value, indent, first string) {
	for i := range v.NumField() {
		f, value := v.Type().Field(i), v.Field(i)
		lead := indent
		if i == 0 && first != "" {
			lead = first
		}
		fmt.Fprintf(b, "%s%s:", lead, f.Tag.Get("yaml"))
		comment := describe(f.Tag)
		switch {
		case value.Kind() == reflect.Struct:
			fmt.Fprintf(b, "%s\n", comment)
			marshalStruct(b, value, indent+"  ", "")
		case value.Kind() == reflect.Slice && value.Type().Elem().Kind() == reflect.Struct:
			fmt.Fprintf(b, "%s\n", comment)
			for k := range value.Len() {
				marshalStruct(b, value.Index(k), indent+"    ", indent+"  - ")
			}
		default:
			data, _ := json.Marshal(value.Interface()) // JSON values are YAML
			fmt.Fprintf(b, " %s%s\n", data, comment)
		}
	}
}

// describe returns a field's comment: what it is and its range.
func describe(tag reflect.StructTag) string {
	text := tag.Get("doc")
	if tag.Get("min") != "" {
		text = strings.TrimPrefix(text+"; "+tag.Get("min")+" to "+tag.Get("max"), "; ")
	}
	if tag.Get("enum") != "" {
		text = strings.TrimPrefix(text+"; one of "+strings.ReplaceAll(tag.Get("enum"), ",", ", "), "; ")
	}
	if text == "" {
		return ""
	}
	return "  # " + text
}

// Schema returns the JSON Schema (draft 2020-12) of a configuration file.
func Schema() []byte {
	s := schemaOf(reflect.TypeFor[Config](), "")
	s["$schema"] = "https://json-schema.org/draft/2020-12/schema"
	s["title"] = "leaflitter configuration"
	data, _ := json.MarshalIndent(s, "", "  ")
	return append(data, '\n')
}

func schemaOf(t reflect.Type, tag reflect.StructTag) map[string]any {
	s := map[string]any{}
	if doc := tag.Get("doc"); doc != "" {
		s["description"] = doc
	}
	inner := reflect.StructTag(strings.ReplaceAll(string(tag), `doc:"`+tag.Get("doc")+`"`, ""))
	switch t.Kind() {
	case reflect.Struct:
		fields := map[string]any{}
		for i := range t.NumField() {
			f := t.Field(i)
			fields[f.Tag.Get("yaml")] = schemaOf(f.Type, f.Tag)
		}
		s["type"], s["properties"], s["additionalProperties"] = "object", fields, false
	case reflect.Slice:
		s["type"], s["minItems"], s["items"] = "array", 1, schemaOf(t.Elem(), inner)
	case reflect.Array:
		s["type"], s["minItems"], s["maxItems"], s["items"] = "array", t.Len(), t.Len(), schemaOf(t.Elem(), inner)
	case reflect.Bool:
		s["type"] = "boolean"
	default:
		s["type"] = map[reflect.Kind]string{reflect.Float64: "number", reflect.Int: "integer", reflect.String: "string"}[t.Kind()]
		if enum := tag.Get("enum"); enum != "" {
			var values []any
			for _, e := range strings.Split(enum, ",") {
				if n, err := strconv.Atoi(e); err == nil && t.Kind() == reflect.Int {
					values = append(values, n)
				} else {
					values = append(values, e)
				}
			}
			s["enum"] = values
		}
		if tag.Get("min") != "" {
			s["minimum"], s["maximum"] = json.Number(tag.Get("min")), json.Number(tag.Get("max"))
		}
	}
	return s
}

// MarshalJSON writes the configuration under its YAML names, in order.
func (c Config) MarshalJSON() ([]byte, error) {
	var b strings.Builder
	err := jsonOf(&b, reflect.ValueOf(c))
	return []byte(b.String()), err
}

func jsonOf(b *strings.Builder, v reflect.Value) error {
	switch {
	case v.Kind() == reflect.Struct:
		for i := range v.NumField() {
			fmt.Fprintf(b, "%s%q:", string("{,"[min(i, 1)]), v.Type().Field(i).Tag.Get("yaml"))
			if err := jsonOf(b, v.Field(i)); err != nil {
				return err
			}
		}
		b.WriteByte('}')
		return nil
	case v.Kind() == reflect.Slice && v.Type().Elem().Kind() == reflect.Struct:
		for i := range v.Len() {
			b.WriteByte("[,"[min(i, 1)])
			if err := jsonOf(b, v.Index(i)); err != nil {
				return err
			}
		}
		b.WriteByte(']')
		return nil
	}
	data, err := json.Marshal(v.Interface())
	b.Write(data)
	return err
}
