package render

import "leaflitter/scene"

// Facts are what one image was drawn from, for those who condition on it.
type Facts struct {
	Palette int         // number of its palette in the set
	Outline string      // disk, rectangle, polygon or mix
	Radii   [2]float64  // of its leaves: the ends of the radius law, output px
	Draws   scene.Draws // for the fields with laws
	Leaves  []LeafFacts
}

// LeafFacts are the facts of a leaf that shows at the centre of some pixel.
type LeafFacts struct {
	ID     uint32  // as in Image.ID
	Layer  int     // index into Config.Layers
	Radius float32 // output px
	Paint  scene.PaintKind
}

// facts returns the facts of a rendered scene; its leaves if the image carries their
// ids, ascending.
func facts(s *scene.Scene, im *Image) Facts {
	l := &s.Config.Leaves
	f := Facts{Palette: s.Palette, Outline: s.Outline(), Radii: [2]float64{l.RMin, l.RMax}, Draws: s.Draws()}
	if im.ID == nil {
		return f
	}
	last := uint32(0)
	for _, id := range im.ID {
		last = max(last, id)
	}
	shows := make([]bool, last+1)
	for _, id := range im.ID {
		shows[id] = true
	}
	base := uint32(0) // ids count through the stacks, front to back
	for _, st := range s.Stacks {
		key := scene.Key{Seed: s.Seed, Image: s.Index, Layer: uint32(st.Index), Purpose: scene.PurposePaint}
		for i := range st.Leaves {
			id := base + uint32(i) + 1
			if id > last {
				return f
			}
			if shows[id] {
				key.Leaf = uint32(i)
				draw, r := scene.NewStream(key), st.Leaves[i].R
				paint, _ := s.Config.PaintOf(&draw, r)
				f.Leaves = append(f.Leaves, LeafFacts{id, st.Index, r / float32(s.Scale()), paint})
			}
		}
		base += uint32(len(st.Leaves))
	}
	return f
}
