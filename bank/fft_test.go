package bank

import (
	"math"
	"math/cmplx"
	"testing"
)

// The transform against the defining sum, radix-4 and mixed lengths.
func TestFFTAgainstDefinition(t *testing.T) {
	for _, n := range []int{2, 4, 8, 16, 32, 64, 128} {
		x := make([]complex64, n)
		for i := range x {
			x[i] = complex(float32(math.Sin(float64(3*i+1))), float32(math.Cos(float64(7*i*i))))
		}
		want := make([]complex128, n)
		for j := range want {
			for k, v := range x {
				want[j] += complex128(v) * cmplx.Exp(complex(0, 2*math.Pi*float64(j*k)/float64(n)))
			}
		}
		newFFT(n).inverse(x)
		for j := range x {
			if cmplx.Abs(complex128(x[j])-want[j]) > 1e-4 {
				t.Fatalf("n = %d: X[%d] = %v, want %v", n, j, x[j], want[j])
			}
		}
	}
}

func BenchmarkFFT2D(b *testing.B) {
	f := newFFT(512)
	x := make([]complex64, 512*512)
	for b.Loop() {
		f.inverse2D(x)
	}
}
