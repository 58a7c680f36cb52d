package view

// Rect is a rectangle of the window, px from its top left corner.
type Rect struct{ X, Y, W, H int }

// PanelWidth is the width of the panel at scale 1.
const PanelWidth = 300

// Place returns where an image of w x h px goes in a window: in the middle of what the
// panel, panel px wide at the right, leaves free; at the largest whole multiple of
// its size that fits, and shrunk if not even its size does. exact: at its size,
// whatever fits.
func Place(windowW, windowH, panel, w, h int, exact bool) Rect {
	free := windowW - panel
	if free < 1 || windowH < 1 || w < 1 || h < 1 {
		return Rect{}
	}
	k := min(free/w, windowH/h)
	if exact {
		k = 1
	}
	rw, rh := k*w, k*h
	if k == 0 {
		rw, rh = free, max(1, h*free/w)
		if rh > windowH {
			rw, rh = max(1, w*windowH/h), windowH
		}
	}
	return Rect{half(free - rw), half(windowH - rh), rw, rh}
}

// half rounds down, also what is negative.
func half(n int) int { return n >> 1 }

// PanelAt returns how wide the panel is in a window, at a scale of its screen: nothing
// when it is hidden or would take more than two thirds.
func (s *State) PanelAt(windowW int, scale float64) int {
	w := int(PanelWidth * scale)
	if s.Hidden || 3*w > 2*windowW {
		return 0
	}
	return w
}

// PanelHeight is how high a window is that shows the whole panel at scale 1.
const PanelHeight = 680
