package fit

import (
	"math"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"leaflitter/scene"
)

// Every point means a configuration with numbers in range, in order and of three digits, and the origin is the start.
func TestSpace(t *testing.T) {
	c := changed(t, "leaves.alpha={normal: [3, 0.5]}", "blur.sigma_max={uniform: [1, 4]}")
	s := space(t, c, "leaves.*", "layers.*.cover", "blur", "paint")
	start := s.Numbers()
	for i, x := range s.At(make([]float64, len(start))) {
		if math.Abs(x-start[i]) > 1e-3*math.Abs(start[i]) {
			t.Errorf("%s starts at %v, not %v", s.Parameters[i].Path, x, start[i])
		}
	}
	rapid.Check(t, func(r *rapid.T) {
		z := make([]float64, len(start))
		for i := range z {
			z[i] = rapid.Float64Range(-30, 30).Draw(r, "z")
		}
		x := s.At(z)
		for i, p := range s.Parameters {
			if x[i] < p.Lo || x[i] > p.Hi || x[i] != digits(x[i]) && x[i] != p.Lo && x[i] != p.Hi {
				r.Fatalf("%s is %v, out of [%v, %v] or too long", p.Path, x[i], p.Lo, p.Hi)
			}
		}
		d := s.Config(x)
		for i := range x {
			if got := d.Number(&s.Parameters[i]); got != x[i] {
				r.Fatalf("%s is %v in the configuration, not %v", s.Parameters[i].Path, got, x[i])
			}
		}
		if err := scene.Check(&d); err != nil && strings.Contains(err.Error(), "backwards") {
			r.Fatal(err)
		}
	})
}

// One step in a length changes it by a factor, one in a share by a few hundredths; below 0 a share is led back.
func TestSteps(t *testing.T) {
	s := space(t, scene.Default(), "leaves.r_min", "blur.sigma_max", "paint.weights.sin", "paint.gradient.odds")
	want := map[string][3]float64{
		"leaves.r_min": {7.69, 10, 13}, "blur.sigma_max": {3.56, 5, 6.88}, "paint.weights.sin": {0.114, 0.16, 0.22}, "paint.gradient.odds": {0.02, 0.05, 0.12},
	}
	for i, p := range s.Parameters {
		for k := range 3 {
			z := make([]float64, len(s.Parameters))
			z[i] = float64(k - 1)
			if got := s.At(z)[i]; math.Abs(got-want[p.Path][k]) > 0.005*want[p.Path][k] {
				t.Errorf("%s a step of %d on is %v, not %v", p.Path, k-1, got, want[p.Path][k])
			}
		}
	}
}

func TestSpaceErrors(t *testing.T) {
	for glob, want := range map[string]string{
		"leaves.rmin": "did you mean leaves.r_min?", "image.width": "cannot vary, since all images", "paint.mixing": "names no number", "": "nothing to vary",
	} {
		var globs []string
		if glob != "" {
			globs = []string{glob}
		}
		if _, err := NewSpace(scene.Default(), globs); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v, not %q", glob, err, want)
		}
	}
	if s := space(t, scene.Default(), Usual...); len(s.Parameters) < 12 || len(s.Parameters) > 20 {
		t.Errorf("%d numbers vary by default", len(s.Parameters))
	}
}

func TestFields(t *testing.T) {
	s := space(t, changed(t, "leaves.alpha={normal: [3, 0.5]}"), "leaves.alpha", "layers.*.cover", "paint.noise.slopes", "paint.sin.period")
	names, members := s.Fields()
	if got := strings.Join(names, " "); got != "leaves.alpha.normal layers.0.cover layers.1.cover paint.noise.slopes paint.sin.period" {
		t.Errorf("fields are %s", got)
	}
	if len(members[3]) != 2 {
		t.Errorf("the slopes have %d numbers", len(members[3]))
	}
}
