package scene

import (
	"encoding/json"
	"reflect"
	"strings"
	"testing"
)

// The defaults and every preset are valid, and survive being written and read.
func TestPresetsRoundTrip(t *testing.T) {
	for _, p := range Presets() {
		if err := Check(&p.Config); err != nil {
			t.Errorf("%s: %v", p.Name, err)
		}
		got, err := Parse("test.yaml", Marshal(&p.Config), Config{})
		if err != nil {
			t.Fatalf("%s: %v\n%s", p.Name, err, Marshal(&p.Config))
		}
		if !reflect.DeepEqual(got, p.Config) {
			t.Errorf("%s: read back as\n%s", p.Name, Marshal(&got))
		}
	}
}

// A file changes what it names and nothing else.
func TestParseOverBase(t *testing.T) {
	got, err := Parse("a.yaml", []byte("leaves: {r_min: 2}\nlayers:\n  - {name: only, cover: 1}\n"), Default())
	if err != nil {
		t.Fatal(err)
	}
	want := Default()
	want.Leaves.RMin = 2
	want.Layers = []Layer{{Name: "only", Cover: 1}}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("read\n%s", Marshal(&got))
	}
	if got, err := Parse("empty.yaml", nil, Default()); err != nil || !reflect.DeepEqual(got, Default()) {
		t.Errorf("an empty file: %v", err)
	}
}

func TestParseRefuses(t *testing.T) {
	for _, c := range []struct{ text, want string }{
		{"leaves:\n  r_mim: 3\n", "f.yaml:2: leaves: unknown field"},
		{"leaves:\n  alpha: 3\n  r_min: -1\n", "f.yaml:3: leaves.r_min: -1 is out of range; give a number from 0.5 to 4096"},
		{"leaves:\n  r_min: 30\n  r_max: 20\n", "f.yaml:2: leaves.r_min: 30 exceeds leaves.r_max = 20"},
		{"leaves: {r_max: 5}\n", "f.yaml:1: leaves.r_min: 10 exceeds"},
		{"image:\n  width: many\n", "f.yaml:2: "},
		{"image: {width: 1.5}\n", "f.yaml:1: "},
		{"image: {width: .nan}\n", "f.yaml:1: "},
		{"leaves: {alpha: .nan}\n", "f.yaml:1: leaves.alpha: NaN is out of range"},
		{"blur:\n  kind: motion\n", `f.yaml:2: blur.kind: "motion" is not known; choose one of gaussian, lens`},
		{"layers: []\n", "f.yaml:1: layers: holds 0 layers"},
		{"layers:\n  - {name: a, cover: 0.5}\n", "f.yaml:2: layers[0].cover: is 0.5, but the last layer must cover everything"},
		{"layers:\n  - {name: a, cover: 0.5}\n  - {name: a, cover: 1}\n", "f.yaml:3: layers[1].name"},
		{"layers:\n  - {name: a, cover: 1}\n  - {name: b, cover: 1}\n", "hides every layer behind it"},
		{"paint:\n  sin:\n    period: [50, 10]\n", "f.yaml:3: paint.sin.period: [50, 10] runs backwards"},
		{"paint:\n  sin:\n    period: [50]\n", "f.yaml:3: "},
		{"paint:\n  weights: {sin: 0, noise: 0, mix: 0}\n", "f.yaml:2: paint.weights: are all 0"},
		{"outline: {per_image: [blob]}\n", `outline.per_image[0]: "blob" is not known`},
		{"develop: {supersample: 4}\nimage: {width: 9000, height: 10}\n", "f.yaml:1: develop.supersample"},
		{"paint: {noise: {largest_tile: 100}}\n", "choose one of 64, 128"},
		{"a: &x [1]\nb: *x\n", "anchors and aliases"},
		{"a: " + strings.Repeat("[", 5000), "nested deeper"},
		{"leaves: {alpha: 3\n", "f.yaml:"},
		{"--- \nleaves: {alpha: 3}\n---\nleaves: {alpha: 3}\n", "2 YAML documents"},
		{"just words\n", "f.yaml:1: "},
		{strings.Repeat("#", 2<<20), "larger than 1 MiB"},
	} {
		_, err := Parse("f.yaml", []byte(c.text), Default())
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%.60q: error %v, want %q", c.text, err, c.want)
		}
	}
}

func TestSet(t *testing.T) {
	c := Default()
	for _, s := range []string{"leaves.r_min=2", "layers.0.blur=0.5", "layers[1].depth=0.25", "outline.per_image=[disk, mix]", "properties.warp=false", "paint.noise.slopes=[[0, 1], [2, 2]]", "blur.kind=lens", "image.width=64"} {
		if err := Set(&c, s); err != nil {
			t.Errorf("%s: %v", s, err)
		}
	}
	d := Default()
	if c.Leaves.RMin != 2 || c.Layers[0].Blur != 0.5 || c.Layers[1].Depth != 0.25 || len(c.Outline.PerImage) != 2 || c.Properties.Warp ||
		len(c.Paint.Noise.Slopes) != 2 || c.Blur.Kind != "lens" || c.Image.Width != 64 {
		t.Errorf("set to\n%s", Marshal(&c))
	}
	if d.Layers[0].Blur != 1 {
		t.Error("Set changed the defaults")
	}
	for s, want := range map[string]string{
		"leaves.r_min":        "give key=value",
		"leaves.r_mim=2":      `no field "r_mim"; choose one of alpha, r_min`,
		"leaves=3":            "is a group",
		"layers.7.blur=1":     "no index into a list of 3",
		"leaves.r_min.x=1":    "inside a single value",
		"leaves.r_min=big":    "is no number",
		"image.width=1.5":     "is no whole number",
		"leaves.r_min=":       "value is missing",
		"blur.kind=[a]":       "is no word",
		"properties.warp=no!": "is no true or false",
	} {
		if err := Set(&c, s); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: error %v, want %q", s, err, want)
		}
	}
}

// Every leaf of the configuration has a name, and every number a range: the
// documentation and the checks come from these tags.
func TestTagsAreComplete(t *testing.T) {
	var walk func(ty reflect.Type, path string)
	walk = func(ty reflect.Type, path string) {
		for i := range ty.NumField() {
			f := ty.Field(i)
			name := join(path, f.Tag.Get("yaml"))
			if f.Tag.Get("yaml") == "" {
				t.Errorf("%s.%s has no name", path, f.Name)
			}
			inner := f.Type
			for inner.Kind() == reflect.Slice || inner.Kind() == reflect.Array {
				inner = inner.Elem()
			}
			switch inner.Kind() {
			case reflect.Struct:
				walk(inner, name)
			case reflect.Float64:
				if f.Tag.Get("min") == "" || f.Tag.Get("max") == "" {
					t.Errorf("%s has no range", name)
				}
			case reflect.Int:
				if f.Tag.Get("min") == "" && f.Tag.Get("enum") == "" {
					t.Errorf("%s has no range", name)
				}
			}
		}
	}
	walk(reflect.TypeFor[Config](), "")
}

func TestSchema(t *testing.T) {
	var s map[string]any
	if err := json.Unmarshal(Schema(), &s); err != nil {
		t.Fatal(err)
	}
	leaves := s["properties"].(map[string]any)["leaves"].(map[string]any)["properties"].(map[string]any)
	if rmin := leaves["r_min"].(map[string]any); rmin["minimum"] != 0.5 || rmin["maximum"] != 4096.0 || rmin["type"] != "number" {
		t.Errorf("r_min: %v", rmin)
	}
}

func FuzzParse(f *testing.F) {
	d := Default()
	f.Add(Marshal(&d))
	f.Add([]byte("leaves: {r_min: 2}\n"))
	f.Add([]byte("layers:\n  - {name: a, cover: 1}\n"))
	f.Add([]byte("image: !!binary x\n? a\n: b"))
	f.Fuzz(func(t *testing.T, data []byte) {
		c, err := Parse("fuzz.yaml", data, Default())
		if err != nil {
			return
		}
		if err := Check(&c); err != nil {
			t.Fatalf("accepted, but: %v", err)
		}
		again, err := Parse("again.yaml", Marshal(&c), Config{})
		if err != nil || !reflect.DeepEqual(again, c) {
			t.Fatalf("does not survive being written: %v\n%s", err, Marshal(&c))
		}
	})
}

// The manifest holds the configuration under its YAML names, so that it is a
// configuration file itself.
func TestJSONIsYAML(t *testing.T) {
	want := Default()
	data, err := json.Marshal(want)
	if err != nil {
		t.Fatal(err)
	}
	got, err := Parse("manifest", data, Config{})
	if err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("%v\n%s", err, data)
	}
}
