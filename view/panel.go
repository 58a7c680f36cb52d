package view

import (
	"fmt"
	"image"
	"image/color"
	"image/draw"
	"strings"
	"sync"
	"time"

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

// lines breaks text at blanks into lines that fit.
func (p *pen) lines(text string) (all []string) {
	line := ""
	for _, word := range strings.Fields(text) {
		for len(word) > p.perLine { // a path, perhaps
			if line != "" {
				all, line = append(all, line), ""
			}
			all, word = append(all, word[:p.perLine]), word[p.perLine:]
		}
		switch {
		case line == "":
			line = word
		case len(line)+1+len(word) <= p.perLine:
			line += " " + word
		default:
			all, line = append(all, line), word
		}
	}
	if line != "" {
		all = append(all, line)
	}
	return all
}

// Panel draws the panel, w x h px. What happens stands at its bottom; where the rows do
// not fit above that, they are moved up so that the chosen one is seen.
func (s *State) Panel(w, h int, scale float64) *image.RGBA {
	im := image.NewRGBA(image.Rect(0, 0, w, h))
	fill := func(r image.Rectangle) { draw.Draw(im, r, image.NewUniform(ground), image.Point{}, draw.Src) }
	fill(im.Rect)
	p := newPen(im, scale)
	top := p.y
	text, c := s.news()
	news := p.lines(text)
	bottom := h - top - p.line*len(news)
	if chosen := s.drawRows(p); p.y > bottom && chosen+2*p.line > bottom {
		fill(im.Rect)
		p.y = top - (chosen + 2*p.line - bottom)
		s.drawRows(p)
	}
	fill(image.Rect(0, bottom-p.line/3, w, h))
	p.y = bottom
	for _, line := range news {
		p.write(line, c, false, false)
		p.next()
	}
	return im
}

// drawRows draws the title and all rows, and returns where the chosen one begins.
func (s *State) drawRows(p *pen) (chosen int) {
	p.write("leaflitter", bright, false, true)
	p.write("H: help", dim, true, false)
	p.next()
	n := 0
	for _, g := range groups {
		p.gap()
		p.write(g.name, heading, false, true)
		p.next()
		for i := range g.rows {
			if n == s.row {
				chosen = p.y
			}
			s.drawRow(p, &g.rows[i], n == s.row)
			n++
		}
	}
	s.drawDraws(p)
	p.gap()
	p.write("view", heading, false, true)
	p.next()
	s.drawView(p)
	return chosen
}

func (s *State) drawRow(p *pen, r *row, chosen bool) {
	name, value := plain, bright
	if r.about != nil && !*r.about(s) {
		value = dim
	}
	if s.idle(r.name) {
		name, value = dim, dim
	}
	if chosen {
		p.mark(marked)
		name = bright
	}
	text := r.value(s.drawn())
	if chosen && s.typing {
		text, value = s.typed+"_", amber
	}
	p.write(r.name, name, false, false)
	if k := hints[r.name]; k != "" {
		left := p.left
		p.left += 13 * (p.right - p.left) / p.perLine
		p.write(k, dim, false, false)
		p.left = left
	}
	p.write(text, value, true, false)
	p.next()
}

// drawn returns the state with what its image drew in place of laws.
func (s *State) drawn() *State {
	if len(s.Config.Laws) == 0 {
		return s
	}
	d := *s
	d.Config = *s.Config.Drawn(s.Seed, s.Index)
	return &d
}

// drawDraws lists what this image drew, if the configuration has laws.
func (s *State) drawDraws(p *pen) {
	if len(s.Config.Laws) == 0 {
		return
	}
	p.gap()
	p.write("drawn for this image", heading, false, true)
	p.next()
	for _, one := range s.Config.Draws(s.Seed, s.Index) {
		for _, line := range p.lines(one.String()) {
			p.write(line, bright, false, false)
			p.next()
		}
	}
}

// idle reports whether a row changes nothing as things are.
func (s *State) idle(name string) bool {
	on := &s.Config.Properties
	switch name {
	case "outline":
		return !on.Geometry
	case "sin", "noise", "mix", "perspective", "warp":
		return !on.Texture
	case "layers", "edit layer", "  cover", "  blur", "blur", "blur, px":
		return !on.Depth
	}
	return false
}

// drawView says which picture of the image is shown, and of the process.
func (s *State) drawView(p *pen) {
	p.write("shown", plain, false, false)
	p.write(kindNames[s.Kind], bright, true, false)
	p.next()
	p.write("leaves of", plain, false, false)
	p.write(s.stepLayer(), bright, true, false)
	p.next()
	p.write("process", plain, false, false)
	if !s.Step.On {
		p.write("all leaves", bright, true, false)
		p.next()
		return
	}
	text := fmt.Sprintf("leaf %d", s.Step.Leaf)
	if s.Last != nil {
		text += fmt.Sprintf(" of %d", s.total())
	}
	if s.Step.Playing {
		text = "> " + text
	}
	p.write(text, amber, true, false)
	p.next()
	bar := image.Rect(p.left, p.y+p.line/4, p.right, p.y+p.line/2)
	draw.Draw(p.im, bar, image.NewUniform(marked), image.Point{}, draw.Src)
	if n := s.total(); n > 0 {
		bar.Max.X = bar.Min.X + bar.Dx()*s.Step.Leaf/n
		draw.Draw(p.im, bar, image.NewUniform(amber), image.Point{}, draw.Src)
	}
	p.next()
}

// stepLayer names the layers that the process is shown of.
func (s *State) stepLayer() string {
	i := s.Step.Layer
	if i >= 0 && !s.Config.Properties.Depth { // the last layer is the only stack
		i = len(s.Config.Layers) - 1
	}
	if i < 0 || i >= len(s.Config.Layers) {
		return "all layers"
	}
	return s.Config.Layers[i].Name + " alone"
}

// news says what went wrong, happens, or was done.
func (s *State) news() (string, color.Color) {
	switch {
	case s.Problem != "":
		return s.Problem, red
	case s.Busy != "":
		return s.Busy, amber
	case s.Note != "":
		return s.Note, bright
	case s.Took > 0:
		took := s.Took.Round(10 * time.Microsecond)
		if took > 100*time.Millisecond {
			took = took.Round(time.Millisecond)
		}
		return fmt.Sprintf("%d x %d px in %v on %s", s.Config.Image.Width, s.Config.Image.Height, took, s.Device), dim
	}
	return s.Device, dim
}

// HelpPage draws the keys.
func HelpPage(scale float64) *image.RGBA {
	const letters = 84
	px := func(n float64) int { return int(n * scale) }
	im := image.NewRGBA(image.Rect(0, 0, px(letters*7.3+28), px(float64(len(Keys))*16+42)))
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
