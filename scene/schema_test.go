package scene

import (
	"bytes"
	"encoding/json"
	"fmt"
	"reflect"
	"strings"
	"testing"

	"github.com/goccy/go-yaml"
	"github.com/santhosh-tekuri/jsonschema/v6"
)

// compiled returns the schema as a validator has it, which checks the schema itself too.
func compiled(t *testing.T) *jsonschema.Schema {
	t.Helper()
	doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(Schema()))
	if err != nil {
		t.Fatal(err)
	}
	c := jsonschema.NewCompiler()
	if err := c.AddResource("config.json", doc); err != nil {
		t.Fatal(err)
	}
	s, err := c.Compile("config.json")
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// valid returns what a schema says of YAML or JSON.
func valid(t *testing.T, s *jsonschema.Schema, text string) error {
	t.Helper()
	data, err := yaml.YAMLToJSON([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	value, err := jsonschema.UnmarshalJSON(bytes.NewReader(data))
	if err != nil {
		t.Fatal(err)
	}
	return s.Validate(value)
}

func TestSchema(t *testing.T) {
	var s map[string]any
	if err := json.Unmarshal(Schema(), &s); err != nil {
		t.Fatal(err)
	}
	leaves := s["properties"].(map[string]any)["leaves"].(map[string]any)["properties"].(map[string]any)
	rmin := leaves["r_min"].(map[string]any)
	if rmin["default"] != 10.0 || rmin["description"] != "smallest radius, px" || rmin["x-unit"] != "px" {
		t.Errorf("r_min: %v", rmin)
	}
	if plain := rmin["anyOf"].([]any)[0].(map[string]any); plain["minimum"] != 0.5 || plain["maximum"] != 4096.0 || plain["type"] != "number" {
		t.Errorf("r_min: %v", rmin)
	}
	layers := s["properties"].(map[string]any)["layers"].(map[string]any)
	if item := layers["items"].(map[string]any); fmt.Sprint(item["required"]) != "[name cover]" || layers["maxItems"] != 255.0 {
		t.Errorf("layers: %v", layers)
	}
	if preset := s["properties"].(map[string]any)["preset"].(map[string]any); len(preset["enum"].([]any)) != len(Presets()) {
		t.Errorf("preset: %v", preset)
	}
}

// What Parse reads the schema accepts: presets, random configurations with their laws, and every form of law.
func TestSchemaAcceptsWhatIsRead(t *testing.T) {
	s := compiled(t)
	for _, p := range Presets() {
		for _, text := range []string{"preset: " + p.Name, string(Marshal(&p.Config))} {
			if err := valid(t, s, text); err != nil {
				t.Errorf("%s: %v", p.Name, err)
			}
		}
	}
	stream, laws := NewStream(Key{Seed: 4, Purpose: PurposeBank}), 0
	for range 200 {
		c := RandomConfig(stream.Uint32)
		laws += len(c.Laws)
		if err := valid(t, s, string(Marshal(&c))); err != nil {
			t.Fatalf("%v\n%s", err, Marshal(&c))
		}
	}
	if laws < 200 {
		t.Errorf("only %d laws", laws)
	}
	for _, text := range []string{
		"leaves: {r_min: {log_uniform: [1, 30]}, alpha: {normal: [3, 0.3]}}",
		"blur: {sigma_max: {uniform: [0, 5]}, kind: {choice: [gaussian, lens], odds: [2, 1]}}",
		"outline: {per_image: {choice: [[polygon], [disk, mix]], odds: [3, 1]}}",
		"outline: {per_image: [{choice: [disk, mix]}, polygon]}",
		"properties: {warp: {choice: [true, false]}}",
		"paint: {noise: {slopes: [[{uniform: [0.25, 1.5]}, 2.5]], largest_tile: {choice: [64, 128]}}}",
		"paint: {noise: {slopes: {choice: [[[0, 1]], [[1, 2], [3, 4]]]}}}",
		"paint: {sin: {period: {choice: [[5, 10], [20, 100]]}}, grid: {period: [4, {choice: [20, 30]}]}}",
		"layers: [{name: near, cover: {uniform: [0, 0.5]}, blur: {choice: [0, 1]}}, {name: far, cover: 1}]",
	} {
		parsed(t, text)
		if err := valid(t, s, text); err != nil {
			t.Errorf("%s: %v", text, err)
		}
	}
}

func TestSchemaRefuses(t *testing.T) {
	s := compiled(t)
	for _, text := range []string{
		"leaves: {r_min: {triangular: [1, 2]}}",
		"leaves: {r_min: {}}",
		"leaves: {r_min: {odds: [1]}}",
		"leaves: {r_min: {uniform: [2]}}",
		"leaves: {r_min: {uniform: [2, 3, 4]}}",
		"leaves: {r_min: {uniform: [0, 2]}}",
		"leaves: {r_min: {uniform: [1, 5000]}}",
		"leaves: {r_min: {uniform: [1, x]}}",
		"leaves: {r_min: {uniform: [1, 2], odds: [1]}}",
		"leaves: {r_min: {uniform: [1, 2], normal: [1, 2]}}",
		"leaves: {r_min: {normal: [5, 0]}}",
		"leaves: {r_min: {normal: [0, 1]}}",
		"leaves: {r_min: {choice: []}}",
		"leaves: {r_min: {choice: [1" + strings.Repeat(", 1", maxList) + "]}}",
		"leaves: {r_min: {choice: [1, x]}}",
		"leaves: {r_min: {choice: [1, {uniform: [1, 2]}]}}",
		"leaves: {r_min: {choice: [1, 2], odds: [1, -1]}}",
		"leaves: {r_min: {choice: [1, 2], odds: {uniform: [1, 2]}}}",
		"leaves: {r_min: {choice: [[1, 2]]}}",
		"paint: {flat_below: {log_uniform: [0, 5]}}",
		"paint: {mixing: {uniform: [1, 2]}}",
		"paint: {mixing: {choice: [lab, hsv]}}",
		"paint: {sin: {period: {uniform: [5, 10]}}}",
		"paint: {sin: {period: {choice: [5, 10]}}}",
		"paint: {noise: {largest_tile: {choice: [64, 65]}}}",
		"properties: {warp: {uniform: [0, 1]}}",
		"leaves: {uniform: [1, 2]}",
	} {
		if _, err := Parse("test.yaml", []byte(text), Default()); err == nil {
			t.Errorf("%s is read", text)
		}
		if valid(t, s, text) == nil {
			t.Errorf("%s is valid", text)
		}
	}
}

// A law is accepted at a field if and only if same gives no reason against it.
func TestSchemaKnowsWhereLawsAre(t *testing.T) {
	s, c, seen := compiled(t), Default(), map[bool]int{}
	var walk func(v reflect.Value, path, before, after string)
	walk = func(v reflect.Value, path, before, after string) {
		if v.Kind() == reflect.Struct {
			for i, f := range tagged(v.Type()) {
				name := f.Tag.Get("yaml")
				rest := ""
				if v.Type() == reflect.TypeFor[Layer]() && name != "name" {
					rest = "name: a, "
				}
				if v.Type() == reflect.TypeFor[Layer]() && name != "cover" {
					rest += "cover: 1, "
				}
				walk(v.Field(i), join(path, name), before+"{"+rest+name+": ", "}"+after)
			}
			return
		}
		text := before + "{choice: [" + mustJSON(v, "", nil) + "]}" + after
		may := same(path) == ""
		seen[may]++
		if err := valid(t, s, text); (err == nil) != may {
			t.Errorf("%s: %v, but same says %q", text, err, same(path))
		}
		if _, err := Parse("test.yaml", []byte(text), c); (err == nil) != may {
			t.Errorf("%s: %v, but same says %q", text, err, same(path))
		}
		if v.Type() == reflect.TypeFor[[]Layer]() {
			walk(v.Index(2), path+"[0]", before+"[", "]"+after)
		}
	}
	walk(reflect.ValueOf(&c).Elem(), "", "", "")
	if seen[true] < 40 || seen[false] < 15 {
		t.Errorf("%v fields", seen)
	}
}
