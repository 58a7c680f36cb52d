// Package exact has the elementary functions that decide where leaves lie and
// what the tables hold, built from + - x / alone so that they give the same
// bits on every machine. (The standard library's are assembly on some
// processors and may fuse multiply and add on others.)
//
// Every product is wrapped in float64(...): the language then forbids fusing it
// into an addition. So are arguments that are added to: a caller's product would
// otherwise be fused into them wherever the compiler inlines the call.
package exact

import "math"

const (
	ln2Hi = 6.93147180369123816490e-01 // 33 bits: k*ln2Hi is exact for |k| < 2^20
	ln2Lo = 1.90821492927058770002e-10
)

// horner evaluates c[0] + x (c[1] + x (c[2] + ...)).
func horner(x float64, c []float64) float64 {
	y := c[len(c)-1]
	for i := len(c) - 2; i >= 0; i-- {
		y = float64(y*x) + c[i]
	}
	return y
}

var expTaylor = func() []float64 {
	c := make([]float64, 15)
	c[0] = 1
	for i := 1; i < len(c); i++ {
		c[i] = c[i-1] / float64(i)
	}
	return c
}()

// Exp returns e^x within 2 ulp for |x| < 700; 0 below and +Inf above.
func Exp(x float64) float64 {
	x = float64(x)
	if x < -700 {
		return 0
	}
	if x > 700 {
		return math.Inf(1)
	}
	k := math.Floor(float64(x*(1/math.Ln2)) + 0.5)
	r := x - float64(k*ln2Hi)
	r -= float64(k * ln2Lo)
	return math.Ldexp(horner(r, expTaylor), int(k))
}

var atanhTaylor = func() []float64 { // atanh(s)/s in s^2
	c := make([]float64, 14)
	for i := range c {
		c[i] = 1 / float64(2*i+1)
	}
	return c
}()

// Log returns the natural logarithm of x > 0 within 2 ulp.
func Log(x float64) float64 {
	m, e := math.Frexp(x) // m in [1/2, 1)
	if m < math.Sqrt2/2 {
		m *= 2
		e--
	}
	s := (m - 1) / (m + 1)
	l := float64(2 * float64(s*horner(float64(s*s), atanhTaylor)))
	return float64(float64(e)*ln2Hi) + (float64(float64(e)*ln2Lo) + l)
}

// Pow returns x^y for x > 0.
func Pow(x, y float64) float64 { return Exp(float64(y * Log(x))) }

var sinTaylor, cosTaylor = func() (s, c []float64) {
	f := 1.0
	for i := range 18 {
		if i > 0 {
			f *= float64(i)
		}
		sign := 1.0
		if i%4 >= 2 {
			sign = -1
		}
		if i%2 == 0 {
			c = append(c, sign/f)
		} else {
			s = append(s, sign/f)
		}
	}
	return
}()

// SinCosTurns returns the sine and cosine of x turns (x = 1 is 360 degrees),
// |x| < 2^30, within 2^-50.
func SinCosTurns(x float64) (sin, cos float64) {
	x = float64(x)
	q := math.Floor(float64(x*4) + 0.5)
	a := float64((x - float64(q*0.25)) * (2 * math.Pi)) // in [-pi/4, pi/4]
	a2 := float64(a * a)
	s, c := float64(a*horner(a2, sinTaylor)), horner(a2, cosTaylor)
	switch int64(q) & 3 {
	case 0:
		return s, c
	case 1:
		return c, -s
	case 2:
		return -s, -c
	default:
		return -c, s
	}
}
