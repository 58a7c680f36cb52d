package fit

import (
	"bytes"
	_ "embed"
	"encoding/base64"
	"fmt"
	"html/template"
	"image"
	"image/color"
	"image/jpeg"
	"io"
	"math"
	"regexp"
	"strings"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
	"gonum.org/v1/plot/vg/vgsvg"

	"leaflitter/stats"
)

//go:embed report.html
var reportText string

var reportPage = template.Must(template.New("report").Funcs(template.FuncMap{"show": show, "names": func() []string { return setNames }}).Parse(reportText))

var setNames = []string{"photographs", "before", "after"}

// Report is the page about a search.
type Report struct {
	*Verdict
	Version, Photographs, Measure, Warning, YAML string
	Count                                        int        // candidates
	Why                                          string     // the search ended
	Search                                       [2]float64 // the figure as searched, before and after
}

func show(x float64) string {
	if x != 0 && math.Abs(x) < 0.001 {
		return fmt.Sprintf("%.2g", x)
	}
	return fmt.Sprintf("%.4f", x)
}

// WriteHTML writes one page that needs no other file, host or script. It is made in memory first, so an error leaves w as it was.
func (r *Report) WriteHTML(w io.Writer) error {
	type part struct {
		Name          string
		Before, After float64
	}
	page := struct {
		*Report
		Parts   []part
		Sheets  []template.URL
		Figures []template.HTML
	}{Report: r}
	for i, p := range r.Before.Parts {
		page.Parts = append(page.Parts, part{p.Name, p.Value, r.After.Parts[i].Value})
	}
	for _, pictures := range r.pictures {
		url, err := sheet(pictures)
		if err != nil {
			return err
		}
		page.Sheets = append(page.Sheets, template.URL(url))
	}
	for _, curve := range []struct {
		title, x, y string
		of          func(s *stats.Set) (xs, ys []stats.Number)
	}{
		{"Power spectrum of luma", "log10 frequency, cycles a pixel", "log10 power", func(s *stats.Set) ([]stats.Number, []stats.Number) {
			return logs(s.Spectrum.Frequency), logs(s.Spectrum.Power)
		}},
		{"Horizontal gradient", "grey levels", "log10 share", func(s *stats.Set) ([]stats.Number, []stats.Number) {
			xs := make([]stats.Number, len(s.Gradients[0].Shares))
			for i := range xs {
				xs[i] = s.Gradients[0].First + stats.Number(i)*s.Gradients[0].Step
			}
			return xs, logs(s.Gradients[0].Shares)
		}},
	} {
		svg, err := r.plot(curve.title, curve.x, curve.y, curve.of)
		if err != nil {
			return err
		}
		page.Figures = append(page.Figures, svg)
	}
	var b bytes.Buffer
	if err := reportPage.Execute(&b, page); err != nil {
		return err
	}
	_, err := w.Write(b.Bytes())
	return err
}

func logs(list []stats.Number) []stats.Number {
	out := make([]stats.Number, len(list))
	for i, v := range list {
		out[i] = stats.Number(math.Log10(float64(v)))
	}
	return out
}

var inks = []color.Color{color.RGBA{R: 0x30, G: 0x30, B: 0x30, A: 255}, color.RGBA{R: 0xd0, G: 0x50, B: 0x10, A: 255}, color.RGBA{R: 0x1f, G: 0x5f, B: 0xbf, A: 255}}

// namespace declarations look like addresses and are not needed inside HTML.
var namespaces = regexp.MustCompile(`\s+xmlns(:\w+)?="[^"]*"`)

// plot draws a line for the photographs, the start and the outcome.
func (r *Report) plot(title, x, y string, of func(s *stats.Set) (xs, ys []stats.Number)) (template.HTML, error) {
	p := plot.New()
	p.Title.Text, p.X.Label.Text, p.Y.Label.Text = title, x, y
	p.Add(plotter.NewGrid())
	p.Legend.Top = true
	for i, s := range r.set {
		xs, ys := of(s)
		var points plotter.XYs
		for k := range ys {
			if v := float64(ys[k]); !math.IsNaN(v) && !math.IsInf(v, 0) {
				points = append(points, plotter.XY{X: float64(xs[k]), Y: v})
			}
		}
		line, err := plotter.NewLine(points)
		if err != nil {
			return "", fmt.Errorf("%s cannot be drawn: %w", title, err)
		}
		line.Color, line.Width = inks[i], vg.Points(1.3)
		if i == 1 {
			line.Dashes = []vg.Length{vg.Points(4), vg.Points(2)}
		}
		p.Add(line)
		p.Legend.Add(setNames[i]+"\u00a0\u00a0\u00a0", line)
	}
	canvas := vgsvg.New(15*vg.Centimeter, 10*vg.Centimeter)
	p.Draw(draw.Crop(draw.New(canvas), 0, -5*vg.Millimeter, 0, -2*vg.Millimeter))
	var b bytes.Buffer
	if _, err := canvas.WriteTo(&b); err != nil {
		return "", err
	}
	text := b.String()
	return template.HTML(namespaces.ReplaceAllString(text[strings.Index(text, "<svg"):], "")), nil
}

// sheet is the first pictures side by side, each its middle, as a JPEG in a data URL.
func sheet(pictures []Picture) (string, error) {
	const across, down, gap = 6, 3, 4
	side := leastSide
	for _, p := range pictures {
		side = min(side, p.Width, p.Height)
	}
	im := image.NewNRGBA(image.Rect(0, 0, across*(side+gap)-gap, down*(side+gap)-gap))
	for i := range im.Pix {
		im.Pix[i] = 255
	}
	for k := range min(across*down, len(pictures)) {
		p := middle(pictures[k*len(pictures)/min(across*down, len(pictures))], side)
		left, top := k%across*(side+gap), k/across*(side+gap)
		for y := range side {
			for x := range side {
				copy(im.Pix[im.PixOffset(left+x, top+y):][:3], p.Pix[3*(y*side+x):])
			}
		}
	}
	var b bytes.Buffer
	if err := jpeg.Encode(&b, im, &jpeg.Options{Quality: 90}); err != nil {
		return "", err
	}
	return "data:image/jpeg;base64," + base64.StdEncoding.EncodeToString(b.Bytes()), nil
}
