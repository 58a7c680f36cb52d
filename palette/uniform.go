package palette

import (
	"fmt"
	"sync"

	"leaflitter/scene"
)

// Uniform returns palettes without a photograph's colours, for the ablation of
// the colour property: pixels and patch means are uniform in the RGB cube, and
// the channels of a patch vary independently, with standard deviations uniform
// in [5, 40].
func Uniform() *Set { return uniform() }

var uniform = sync.OnceValue(func() *Set {
	s := &Set{Palettes: make([]Palette, uniformCount), Origin: "uniform"}
	each(uniformCount, func(i int) { s.Palettes[i] = uniformPalette(i) })
	return s
})

func uniformPalette(index int) Palette {
	rnd := scene.NewStream(scene.Key{Seed: uniformSeed, Image: uint64(index), Purpose: scene.PurposeBank})
	p := Palette{
		Name:    fmt.Sprintf("uniform %d", index),
		Pixels:  make([]Pixel, PixelCount),
		Patches: make([]Patch, PatchCount),
	}
	for i := range p.Pixels {
		w := rnd.Uint32()
		p.Pixels[i] = newPixel([3]uint8{uint8(w), uint8(w >> 8), uint8(w >> 16)})
	}
	for i := range p.Patches {
		var g Gaussian
		for k, diagonal := range []int{0, 2, 5} {
			g.Mean[k] = quantised(255 * rnd.Float64())
			g.Chol[diagonal] = quantised(uniformStdMin + float64((uniformStdMax-uniformStdMin)*rnd.Float64()))
		}
		// The Lab statistics are those of colours drawn from it.
		var sum patch
		for range patchSamples {
			var c [3]uint8
			for k, diagonal := range []int{0, 2, 5} {
				z := normals[rnd.Uint32()%1024]
				c[k] = uint8(min(max(round(float64(g.Mean[k])+float64(float64(g.Chol[diagonal])*z)), 0), 255))
			}
			sum.add(c)
		}
		p.Patches[i] = Patch{RGB: g, Lab: sum.lab.gaussian(1. / 256)}
	}
	return p
}
