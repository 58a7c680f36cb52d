package fit

import (
	"context"
	"fmt"

	"leaflitter/bank"
	"leaflitter/palette"
	"leaflitter/render"
	"leaflitter/scene"
)

// Maker makes the images of configurations: the same number, of the same size and random numbers.
type Maker struct {
	// Open joins a model and a seed to a backend that renders at most batch images at once.
	Open     func(m *render.Model, seed uint64) (r render.Renderer, batch int, err error)
	Palettes *palette.Set
	Seed     uint64
	Images   int
	Side     int // px

	tables *bank.Bank
	reach  [2]float64 // px: radii that tables are for
	key    string     // of everything else that they are for
}

// Make renders the images of a checked configuration.
func (m *Maker) Make(ctx context.Context, c scene.Config) ([]Picture, error) {
	c.Image.Width, c.Image.Height = m.Side, m.Side
	if err := scene.Check(&c); err != nil {
		return nil, err
	}
	tables, err := m.bank(&c)
	if err != nil {
		return nil, err
	}
	r, batch, err := m.Open(render.NewModel(&c, tables, m.Palettes), m.Seed)
	if err != nil {
		return nil, err
	}
	defer r.Backend.Close()
	var out []Picture
	for len(out) < m.Images {
		var indices []uint64
		var images []*render.Image
		for len(indices) < min(batch, m.Images-len(out)) {
			indices = append(indices, uint64(len(out)+len(indices)))
			images = append(images, render.NewImage(&c, render.Labels{}))
		}
		if err := r.Render(ctx, indices, images); err != nil {
			return nil, err
		}
		for i, im := range images {
			out = append(out, Picture{fmt.Sprintf("image %d", indices[i]), im.Width, im.Height, inColour(im)})
		}
	}
	return out, nil
}

// inColour returns three bytes a pixel.
func inColour(im *render.Image) []uint8 {
	if im.Channels == 3 {
		return im.Pix
	}
	out := make([]uint8, 0, 3*len(im.Pix))
	for _, v := range im.Pix {
		out = append(out, v, v, v)
	}
	return out
}

// bank returns tables for a configuration. Building them takes as long as a candidate's images, and they depend on
// the ends of the radius law; but tables for more radii give the same images, so these grow.
func (m *Maker) bank(c *scene.Config) (*bank.Bank, error) {
	s := c.Support()
	key := fmt.Sprint(c.Paint.Noise.Spectrum, c.Outline.Polygon, s.Polygons)
	if m.tables != nil && m.key == key && m.reach[0] <= s.RMin && s.RMax <= m.reach[1] {
		return m.tables, nil
	}
	if m.key != key {
		m.reach = [2]float64{s.RMin, s.RMax}
	}
	const ahead = 1.5 // a class of radii
	m.key, m.reach = key, [2]float64{max(0.5, min(m.reach[0], s.RMin/ahead)), min(4096, max(m.reach[1], s.RMax*ahead))}
	wide := *c
	for i, path := range []string{"leaves.r_min", "leaves.r_max"} {
		if err := scene.Set(&wide, fmt.Sprintf("%s=%v", path, digits(m.reach[i]))); err != nil {
			return nil, err
		}
		m.reach[i] = digits(m.reach[i])
	}
	m.tables = bank.New(&wide)
	return m.tables, nil
}
