package cpu

// compose lays rows [y0, y1) of a premultiplied layer over what is behind it:
// back = layer + back * (1 - cover), rounded.
func compose(back, layer []uint64, width, y0, y1 int) {
	const round = coverOne/2 | coverOne/2<<32
	for i := y0 * width; i < y1*width; i++ {
		f := layer[i]
		cover := f >> 48
		if cover == 0 {
			continue
		}
		if cover == coverOne {
			back[i] = f
			continue
		}
		b, through := back[i], coverOne-cover
		even := (b&evenLanes*through + round) >> 14 & evenLanes
		odd := (b>>16&evenLanes*through + round) >> 14 & evenLanes
		back[i] = f + (even | odd<<16)
	}
}
