package exact

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"math"
	"testing"
)

func TestAgainstStandardLibrary(t *testing.T) {
	near := func(name string, x, got, want, tol float64) {
		t.Helper()
		if math.Abs(got-want) > tol {
			t.Errorf("%s(%g) = %.17g, want %.17g", name, x, got, want)
		}
	}
	for i := -4000; i <= 4000; i++ {
		x := float64(float64(i) * 0.0371) // rounded here, or Modf's difference is fused with it
		near("Exp", x, Exp(x), math.Exp(x), math.Exp(x)*1e-15)
		p := math.Exp(x)
		near("Log", p, Log(p), math.Log(p), 1e-15*(1+math.Abs(x)))
		near("Pow", p, Pow(p, -0.37), math.Pow(p, -0.37), 1e-13*math.Pow(p, -0.37))
		s, c := SinCosTurns(x)
		_, f := math.Modf(x)
		near("sin", x, s, math.Sin(2*math.Pi*f), 2e-15)
		near("cos", x, c, math.Cos(2*math.Pi*f), 2e-15)
	}
}

func TestExactPoints(t *testing.T) {
	for q, want := range map[float64][2]float64{0: {0, 1}, 0.25: {1, 0}, 0.5: {0, -1}, 0.75: {-1, 0}} {
		if s, c := SinCosTurns(q); s != want[0] || c != want[1] {
			t.Errorf("SinCosTurns(%g) = %g, %g", q, s, c)
		}
	}
	if Exp(0) != 1 || Log(1) != 0 {
		t.Errorf("Exp(0) = %g, Log(1) = %g", Exp(0), Log(1))
	}
}

// TestGolden holds every bit, which tolerances do not: a fused product changes the last one.
func TestGolden(t *testing.T) {
	sums := map[string]string{
		"Exp":         "726d8025ca2cd762",
		"Log":         "b210970cd0fade8a",
		"Pow":         "06d983e774d09ab9",
		"SinCosTurns": "94a361bea818a5fa",
	}
	bits := map[string][]byte{}
	take := func(name string, values ...float64) {
		for _, v := range values {
			bits[name] = binary.LittleEndian.AppendUint64(bits[name], math.Float64bits(v))
		}
	}
	for i := -5000; i <= 5000; i++ {
		x := float64(float64(i) * 0.0371)
		take("Exp", Exp(x))
		p := float64(i+5001) / 733
		take("Log", Log(p))
		take("Pow", Pow(p, -0.37), Pow(p, 2.4))
		sin, cos := SinCosTurns(x)
		take("SinCosTurns", sin, cos)
	}
	for name, want := range sums {
		sum := sha256.Sum256(bits[name])
		if got := hex.EncodeToString(sum[:8]); got != want {
			t.Errorf("%s: the bits are %s, want %s", name, got, want)
		}
	}
}
