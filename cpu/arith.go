package cpu

import "math"

// The arithmetic of everything that reaches a pixel: float32 with + - x and
// comparison only, each product rounded by an explicit conversion so that
// nothing fuses. A shader written with the same operations in the same order,
// under `precise`, gives the same bits.

// vec3 is three numbers that go together: a colour, or three unit Gaussians. Unlike an
// array it stays in registers.
type vec3 struct{ x, y, z float32 }

// scaled returns v times by.
func (v vec3) scaled(by float32) vec3 {
	return vec3{float32(v.x * by), float32(v.y * by), float32(v.z * by)}
}

// mixed returns v + (other - v) m.
func (v vec3) mixed(other vec3, m float32) vec3 {
	return vec3{
		v.x + float32((other.x-v.x)*m),
		v.y + float32((other.y-v.y)*m),
		v.z + float32((other.z-v.z)*m),
	}
}

// floorInt returns the largest integer not above x, |x| < 2^31.
func floorInt(x float32) int32 {
	i := int32(x)
	if float32(i) > x {
		i--
	}
	return i
}

func clamp01(x float32) float32 {
	if x < 0 {
		return 0
	}
	if x > 1 {
		return 1
	}
	return x
}

// recip returns 1/x for normal positive x to about 1 ulp: the mantissa, in
// [1/2, 1), goes through a linear guess and three Newton steps.
func recip(x float32) float32 {
	bits := math.Float32bits(x)
	m := math.Float32frombits(bits&0x7fffff | 126<<23)
	y := float32(48.0/17) - float32(float32(32.0/17)*m)
	y = float32(y * (2 - float32(m*y)))
	y = float32(y * (2 - float32(m*y)))
	y = float32(y * (2 - float32(m*y)))
	return float32(y * math.Float32frombits((253-bits>>23)<<23))
}

// sinTurns returns sin(2 pi x) within 4e-6, |x| < 2^22: Taylor on a quarter turn.
func sinTurns(x float32) float32 {
	f := x - float32(floorInt(x))
	sign := float32(1)
	if f >= 0.5 {
		f -= 0.5
		sign = -1
	}
	if f > 0.25 {
		f = 0.5 - f
	}
	g := float32(f * f)
	p := float32(-76.705860) + float32(42.058693*g)
	p = float32(81.605249) + float32(p*g)
	p = float32(-41.341702) + float32(p*g)
	p = float32(6.2831853) + float32(p*g)
	return float32(sign * float32(p*f))
}

// cosTurns returns cos(2 pi x).
func cosTurns(x float32) float32 { return sinTurns(x + 0.25) }

// exp2 returns 2^x within 2e-7 of itself, 0 <= x < 100.
func exp2(x float32) float32 {
	i := floorInt(x)
	f := x - float32(i)
	p := float32(0.00124143112) + float32(0.000217959979*f)
	p = float32(0.00968126923) + float32(p*f)
	p = float32(0.0554824131) + float32(p*f)
	p = float32(0.240229923) + float32(p*f)
	p = float32(0.693147001) + float32(p*f)
	p = 1 + float32(p*f)
	return float32(p * math.Float32frombits(uint32(i+127)<<23))
}
