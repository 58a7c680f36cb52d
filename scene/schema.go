package scene

import (
	"encoding/json"
	"reflect"
	"strconv"
	"strings"
)

// Schema returns the JSON Schema (draft 2020-12) of a configuration file:
// names, types, ranges, words, laws, descriptions and defaults. What it cannot say
// (r_min up to r_max, a full last layer and the like) Check says.
func Schema() []byte {
	laws := lawSchemas{}
	if err := json.Unmarshal([]byte(anyLaw), &laws); err != nil {
		panic(err)
	}
	s := laws.field(reflect.TypeFor[Config](), "", reflect.ValueOf(Default()), "")
	s["$schema"] = "https://json-schema.org/draft/2020-12/schema"
	s["title"] = "leaflitter configuration"
	s["description"] = "what a file leaves out is as in the preset it starts from"
	s["$defs"] = laws
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

var jsonTypes = map[reflect.Kind]string{reflect.Float64: "number", reflect.Int: "integer", reflect.String: "string", reflect.Bool: "boolean"}

// lawSchemas are the schemas of laws by name: fields of the same type and range share one.
type lawSchemas map[string]any

// field describes the field at path, whose values are of type t and governed by tag: a value or, where it may
// have one, a law. usual is the default, or the zero Value where there is none.
func (laws lawSchemas) field(t reflect.Type, tag reflect.StructTag, usual reflect.Value, path string) map[string]any {
	s := laws.value(t, tag, usual, path)
	if t.Kind() != reflect.Struct {
		if same(path) == "" {
			s = map[string]any{"anyOf": []any{s, map[string]any{"$ref": "#/$defs/" + laws.law(t, tag)}}}
		}
		if usual.IsValid() {
			s["default"] = json.RawMessage(mustJSON(usual, "", nil))
		}
	}
	return s
}

// value describes the values of a field, without its law. Where path is empty what they hold has no laws either.
func (laws lawSchemas) value(t reflect.Type, tag reflect.StructTag, usual reflect.Value, path string) map[string]any {
	s := map[string]any{}
	element := func() map[string]any {
		if path == "" {
			return laws.value(t.Elem(), tag, reflect.Value{}, "")
		}
		return laws.field(t.Elem(), tag, reflect.Value{}, path+"[0]")
	}
	switch t.Kind() {
	case reflect.Struct:
		fields := map[string]any{}
		for i, f := range tagged(t) {
			var inner reflect.Value
			if usual.IsValid() {
				inner = usual.Field(i)
			}
			name := f.Tag.Get("yaml")
			one := laws.field(f.Type, f.Tag, inner, join(path, name))
			if doc := f.Tag.Get("doc"); doc != "" {
				one["description"] = doc
			}
			if unit := f.Tag.Get("unit"); unit != "" {
				one["x-unit"] = unit // an annotation, which validators pass over
			}
			fields[name] = one
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
		s["type"], s["minItems"], s["maxItems"], s["items"] = "array", 1, most, element()
	case reflect.Array:
		s["type"], s["minItems"], s["maxItems"], s["items"] = "array", t.Len(), t.Len(), element()
	default:
		s["type"] = jsonTypes[t.Kind()]
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

// law describes the laws of values of a type, governed by tag, and returns the name of the description.
func (laws lawSchemas) law(t reflect.Type, tag reflect.StructTag) string {
	name, one := "law", t
	for ; one.Kind() == reflect.Slice || one.Kind() == reflect.Array; one = one.Elem() {
		name += "_list"
	}
	name += "_" + jsonTypes[one.Kind()]
	for _, part := range []string{tag.Get("enum"), tag.Get("min"), tag.Get("max")} {
		if part != "" {
			name += "_" + strings.ReplaceAll(part, ",", "_")
		}
	}
	value := laws.value(t, tag, reflect.Value{}, "")
	s := map[string]any{"$ref": "#/$defs/choice", "properties": map[string]any{"choice": map[string]any{"items": value}}}
	if (t.Kind() == reflect.Float64 || t.Kind() == reflect.Int) && tag.Get("enum") == "" {
		within := map[string]any{"minimum": value["minimum"], "maximum": value["maximum"]}
		s["$ref"], s["properties"] = "#/$defs/law", map[string]any{
			"uniform": map[string]any{"items": value}, "log_uniform": map[string]any{"items": within},
			"normal": map[string]any{"prefixItems": []any{within}}, "choice": map[string]any{"items": value},
		}
	}
	laws[name] = s
	return name
}

// anyLaw is what all laws have in common, whatever their field.
const anyLaw = `{
	"odds": {"type": "array", "minItems": 1, "maxItems": 64, "items": {"type": "number", "minimum": 0, "maximum": 1000000}},
	"choices": {"type": "array", "minItems": 1, "maxItems": 64},
	"choice": {
		"type": "object", "description": "every image draws one of the values",
		"properties": {"choice": {"$ref": "#/$defs/choices"}, "odds": {"$ref": "#/$defs/odds"}},
		"additionalProperties": false, "required": ["choice"]
	},
	"ends": {"type": "array", "minItems": 2, "maxItems": 2, "items": {"type": "number"}},
	"law": {
		"type": "object", "description": "every image draws a number: a uniform law or a log_uniform one between two ends, a normal one of a mean and a deviation, or one of the values of a choice",
		"properties": {
			"uniform": {"$ref": "#/$defs/ends"},
			"log_uniform": {"$ref": "#/$defs/ends", "items": {"exclusiveMinimum": 0}},
			"normal": {"$ref": "#/$defs/ends", "prefixItems": [{}, {"exclusiveMinimum": 0, "maximum": 1000000}]},
			"choice": {"$ref": "#/$defs/choices"}, "odds": {"$ref": "#/$defs/odds"}
		},
		"additionalProperties": false, "dependentRequired": {"odds": ["choice"]},
		"oneOf": [{"required": ["uniform"]}, {"required": ["log_uniform"]}, {"required": ["normal"]}, {"required": ["choice"]}]
	}
}`

// mustJSON writes a value under its YAML names; path and c as for jsonOf.
func mustJSON(v reflect.Value, path string, c *Config) string {
	var b strings.Builder
	if err := jsonOf(&b, v, path, c); err != nil {
		panic(err) // the defaults hold no NaN
	}
	return b.String()
}
