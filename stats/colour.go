package stats

import (
	"math"

	"gonum.org/v1/gonum/mat"

	"leaflitter/palette"
)

// colours counts CIE L*a*b* (D65), in units of 1/256.
type colours struct {
	lightness counts // 101 bins of 1
	a, b      counts // 128 bins of 2 from -128
	chroma    counts // 100 bins of 2
	plane     counts // 64 x 64 bins of 4 x 4 from -128: a, then b
}

const planeSide = 64

func newColours() colours {
	return colours{make(counts, 101), make(counts, 128), make(counts, 128), make(counts, 100), make(counts, planeSide*planeSide)}
}

func (c *colours) add(d *colours) {
	c.lightness.add(d.lightness)
	c.a.add(d.a)
	c.b.add(d.b)
	c.chroma.add(d.chroma)
	c.plane.add(d.plane)
}

// moments are sums over pixels: of L, a, b and of their products.
type moments struct {
	n      float64
	sum    [3]float64
	square [6]float64 // LL La Lb aa ab bb
}

func (m *moments) add(o *moments) {
	m.n += o.n
	for i, v := range o.sum {
		m.sum[i] += v
	}
	for i, v := range o.square {
		m.square[i] += v
	}
}

// measure counts the pixels at even columns of even rows, which colours need no more of.
func (c *colours) measure(pix []uint8, width, height, channels int) moments {
	var sum [3]int64
	var square [6]int64
	m := moments{n: float64((width + 1) / 2 * ((height + 1) / 2))}
	for y := 0; y < height; y += 2 {
		row := pix[y*width*channels : (y+1)*width*channels]
		for i := 0; i < len(row); i += 2 * channels {
			p := [3]uint8{row[i], row[i], row[i]}
			if channels == 3 {
				p[1], p[2] = row[i+1], row[i+2]
			}
			lab := palette.Lab(p)
			chroma := int(math.Sqrt(float64(lab[1]*lab[1]+lab[2]*lab[2])) / 512)
			l, a, b := int64(lab[0]), int64(lab[1]), int64(lab[2])
			sum[0], sum[1], sum[2] = sum[0]+l, sum[1]+a, sum[2]+b
			square[0], square[1], square[2] = square[0]+l*l, square[1]+l*a, square[2]+l*b
			square[3], square[4], square[5] = square[3]+a*a, square[4]+a*b, square[5]+b*b
			c.lightness[l>>8]++
			c.a[(a+128<<8)>>9]++
			c.b[(b+128<<8)>>9]++
			c.chroma[chroma]++
			c.plane[(a+128<<8)>>10*planeSide+(b+128<<8)>>10]++
		}
	}
	for i, v := range sum {
		m.sum[i] = float64(v) / 256
	}
	for i, v := range square {
		m.square[i] = float64(v) / (256 * 256)
	}
	return m
}

// mean is the mean of L, a, b.
func (m *moments) mean() (out [3]float64) {
	for i, v := range m.sum {
		out[i] = v / m.n
	}
	return out
}

// covariance of L, a, b over pixels.
func (m *moments) covariance() (out [3][3]float64) {
	mean, k := m.mean(), 0
	for i := range 3 {
		for j := i; j < 3; j++ {
			out[i][j] = m.square[k]/m.n - mean[i]*mean[j]
			out[j][i] = out[i][j]
			k++
		}
	}
	return out
}

// frechet is the Wasserstein-2 distance of the two Gaussians with these moments, in
// units of Lab: d^2 = |m1 - m2|^2 + tr(C1 + C2 - 2 (C1^½ C2 C1^½)^½). Source: D. Dowson and
// B. Landau (1982).
func frechet(p, q *moments) float64 {
	if p.n == 0 || q.n == 0 {
		return undefined
	}
	m, n := p.mean(), q.mean()
	c, d := p.covariance(), q.covariance()
	root := squareRoot(dense(c))
	var inner mat.Dense
	inner.Product(root, dense(d), root)
	cross := squareRoot(&inner)
	sum := -2 * mat.Trace(cross)
	for i := range 3 {
		sum += (m[i]-n[i])*(m[i]-n[i]) + c[i][i] + d[i][i]
	}
	return math.Sqrt(max(sum, 0))
}

func dense(c [3][3]float64) *mat.Dense {
	m := mat.NewDense(3, 3, nil)
	for i := range 3 {
		for j := range 3 {
			m.Set(i, j, c[i][j])
		}
	}
	return m
}

// squareRoot of a symmetric matrix without negative eigenvalues (rounding apart).
func squareRoot(m *mat.Dense) *mat.Dense {
	s := mat.NewSymDense(3, nil)
	for i := range 3 {
		for j := i; j < 3; j++ {
			s.SetSym(i, j, (m.At(i, j)+m.At(j, i))/2)
		}
	}
	var e mat.EigenSym
	if !e.Factorize(s, true) {
		return mat.NewDense(3, 3, []float64{undefined, 0, 0, 0, undefined, 0, 0, 0, undefined})
	}
	var v, out mat.Dense
	e.VectorsTo(&v)
	roots := mat.NewDiagDense(3, nil)
	for i, l := range e.Values(nil) {
		roots.SetDiag(i, math.Sqrt(max(l, 0)))
	}
	out.Product(&v, roots, v.T())
	return &out
}
