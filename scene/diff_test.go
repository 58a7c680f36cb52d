package scene

import (
	"reflect"
	"testing"
)

// What Diff tells of two configurations, Set applies.
func TestDiff(t *testing.T) {
	presets := Presets()
	odd := Default()
	odd.Layers = []Layer{{Name: "it's \"one\": {#1}", Cover: 0.1 + 0.2, Blur: 1e-7, Depth: 0.25}, {Name: "back", Cover: 1}}
	odd.Paint.Noise.Slopes = []Interval{{0, 1}, {2, 2.125}}
	odd.Paint.Mixing, odd.Leaves.Alpha = "srgb", 1e-9
	presets = append(presets, Preset{Name: "odd", Config: odd})
	for _, from := range presets {
		for _, to := range presets {
			c := from.Config
			list := Diff(&from.Config, &to.Config)
			for _, s := range list {
				if err := Set(&c, s); err != nil {
					t.Errorf("%s to %s: %v", from.Name, to.Name, err)
				}
			}
			if !reflect.DeepEqual(c, to.Config) || (len(list) == 0) != (from.Name == to.Name) {
				t.Errorf("%s to %s: %v", from.Name, to.Name, list)
			}
		}
	}
}
