package stats

import "math"

// sectors are the directions of the spectrum by angle, 15 degrees each.
const sectors = 12

// lattice says what each wave of an n x n patch belongs to, in the order of fft.
type lattice struct {
	*fft
	n      int
	window []float64 // Hann, one side
	norm   float64   // 1 / sum of the squared 2-D window
	ring   []int16   // sixth of an octave, -1 outside [1, n/2) cycles a patch
	sector []int16   // -1 outside the band
	k2     []float64 // squared wave number, cycles a patch
	waves  []float64 // of each ring
	place  []float64 // mean ln of the wave number of each ring
	spokes []float64 // waves of each sector
	lo, hi int       // rings of the band, hi not included
}

// newLattice prepares for patches of n, a power of two from 32 to 512.
func newLattice(n int) *lattice {
	octaves := int(math.Log2(float64(n)))
	l := &lattice{
		fft: newFFT(n), n: n, lo: 6 * 2, hi: 6 * (octaves - 2), window: make([]float64, n),
		ring: make([]int16, n*n), sector: make([]int16, n*n), k2: make([]float64, n*n),
		waves: make([]float64, 6*(octaves-1)), place: make([]float64, 6*(octaves-1)), spokes: make([]float64, sectors),
	}
	square := 0.0
	for i := range l.window {
		s := math.Sin(math.Pi * (float64(i) + 0.5) / float64(n))
		l.window[i] = s * s
		square += l.window[i] * l.window[i]
	}
	l.norm = 1 / (square * square)
	for y := range n {
		for x := range n {
			i := y*n + x
			// Rows and columns are exchanged when both have been transformed.
			kx, ky := (l.frequency(y)+n/2)%n-n/2, (l.frequency(x)+n/2)%n-n/2
			k2 := float64(kx*kx + ky*ky)
			l.ring[i], l.sector[i], l.k2[i] = -1, -1, k2
			if k2 < 1 || k2 >= float64(n*n/4) {
				continue
			}
			r := int(math.Floor(3 * math.Log2(k2))) // exact where it is whole: at powers of two
			l.ring[i] = int16(r)
			l.waves[r]++
			l.place[r] += math.Log(k2) / 2
			if r >= l.lo && r < l.hi {
				angle := math.Atan2(float64(ky), float64(kx)) / (math.Pi / sectors)
				s := (int(math.Round(angle)) + 2*sectors) % sectors
				l.sector[i] = int16(s)
				l.spokes[s]++
			}
		}
	}
	for r, n := range l.waves {
		if n > 0 {
			l.place[r] /= n
		}
	}
	return l
}

// power is the summed power of patches: by ring, and by sector times the squared wave
// number.
type power struct {
	patches int64
	ring    []float64
	sector  []float64
}

func (l *lattice) newPower() power {
	return power{0, make([]float64, len(l.waves)), make([]float64, sectors)}
}

func (p *power) add(q *power) {
	p.patches += q.patches
	for i, v := range q.ring {
		p.ring[i] += v
	}
	for i, v := range q.sector {
		p.sector[i] += v
	}
}

// radial returns, for every ring with waves in it, frequency (cycles a pixel) and mean
// power (squared grey levels, per squared cycle a pixel).
func (l *lattice) radial(p *power) (frequency, density []float64) {
	for r, n := range l.waves {
		if n > 0 {
			frequency = append(frequency, math.Exp(l.place[r])/float64(l.n))
			density = append(density, p.ring[r]/(n*float64(p.patches)))
		}
	}
	return frequency, density
}

// slope returns the alpha of power ~ f^-alpha, by least squares of ln power against ln f
// over the rings of the band.
func (l *lattice) slope(p *power) float64 {
	var sx, sy, sxx, sxy, n float64
	for r := l.lo; r < l.hi; r++ {
		if l.waves[r] == 0 {
			continue
		}
		x, y := l.place[r], math.Log(p.ring[r]/(l.waves[r]*float64(p.patches)))
		sx, sy, sxx, sxy, n = sx+x, sy+y, sxx+x*x, sxy+x*y, n+1
	}
	alpha := -(n*sxy - sx*sy) / (n*sxx - sx*sx)
	if math.IsInf(alpha, 0) {
		return undefined
	}
	return alpha
}

// angular returns the power by direction, times the squared frequency, over its mean.
func (l *lattice) angular(p *power) []float64 {
	out, mean := make([]float64, sectors), 0.0
	for s := range out {
		out[s] = p.sector[s] / l.spokes[s]
		mean += out[s] / sectors
	}
	for s := range out {
		out[s] /= mean
	}
	return out
}

// transform takes the power of an image's patches, keeping its buffers.
type transform struct {
	*lattice
	re, im []float64
	sum    []float64 // power of each wave
}

func newTransform(l *lattice) *transform {
	return &transform{l, make([]float64, l.n*l.n), make([]float64, l.n*l.n), make([]float64, l.n*l.n)}
}

// measure sums over the patches of an image, which do not overlap and stand in its
// middle. Two patches share a transform, one as the imaginary part: the power of
// wave k and that of -k, which fall into one ring and sector, then add up to that of both.
func (t *transform) measure(luma []uint8, width, height int) power {
	p := t.newPower()
	n := t.n
	across, down := width/n, height/n
	x0, y0 := (width-across*n)/2, (height-down*n)/2
	clear(t.sum)
	for i := 0; i < across*down; i += 2 {
		clear(t.im)
		for k := i; k < min(i+2, across*down); k++ {
			t.load([][]float64{t.re, t.im}[k-i], luma[(y0+k/across*n)*width+x0+k%across*n:], width)
			p.patches++
		}
		t.columns(t.re, t.im)
		transpose(t.re, n)
		transpose(t.im, n)
		t.columns(t.re, t.im)
		for j, v := range t.re {
			t.sum[j] += v*v + t.im[j]*t.im[j]
		}
	}
	for j, v := range t.sum {
		if r := t.ring[j]; r >= 0 {
			p.ring[r] += v * t.norm
			if s := t.sector[j]; s >= 0 {
				p.sector[s] += v * t.norm * t.k2[j]
			}
		}
	}
	return p
}

// load puts a windowed patch, less its windowed mean, into the field.
func (t *transform) load(field []float64, luma []uint8, width int) {
	mean, weight := 0.0, 0.0
	for y, wy := range t.window {
		row := luma[y*width : y*width+t.n]
		sum := 0.0
		for x, wx := range t.window {
			sum += wx * float64(row[x])
		}
		mean += wy * sum
		weight += wy * float64(t.n) / 2 // the Hann window's sum is n/2
	}
	mean /= weight
	for y, wy := range t.window {
		row, out := luma[y*width:y*width+t.n], field[y*t.n:(y+1)*t.n]
		for x, wx := range t.window {
			out[x] = wy * wx * (float64(row[x]) - mean)
		}
	}
}
