package palette

import "math"

// moments sums colours and their products in integers, so that neither the
// order nor the machine matters.
type moments struct {
	n   int64
	sum [3]int64
	mul [6]int64 // products 00, 10, 11, 20, 21, 22
}

func (m *moments) add(c [3]int32) {
	x, y, z := int64(c[0]), int64(c[1]), int64(c[2])
	m.n++
	m.sum[0] += x
	m.sum[1] += y
	m.sum[2] += z
	m.mul[0] += x * x
	m.mul[1] += y * x
	m.mul[2] += y * y
	m.mul[3] += z * x
	m.mul[4] += z * y
	m.mul[5] += z * z
}

// gaussian returns the mean and covariance of the colours, which were added in
// units of scale.
func (m *moments) gaussian(scale float64) Gaussian {
	var g Gaussian
	var cov [6]float64
	n := float64(m.n)
	for i, k := 0, 0; i < 3; i++ {
		g.Mean[i] = quantised(float64(m.sum[i]) / n * scale)
		for j := 0; j <= i; j, k = j+1, k+1 {
			cov[k] = float64(m.n*m.mul[k]-m.sum[i]*m.sum[j]) / n / n * scale * scale
		}
	}
	for k, l := range cholesky(cov) {
		g.Chol[k] = quantised(l)
	}
	return g
}

// cholesky returns the lower factor of a covariance. A direction without
// variance gets a column of zeros, as a flat or grey patch needs.
func cholesky(c [6]float64) (l [6]float64) {
	const none = 1e-9 // below: no variance, in units of a squared colour step
	if c[0] > none {
		l[0] = math.Sqrt(c[0])
		l[1] = c[1] / l[0]
		l[3] = c[3] / l[0]
	}
	if v := c[2] - float64(l[1]*l[1]); v > none {
		l[2] = math.Sqrt(v)
		l[4] = (c[4] - float64(l[3]*l[1])) / l[2]
	}
	if v := c[5] - float64(l[3]*l[3]) - float64(l[4]*l[4]); v > none {
		l[5] = math.Sqrt(v)
	}
	return
}

// quantised rounds to the step of the file, 1/256. (Adding 0 turns -0 to 0.)
func quantised(x float64) float32 { return float32(math.Floor(float64(x*256)+0.5)/256) + 0 }

// patch accumulates one window in both colour spaces.
type patch struct{ rgb, lab moments }

func (p *patch) add(c [3]uint8) { p.addLab(c, labOf(c)) }

// addLab is add for a colour whose labOf is known.
func (p *patch) addLab(c [3]uint8, lab [3]int32) {
	p.rgb.add([3]int32{int32(c[0]), int32(c[1]), int32(c[2])})
	p.lab.add(lab)
}

func (p *patch) done() Patch { return Patch{p.rgb.gaussian(1), p.lab.gaussian(1. / 256)} }
