package palette

import (
	"math"
	"runtime"
	"sync"

	"leaflitter/exact"
	"leaflitter/scene"
)

// The numbers that all recipes share. They were set so that the statistics of
// the built-in set are like those of photographs: see docs/palettes.md.
const (
	builtinSeed   = 0x6c656166 // "leaf"
	uniformSeed   = 0x63756265 // "cube"
	patchSamples  = 24         // pixels drawn to estimate a patch
	acrossOdds    = 0.2        // patches that lie across two materials
	tintNoise     = 0.11       // std of each channel apart from the others, natural log
	pieceSpread   = 0.33       // std within a patch of the place in the range of colours
	lightSpread   = 0.20       // std within a patch of the light
	focusSpread   = 0.40       // patches differ in texture by e^N(0, this²)
	sceneSpread   = 0.35       // scenes differ in texture and in noise by e^N(0, this²)
	roughness     = 1.60       // factor on the texture of every material
	gloss         = 0.16       // how far texture pulls a colour towards grey in its highlights
	shadeMin      = 0.10       // a scene's shade is U(min, max) as deep as its light says
	shadeMax      = 0.90
	kinshipMax    = 0.60   // materials of one scene are tinted alike, by U(0, max)
	flare         = 0.0007 // linear light below which all is black
	shoulder      = 0.60   // linear light above which the response flattens
	white         = 1.20   // what it flattens to; 1 and more is white
	uniformCount  = 32     // palettes in the uniform set
	uniformStdMin = 5
	uniformStdMax = 40
)

// Builtin returns the palettes that come with the program. They are made from
// the recipes in builtin.txt, from no photograph, and are the same everywhere.
func Builtin() *Set { return builtin() }

var builtin = sync.OnceValue(func() *Set {
	recipes, err := parseRecipes(builtinText)
	if err != nil {
		panic("builtin.txt: " + err.Error()) // a test reads it, so this cannot happen
	}
	s := &Set{Palettes: make([]Palette, len(recipes)), Origin: "built-in"}
	each(len(recipes), func(i int) { s.Palettes[i] = recipes[i].palette(uint64(i)) })
	return s
})

// each calls f(0) to f(n-1) on all processors.
func each(n int, f func(i int)) {
	threads := runtime.GOMAXPROCS(0)
	var wg sync.WaitGroup
	for t := range threads {
		wg.Go(func() {
			for i := t; i < n; i += threads {
				f(i)
			}
		})
	}
	wg.Wait()
}

// painter draws pixels of one recipe.
type painter struct {
	*recipe
	shade                 logRGB // of places out of the sun
	rough, noise, kinship float64
	tint                  logRGB // mean colour of the materials, without its grey part
	rnd                   scene.Stream
}

func newPainter(r *recipe, index uint64) *painter {
	p := &painter{recipe: r, rnd: scene.NewStream(scene.Key{Seed: builtinSeed, Image: index, Purpose: scene.PurposeBank})}
	p.shade = r.light.sun.to(r.light.shade, shadeMin+float64((shadeMax-shadeMin)*p.rnd.Float64()))
	p.rough = roughness * exact.Exp(float64(sceneSpread*p.normal()))
	p.noise = tintNoise * exact.Exp(float64(sceneSpread*p.normal()))
	p.kinship = kinshipMax * p.rnd.Float64()
	last := 0.0
	for i, m := range r.materials {
		p.tint = p.tint.plus(logRGB{}.to(m.from.to(m.to, 0.5).hue(), r.weights[i]-last))
		last = r.weights[i]
	}
	return p
}

func (p *painter) normal() float64 { return normals[p.rnd.Uint32()%1024] }

// region is a small part of a scene: one material in one light. Its colours
// are linear in where they lie in the material's range, in the light, and in
// the texture.
type region struct {
	piece, lit float64 // place in the range of colours; 0 shade, 1 sun
	dark       logRGB  // the colour at piece 0 in the shade
	span, rays logRGB  // to be added at piece 1, and in the sun
	grain      logRGB  // texture of one standard deviation
}

func (r *recipe) palette(index uint64) Palette {
	p := newPainter(r, index)
	out := Palette{Name: r.name, Pixels: make([]Pixel, PixelCount), Patches: make([]Patch, PatchCount)}
	for i := range out.Pixels {
		g := p.region()
		out.Pixels[i] = newPixel(p.pixel(&g))
	}
	for i := range out.Patches {
		a := p.region()
		b, n := a, 0 // n samples come from b
		if p.rnd.Float64() < acrossOdds {
			b, n = p.region(), patchSamples/8+int(p.rnd.Intn(patchSamples*3/4))
		}
		var sum patch
		for range n {
			sum.add(p.pixel(&b))
		}
		for range patchSamples - n {
			sum.add(p.pixel(&a))
		}
		out.Patches[i] = sum.done()
	}
	return out
}

func (p *painter) region() region {
	x, i := p.rnd.Float64(), 0
	for x > p.weights[i] {
		i++
	}
	m := p.materials[i]
	g := region{piece: p.rnd.Float64()}
	// A third of the places lie on the way between sun and shade.
	g.lit = clamp(0.5 + float64(3*(p.light.lit-float64(p.rnd.Float64()))))
	rough := m.rough * p.rough * exact.Exp(float64(focusSpread*p.normal()))
	hue := m.from.to(m.to, g.piece).hue()
	for k := range hue {
		g.dark[k] = m.from[k] + p.exposure[k] + float64(p.kinship*(p.tint[k]-hue[k]))
		g.span[k] = m.to[k] - m.from[k]
		g.grain[k] = rough * (1 - float64(gloss*hue[k]))
		if !m.glows {
			g.dark[k] += p.shade[k]
			g.rays[k] = p.light.sun[k] - p.shade[k]
		}
	}
	return g
}

func (p *painter) pixel(g *region) (rgb [3]uint8) {
	var z [6]float64 // N(0, 1), three from a word
	for i := 0; i < len(z); i += 3 {
		w := p.rnd.Uint32()
		z[i], z[i+1], z[i+2] = normals[w%1024], normals[w>>10%1024], normals[w>>20%1024]
	}
	piece := clamp(g.piece + float64(pieceSpread*z[0]))
	lit := clamp(g.lit + float64(lightSpread*z[1]))
	for i := range rgb {
		rgb[i] = develop(g.dark[i] + float64(piece*g.span[i]) + float64(lit*g.rays[i]) + float64(z[2]*g.grain[i]) + float64(p.noise*z[3+i]))
	}
	return
}

func clamp(x float64) float64 { return min(max(x, 0), 1) }

// normals is a sample of N(0, 1), with every number's negative, to be indexed
// by random bits.
var normals = func() (t [1024]float64) {
	rnd := scene.NewStream(scene.Key{Seed: builtinSeed, Leaf: 1, Purpose: scene.PurposeBank})
	for i := 0; i < len(t); i += 4 {
		r := math.Sqrt(-2 * exact.Log(rnd.Float64())) // Box and Muller
		s, c := exact.SinCosTurns(rnd.Float64())
		t[i], t[i+1], t[i+2], t[i+3] = r*s, r*c, -r*s, -r*c
	}
	return
}()

// develop turns the logarithm of linear light into an sRGB byte, as a camera
// does: black below the flare, a shoulder towards white.
func develop(v float64) uint8 {
	return response[int(min(max((v+9)*448, 0), float64(len(response)-1)))]
}

var response = func() (t [4480]uint8) { // e^-9 to e^1
	for i := range t {
		x := float64((exact.Exp((float64(i)+0.5)/448-9) - flare) * (1 / (1 - flare)))
		if x > shoulder {
			x = white - float64((white-shoulder)*exact.Exp((shoulder-x)/(white-shoulder)))
		}
		x = clamp(x)
		if x <= 0.0031308 {
			x = float64(x * 12.92)
		} else {
			x = float64(1.055*exact.Pow(x, 1/2.4)) - 0.055
		}
		t[i] = uint8(math.Floor(min(float64(x*255)+0.5, 255)))
	}
	return
}()
