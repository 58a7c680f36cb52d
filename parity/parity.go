// Package parity compares two backends: the same images, stage by stage and at the
// end.
package parity

import (
	"context"
	"fmt"
	"image"
	"image/color"

	"leaflitter/render"
	"leaflitter/scene"
)

// Difference is how much two results of one kind differ.
type Difference struct {
	Count   int    `json:"count"`   // pixels, or records, that differ
	Of      int    `json:"of"`      // how many there are
	Largest uint32 `json:"largest"` // largest difference of a byte, of a 16-bit lane or of a word
}

// Add sums counts and keeps the larger difference.
func (d *Difference) Add(e Difference) {
	d.Count, d.Of, d.Largest = d.Count+e.Count, d.Of+e.Of, max(d.Largest, e.Largest)
}

// Result is the comparison of one image.
type Result struct {
	Index  uint64                `json:"index"`
	Pixels Difference            `json:"pixels"` // of the finished image
	IDs    Difference            `json:"ids"`    // leaf ids of every stack
	Labels map[string]Difference `json:"labels,omitempty"`
	Stages map[string]Difference `json:"stages"`          // summed over stacks
	First  string                `json:"first,omitempty"` // the first stage that differs, with its stack
	Words  []Word                `json:"words,omitempty"` // the first that differ, of the first stage that both show and that differs
	Equal  bool                  `json:"equal"`

	A, B *render.Image `json:"-"`
}

// Compare renders image index on both backends, through the same stages, and with
// Render, and compares everything. Each backend gets a scene of its own.
func Compare(ctx context.Context, placer *scene.Placer, index uint64, cfg *scene.Config, labels render.Labels, a, b render.Tracer) (*Result, error) {
	r := &Result{Index: index, Stages: map[string]Difference{}, Labels: map[string]Difference{}}
	stages := [2][]render.Stage{}
	images := [2]*render.Image{}
	for i, backend := range []render.Tracer{a, b} {
		images[i] = render.NewImage(cfg, labels)
		err := backend.Trace(ctx, placer.Scene(index), images[i], func(s render.Stage) {
			s.Words = append([]uint32(nil), s.Words...)
			stages[i] = append(stages[i], s)
		})
		if err != nil {
			return nil, fmt.Errorf("backend %s, image %d: %w", backend.Name(), index, err)
		}
	}
	// A backend that had to cut the image up shows no stages.
	if len(stages[0]) > 0 && len(stages[1]) > 0 {
		if len(stages[0]) != len(stages[1]) {
			r.First = fmt.Sprintf("%s shows %d stages, %s shows %d", a.Name(), len(stages[0]), b.Name(), len(stages[1]))
		}
		for i := range min(len(stages[0]), len(stages[1])) {
			if r.stage(&stages[0][i], &stages[1][i]) && r.Words == nil {
				r.Words = words(stages[0][:i+1], &stages[0][i], &stages[1][i])
			}
		}
	}
	r.images(images[0], images[1])
	// Once more the way images are made in earnest.
	for i, backend := range []render.Tracer{a, b} {
		images[i] = render.NewImage(cfg, labels)
		if err := backend.Render(ctx, []*scene.Scene{placer.Scene(index)}, images[i:i+1]); err != nil {
			return nil, fmt.Errorf("backend %s, image %d: %w", backend.Name(), index, err)
		}
	}
	r.images(images[0], images[1])
	r.A, r.B = images[0], images[1]
	r.Equal = r.First == ""
	return r, nil
}

func (r *Result) first(stage string) {
	if r.First == "" {
		r.First = stage
	}
}

// stage compares a stage, and reports whether both backends show it and differ.
func (r *Result) stage(a, b *render.Stage) bool {
	where := fmt.Sprintf("%s of stack %d", a.Name, a.Stack)
	if a.Name != b.Name || a.Stack != b.Stack {
		r.first(fmt.Sprintf("%s beside %s of stack %d", where, b.Name, b.Stack))
		return false
	}
	unit, lanes := 2, true
	switch a.Name {
	case "cover":
		unit, lanes = 1, false
	case "paint":
		unit, lanes = a.Row, false
	}
	d := compareWords(a.Words, b.Words, unit, lanes)
	sum := r.Stages[a.Name]
	sum.Add(d)
	r.Stages[a.Name] = sum
	if a.Name == "cover" {
		r.IDs.Add(d)
	}
	if d.Count > 0 {
		r.first(where)
	}
	return d.Count > 0
}

// compareWords counts units of words that differ; lanes: a word holds two 16-bit
// values.
func compareWords(a, b []uint32, unit int, lanes bool) Difference {
	d := Difference{Of: max(len(a), len(b)) / unit}
	n := min(len(a), len(b)) / unit
	d.Count = d.Of - n
	for i := range n {
		differs := false
		for j := i * unit; j < (i+1)*unit; j++ {
			if a[j] == b[j] {
				continue
			}
			differs = true
			if lanes {
				d.Largest = max(d.Largest, apart(a[j]&0xffff, b[j]&0xffff), apart(a[j]>>16, b[j]>>16))
			} else {
				d.Largest = max(d.Largest, apart(a[j], b[j]))
			}
		}
		if differs {
			d.Count++
		}
	}
	return d
}

func apart(a, b uint32) uint32 { return max(a, b) - min(a, b) }

func (r *Result) images(a, b *render.Image) {
	d := compare(a.Pix, b.Pix, a.Channels)
	r.Pixels = Difference{max(r.Pixels.Count, d.Count), d.Of, max(r.Pixels.Largest, d.Largest)}
	if d.Count > 0 {
		r.first("develop")
	}
	for name, d := range map[string]Difference{
		"id": compare(a.ID, b.ID, 1), "layer": compare(a.Layer, b.Layer, 1),
		"depth": compare(a.Depth, b.Depth, 1), "edge": compare(a.Edge, b.Edge, 1),
	} {
		if d.Of == 0 {
			continue
		}
		r.Labels[name] = Difference{max(r.Labels[name].Count, d.Count), d.Of, max(r.Labels[name].Largest, d.Largest)}
		if d.Count > 0 {
			r.first("label " + name)
		}
	}
}

func compare[T uint8 | uint16 | uint32](a, b []T, unit int) Difference {
	d := Difference{Of: max(len(a), len(b)) / unit}
	if len(a) != len(b) {
		d.Count = d.Of
		return d
	}
	for i := 0; i < len(a); i += unit {
		differs := false
		for j := i; j < i+unit; j++ {
			if a[j] != b[j] {
				differs = true
				d.Largest = max(d.Largest, apart(uint32(a[j]), uint32(b[j])))
			}
		}
		if differs {
			d.Count++
		}
	}
	return d
}

// Picture shows both images of a result and, in white on black, where they differ,
// side by side.
func (r *Result) Picture() image.Image {
	w, h := r.A.Width, r.A.Height
	out := image.NewRGBA(image.Rect(0, 0, 3*w, h))
	at := func(im *render.Image, x, y int) color.RGBA {
		p := im.Pix[(y*w+x)*im.Channels:]
		if im.Channels == 1 {
			return color.RGBA{p[0], p[0], p[0], 255}
		}
		return color.RGBA{p[0], p[1], p[2], 255}
	}
	for y := range h {
		for x := range w {
			a, b := at(r.A, x, y), at(r.B, x, y)
			out.SetRGBA(x, y, a)
			out.SetRGBA(w+x, y, b)
			mark := color.RGBA{0, 0, 0, 255}
			if a != b {
				mark = color.RGBA{255, 255, 255, 255}
			}
			out.SetRGBA(2*w+x, y, mark)
		}
	}
	return out
}
