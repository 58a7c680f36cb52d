package scene

import (
	"encoding/json"
	"fmt"
	"reflect"
	"strings"
	"testing"
	"time"
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
	for _, text := range []string{"", "\n\n", "# nothing\n", "---\n", "---\n# nothing\n...\n", "%YAML 1.2\n---\n", "\ufeff# nothing"} {
		if got, err := Parse("empty.yaml", []byte(text), Default()); err != nil || !reflect.DeepEqual(got, Default()) {
			t.Errorf("%q: %v", text, err)
		}
	}
}

// A file may begin with the preset that it changes.
func TestParsePreset(t *testing.T) {
	flat, _ := PresetByName("flat")
	for text, rmin := range map[string]float64{"preset: flat\n": 10, "# mine\npreset: flat\nleaves:\n  r_min: 3\n": 3, "{preset: flat, leaves: {r_min: 4}}": 4} {
		want := flat.Config
		want.Leaves.RMin = rmin
		if got, err := Parse("f.yaml", []byte(text), Default()); err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("%q: %v", text, err)
		}
	}
}

// What a person would never write takes no long time either.
func TestParseHostile(t *testing.T) {
	const n = maxConfigBytes
	keys := strings.Builder{}
	for i := 0; keys.Len() < n-10; i++ {
		fmt.Fprintf(&keys, "a%d: 1\n", i)
	}
	for _, text := range []string{
		keys.String(), "layers:\n" + strings.Repeat("- {name: a, cover: 1}\n", n/22-1), strings.Repeat("!a\n", n/3),
		"paint: {noise: {slopes: [" + strings.Repeat("[0,1],", n/6-10) + "]}}", "a: \"" + strings.Repeat("\"", n-10),
		"layers: [" + strings.Repeat(",", n-20) + "]", strings.Repeat("& ", n/2), strings.Repeat("[]", n/2), strings.Repeat("- ", n/2),
		"paint: {noise: {slopes: [" + strings.Repeat("[{uniform: [0,1]},1],", n/22-10) + "]}}",
		"properties: {warp: {choice: [" + strings.Repeat("true,", n/5-20) + "]}}",
		"layers: [" + strings.Repeat("{name: a, cover: {uniform: [0,1]}},", n/36-10) + "]",
		"outline: {per_image: {choice: [" + strings.Repeat("[disk],", 64) + "]}, rectangle: {aspect: {choice: [" + strings.Repeat("[0.5,1],", 64) + "]}}}",
		strings.Repeat("a: ? ", n/5), strings.Repeat("a: - ", n/5), "a" + strings.Repeat(":a", n/2-1), strings.Repeat("---\n", n/4),
	} {
		start := time.Now()
		if _, err := Parse("f.yaml", []byte(text), Default()); err != nil && len(err.Error()) > 1<<14 {
			t.Errorf("%.40q: a message of %d bytes", text, len(err.Error()))
		}
		if took := time.Since(start); took > 5*time.Second {
			t.Errorf("%.40q: took %v", text, took)
		}
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
		{"blur: {kind: lens, radius_max: 20}\ndevelop: {supersample: 4}\nlayers: [{name: a, cover: 1, blur: 2}]\n", "layers[0].blur: 2 times blur.radius_max = 20 and develop.supersample = 4 is a lens of 160 rendered pixels; lower one of them until it is at most 128"},
		{"paint: {noise: {largest_tile: 100}}\n", "choose one of 64, 128"},
		{"leaves: &x {r_min: 3}\n", "f.yaml:1: leaves: anchors and aliases"},
		{"image: *x\n", "f.yaml:1: image: anchors and aliases"},
		{"leaves: {<<: {alpha: 2}}\n", `f.yaml:1: leaves: unknown field "<<"`},
		{"leaves: {r_min: 010}\n", "f.yaml:1: leaves.r_min: 010 would be read as octal"},
		{"leaves: {r_min: !!float 3}\n", `"!!float 3" is no number`},
		{"leaves:\n", `f.yaml:1: leaves: "null" is no group`},
		{"r_min: 3\n", `f.yaml:1: unknown field "r_min"; choose one of image, properties, leaves, outline, gravity, layers, blur, paint, develop (did you mean leaves.r_min?)`},
		{"leaves: {r_mim: 3}\n", "(did you mean leaves.r_min?)"},
		{"layers:\n  - {cover: 1}\n", "f.yaml:2: layers[0].name: is missing"},
		{"layers:\n  - {name: a}\n", "f.yaml:2: layers[0].cover: is missing"},
		{"layers:\n  - {name: \"a\\e[31m\", cover: 1}\n", "f.yaml:2: layers[0].name: "},
		{"layers: [" + strings.Repeat("1,", 20000) + "1]\n", "f.yaml: and more of the kind"},
		{"outline: {per_image: [" + strings.Repeat("disk,", 80) + "disk]}\n", "outline.per_image: holds 81 outlines; give 1 to 64"},
		{"preset: flot\n", "f.yaml:1: preset: no such preset; choose one of dead-leaves-pp"},
		{"preset: flot\n", "(did you mean flat?)"},
		{"preset: [flat]\n", "f.yaml:1: preset: no such preset"},
		{"leaves: {alpha: 2}\npreset: flat\n", `f.yaml:2: unknown field "preset"`},
		{"a: \xff\n", "is no UTF-8 text"},
		{strings.Repeat("? ", 10000), "indented by more than"},
		{"a: " + strings.Repeat("[", 5000), "nested deeper"},
		{"leaves: {alpha: 3\n", "f.yaml:"},
		{"--- \nleaves: {alpha: 3}\n---\nleaves: {alpha: 3}\n", "several YAML documents"},
		{"just words\n", "f.yaml:1: "},
		{strings.Repeat("#", 2<<20), "larger than 64 KiB"},
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
		"r_max=2":             "(did you mean leaves.r_max?)",
		"leafs.r_max=2":       "(did you mean leaves?)",
		"layers.0.blr=2":      "(did you mean layers.0.blur?)",
		"leaves.r_min=010":    "would be read as octal",
		"image.width=&a 3":    "anchors and aliases",
		"layers=[{name: a}]":  "is missing",
		"blur.kind=# lens":    "is no word",
		"outline.per_image=":  "value is missing",
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
			if f.Tag.Get("yaml") == "-" { // Laws, which has no place of its own in a file
				continue
			}
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

func FuzzParse(f *testing.F) {
	d := Default()
	f.Add(Marshal(&d))
	f.Add([]byte("leaves: {r_min: 2}\n"))
	f.Add([]byte("layers:\n  - {name: a, cover: 1}\n"))
	f.Add([]byte("image: !!binary x\n? a\n: b"))
	f.Add([]byte("# c\npreset: flat\nlayers: [{name: \"\\u00e9\", cover: 1.0}]\n"))
	f.Add([]byte("%YAML 1.2\n---\nleaves: &a {alpha: .inf}\n...\n"))
	f.Add([]byte("outline:\n  per_image: [*a, disk]\n"))
	f.Fuzz(func(t *testing.T, data []byte) {
		slow := time.AfterFunc(10*time.Second, func() { panic("Parse takes more than 10 s") })
		defer slow.Stop()
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
