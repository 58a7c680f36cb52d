package fit

import (
	"context"
	"fmt"

	"leaflitter/stats/codelength"
)

// Effort is how thoroughly a code length is measured.
type Effort struct {
	Patches    int // of the images, and as many of the photographs
	Components int
	Turns      int // of fitting a density to images, from that of the photographs
	Threads    int
}

// CodeLength is an Objective: how many nats a pixel more the photographs take when they are coded with a density fitted to
// the images than with one fitted to other photographs.
type CodeLength struct {
	effort Effort
	photos *codelength.Patches
	start  *codelength.Density // of other photographs, from where all fits begin
	own    []codelength.Length // of every photograph, with the density of the others
}

// NewCodeLength prepares photographs: those that are coded, and others that the best density is fitted to.
func NewCodeLength(ctx context.Context, coded, others []Picture, e Effort) (*CodeLength, error) {
	c := &CodeLength{effort: e}
	var err error
	if c.photos, err = patches(coded, e.Patches); err != nil {
		return nil, err
	}
	other, err := patches(others, e.Patches)
	if err != nil {
		return nil, err
	}
	if c.start, err = codelength.Begin(ctx, other, c.options()); err != nil {
		return nil, err
	}
	c.own, err = c.lengths(ctx, other)
	return c, err
}

func (c *CodeLength) options() codelength.Options {
	return codelength.Options{Components: c.effort.Components, Turns: c.effort.Turns, Threads: c.effort.Threads}
}

// lengths codes the photographs with the density of other patches.
func (c *CodeLength) lengths(ctx context.Context, p *codelength.Patches) ([]codelength.Length, error) {
	d, err := c.start.Fit(ctx, p, c.options())
	if err != nil {
		return nil, err
	}
	return d.Lengths(c.photos, c.effort.Threads), nil
}

// Figure implements Objective.
func (c *CodeLength) Figure(ctx context.Context, images []Picture) (Figure, error) {
	p, err := patches(images, c.effort.Patches)
	if err != nil {
		return Figure{}, err
	}
	lengths, err := c.lengths(ctx, p)
	if err != nil {
		return Figure{}, err
	}
	f := Figure{Each: make([]float64, len(lengths))}
	for i, l := range lengths {
		for s := range l {
			f.Each[i] += (l[s] - c.own[i][s]) / float64(len(l))
		}
		f.Value += f.Each[i] / float64(len(lengths))
	}
	f.Parts = []Part{{GapName, f.Value}}
	return f, nil
}

// GapName is the name of the code length gap among the parts of a figure.
const GapName = "code length gap, nats a pixel"

// About implements Objective.
func (c *CodeLength) About() string {
	return fmt.Sprintf("code length gap in nats a pixel (%d patches, %d components, %d turns)", c.effort.Patches, c.effort.Components, c.effort.Turns)
}

// patches takes about total patches of pictures.
func patches(pictures []Picture, total int) (*codelength.Patches, error) {
	out := &codelength.Patches{}
	n := float64(max(1, total/len(pictures)))
	var luma []uint8
	for i, p := range pictures {
		luma = luma[:0]
		for k := 0; k < len(p.Pix); k += 3 {
			luma = append(luma, uint8((77*uint32(p.Pix[k])+150*uint32(p.Pix[k+1])+29*uint32(p.Pix[k+2])+128)>>8)) // as package stats
		}
		one, err := codelength.Take(luma, p.Width, p.Height, i, n)
		if err != nil {
			return nil, fmt.Errorf("%s %w", p.Name, err)
		}
		out.Add(one)
	}
	return out, nil
}
