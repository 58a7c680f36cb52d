package cpu

import (
	"math"

	"leaflitter/bank"
)

// lens blurs rows [y0, y1) of src, shaded texels, by a disk, squared colours
// averaged (gamma-2 highlights): out = sqrt(mean of squares * cover). Each run
// of the disk is a difference of two prefix sums, so the cost grows with the
// radius and not with its square.
//
// prefix[y] holds, for row y of the canvas, running sums of two words a pixel:
// red^2 and blue^2, green^2 and cover, 32 bits each; see lensPrefix.
func lens(dst []uint64, prefix [][2]uint64, width, height int, k *bank.LensKernel, y0, y1 int) {
	reach := k.Reach()
	stride := width + 1
	half := uint64(k.Sum / 2)
	sums := make([][2]uint64, width)
	inner := sums[reach:max(reach, width-reach)]
	for y := max(y0, reach); y < min(y1, height-reach); y++ {
		clear(sums)
		for j := -reach; j <= reach; j++ {
			row := prefix[(y+j)*stride : (y+j+1)*stride]
			first := k.First[max(j, -j):]
			for _, run := range k.Runs[first[0]:first[1]] {
				left, right := row[reach-int(run.Reach):], row[reach+int(run.Reach)+1:]
				weight := uint64(run.Weight)
				for i := range inner {
					inner[i][0] += (right[i][0] - left[i][0]) * weight
					inner[i][1] += (right[i][1] - left[i][1]) * weight
				}
			}
		}
		out := dst[y*width : (y+1)*width]
		for x := range out {
			s := sums[x]
			if s[1] == 0 {
				out[x] = 0
				continue
			}
			mean := func(sum uint64) uint64 { return (sum + half) / uint64(k.Sum) }
			// Cover is counted in whole pixels so far.
			cover := (s[1]>>32*coverOne + half) / uint64(k.Sum)
			out[x] = root(mean(s[0]&0xffff_ffff), cover) | root(mean(s[1]&0xffff_ffff), cover)<<16 |
				root(mean(s[0]>>32), cover)<<32 | cover<<48
		}
	}
}

// root returns floor(sqrt(square * cover / 4)): 64 times the square root of
// square for full cover. The argument stays below 2^28, where the square root of
// a float64 rounds to the exact integer part.
func root(square, cover uint64) uint64 {
	return uint64(math.Sqrt(float64(square * cover >> 2)))
}

// lensPrefix writes the prefix sums of rows [y0, y1): width + 1 entries a row,
// entry x the sum over pixels left of x. Squares are of 8-bit scale (at most
// 65025), so a row of up to 2^16 pixels fits 32 bits.
func lensPrefix(prefix [][2]uint64, src []uint64, width, y0, y1 int) {
	for y := y0; y < y1; y++ {
		row := prefix[y*(width+1) : (y+1)*(width+1)]
		var sum [2]uint64
		row[0] = sum
		for x, v := range src[y*width : (y+1)*width] {
			r, g, b := v&0xffff, v>>16&0xffff, v>>32&0xffff
			sum[0] += r*r>>8 | b*b>>8<<32
			sum[1] += g*g>>8 | v>>60<<32 // cover is 0 or 4096 = 2^12
			row[x+1] = sum
		}
	}
}
