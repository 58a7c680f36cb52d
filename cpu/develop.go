package cpu

import "leaflitter/render"

// average averages boxes of scale x scale rendered texels, for rows [y0, y1) of
// an output canvas of the given width. src is rendered at scale times that width.
func average(dst, src []uint64, width, scale, y0, y1 int) {
	area := uint64(scale * scale)
	for y := y0; y < y1; y++ {
		for x := range width {
			var even, odd uint64
			for j := range scale {
				at := (y*scale+j)*width*scale + x*scale
				for _, v := range src[at : at+scale] {
					even += v & evenLanes
					odd += v >> 16 & evenLanes
				}
			}
			// At most 16 * 2^14 a lane.
			r, b := (even&0xffff_ffff+area/2)/area, (even>>32+area/2)/area
			g, a := (odd&0xffff_ffff+area/2)/area, (odd>>32+area/2)/area
			dst[y*width+x] = r | g<<16 | b<<32 | a<<48
		}
	}
}

// quantiseRow rounds the width of an image from a row of 64ths to 8 bits, RGB or
// grey (Rec. 601 luma), as row y.
func quantiseRow(im *render.Image, in []uint64, y int) {
	in = in[:im.Width]
	out := im.Pix[y*im.Width*im.Channels : (y+1)*im.Width*im.Channels]
	if im.Channels == 1 {
		for x, v := range in {
			// Weights sum to 2^16; the sum stays below 2^30.
			sum := v&0xffff*19595 + v>>16&0xffff*38470 + v>>32&0xffff*7471
			out[x] = uint8((sum + 1<<21) >> 22)
		}
		return
	}
	for x, v := range in {
		v += 32 | 32<<16 | 32<<32
		o := out[3*x : 3*x+3 : 3*x+3]
		o[0], o[1], o[2] = uint8(v>>6), uint8(v>>22), uint8(v>>38)
	}
}
