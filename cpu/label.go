package cpu

import (
	"leaflitter/render"
	"leaflitter/scene"
)

// label fills the selected labels of an image from the leaf numbers of each
// stack. A pixel's label is that of the rendered pixel at its centre; ids count
// through the stacks front to back.
func label(im *render.Image, s *scene.Scene, ids [][]uint32, width, margin int) {
	if im.ID == nil && im.Layer == nil && im.Depth == nil && im.Edge == nil {
		return
	}
	scale := s.Scale()
	base := make([]uint32, len(s.Stacks))
	depth := make([]uint16, len(s.Stacks))
	for i := range s.Stacks {
		if i > 0 {
			base[i] = base[i-1] + uint32(len(s.Stacks[i-1].Leaves))
		}
		depth[i] = uint16(s.Config.Layers[s.Stacks[i].Index].Depth*65535 + 0.5)
	}
	at := func(x, y int) (id uint32, stack int) {
		p := (y*scale+scale/2+margin)*width + x*scale + scale/2 + margin
		for i := range ids {
			if id := ids[i][p]; id != 0 {
				return base[i] + id, i
			}
		}
		return 0, len(ids) - 1
	}
	for y := range im.Height {
		for x := range im.Width {
			id, stack := at(x, y)
			p := y*im.Width + x
			if im.ID != nil {
				im.ID[p] = id
			}
			if im.Layer != nil {
				im.Layer[p] = uint8(s.Stacks[stack].Index)
			}
			if im.Depth != nil {
				im.Depth[p] = depth[stack]
			}
			if im.Edge != nil {
				edge := false
				if x+1 < im.Width {
					right, _ := at(x+1, y)
					edge = right != id
				}
				if y+1 < im.Height && !edge {
					below, _ := at(x, y+1)
					edge = below != id
				}
				im.Edge[p] = 0
				if edge {
					im.Edge[p] = 255
				}
			}
		}
	}
}
