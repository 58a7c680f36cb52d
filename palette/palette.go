// Package palette holds the colours of photographs: what an image of dead
// leaves is painted with.
//
// A palette is the colour statistics of one photograph: 1024 of its pixels and
// the colour mean and covariance of 256 of its 50 x 50 patches. A Set is a list
// of palettes; it comes from a directory of photographs (BuildDir), from a
// file (Load) or from the recipes built into the program (Builtin).
//
// Everything that decides a byte is integer arithmetic or package exact, so
// the same photographs give the same set on every machine.
package palette

import (
	"crypto/sha256"
	"fmt"
	"unicode/utf8"
)

// The size of every palette.
const (
	PixelCount = 1024 // pixels in a palette
	PatchCount = 256  // patches in a palette
	PatchSide  = 50   // px: side of the window a patch describes
)

// Pixel is one pixel of a photograph.
type Pixel struct {
	RGB [3]uint8   // sRGB bytes
	Lab [3]float32 // CIE L*a*b* (D65) of RGB, L in [0, 100], multiples of 1/256
}

// Gaussian is a colour mean and the lower Cholesky factor L of a covariance
// L Lᵀ. All numbers are multiples of 1/256.
type Gaussian struct {
	Mean [3]float32
	Chol [6]float32 // l00, l10, l11, l20, l21, l22; the diagonal is not negative
}

// Patch is the colour distribution of one window of a photograph.
type Patch struct {
	RGB Gaussian // in units of sRGB bytes, 0 to 255
	Lab Gaussian // in Lab units
}

// Palette is the colour statistics of one photograph.
type Palette struct {
	Name    string  // slash path of the photograph below its directory
	Pixels  []Pixel // PixelCount uniformly random pixels
	Patches []Patch // PatchCount uniformly random windows
}

// Mean returns the mean colour of the pixels, to the nearest byte.
func (p *Palette) Mean() Pixel {
	var mean [3]uint8
	for k := range mean {
		sum := 0
		for i := range p.Pixels {
			sum += int(p.Pixels[i].RGB[k])
		}
		mean[k] = uint8((sum + len(p.Pixels)/2) / len(p.Pixels))
	}
	return newPixel(mean)
}

// Set is what a run takes its colours from. It must not be changed once made:
// the built-in sets are shared.
type Set struct {
	Palettes []Palette
	Origin   string // "built-in", "uniform", or the file or directory it came from
}

// Hash returns the SHA-256 of the encoded set. It does not depend on Origin,
// so a set has the same hash in memory and in any file.
func (s *Set) Hash() [32]byte { return sha256.Sum256(s.encoded()) }

// check says what about the set cannot be written to a file.
func (s *Set) check() error {
	if n := len(s.Palettes); n == 0 || n > maxPalettes {
		return fmt.Errorf("a palette file holds 1 to %d palettes, this set has %d", maxPalettes, n)
	}
	for i := range s.Palettes {
		p := &s.Palettes[i]
		if len(p.Pixels) != PixelCount || len(p.Patches) != PatchCount {
			return fmt.Errorf("palette %q has %d pixels and %d patches; every palette has %d and %d",
				p.Name, len(p.Pixels), len(p.Patches), PixelCount, PatchCount)
		}
		if len(p.Name) > maxName || !utf8.ValidString(p.Name) {
			return fmt.Errorf("the name of palette %d is %d bytes long; names are UTF-8 of at most %d bytes", i, len(p.Name), maxName)
		}
		for j := range p.Patches {
			if !p.Patches[j].valid() {
				return fmt.Errorf("patch %d of palette %q has a number that its file cannot hold", j, p.Name)
			}
		}
	}
	return nil
}

// valid reports whether all numbers are in range (which NaN is not).
func (q *Patch) valid() bool {
	ok := q.Lab.Mean[0] >= 0 && q.Lab.Mean[0] <= 100
	for _, x := range q.RGB.Mean {
		ok = ok && x >= 0 && x <= 255
	}
	for _, x := range q.Lab.Mean[1:] {
		ok = ok && x >= -128 && x < 128
	}
	for _, g := range []*Gaussian{&q.RGB, &q.Lab} {
		for k, x := range g.Chol {
			diagonal := k == 0 || k == 2 || k == 5
			ok = ok && x >= -128 && x < 128 && (x >= 0 || !diagonal)
		}
	}
	return ok
}
