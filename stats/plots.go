package stats

import (
	"bytes"
	"encoding/base64"
	"image"
	"image/color"
	"image/png"
	"math"
	"strings"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
	"gonum.org/v1/plot/vg/vgsvg"
)

// inks tell the set and what it is compared with apart, on white and, inverted, on black.
var inks = []color.Color{color.RGBA{R: 0x1f, G: 0x5f, B: 0xbf, A: 255}, color.RGBA{R: 0xd0, G: 0x50, B: 0x10, A: 255}}

// Figure is a plot of a report.
type Figure struct {
	Name, Title string
	plot        *plot.Plot
}

// figure is a plot with a line for each set.
func (r *Report) figure(name, title, x, y string, of func(s *Set) (xs, ys []Number)) (*Figure, error) {
	p := plot.New()
	p.X.Label.Text, p.Y.Label.Text = x, y
	p.Add(plotter.NewGrid())
	p.Legend.Top = true
	for i, s := range r.sets() {
		xs, ys := of(s)
		var points plotter.XYs
		for k := range ys {
			if v := float64(ys[k]); !math.IsNaN(v) && !math.IsInf(v, 0) {
				points = append(points, plotter.XY{X: float64(xs[k]), Y: v})
			}
		}
		if len(points) == 0 {
			continue
		}
		line, err := plotter.NewLine(points)
		if err != nil {
			return nil, err
		}
		line.Color, line.Width = inks[i], vg.Points(1.3)
		if i == 1 {
			line.Dashes = []vg.Length{vg.Points(4), vg.Points(2)}
		}
		p.Add(line)
		p.Legend.Add([]string{"set\u00a0\u00a0\u00a0", "against\u00a0\u00a0\u00a0"}[i], line) // browsers set wider fonts
	}
	return &Figure{name, title, p}, nil
}

// logs are base-10 logarithms; of 0 nothing.
func logs(list []Number) []Number {
	out := make([]Number, len(list))
	for i, v := range list {
		out[i] = Number(math.Log10(float64(v)))
	}
	return out
}

func axis(first, step Number, n int) []Number {
	out := make([]Number, n)
	for i := range out {
		out[i] = first + step*Number(i)
	}
	return out
}

func marginalCurve(m Marginal) (xs, ys []Number) {
	return axis(m.First, m.Step, len(m.Shares)), logs(m.Shares)
}

func histogramCurve(first, step Number, shares []Number) (xs, ys []Number) {
	return axis(first, step, len(shares)), shares
}

// Figures draws the curves and histograms.
func (r *Report) Figures() ([]*Figure, error) {
	type spec struct {
		name, title, x, y string
		of                func(s *Set) (xs, ys []Number)
	}
	list := []spec{
		{"spectrum", "Power spectrum of luma", "log10 frequency, cycles a pixel", "log10 power",
			func(s *Set) ([]Number, []Number) { return logs(s.Spectrum.Frequency), logs(s.Spectrum.Power) }},
		{"angular", "Power by direction, times squared frequency, over its mean", "degrees from luma changing across", "",
			func(s *Set) ([]Number, []Number) { return s.Spectrum.Degrees, s.Spectrum.Angular }},
		{"gradient", "Horizontal gradient", "grey levels", "log10 share",
			func(s *Set) ([]Number, []Number) { return marginalCurve(s.Gradients[0]) }},
	}
	for scale, name := range []string{"haar1", "haar2", "haar3"} {
		list = append(list, spec{name, "Haar wavelet, scale " + name[4:] + ", horizontal", "grey levels", "log10 share",
			func(s *Set) ([]Number, []Number) { return marginalCurve(s.Wavelets[3*scale]) }})
	}
	list = append(list,
		spec{"lightness", "Lightness L*", "L*", "share", func(s *Set) ([]Number, []Number) { return histogramCurve(0.5, 1, s.Colour.Lightness) }},
		spec{"chroma", "Chroma", "C*", "share", func(s *Set) ([]Number, []Number) { return histogramCurve(1, 2, s.Colour.ChromaHist) }},
		spec{"a", "Colour a* (green to red)", "a*", "share", func(s *Set) ([]Number, []Number) { return histogramCurve(-127, 2, s.Colour.A) }},
		spec{"b", "Colour b* (blue to yellow)", "b*", "share", func(s *Set) ([]Number, []Number) { return histogramCurve(-127, 2, s.Colour.B) }},
		spec{"entropy", "Entropy of 16 x 16 blocks", "bits", "share", func(s *Set) ([]Number, []Number) { return histogramCurve(0.05, 0.1, s.Entropy.Shares) }},
		spec{"blur", "Blur of images, 0 sharp to 1 blurred", "blur", "share of images", func(s *Set) ([]Number, []Number) { return blurCurve(s.Blur.Shares) }})
	if r.Set.Objects != nil || r.Against != nil && r.Against.Objects != nil {
		list = append(list, spec{"area", "Visible area of leaves", "log10 px", "log10 share of leaves", areaCurve})
	}
	var out []*Figure
	for _, s := range list {
		f, err := r.figure(s.name, s.title, s.x, s.y, s.of)
		if err != nil {
			return nil, err
		}
		out = append(out, f)
	}
	return out, nil
}

// blurCurve gathers bins of 0.001 to 0.02, which hundreds of images fill.
func blurCurve(shares []Number) (xs, ys []Number) {
	const bins = 50
	ys = make([]Number, bins)
	for i, v := range shares {
		ys[i*bins/len(shares)] += v
	}
	return axis(0.01, 0.02, bins), ys
}

func areaCurve(s *Set) (xs, ys []Number) {
	if s.Objects == nil {
		return nil, nil
	}
	return logs(s.Objects.From), logs(s.Objects.AreaShares)
}

// SVG is the figure as an SVG element without a header and names of other files.
func (f *Figure) SVG() (string, error) {
	canvas := vgsvg.New(15*vg.Centimeter, 9*vg.Centimeter)
	// Room for half of the last number below the axis.
	f.plot.Draw(draw.Crop(draw.New(canvas), 0, -5*vg.Millimeter, 0, -2*vg.Millimeter))
	var b bytes.Buffer
	if _, err := canvas.WriteTo(&b); err != nil {
		return "", err
	}
	text := b.String()
	return text[strings.Index(text, "<svg"):], nil
}

// heat is the joint histogram as a PNG in a data URL: log share, dark where many.
func heat(joint [][]Number) (string, error) {
	const zoom = 4
	n := len(joint)
	im := image.NewGray(image.Rect(0, 0, zoom*n, zoom*n))
	for y := range zoom * n {
		for x := range zoom * n {
			v := 255.0
			if p := float64(joint[x/zoom][n-1-y/zoom]); p > 0 {
				v = min(255, max(0, -math.Log10(p)/8*255)) // 1e-8: white
			}
			im.SetGray(x, y, color.Gray{Y: uint8(v)})
		}
	}
	var b bytes.Buffer
	if err := png.Encode(&b, im); err != nil {
		return "", err
	}
	return "data:image/png;base64," + base64.StdEncoding.EncodeToString(b.Bytes()), nil
}
