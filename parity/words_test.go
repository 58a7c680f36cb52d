package parity

import (
	"testing"

	"leaflitter/render"
)

// A word that differs is listed with its pixel, its leaf, the kind of the leaf's paint
// and both values.
func TestWords(t *testing.T) {
	record := make([]uint32, render.RecordWords)
	record[0], record[1] = 7, 2 // leaf 7 is painted with sinusoids
	stages := []render.Stage{
		{Name: "cover", Stack: 1, Row: 3, Words: []uint32{9, 9, 9, 9, 9, 9}}, // of another stack
		{Name: "cover", Stack: 0, Row: 3, Words: []uint32{0, 0, 0, 0, 7, 0}},
		{Name: "paint", Stack: 0, Row: render.RecordWords, Words: record},
		{Name: "shade", Stack: 0, Row: 6, Words: make([]uint32, 12)},
	}
	other := stages[3]
	other.Words = make([]uint32, 12)
	other.Words[9] = 5 // second word of pixel 1, 1
	got := words(stages, &stages[3], &other)
	if want := (Word{X: 1, Y: 1, Word: 1, Leaf: 7, Paint: "sin", A: 0, B: 5}); len(got) != 1 || got[0] != want {
		t.Errorf("%+v, want %+v", got, want)
	}
	other = stages[2]
	other.Words = append([]uint32(nil), record...)
	other.Words[4] = 1
	got = words(stages[:3], &stages[2], &other)
	if want := (Word{X: -1, Y: -1, Word: 4, Leaf: 7, Paint: "sin", A: record[4], B: 1}); len(got) != 1 || got[0] != want {
		t.Errorf("%+v, want %+v", got, want)
	}
	for i := range other.Words {
		other.Words[i] = 100
	}
	if got = words(stages[:3], &stages[2], &other); len(got) != MostWords {
		t.Errorf("%d words listed, want %d", len(got), MostWords)
	}
}
