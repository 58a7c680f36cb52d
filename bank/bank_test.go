package bank

import (
	"reflect"
	"testing"

	"leaflitter/scene"
)

// Configurations with one key have one bank, and what the bank is made of changes the key.
func TestKey(t *testing.T) {
	small := scene.Default()
	small.Leaves.RMax = 15
	for assignment, same := range map[string]bool{
		"image.width=7": true, "leaves.alpha=2": true, "paint.mixing=srgb": true, "properties.texture=false": true, "develop.supersample=2": true,
		"leaves.r_min=9": false, "leaves.r_max=16": false, "outline.polygon.hull_ratio=0.4": false, "outline.polygon.smooth_sigma=[1, 9]": false,
		"paint.noise.spectrum=axes": false, "properties.geometry=false": false, "outline.per_image=[disk]": false,
	} {
		c := small
		if err := scene.Set(&c, assignment); err != nil {
			t.Fatal(err)
		}
		if (Key(&c) == Key(&small)) != same {
			t.Errorf("%s: keys %q and %q", assignment, Key(&c), Key(&small))
		}
		if a, b := New(&small), New(&c); same && !reflect.DeepEqual(a.Outlines, b.Outlines) {
			t.Errorf("%s: one key, two banks", assignment)
		}
	}
}
