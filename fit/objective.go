package fit

import (
	"context"
	"fmt"
)

// Objective says how far images are from the photographs that it was made of.
type Objective interface {
	// Figure measures images. It depends on them alone, not on threads.
	Figure(ctx context.Context, images []Picture) (Figure, error)
	// About says in a line what is measured, in which unit. It is part of what a journal must agree with.
	About() string
}

// Figure is how far images are from photographs.
type Figure struct {
	Value float64   // what a search makes small
	Parts []Part    // what it is the sum of
	Each  []float64 // the value at every photograph alone, nil if it cannot be told; their mean is Value but for a constant
}

// Part is a part of a figure.
type Part struct {
	Name  string
	Value float64
}

// Both is the sum of two objectives, the second with a weight: what the first does not tell the second decides.
type Both struct {
	First, Second Objective
	Weight        float64
}

// Figure implements Objective.
func (b Both) Figure(ctx context.Context, images []Picture) (Figure, error) {
	f, err := b.First.Figure(ctx, images)
	if err != nil {
		return f, err
	}
	g, err := b.Second.Figure(ctx, images)
	if err != nil {
		return f, err
	}
	f.Value += b.Weight * g.Value
	f.Parts = append(f.Parts, g.Parts...)
	for i := range f.Each {
		f.Each[i] += b.Weight * g.Value
	}
	return f, nil
}

// About implements Objective.
func (b Both) About() string {
	return fmt.Sprintf("%s + %v times the %s", b.First.About(), b.Weight, b.Second.About())
}
