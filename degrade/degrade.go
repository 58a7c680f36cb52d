// Package degrade makes the low-quality half of training pairs from finished
// images: smaller by bicubic interpolation, or with Gaussian noise. The result
// depends on the image, the pair's text, the seed and the image's index, and is
// the same bytes on every machine.
package degrade

import (
	"errors"
	"fmt"
	"strconv"
	"strings"

	"leaflitter/scene"
)

// Pair is one way to make the low-quality image. Parse makes it.
type Pair struct {
	scale int     // of sr, 0 for noise
	sigma float64 // of noise
	float bool
}

// Parse reads the text that names a pair:
//
//	sr:x2, sr:x3, sr:x4          half, a third, a quarter the size
//	noise:gaussian:SIGMA         noise of standard deviation SIGMA, of 255 grey levels
//	noise:gaussian:SIGMA:clip    the same: rounded half up, clipped to 0..255, 8 bits
//	noise:gaussian:SIGMA:float   float32 from 0 to 255 plus noise, not rounded, not clipped
//
// sr is MATLAB's imresize(I, 1/s, 'bicubic') with its antialiasing, as BasicSR and
// KAIR port it: exact until it is rounded half up to 8 bits, once. MATLAB itself rounds
// 8-bit images between its two passes also, so that single values differ by one.
func Parse(text string) (Pair, error) {
	if scale, ok := strings.CutPrefix(text, "sr:x"); ok && len(scale) == 1 && strings.Contains("234", scale) {
		return Pair{scale: int(scale[0] - '0')}, nil
	}
	if rest, ok := strings.CutPrefix(text, "noise:gaussian:"); ok {
		number, form, more := strings.Cut(rest, ":")
		sigma, err := strconv.ParseFloat(number, 64)
		if err == nil && sigma > 0 && sigma <= 255 && (!more || form == "clip" || form == "float") {
			return Pair{sigma: sigma, float: form == "float"}, nil
		}
	}
	return Pair{}, fmt.Errorf("--pairs %s: give sr:x2, sr:x3, sr:x4, noise:gaussian:SIGMA or noise:gaussian:SIGMA:float, "+
		"SIGMA above 0 up to 255", text)
}

// String is the one text among those that Parse reads as p: the shortest.
func (p Pair) String() string {
	if p.scale > 0 {
		return "sr:x" + strconv.Itoa(p.scale)
	}
	text := "noise:gaussian:" + strconv.FormatFloat(p.sigma, 'g', -1, 64)
	if p.float {
		text += ":float"
	}
	return text
}

// Float tells whether the low-quality image is written as float32, what Floats
// makes, instead of 8 bits, what Bytes makes.
func (p Pair) Float() bool { return p.float }

// Size is the size of the low-quality image.
func (p Pair) Size(width, height int) (w, h int) {
	if p.scale > 0 {
		return width / p.scale, height / p.scale
	}
	return width, height
}

// Check refuses sizes that the scale does not divide: trainers cut the patch that
// matches s x s pixels for each pixel of the smaller image.
func (p Pair) Check(width, height int) error {
	s := max(p.scale, 1)
	if width%s == 0 && height%s == 0 {
		return nil
	}
	near := func(n int) int { return max(s, (n+(s-1)/2)/s*s) }
	size := strconv.Itoa(near(width))
	if near(width) != near(height) {
		size += "x" + strconv.Itoa(near(height))
	}
	return fmt.Errorf("--pairs %s: %d does not divide the size %dx%d; the nearest that works is --size %s", p, s, width, height, size)
}

// Maker makes the low-quality images of a pair. It keeps buffers: each goroutine
// needs its own.
type Maker struct {
	pair    Pair
	seed    uint64
	rows    []int32   // of sr: one row, resized vertically
	sums    []int64   // of sr: one row of the result
	normals []float64 // of noise: the next values
	words   []uint32
}

// Maker returns a Maker whose noise depends on the seed. The images of a dataset
// may be made in any order, by any number of Makers.
//
// The normals depend on (seed, index, place in the image) and not on SIGMA: noise
// of SIGMA 50 is twice that of SIGMA 25, and clipped noise is float noise, clipped.
func (p Pair) Maker(seed uint64) *Maker { return &Maker{pair: p, seed: seed} }

// Bytes makes the low-quality image of number index, rounded half up and clipped
// to 0..255. src is the image: height rows of width pixels of channels bytes.
// The result takes dst's memory where that is large enough. For noise dst may be
// src; for sr it must not overlap it.
func (m *Maker) Bytes(dst, src []uint8, width, height, channels int, index uint64) ([]uint8, error) {
	n, err := m.length(len(src), width, height, channels)
	if err != nil {
		return nil, err
	}
	dst = fit(dst, n)
	if m.pair.scale > 0 {
		f := &filters[m.pair.scale]
		m.resize(src, width, height, channels, func(at int, sums []int64) { f.bytes(dst[at:], sums) })
		return dst, nil
	}
	m.noise(n, index, func(at int, normals []float64) {
		to, from := dst[at:at+len(normals)], src[at:at+len(normals)]
		for i, z := range normals {
			v := float64(from[i]) + 0.5 + float64(m.pair.sigma*z)
			to[i] = uint8(min(max(int32(v), 0), 255))
		}
	})
	return dst, nil
}

// Floats is Bytes, neither rounded nor clipped.
func (m *Maker) Floats(dst []float32, src []uint8, width, height, channels int, index uint64) ([]float32, error) {
	n, err := m.length(len(src), width, height, channels)
	if err != nil {
		return nil, err
	}
	dst = fit(dst, n)
	if m.pair.scale > 0 {
		f := &filters[m.pair.scale]
		m.resize(src, width, height, channels, func(at int, sums []int64) { f.floats(dst[at:], sums) })
		return dst, nil
	}
	m.noise(n, index, func(at int, normals []float64) {
		to, from := dst[at:at+len(normals)], src[at:at+len(normals)]
		for i, z := range normals {
			to[i] = float32(float64(from[i]) + float64(m.pair.sigma*z))
		}
	})
	return dst, nil
}

// length is the number of values of the result.
func (m *Maker) length(have, width, height, channels int) (int, error) {
	if err := m.pair.Check(width, height); err != nil {
		return 0, err
	}
	if width < 1 || height < 1 || channels < 1 || have != width*height*channels {
		return 0, errors.New("the image has " + strconv.Itoa(have) + " bytes; give width x height x channels, each at least 1")
	}
	w, h := m.pair.Size(width, height)
	return w * h * channels, nil
}

// noise calls put with one standard normal for every value of an image, in order:
// that of value n is number n of the key.
func (m *Maker) noise(values int, index uint64, put func(at int, normals []float64)) {
	m.normals, m.words = fit(m.normals, 2048), fit(m.words, 2048)
	key := scene.Key{Seed: m.seed, Image: index, Purpose: scene.PurposeDegrade}
	for at := 0; at < values; at += len(m.normals) {
		z := m.normals[:min(len(m.normals), values-at)]
		normals(z, m.words, key, uint32(at/4))
		put(at, z)
	}
}

// fit returns a slice of n values, in s's memory where that is large enough.
func fit[T any](s []T, n int) []T {
	if cap(s) < n {
		return make([]T, n)
	}
	return s[:n]
}
