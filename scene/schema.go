package scene

import (
	"encoding/json"
	"reflect"
	"strconv"
	"strings"
)

// Schema returns the JSON Schema (draft 2020-12) of a configuration file:
// names, types, ranges, words, descriptions and defaults. What it cannot say
// (r_min up to r_max, a full last layer and the like) Check says.
func Schema() []byte {
	d := Default()
	s := schemaOf(reflect.TypeFor[Config](), "", reflect.ValueOf(d))
	s["$schema"] = "https://json-schema.org/draft/2020-12/schema"
	s["title"] = "leaflitter configuration"
	s["description"] = "what a file leaves out is as in the preset it starts from"
	var presets []string
	for _, p := range Presets() {
		presets = append(presets, p.Name)
	}
	s["properties"].(map[string]any)["preset"] = map[string]any{
		"type": "string", "enum": presets, "default": presets[0],
		"description": "the preset that the file changes; must be its first field",
	}
	data, _ := json.MarshalIndent(s, "", "  ")
	return append(data, '\n')
}

// schemaOf describes a type whose values the tag governs. usual is the default,
// or the zero Value where there is none.
func schemaOf(t reflect.Type, tag reflect.StructTag, usual reflect.Value) map[string]any {
	s := map[string]any{}
	if t.Kind() != reflect.Struct && usual.IsValid() {
		s["default"] = json.RawMessage(mustJSON(usual, "", nil))
	}
	switch t.Kind() {
	case reflect.Struct:
		fields := map[string]any{}
		for i, f := range tagged(t) {
			var inner reflect.Value
			if usual.IsValid() {
				inner = usual.Field(i)
			}
			one := schemaOf(f.Type, f.Tag, inner)
			if doc := f.Tag.Get("doc"); doc != "" {
				one["description"] = doc
			}
			if unit := f.Tag.Get("unit"); unit != "" {
				one["x-unit"] = unit // an annotation, which validators pass over
			}
			fields[f.Tag.Get("yaml")] = one
		}
		s["type"], s["properties"], s["additionalProperties"] = "object", fields, false
		if r := required(t); r != nil {
			s["required"] = r
		}
	case reflect.Slice:
		most := maxList
		if t == reflect.TypeFor[[]Layer]() {
			most = maxLayers
		}
		s["type"], s["minItems"], s["maxItems"] = "array", 1, most
		s["items"] = schemaOf(t.Elem(), tag, reflect.Value{})
	case reflect.Array:
		s["type"], s["minItems"], s["maxItems"] = "array", t.Len(), t.Len()
		s["items"] = schemaOf(t.Elem(), tag, reflect.Value{})
	case reflect.Bool:
		s["type"] = "boolean"
	default:
		s["type"] = map[reflect.Kind]string{reflect.Float64: "number", reflect.Int: "integer", reflect.String: "string"}[t.Kind()]
		if enum := tag.Get("enum"); enum != "" {
			var values []any
			for e := range strings.SplitSeq(enum, ",") {
				if n, err := strconv.Atoi(e); err == nil && t.Kind() == reflect.Int {
					values = append(values, n)
				} else {
					values = append(values, e)
				}
			}
			s["enum"] = values
		} else if t.Kind() == reflect.String {
			s["minLength"], s["maxLength"] = 1, 64
		}
		if tag.Get("min") != "" {
			s["minimum"], s["maximum"] = json.Number(tag.Get("min")), json.Number(tag.Get("max"))
		}
	}
	return s
}

// mustJSON writes a value under its YAML names; path and c as for jsonOf.
func mustJSON(v reflect.Value, path string, c *Config) string {
	var b strings.Builder
	if err := jsonOf(&b, v, path, c); err != nil {
		panic(err) // the defaults hold no NaN
	}
	return b.String()
}
