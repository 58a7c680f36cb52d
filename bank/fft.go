package bank

import "leaflitter/exact"

// fft is an in-place complex transform of a fixed power-of-two length, radix 4
// with a last step of radix 2 where needed. It exists, beside the libraries,
// because the tiles it makes must have the same bits on every machine: no
// product here can fuse with a sum. float32 is plenty for tiles of 10 bits.
type fft struct {
	n      int
	swap   [][2]int32
	stages [][]complex64 // of the radix-4 stages: w, w^2, w^3 for each k
}

func newFFT(n int) *fft {
	f := &fft{n: n}
	log := 0
	for 1<<log < n {
		log++
	}
	for i := range n {
		j := 0
		for b := range log {
			j |= i >> b & 1 << (log - 1 - b)
		}
		if i < j {
			f.swap = append(f.swap, [2]int32{int32(i), int32(j)})
		}
	}
	quarter := 1
	if log&1 == 1 {
		quarter = 2 // the first stage is one of radix 2
	}
	for ; quarter < n; quarter *= 4 {
		w := make([]complex64, 0, 3*quarter)
		for k := range quarter {
			for m := 1; m <= 3; m++ {
				s, c := exact.SinCosTurns(float64(m*k) / float64(4*quarter))
				w = append(w, complex(float32(c), float32(s)))
			}
		}
		f.stages = append(f.stages, w)
	}
	return f
}

func times(a, b complex64) complex64 {
	return complex(
		float32(real(a)*real(b))-float32(imag(a)*imag(b)),
		float32(real(a)*imag(b))+float32(imag(a)*real(b)))
}

// inverse replaces x by its unnormalised inverse transform.
func (f *fft) inverse(x []complex64) {
	for _, s := range f.swap {
		x[s[0]], x[s[1]] = x[s[1]], x[s[0]]
	}
	quarter := 1
	if len(f.stages) > 0 && len(f.stages[0]) == 6 || f.n == 2 {
		for i := 0; i+1 < f.n; i += 2 {
			x[i], x[i+1] = x[i]+x[i+1], x[i]-x[i+1]
		}
		quarter = 2
	}
	for _, w := range f.stages {
		for base := 0; base < f.n; base += 4 * quarter {
			// In bit-reversed order the second and third quarters are exchanged.
			a, c := x[base:base+quarter], x[base+quarter:base+2*quarter]
			b, d := x[base+2*quarter:base+3*quarter], x[base+3*quarter:base+4*quarter]
			tw := w[:3*len(a)]
			for k := range a {
				t := tw[3*k : 3*k+3 : 3*k+3]
				p, q, r, s := a[k], times(b[k], t[0]), times(c[k], t[1]), times(d[k], t[2])
				even, odd := p+r, q+s
				diff, turn := p-r, q-s
				turn = complex(-imag(turn), real(turn)) // times i
				a[k], c[k] = even+odd, diff+turn
				b[k], d[k] = even-odd, diff-turn
			}
		}
		quarter *= 4
	}
}

// inverse2D replaces the n x n matrix x by the transpose of its unnormalised
// two-dimensional inverse transform.
func (f *fft) inverse2D(x []complex64) {
	n := f.n
	for y := range n {
		f.inverse(x[y*n : (y+1)*n])
	}
	const block = 16
	for y0 := 0; y0 < n; y0 += block {
		for x0 := y0; x0 < n; x0 += block {
			for y := y0; y < y0+block; y++ {
				for c := max(x0, y+1); c < x0+block; c++ {
					x[y*n+c], x[c*n+y] = x[c*n+y], x[y*n+c]
				}
			}
		}
	}
	for y := range n {
		f.inverse(x[y*n : (y+1)*n])
	}
}
