package palette

import "leaflitter/exact"

// linear is the light, in [0, 1], of an sRGB byte.
var linear = func() (t [256]float64) {
	for i := range t {
		c := float64(i) / 255
		if c <= 0.04045 {
			t[i] = c / 12.92
		} else {
			t[i] = exact.Pow((c+0.055)/1.055, 2.4)
		}
	}
	return
}()

// xyz takes linear RGB to XYZ over the white point. The rows sum to one, so
// greys have a = b = 0.
var xyz = func() [3][3]float64 {
	m := [3][3]float64{ // IEC 61966-2-1
		{0.4124, 0.3576, 0.1805},
		{0.2126, 0.7152, 0.0722},
		{0.0193, 0.1192, 0.9505},
	}
	for i, r := range m {
		sum := r[0] + r[1] + r[2]
		for j := range r {
			m[i][j] /= sum
		}
	}
	return m
}()

// cubeRoots are starting points for the cube root in labCurve.
var cubeRoots = func() (t [4097]float64) {
	for i := range t {
		t[i] = exact.Pow((float64(i)+0.5)/4096, 1./3)
	}
	return
}()

// labCurve is the f of CIE L*a*b*: a cube root with a linear toe. One step of
// Halley's method from the nearest table entry is right to 1e-7.
func labCurve(t float64) float64 {
	if t <= 216./24389 {
		return float64(t*(24389./27/116)) + 16./116
	}
	y := cubeRoots[int(t*4096)]
	c := float64(y * y * y)
	return y * (c + float64(2*t)) / (float64(2*c) + t)
}

// labOf returns L, a, b of an sRGB colour in units of 1/256.
func labOf(c [3]uint8) [3]int32 {
	r, g, b := &byteLight[0][c[0]], &byteLight[1][c[1]], &byteLight[2][c[2]]
	x := labCurve(r[0] + g[0] + b[0])
	y := labCurve(r[1] + g[1] + b[1])
	z := labCurve(r[2] + g[2] + b[2])
	return [3]int32{
		round(float64(116*256*y) - 16*256),
		round(500 * 256 * (x - y)),
		round(200 * 256 * (y - z)),
	}
}

// byteLight is what each byte of R, G and B adds to X, Y and Z over white.
var byteLight = func() (t [3][256][3]float64) {
	for k := range t {
		for v := range t[k] {
			for i := range 3 {
				t[k][v][i] = xyz[i][k] * linear[v]
			}
		}
	}
	return
}()

// round returns the nearest integer, halves upwards, for |x| < 2^20.
func round(x float64) int32 { return int32(float64(x)+(1<<20+0.5)) - 1<<20 }

// newPixel completes an sRGB colour with its Lab coordinates.
func newPixel(rgb [3]uint8) Pixel {
	lab := labOf(rgb)
	return Pixel{rgb, [3]float32{float32(lab[0]) / 256, float32(lab[1]) / 256, float32(lab[2]) / 256}}
}
