package laws

import (
	"context"
	"math"

	"leaflitter/render"
	"leaflitter/scene"
)

// alongX returns the share of an image's gradient energy, of the sum of its channels,
// that lies along x: of differences of neighbours, squared. 1/2 if it has none.
func alongX(im *render.Image) float64 {
	w, n := im.Width, im.Channels
	sum := func(p int) (s int) {
		for c := range n {
			s += int(im.Pix[p*n+c])
		}
		return s
	}
	x, y := 0, 0
	for row := range im.Height - 1 {
		for column := range w - 1 {
			p := row*w + column
			here := sum(p)
			dx, dy := sum(p+1)-here, sum(p+w)-here
			x += dx * dx
			y += dy * dy
		}
	}
	if x+y == 0 {
		return 0.5
	}
	return float64(x) / float64(x+y)
}

// direction: no axis has more gradient energy than the other, whatever the preset. In
// one image stripes may well run one way; over images they must not.
func direction(ctx context.Context, o *Options) ([]Result, error) {
	var out []Result
	for _, p := range scene.Presets() {
		cfg := p.Config
		cfg.Image = scene.Image{Width: 160, Height: 160}
		n := o.samples(1600)
		var sum, square float64
		if err := images(ctx, o, &cfg, nil, render.Labels{}, 31, n, func(_ int, im *render.Image) {
			share := alongX(im)
			sum += share
			square += share * share
		}); err != nil {
			return nil, err
		}
		mean := sum / float64(n)
		deviation := math.Sqrt(max(0, square/float64(n)-mean*mean))
		out = append(out, Result{
			What: "gradient energy along x, of all, " + p.Name, Measured: mean, Expected: 0.5,
			Bound: z * deviation / math.Sqrt(float64(n)), Samples: n, Basis: basis,
		})
	}
	return out, nil
}
