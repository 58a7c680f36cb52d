package bank

import (
	"math"

	"leaflitter/exact"
	"leaflitter/scene"
)

// The warp field: a periodic tile of a smooth Gaussian vector field, each
// component with mean 0, variance 1 and the correlation of white noise smoothed
// by a Gaussian of WarpSigma texels. A texel packs two 16-bit values, x lowest;
// v stands for (v - 32768) / 8192.
const (
	WarpSize  = 128
	WarpSigma = 4
)

const bankWarp = 3 // tags the field's random stream

func buildWarp() []uint32 {
	const n = WarpSize
	spectrum := make([]complex64, n*n) // both components: one real, one imaginary
	total := 0.0
	for ky := 0; ky < n/2; ky++ {
		for kx := -n/2 + 1; kx < n/2; kx++ {
			if ky == 0 && kx <= 0 {
				continue
			}
			const c = 2 * math.Pi * math.Pi * WarpSigma * WarpSigma / (n * n)
			a := exact.Exp(-c * float64(kx*kx+ky*ky))
			total += float64(2 * float64(a*a))
			w := scene.Key{Image: bankWarp, Leaf: uint32(kx+32768) | uint32(ky)<<16, Purpose: scene.PurposeBank}.Block(0)
			at, opposite := ky*n+(kx&(n-1)), (-ky&(n-1))*n+(-kx&(n-1))
			p, q := phases[w[0]&1023], phases[w[1]&1023]
			pr, pi := float64(a*real(p)), float64(a*imag(p))
			qr, qi := float64(a*real(q)), float64(a*imag(q))
			spectrum[at] += complex64(complex(pr-qi, pi+qr))
			spectrum[opposite] += complex64(complex(pr+qi, qr-pi))
		}
	}
	newFFT(n).inverse2D(spectrum)
	scale := 8192 / math.Sqrt(total)
	quantise := func(x float64) uint32 {
		return uint32(min(max(math.Floor(float64(x*scale)+32768.5), 0), 65535))
	}
	tile := make([]uint32, n*n)
	for i, f := range spectrum {
		tile[i] = quantise(float64(real(f))) | quantise(float64(imag(f)))<<16
	}
	return tile
}
