package stats

import (
	"fmt"
	"io"
	"math"
	"text/tabwriter"

	"leaflitter/stats/codelength"
)

// Report is one or two sets and their distances, as it is written as JSON.
type Report struct {
	Format    string     `json:"format"` // "leaflitter stats 1"
	Version   string     `json:"version"`
	Set       *Set       `json:"set"`
	Against   *Set       `json:"against,omitempty"`
	Distances []Distance `json:"distances,omitempty"`
	// CodeLength is what AddCodeLength measured.
	CodeLength *codelength.Gap `json:"code_length,omitempty"`
}

// NewReport compares set with against, which may be nil.
func NewReport(version string, set, against *Set) (*Report, error) {
	r := &Report{"leaflitter stats 1", version, set, against, nil, nil}
	if against == nil {
		return r, nil
	}
	var err error
	r.Distances, err = Compare(set, against)
	return r, err
}

// sets are the one or two sets.
func (r *Report) sets() []*Set {
	if r.Against == nil {
		return []*Set{r.Set}
	}
	return []*Set{r.Set, r.Against}
}

// row is a named number of each set.
type row struct {
	name, unit string
	of         func(s *Set) Number
}

// rows are the numbers that tables show.
func rows() []row {
	list := []row{
		{"spectral slope", "", func(s *Set) Number { return s.Spectrum.Slope }},
		{"  mean of single images", "", func(s *Set) Number { return s.Spectrum.SlopeMean }},
		{"  sd between images", "", func(s *Set) Number { return s.Spectrum.SlopeSD }},
		{"  power along the axes / diagonals", "", func(s *Set) Number { return s.Spectrum.Cardinal }},
	}
	marginals := func(label string, of func(s *Set) []Marginal, i int) {
		list = append(list, row{label + ": sd", "grey levels", func(s *Set) Number { return of(s)[i].SD }},
			row{label + ": kurtosis", "", func(s *Set) Number { return of(s)[i].Kurtosis }})
	}
	for i := range 2 {
		marginals(orientations[i]+" gradient", func(s *Set) []Marginal { return s.Gradients }, i)
	}
	for i := range 9 {
		label := fmt.Sprintf("Haar scale %d, %s", i/3+1, orientations[i%3])
		marginals(label, func(s *Set) []Marginal { return s.Wavelets }, i)
	}
	list = append(list,
		row{"neighbours: mutual information", "bits", func(s *Set) Number { return s.Neighbours.Information }},
		row{"neighbours: correlation", "", func(s *Set) Number { return s.Neighbours.Correlation }})
	for i, c := range []string{"L", "a", "b"} {
		list = append(list, row{"colour: mean " + c, "", func(s *Set) Number { return s.Colour.Mean[i] }},
			row{"colour: sd " + c, "", func(s *Set) Number { return Number(math.Sqrt(float64(s.Colour.Covariance[i][i]))) }})
	}
	list = append(list,
		row{"colour: mean chroma", "", func(s *Set) Number { return s.Colour.Chroma }},
		row{"local entropy: mean", "bits", func(s *Set) Number { return s.Entropy.Mean }},
		row{"local entropy: sd", "bits", func(s *Set) Number { return s.Entropy.SD }},
		row{"blur: mean", "", func(s *Set) Number { return s.Blur.Mean }},
		row{"blur: sd between images", "", func(s *Set) Number { return s.Blur.SD }})
	object := func(name, unit string, of func(o *ObjectSize) Number) {
		list = append(list, row{name, unit, func(s *Set) Number {
			if s.Objects == nil {
				return Number(undefined)
			}
			return of(s.Objects)
		}})
	}
	object("objects an image", "", func(o *ObjectSize) Number { return o.PerImage })
	object("object area: mean", "px", func(o *ObjectSize) Number { return o.AreaMean })
	object("object boundary: mean", "px", func(o *ObjectSize) Number { return o.BoundaryMean })
	object("edge density", "", func(o *ObjectSize) Number { return o.EdgeDensity })
	object("boundary an image", "px", func(o *ObjectSize) Number { return o.Boundary })
	return list
}

// show is a number for people: four digits, or a dash if it is not defined.
func show(n Number) string {
	x := float64(n)
	switch {
	case math.IsNaN(x) || math.IsInf(x, 0):
		return "-"
	case x != 0 && math.Abs(x) < 1e-4:
		return fmt.Sprintf("%.1e", x)
	case math.Abs(x) < 10:
		return fmt.Sprintf("%.4f", x)
	case math.Abs(x) < 1000:
		return fmt.Sprintf("%.2f", x)
	}
	return fmt.Sprintf("%.0f", x)
}

// about says in a line what a set is.
func (s *Set) about() string {
	size := fmt.Sprintf("%d x %d", s.Least[0], s.Least[1])
	if s.Least != s.Most {
		size = fmt.Sprintf("%d x %d to %d x %d", s.Least[0], s.Least[1], s.Most[0], s.Most[1])
	}
	text := fmt.Sprintf("%s (%s): %d images, %s px, %d patches of %d px", s.Where, s.Kind, s.Images, size, s.Spectrum.Patches, s.Spectrum.Patch)
	if n := len(s.Skipped); n > 0 {
		text += fmt.Sprintf(", %d skipped", n)
	}
	return text
}

// WriteTable writes the numbers and the distances as aligned text.
func (r *Report) WriteTable(w io.Writer) error {
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintf(t, "set: %s\n", r.Set.about())
	head := "measure\tset\t"
	if r.Against != nil {
		fmt.Fprintf(t, "against: %s\n", r.Against.about())
		head += "against\t"
	}
	fmt.Fprintf(t, "\n%sunit\n", head)
	for _, row := range rows() {
		fmt.Fprintf(t, "%s\t", row.name)
		for _, s := range r.sets() {
			fmt.Fprintf(t, "%s\t", show(row.of(s)))
		}
		fmt.Fprintf(t, "%s\n", row.unit)
	}
	if r.Distances != nil {
		fmt.Fprint(t, "\ndistance\tset to against\tby chance, set\tby chance, against\tunit\n")
		for _, d := range r.Distances {
			fmt.Fprintf(t, "%s\t%s\t%s\t%s\t%s\n", d.Name, show(d.Value), show(d.Floor), show(d.AgainstFloor), d.Unit)
		}
	}
	if err := t.Flush(); err != nil {
		return err
	}
	for _, d := range r.Distances {
		if note := d.Note(); note != "" {
			if _, err := fmt.Fprintf(w, "\n%s\n", note); err != nil {
				return err
			}
		}
	}
	return nil
}
