package render

import (
	"leaflitter/bank"
	"leaflitter/scene"
)

// Plan is what follows from a scene before any pixel is drawn: the kernels and
// the canvas. The canvas is the output window, supersampled, with a margin as
// wide as the image's blurs reach. All backends work on the same canvas.
type Plan struct {
	Scale         int         // render px a px
	Blurs         []bank.Blur // per stack, in render px
	Extra         []uint32    // Gaussian of the extra blur, in px; one weight: none
	Margin        int         // px, on each side of the window
	Width, Height int         // render px
}

// NewPlan plans the image of a scene.
func NewPlan(s *scene.Scene) Plan {
	p := Plan{Scale: s.Scale(), Blurs: make([]bank.Blur, len(s.Stacks)), Extra: bank.Gaussian(s.Sigma)}
	reach := 0
	for i := range s.Stacks {
		p.Blurs[i] = bank.NewBlur(s.Config.Blur.Kind, s.Stacks[i].Blur)
		reach = max(reach, p.Blurs[i].Reach())
	}
	p.Margin = (reach+p.Scale-1)/p.Scale + len(p.Extra) - 1
	p.Width = (s.Config.Image.Width + 2*p.Margin) * p.Scale
	p.Height = (s.Config.Image.Height + 2*p.Margin) * p.Scale
	return p
}

// Plain reports whether what is shaded is the image: one sharp stack, neither
// supersampled nor blurred.
func (p *Plan) Plain() bool {
	return len(p.Blurs) == 1 && p.Blurs[0].Reach() == 0 && p.Scale == 1 && len(p.Extra) == 1
}
