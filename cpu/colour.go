package cpu

import "leaflitter/bank"

// curve is a sampled function with linear interpolation; see bank.
func lookup(table []float32, at float32) float32 {
	i := int32(at)
	f := at - float32(i)
	a, b := table[i], table[i+1]
	return a + float32((b-a)*f)
}

// logistic returns 1/(1+e^-x) from the bank's table.
func logistic(table []float32, x float32) float32 {
	at := float32(x*bank.LogisticStep) + bank.LogisticZero
	if at <= 0 {
		return table[0]
	}
	if at >= 2*bank.LogisticZero {
		return table[2*bank.LogisticZero]
	}
	return lookup(table, at)
}

// encode returns the sRGB encoding, 0 to 255, of a linear intensity.
func encode(gamma []float32, v float32) float32 {
	at := float32(v * bank.GammaStep)
	if at <= 0 {
		return 0
	}
	if at >= bank.GammaStep {
		return 255
	}
	return lookup(gamma, at)
}

// labToRGB converts CIE L*a*b* (D65, 2 degrees) to sRGB in 0 to 255, clipped to
// the gamut channel by channel.
func labToRGB(gamma []float32, l, a, b float32) (float32, float32, float32) {
	fy := float32((l + 16) * (1.0 / 116))
	x := float32(labInverse(fy+float32(a*(1.0/500))) * 0.95047)
	y := labInverse(fy)
	z := float32(labInverse(fy-float32(b*(1.0/200))) * 1.08883)
	r := float32(3.2404542*x) - float32(1.5371385*y) - float32(0.4985314*z)
	g := float32(1.8760108*y) - float32(0.9692660*x) + float32(0.0415560*z)
	u := float32(0.0556434*x) - float32(0.2040259*y) + float32(1.0572252*z)
	return encode(gamma, r), encode(gamma, g), encode(gamma, u)
}

// labInverse is the inverse of the CIE cube-root function.
func labInverse(t float32) float32 {
	if t > 6.0/29 {
		return float32(float32(t*t) * t)
	}
	return float32((t - 4.0/29) * (3 * 6.0 / 29 * 6.0 / 29))
}

// A texel of a rendered layer packs four 16-bit lanes: red, green, blue and
// cover, red lowest. Shaded colours are in sixteenths (0 to 4080) and
// premultiplied by a cover of 0 or shadeOne; blurred and composed ones have
// four times that scale: 64ths, and a cover of coverOne.
const (
	shadeOne = 4096
	coverOne = 4 * shadeOne
	opaque   = shadeOne << 48
)

// texel quantises a colour in 0 to 255 to an opaque shaded texel.
func texel(c vec3) uint64 {
	return quantise(c.x) | quantise(c.y)<<16 | quantise(c.z)<<32 | opaque
}

func quantise(v float32) uint64 {
	if v <= 0 {
		return 0
	}
	if v >= 255 {
		return 4080
	}
	return uint64(uint32(float32(v*16) + 0.5))
}
