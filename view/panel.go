package view

import (
	"fmt"
	"image"
	"image/color"
	"image/draw"
	"strings"
	"sync"

	"golang.org/x/image/font"
	"golang.org/x/image/font/gofont/gomono"
	"golang.org/x/image/font/gofont/gomonobold"
	"golang.org/x/image/font/opentype"
	"golang.org/x/image/math/fixed"
)

var (
	ground   = color.RGBA{24, 26, 29, 255}
	marked   = color.RGBA{52, 73, 94, 255}
	heading  = color.RGBA{122, 162, 106, 255}
	bright   = color.RGBA{236, 238, 240, 255}
	plain    = color.RGBA{176, 182, 188, 255}
	dim      = color.RGBA{112, 118, 124, 255}
	amber    = color.RGBA{240, 180, 80, 255}
	red      = color.RGBA{255, 120, 105, 255}
	backdrop = color.RGBA{18, 20, 22, 240}
)

// pen draws lines of text, top to bottom.
type pen struct {
	im       *image.RGBA
	face     font.Face
	bold     font.Face
	y        int // top of the next line
	line     int // height of one
	left     int
	right    int
	perLine  int // letters
	baseline int
}

var fonts = sync.OnceValues(func() (*opentype.Font, *opentype.Font) {
	text, err := opentype.Parse(gomono.TTF)
	if err != nil {
		panic(err) // it is compiled in
	}
	bold, err := opentype.Parse(gomonobold.TTF)
	if err != nil {
		panic(err)
	}
	return text, bold
})

// newPen returns a pen on im for a screen of the given scale.
func newPen(im *image.RGBA, scale float64) *pen {
	text, bold := fonts()
	face := func(f *opentype.Font) font.Face {
		made, err := opentype.NewFace(f, &opentype.FaceOptions{Size: 12 * scale, DPI: 72, Hinting: font.HintingFull})
		if err != nil {
			panic(err) // the options are constant but for the size
		}
		return made
	}
	px := func(n float64) int { return int(n * scale) }
	p := &pen{im: im, face: face(text), bold: face(bold), line: px(16), left: px(14), y: px(10), right: im.Rect.Dx() - px(14)}
	advance, _ := p.face.GlyphAdvance('0')
	p.perLine = max((p.right-p.left)/max(advance.Ceil(), 1), 1)
	p.baseline = px(12)
	return p
}

// write puts text on the present line, at its left or at its right end.
func (p *pen) write(text string, c color.Color, right, bold bool) {
	face := p.face
	if bold {
		face = p.bold
	}
	d := font.Drawer{Dst: p.im, Src: image.NewUniform(c), Face: face, Dot: fixed.P(p.left, p.y+p.baseline)}
	if right {
		d.Dot.X = fixed.I(p.right) - d.MeasureString(text)
	}
	d.DrawString(text)
}

func (p *pen) mark(c color.Color) {
	r := image.Rect(p.left/2, p.y, p.im.Rect.Dx()-p.left/2, p.y+p.line)
	draw.Draw(p.im, r, image.NewUniform(c), image.Point{}, draw.Src)
}

func (p *pen) next() { p.y += p.line }
func (p *pen) gap()  { p.y += p.line / 3 }

// wrap writes text in as many lines as it takes.
func (p *pen) wrap(text string, c color.Color) {
	line := ""
	for _, word := range strings.Fields(text) {
		for len(word) > p.perLine { // a path, perhaps
			if line != "" {
				p.write(line, c, false, false)
				p.next()
				line = ""
			}
			p.write(word[:p.perLine], c, false, false)
			p.next()
			word = word[p.perLine:]
		}
		switch {
		case line == "":
			line = word
		case len(line)+1+len(word) <= p.perLine:
			line += " " + word
		default:
			p.write(line, c, false, false)
			p.next()
			line = word
		}
	}
	if line != "" {
		p.write(line, c, false, false)
		p.next()
	}
}

// Panel draws the panel, w x h px.
func (s *State) Panel(w, h int, scale float64) *image.RGBA {
	im := image.NewRGBA(image.Rect(0, 0, w, h))
	draw.Draw(im, im.Rect, image.NewUniform(ground), image.Point{}, draw.Src)
	p := newPen(im, scale)
	p.write("leaflitter", bright, false, true)
	p.write("H: help", dim, true, false)
	p.next()
	n := 0
	for _, g := range groups {
		p.gap()
		p.write(g.name, heading, false, true)
		p.next()
		for i := range g.rows {
			s.drawRow(p, &g.rows[i], n == s.row)
			n++
		}
	}
	p.gap()
	p.write("view", heading, false, true)
	p.next()
	s.drawView(p)
	p.gap()
	s.drawNews(p)
	return im
}

func (s *State) drawRow(p *pen, r *row, chosen bool) {
	name, value := plain, bright
	if chosen {
		p.mark(marked)
		name = bright
	}
	text := r.value(s)
	if r.about != nil && !*r.about(s) {
		value = dim
	}
	if chosen && s.typing {
		text, value = s.typed+"_", amber
	}
	p.write(r.name, name, false, false)
	p.write(text, value, true, false)
	p.next()
}

// drawView says which picture of the image is shown, and of the process.
func (s *State) drawView(p *pen) {
	p.write("shown", plain, false, false)
	p.write(kindNames[s.Kind], bright, true, false)
	p.next()
	p.write("process", plain, false, false)
	if !s.Step.On {
		p.write("all leaves", bright, true, false)
	} else {
		state := ""
		if s.Step.Playing {
			state = "> "
		}
		text := fmt.Sprintf("%sleaf %d", state, s.Step.Leaf)
		if s.Last != nil {
			text += fmt.Sprintf(" of %d", s.total())
		}
		p.write(text, amber, true, false)
	}
	p.next()
	p.write("of layers", plain, false, false)
	p.write(s.stepLayer(), bright, true, false)
	p.next()
}

// stepLayer names the layers that the process is shown of.
func (s *State) stepLayer() string {
	if s.Step.Layer < 0 {
		return "all"
	}
	i := s.Step.Layer
	if !s.Config.Properties.Depth { // the last layer is the only stack
		i = len(s.Config.Layers) - 1
	}
	if i >= len(s.Config.Layers) {
		return "all"
	}
	return s.Config.Layers[i].Name + " alone"
}

// drawNews says what happens, went wrong, or was done.
func (s *State) drawNews(p *pen) {
	if s.Problem != "" {
		p.wrap(s.Problem, red)
		return
	}
	switch {
	case s.Busy != "":
		p.wrap(s.Busy, amber)
	case s.Took > 0:
		p.wrap(fmt.Sprintf("%d x %d px in %.3g ms", s.Config.Image.Width, s.Config.Image.Height, float64(s.Took.Microseconds())/1000), dim)
	}
	if s.Note != "" {
		p.wrap(s.Note, bright)
	} else if s.Busy == "" {
		p.wrap(s.Device, dim)
	}
}

// HelpPage draws the keys.
func HelpPage(scale float64) *image.RGBA {
	const letters = 88
	px := func(n float64) int { return int(n * scale) }
	im := image.NewRGBA(image.Rect(0, 0, px(letters*7.3+28), px(float64(len(Keys))*16+56)))
	draw.Draw(im, im.Rect, image.NewUniform(backdrop), image.Point{}, draw.Src)
	p := newPen(im, scale)
	p.write("keys", heading, false, true)
	p.next()
	p.gap()
	for _, k := range Keys {
		p.write(k[0], bright, false, false)
		left := p.left
		p.left += px(16 * 7.3)
		p.write(k[1], plain, false, false)
		p.left = left
		p.next()
	}
	return im
}
