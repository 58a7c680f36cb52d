package parity

import (
	"leaflitter/render"
	"leaflitter/scene"
)

// MostWords is how many differing words a Result lists.
const MostWords = 64

// Word is one word of the first stage that differs, with what is known of its place.
type Word struct {
	X     int    `json:"x"`               // canvas pixel, margin included; -1 in paint, which has records of leaves
	Y     int    `json:"y"`               //
	Word  int    `json:"word"`            // of the pixel or of the record
	Leaf  uint32 `json:"leaf"`            // id within the stack; 0: none
	Paint string `json:"paint,omitempty"` // kind of the leaf's paint in a, once it is known
	A     uint32 `json:"a"`
	B     uint32 `json:"b"`
}

// words lists the first words in which stage b differs from a; before are a's stages up to
// this one, which tell what leaf a pixel shows and how that leaf is painted.
func words(before []render.Stage, a, b *render.Stage) (all []Word) {
	var ids *render.Stage
	paints := map[uint32]uint32{}
	for i := range before {
		s := &before[i]
		switch {
		case s.Stack != a.Stack:
		case s.Name == "cover":
			ids = s
		case s.Name == "paint":
			for at := 0; at+1 < len(s.Words); at += s.Row {
				paints[s.Words[at]] = s.Words[at+1] // PaintRecord: ID, then Paint.Kind
			}
		}
	}
	unit := 2
	switch a.Name {
	case "cover":
		unit = 1
	case "paint":
		unit = a.Row
	}
	for i := range min(len(a.Words), len(b.Words)) {
		if a.Words[i] == b.Words[i] {
			continue
		}
		w := Word{X: -1, Y: -1, Word: i % unit, A: a.Words[i], B: b.Words[i]}
		if a.Name == "paint" {
			w.Leaf = a.Words[i/unit*unit]
		} else {
			w.X, w.Y = i%a.Row/unit, i/a.Row
			if ids != nil && i/unit < len(ids.Words) {
				w.Leaf = ids.Words[i/unit]
			}
		}
		if kind, ok := paints[w.Leaf]; ok && kind <= uint32(scene.PaintMix) {
			w.Paint = scene.PaintKind(kind).String()
		}
		if all = append(all, w); len(all) == MostWords {
			break
		}
	}
	return all
}
