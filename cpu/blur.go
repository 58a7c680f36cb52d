package cpu

// Lanes of a texel, two to a 64-bit word: red and blue, green and cover.
const (
	evenLanes = 0x0000_ffff_0000_ffff
	roundAt14 = 1<<13 | 1<<13<<32
	roundAt16 = 1<<15 | 1<<15<<32
)

// blurRows convolves rows [y0, y1) of src, shaded texels, with a Gaussian along
// x. Lanes grow from sixteenths to 64ths. Columns nearer to the border than
// the kernel reaches are left as they are: they are margin.
//
// Sums of two lanes share a word: a lane is at most 4096, a pair of taps 8192,
// weights sum to 2^16, so a sum stays below 2^28 + rounding.
func blurRows(dst, src []uint64, width int, weight []uint32, y0, y1 int) {
	radius := len(weight) - 1
	for y := y0; y < y1; y++ {
		in, out := src[y*width:(y+1)*width], dst[y*width:(y+1)*width]
		clear(out)
		if empty(in) {
			continue
		}
		for x := radius; x < width-radius; x++ {
			v, w := in[x], uint64(weight[0])
			even, odd := v&evenLanes*w, v>>16&evenLanes*w
			for k := 1; k <= radius; k++ {
				pair, w := in[x-k]+in[x+k], uint64(weight[k])
				even += pair & evenLanes * w
				odd += pair >> 16 & evenLanes * w
			}
			even = (even + roundAt14) >> 14 & evenLanes
			odd = (odd + roundAt14) >> 14 & evenLanes
			out[x] = even | odd<<16
		}
	}
}

// smoothRows is blurRows for texels in 64ths, whose scale it keeps.
func smoothRows(dst, src []uint64, width int, weight []uint32, y0, y1 int) {
	radius := len(weight) - 1
	for y := y0; y < y1; y++ {
		in, out := src[y*width:(y+1)*width], dst[y*width:(y+1)*width]
		for x := radius; x < width-radius; x++ {
			v, w := in[x], uint64(weight[0])
			even, odd := v&evenLanes*w+roundAt16, v>>16&evenLanes*w+roundAt16
			for k := 1; k <= radius; k++ {
				pair, w := in[x-k]+in[x+k], uint64(weight[k])
				even += pair & evenLanes * w
				odd += pair >> 16 & evenLanes * w
			}
			out[x] = even>>16&evenLanes | odd>>16&evenLanes<<16
		}
	}
}

func empty(row []uint64) bool {
	for _, v := range row {
		if v != 0 {
			return false
		}
	}
	return true
}

// blurColumns convolves columns, for rows [y0, y1) of dst. Lanes keep their
// scale. A lane is at most 2^14, so a pair of taps fits its lane and a sum stays within
// 2^30 + rounding.
func blurColumns(dst, src []uint64, width, height int, weight []uint32, y0, y1 int) {
	radius := len(weight) - 1
	even, odd := make([]uint64, width), make([]uint64, width)
	for y := max(y0, radius); y < min(y1, height-radius); y++ {
		w := uint64(weight[0])
		for x, v := range src[y*width : (y+1)*width] {
			even[x] = v&evenLanes*w + roundAt16
			odd[x] = v>>16&evenLanes*w + roundAt16
		}
		for k := 1; k <= radius; k++ {
			w := uint64(weight[k])
			above, below := src[(y-k)*width:(y-k+1)*width], src[(y+k)*width:(y+k+1)*width]
			for x, v := range above {
				pair := v + below[x]
				even[x] += pair & evenLanes * w
				odd[x] += pair >> 16 & evenLanes * w
			}
		}
		out := dst[y*width : (y+1)*width]
		for x := range out {
			out[x] = even[x]>>16&evenLanes | odd[x]>>16&evenLanes<<16
		}
	}
}
