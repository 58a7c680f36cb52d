package view

// The colours of label views, as cmd/leaflitter-view/picture.frag computes them. Depth
// is the upper byte as grey (0 near), edges are 0 and 255.

// IDColour is the colour of leaf number id: a hash, never dark, so that neighbours
// differ; black where there is no leaf.
func IDColour(id uint32) [3]uint8 {
	if id == 0 {
		return [3]uint8{}
	}
	h := id * 2654435761
	h = (h ^ h>>15) * 2246822519
	return rgb((h^h>>13)&0xffffff | 0x404040)
}

// LayerColour is the colour of layer number n.
func LayerColour(n uint8) [3]uint8 {
	return rgb([8]uint32{0xe4572e, 0xf3a712, 0x4a90d9, 0x76b041, 0x9b5de5, 0x17bebb, 0xef476f, 0xc0c0c0}[n&7])
}

func rgb(v uint32) [3]uint8 { return [3]uint8{uint8(v >> 16), uint8(v >> 8), uint8(v)} }
