package scene

import (
	"math/rand/v2"
	"reflect"
	"testing"

	"pgregory.net/rapid"
)

// Whatever the stream, a random configuration is valid and survives being
// written and read.
func TestRandomConfig(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		rng := rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "seed"), 0))
		c := RandomConfig(rng.Uint32)
		if err := Check(&c); err != nil {
			t.Fatal(err)
		}
		got, err := Parse("random.yaml", Marshal(&c), Config{})
		if err != nil || !reflect.DeepEqual(got, c) {
			t.Fatalf("%v\n%s", err, Marshal(&c))
		}
	})
}

// The draws reach both ends of ranges and every word, so that tests built on
// them test the whole of what is allowed.
func TestRandomConfigReaches(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 1))
	seen := map[string]map[any]bool{}
	var note func(v reflect.Value, path string)
	note = func(v reflect.Value, path string) {
		switch v.Kind() {
		case reflect.Struct:
			for i := range v.NumField() {
				note(v.Field(i), join(path, v.Type().Field(i).Tag.Get("yaml")))
			}
		case reflect.Slice, reflect.Array:
			for i := range v.Len() {
				note(v.Index(i), path)
			}
		default:
			if seen[path] == nil {
				seen[path] = map[any]bool{}
			}
			seen[path][v.Interface()] = true
		}
	}
	for range 1000 {
		c := RandomConfig(rng.Uint32)
		note(reflect.ValueOf(c), "")
	}
	for path, want := range map[string][]any{
		"blur.kind": {"gaussian", "lens"}, "outline.per_image": {"disk", "rectangle", "polygon", "mix"},
		"properties.texture": {true, false}, "paint.perspective.direction": {"recede", "approach"},
		"paint.noise.spectrum": {"isotropic", "axes"}, "leaves.alpha": {0.0, 3.0, 10.0},
		"paint.noise.slopes": {0.0, 4.0}, "layers.blur": {0.0, 4.0}, "develop.supersample": {1, 2, 3},
		"paint.sin.period": {2.0, 1000.0}, "leaves.r_min": {2.0, 40.0},
	} {
		for _, w := range want {
			if !seen[path][w] {
				t.Errorf("%s never is %v", path, w)
			}
		}
	}
	for path, values := range seen {
		if len(values) < 2 {
			t.Errorf("%s never changes", path)
		}
	}
}
