package degrade

// A filter shrinks by s as MATLAB's imresize(I, 1/s, 'bicubic') does: Keys' cubic
// with a = -1/2, stretched by s against aliasing, weights that sum to 1, the image
// mirrored at its borders. Every output pixel has the same weights, and they are
// rational: sums of integers give the exact result, which is rounded once.
type filter struct {
	scale  int
	weight []int64 // of the pixels p before and p after the middle; see newFilter
	square int64   // the sum of all weights, squared: what a sum over rows and columns is divided by
	times  uint64  // 2^40 / square, rounded up
}

var filters = [5]filter{2: newFilter(2), 3: newFilter(3), 4: newFilter(4)}

// newFilter computes the weights. The middle of output pixel i lies at s i + (s-1)/2,
// between two pixels or, s odd, on one, which then counts as two of half the weight.
func newFilter(s int64) filter {
	f := filter{scale: int(s)}
	var common, sum int64
	for p := range 2 * s {
		n, d := 2*p+1-s%2, 2*s // the distance is n/2 pixels: n/d of the stretched kernel's
		var w int64            // 2 d^3 times the kernel
		if n < d {
			w = 3*n*n*n - 5*n*n*d + 2*d*d*d
		} else {
			w = -n*n*n + 5*n*n*d - 8*n*d*d + 4*d*d*d
		}
		if n == 0 {
			w /= 2
		}
		f.weight = append(f.weight, w)
		common = gcd(common, w)
	}
	for p := range f.weight {
		f.weight[p] /= common
		sum += 2 * f.weight[p]
	}
	f.square = sum * sum
	f.times = (1<<40 + uint64(f.square) - 1) / uint64(f.square)
	return f
}

func gcd(a, b int64) int64 {
	for b != 0 {
		a, b = b, a%b
	}
	return max(a, -a)
}

// bytes divides sums, rounds half up and clips. To multiply by times and drop 40
// bits is to divide by square, exactly: n (times square - 2^40) < 2^40 for every n here.
func (f *filter) bytes(dst []uint8, sums []int64) {
	dst = dst[:len(sums)]
	for i, sum := range sums {
		n := uint64(min(max(sum+f.square/2, 0), 255*f.square))
		dst[i] = uint8(n * f.times >> 40)
	}
}

func (f *filter) floats(dst []float32, sums []int64) {
	for i, sum := range sums {
		dst[i] = float32(float64(sum) / float64(f.square))
	}
}

// resize calls put with each row of the result times filter.square.
func (m *Maker) resize(src []uint8, width, height, channels int, put func(at int, sums []int64)) {
	f := &filters[m.pair.scale]
	s := f.scale
	stride := width * channels
	margin := len(f.weight) * channels
	m.rows = fit(m.rows, margin+stride+margin)
	m.sums = fit(m.sums, stride/s)
	row := m.rows[margin : margin+stride]
	for y := range height / s {
		for p := range f.weight {
			before := mirror(s*y+(s-1)/2-p, height) * stride
			after := mirror(s*y+s/2+p, height) * stride
			add(row, src[before:before+stride], src[after:after+stride], int32(f.weight[p]), p == 0)
		}
		for i := range margin {
			pixel, channel := i/channels, i%channels
			m.rows[i] = row[mirror(pixel-len(f.weight), width)*channels+channel]
			m.rows[margin+stride+i] = row[mirror(width+pixel, width)*channels+channel]
		}
		f.shrink(m.sums, m.rows, channels)
		put(y*len(m.sums), m.sums)
	}
}

// add adds weight (a + b) to row, or sets row to it.
func add(row []int32, a, b []uint8, weight int32, set bool) {
	a, b = a[:len(row)], b[:len(row)]
	if set {
		for i := range row {
			row[i] = weight * (int32(a[i]) + int32(b[i]))
		}
		return
	}
	for i := range row {
		row[i] += weight * (int32(a[i]) + int32(b[i]))
	}
}

// shrink sums over the pixels of a row that has a margin at either side.
func (f *filter) shrink(sums []int64, row []int32, channels int) {
	s := f.scale
	for i := range sums {
		x, channel := i/channels, i%channels
		before := (len(f.weight)+s*x+(s-1)/2)*channels + channel
		after := (len(f.weight)+s*x+s/2)*channels + channel
		var sum int64
		for _, w := range f.weight {
			sum += w * int64(row[before]+row[after])
			before -= channels
			after += channels
		}
		sums[i] = sum
	}
}

// mirror is the pixel of a row of n that stands at i when the row is mirrored at
// both ends, again and again.
func mirror(i, n int) int {
	i %= 2 * n
	if i < 0 {
		i += 2 * n
	}
	return min(i, 2*n-1-i)
}
