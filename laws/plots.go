package laws

import (
	"bytes"
	"image/color"
	"io"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/vg"
)

// Plot writes a PNG of one law's results: what was measured, with its bound, and
// what is expected, along the law's own axis where it has one.
func Plot(w io.Writer, law string, results []Result) error {
	p := plot.New()
	p.Title.Text = law
	var measured, expected plotter.XYs
	var bounds plotter.YErrors
	labels := make([]string, 0, len(results))
	axis := false
	for _, r := range results {
		axis = axis || r.X != 0
	}
	for i, r := range results {
		x := float64(i)
		if axis {
			x = r.X
		}
		measured = append(measured, plotter.XY{X: x, Y: r.Measured})
		expected = append(expected, plotter.XY{X: x, Y: r.Expected})
		bounds = append(bounds, struct{ Low, High float64 }{r.Bound, r.Bound})
		labels = append(labels, r.What)
	}
	points, err := plotter.NewScatter(expected)
	if err != nil {
		return err
	}
	points.GlyphStyle.Color = color.RGBA{R: 200, A: 255}
	points.GlyphStyle.Radius = vg.Points(3)
	dots, err := plotter.NewScatter(measured)
	if err != nil {
		return err
	}
	bars, err := plotter.NewYErrorBars(struct {
		plotter.XYs
		plotter.YErrors
	}{measured, bounds})
	if err != nil {
		return err
	}
	p.Add(bars, dots, points, plotter.NewGrid())
	p.Legend.Add("measured, with its bound", dots)
	p.Legend.Add("expected", points)
	p.Legend.Top = true
	height := 10 * vg.Centimeter
	if !axis {
		p.NominalX(labels...)
		p.X.Tick.Label.Rotation = 0.6
		p.X.Tick.Label.XAlign, p.X.Tick.Label.YAlign = -1, -0.5
		height = 16 * vg.Centimeter
	}
	to, err := p.WriterTo(22*vg.Centimeter, height, "png")
	if err != nil {
		return err
	}
	var b bytes.Buffer
	if _, err := to.WriteTo(&b); err != nil {
		return err
	}
	_, err = w.Write(b.Bytes())
	return err
}
