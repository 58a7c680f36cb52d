package laws

import (
	"bytes"
	"context"
	"math"
	"strings"
	"testing"
)

// Every law at a fraction of the campaign's effort.
func TestLaws(t *testing.T) {
	results, err := Run(context.Background(), Options{Effort: 0.1}, nil)
	if err != nil {
		t.Fatal(err)
	}
	var table bytes.Buffer
	if err := WriteTable(&table, results); err != nil {
		t.Fatal(err)
	}
	t.Logf("\n%s", table.String())
	seen := map[string]bool{}
	for _, r := range results {
		seen[r.Law] = true
		if !r.Pass {
			t.Errorf("%s: %s: %g, expected %g within %g", r.Law, r.What, r.Measured, r.Expected, r.Bound)
		}
		if r.Samples == 0 || r.Bound == 0 && r.Law != "holes" {
			t.Errorf("%s: %s has %d samples, bound %g: it proves nothing", r.Law, r.What, r.Samples, r.Bound)
		}
	}
	for _, n := range Names() {
		if !seen[n] {
			t.Errorf("no result of %s", n)
		}
	}
}

// The measurements see what they should see: a wrong expectation fails them.
func TestLawsHaveTeeth(t *testing.T) {
	if a, b := covariogram(5, 3, 8, 120), covariogram(5, 2.8, 8, 120); math.Abs(a-b)/a < 0.02 {
		t.Error("the covariogram hardly depends on alpha")
	}
	if g := covariogram(0, 3, 10, 10.0001); math.Abs(g-math.Pi*100) > 0.1 {
		t.Errorf("covariogram of one radius at 0: %g", g)
	}
	var sample []float64
	for i := range 20000 {
		u := (float64(i) + 0.5) / 20000
		sample = append(sample, 1/math.Sqrt(0.01+u*(1./250000-0.01))) // r^-3 on [10, 500]
	}
	if d := distance(sample, func(r float64) float64 { return math.Pow(r, -3) }, 10, 500); d > 0.001 {
		t.Errorf("distance of the law from itself: %g", d)
	}
	if d := distance(sample, func(r float64) float64 { return math.Pow(r, -2.8) }, 10, 500); d < 0.02 {
		t.Errorf("distance of alpha 3 from 2.8: %g", d)
	}
	names := strings.Join(Names(), " ")
	if names != "two-point radius cover slope colour holes border direction" {
		t.Error(names)
	}
}
