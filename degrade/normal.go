package degrade

import (
	"math"

	"leaflitter/exact"
	"leaflitter/scene"
)

// Standard normals by the ziggurat of Marsaglia and Tsang, "The ziggurat method
// for generating random variables" (2000): 255 layers of equal area under the
// density exp(-x^2/2), and the base, a rectangle with the tail beside it.
//
// A normal takes one word of 32 bits: 8 choose the layer, the other 24 a place u
// in it, symmetric about 0. Nothing is shared between them, which mends the fault
// that Doornik found in the original (2005). Where the place is not certain to
// lie under the density (1.2 % of the time) the words that decide and replace
// it come from a stream of the value's own, so that value n depends on n alone.
//
// The law: within a layer the places are 2^24 equal steps, at most 4.7e-7 apart;
// decisions use 32 bits. The tail has no end before 9.9.
const (
	zigguratLayers = 256
	zigguratTail   = 3.654152885361008771645 // where the tail begins: the top layer then ends at x = 0
	zigguratArea   = 0.004928673233974655347 // of each layer
)

var (
	zigguratStep   [zigguratLayers]float64     // layer's half width / 2^24
	zigguratInner  [zigguratLayers]int32       // |u| below this lies under the density
	zigguratHeight [zigguratLayers + 1]float64 // the density at the layer's lower edge
)

func init() {
	density := func(x float64) float64 { return exact.Exp(float64(-0.5 * float64(x*x))) }
	x := zigguratArea / density(zigguratTail) // the base's width, were it all rectangle
	for i := range zigguratLayers {
		next := zigguratTail // the layer above is narrower
		switch {
		case i == zigguratLayers-1:
			next = 0
		case i > 0:
			next = math.Sqrt(float64(-2 * exact.Log(zigguratHeight[i]+zigguratArea/x)))
		}
		zigguratStep[i] = x * 0x1p-24
		zigguratInner[i] = int32(next / x * 0x1p24)
		zigguratHeight[i+1] = density(next)
		x = next
	}
}

// normals fills z with the standard normals 4 block, 4 block + 1, ... of key, using
// words, which is as long: a multiple of 4.
func normals(z []float64, words []uint32, key scene.Key, block uint32) {
	for w := words; len(w) >= 4; w = w[4:] {
		key.Leaf = block + uint32(len(words)-len(w))/4
		four := key.Block(0)
		w[0], w[1], w[2], w[3] = four[0], four[1], four[2], four[3]
	}
	words = words[:len(z)]
	for i, word := range words {
		u, layer := place(word)
		if abs(u) < zigguratInner[layer] {
			z[i] = float64(float64(u) * zigguratStep[layer])
		} else {
			key.Leaf = block + uint32(i)/4
			z[i] = edge(word, key, uint32(i)%4)
		}
	}
}

// place is the layer that word chooses and an odd number in it, |u| < 2^24.
func place(word uint32) (u int32, layer uint8) { return int32(word)>>7 | 1, uint8(word) }

func abs(u int32) int32 { return (u ^ u>>31) - u>>31 }

// edge is the normal of a word whose place may lie outside the density.
func edge(word uint32, key scene.Key, lane uint32) float64 {
	key.Layer = 1 + lane
	draw := scene.NewStream(key)
	for {
		u, layer := place(word)
		x := float64(float64(u) * zigguratStep[layer])
		switch {
		case abs(u) < zigguratInner[layer]:
			return x
		case layer == 0:
			return math.Copysign(zigguratTail+tail(&draw), x)
		}
		low, high := zigguratHeight[layer], zigguratHeight[int(layer)+1]
		if low+float64(draw.Float64()*(high-low)) < exact.Exp(float64(-0.5*float64(x*x))) {
			return x
		}
		word = draw.Uint32()
	}
}

// tail is the excess of a normal over zigguratTail, given that it is positive
// (Marsaglia, "Generating a variable from the tail of the normal distribution", 1964).
func tail(draw *scene.Stream) float64 {
	for {
		x := -exact.Log(draw.Float64()) / zigguratTail
		y := -exact.Log(draw.Float64())
		if 2*y > float64(x*x) {
			return x
		}
	}
}
