package render

import (
	"context"
	"unsafe"

	"leaflitter/scene"
)

// Stage is what one stage of one image left behind. Backends that give the same
// bytes give the same words.
type Stage struct {
	Name  string // one of StageNames
	Stack int    // number in Scene.Stacks
	Row   int    // words a row of pixels, or a record
	Words []uint32
}

// StageNames are the stages a Tracer reports, in the order in which an image is
// made, each for the stacks from back to front:
//
//   - cover: leaf id per canvas pixel, 0 for none
//   - paint: a PaintRecord for each leaf that shows, by id
//   - shade: texel per canvas pixel, low word first
//   - blur: the same after the stack's blur; sharp stacks are left out
//   - compose: the same, of everything so far; the backmost stack is left out
var StageNames = []string{"cover", "paint", "shade", "blur", "compose"}

// Tracer is a backend that can show its stages.
type Tracer interface {
	Backend
	// Trace renders one image like Render and calls see with each stage. The words
	// are see's until it returns.
	Trace(ctx context.Context, s *scene.Scene, im *Image, see func(Stage)) error
}

// The paint of one leaf, in the layout of shaders/paint.glsl. What a kind of paint
// does not use is 0.
type (
	// Curve is the logistic from Offset to Slope + Offset, rescaled to run from 0 to 1.
	Curve struct{ Slope, Offset, Bias, Gain float32 }

	// Wave is one sinusoid or one family of lines.
	Wave struct {
		Fx, Fy, Phase float32 // phase fx x + fy y + phase turns at render px x, y
		Freq          float32
		Threshold     float32
		Curve         Curve
		Mean          float32
		Period, Line  float32
	}

	// Noise is a 1/f^s noise paint, or one colour if Tile is 0.
	Noise struct {
		Mean     [3]float32
		Chol     [6]float32
		Gain     [3]float32
		Log      uint32
		Cells    float32 // a texture px; 0: the tile holds all that the leaf shows
		Fade     float32 // turns a cell, where cells fade into each other
		X, Y     int32
		Symmetry uint32
		Tile     uint32    // 1 + slope class | variant << 8
		At       [3]uint32 // where a GPU keeps the levels; 0 in a Stage
	}

	// Spots is a map of spots in place of waves.
	Spots struct {
		On                                   uint32
		XX, XY, YX, YY                       float32
		X, Y, TurnedX, TurnedY, BendX, BendY float32
		Threshold, Slope, Size, Mean         float32
	}

	// Stretch is how textures are drawn out.
	Stretch struct {
		On             uint32
		XX, XY, YX, YY float32
	}

	// Paint is what a leaf is filled with.
	Paint struct {
		Kind                               uint32 // flat, gradient, sin, noise, mix
		FlatLow, FlatHigh                  uint32
		X, Y                               float32
		Tilt                               uint32
		Inv, Extent                        float32
		From, To                           [3]float32
		RampX, RampY                       float32
		Curve                              Curve
		Grid, Count, Warped                uint32
		WarpRate, WarpHeight, WarpX, WarpY float32
		Waves                              [2]Wave
		Part                               [2]Noise
		Stretch                            Stretch
		Spots                              Spots
	}

	// PaintRecord is a paint as Stage.Words hold it.
	PaintRecord struct {
		ID    uint32
		Paint Paint
	}
)

// RecordWords is the length of a PaintRecord in words.
const RecordWords = int(unsafe.Sizeof(PaintRecord{}) / 4)

// Words returns a view of s in 32-bit words. T holds nothing but 4- and 8-byte
// numbers.
func Words[T any](s []T) []uint32 {
	if len(s) == 0 {
		return nil
	}
	return unsafe.Slice((*uint32)(unsafe.Pointer(&s[0])), len(s)*int(unsafe.Sizeof(s[0]))/4)
}
