package bank

import (
	"math"

	"leaflitter/exact"
)

// Curves that a pixel needs and that + - x cannot give exactly: sampled once
// here, interpolated linearly on both backends.
const (
	// Logistic[i] is 1/(1+e^-x) at x = (i - LogisticZero) / LogisticStep, which
	// spans [-8, 8]; outside, its ends hold.
	LogisticStep = 64
	LogisticZero = 8 * LogisticStep
	logisticLen  = 2*LogisticZero + 1

	// Gamma[i] is 255 times the sRGB encoding of the linear intensity
	// i / GammaStep (IEC 61966-2-1).
	GammaStep = 4096
	gammaLen  = GammaStep + 1
)

func buildLogistic() []float32 {
	t := make([]float32, logisticLen)
	for i := range t {
		t[i] = float32(1 / (1 + exact.Exp(-float64(i-LogisticZero)/LogisticStep)))
	}
	return t
}

func buildGamma() []float32 {
	t := make([]float32, gammaLen)
	for i := range t {
		v := float64(i) / GammaStep
		if v <= 0.0031308 {
			v *= 12.92
		} else {
			v = float64(1.055*exact.Pow(v, 1/2.4)) - 0.055
		}
		t[i] = float32(255 * v)
	}
	return t
}

// WeightSum is what the weights of a Gaussian kernel sum to, both sides and the
// middle.
const WeightSum = 1 << 16

// Gaussian returns the right half of a Gaussian kernel, weight[0] in the middle,
// reaching to 3 sigma (pixels). The integer weights sum to WeightSum exactly:
// what rounding leaves over goes to the middle.
func Gaussian(sigma float64) []uint32 {
	radius := int(math.Ceil(3 * sigma))
	g := make([]float64, radius+1)
	sum := 0.0
	for i := range g {
		if sigma > 0 {
			g[i] = exact.Exp(-float64(i*i) / float64(2*float64(sigma*sigma)))
		} else {
			g[i] = 1
		}
		sum += g[i]
		if i > 0 {
			sum += g[i]
		}
	}
	w := make([]uint32, radius+1)
	rest := uint32(WeightSum)
	for i := radius; i > 0; i-- {
		w[i] = uint32(math.Floor(float64(g[i]/sum*WeightSum) + 0.5))
		rest -= 2 * w[i]
	}
	w[0] = rest
	for len(w) > 1 && w[len(w)-1] == 0 {
		w = w[:len(w)-1]
	}
	return w
}
