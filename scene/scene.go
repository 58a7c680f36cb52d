package scene

// Kind is the outline of a leaf.
type Kind uint32

// The kinds of outline.
const (
	Disk Kind = iota
	Rect
	Poly
)

// Leaf is the geometry record of one leaf: the placement. Lengths and places
// are render pixels (output pixels times Develop.Supersample), the origin is
// the top left corner of the output window. It is 32 bytes, the layout that
// crosses the bus to a GPU.
type Leaf struct {
	X, Y     float32 // centre
	R        float32 // radius
	Cos, Sin float32 // rotation
	A        float32 // Disk: r^2; Rect: half the long side; Poly: texels a pixel
	B        float32 // Disk: r; Rect: half the short side; Poly: reach * r
	Shape    uint32  // Kind | mirrored<<2 | tile<<3; see the methods
}

// Kind returns the leaf's outline.
func (l *Leaf) Kind() Kind { return Kind(l.Shape & 3) }

// Mirrored reports whether a polygon is mirrored.
func (l *Leaf) Mirrored() bool { return l.Shape&4 != 0 }

// Extent returns a length that no point of the outline exceeds in any
// direction.
func (l *Leaf) Extent() float32 {
	if l.Kind() == Rect {
		return l.A + float32(l.B*cornerRate)
	}
	return l.B
}

// cornerRate is sqrt(2) - 1, rounded up: sqrt(a^2 + b^2) <= a + cornerRate b for b <= a.
const cornerRate = 0.4142136

// Bound returns a radius round the centre outside which the leaf has no pixel.
func (l *Leaf) Bound() float32 {
	switch l.Kind() {
	case Rect:
		return l.A + l.B
	case Poly:
		return l.B + 2*recipUpper(l.A) // the bank's tiles round outwards by up to a texel
	default:
		return l.B
	}
}

// recipUpper returns at least 1/x. Culling only: it decides no pixel.
func recipUpper(x float32) float32 { return float32(1/float64(x)) * (1 + 1e-6) }

// Tile returns the number of a polygon's outline in the bank.
func (l *Leaf) Tile() int { return int(l.Shape >> 3) }

// OutlineClass describes the bank's polygonal outlines for leaves whose radius
// lies in [RMin, RMax) px; classes are contiguous and ascending.
type OutlineClass struct {
	RMin, RMax float64
	First      int     // number of the first outline
	Count      int     // how many there are; each has the same odds
	Size       int     // texels a side of each tile
	MeanArea   float64 // mean area of the outlines over pi r^2
}

// Stack is one layer of a scene: a stack of leaves, front to back.
type Stack struct {
	Index  int     // into Config.Layers
	Full   bool    // leaves follow (Extend) until no pixel is uncovered
	Leaves []Leaf  // so far
	Blur   float64 // render px: Gaussian sigma or lens radius, see Config.Blur.Kind
}

// Scene is all leaves of one image, per layer front to back, and what the image
// as a whole drew; no pixels.
type Scene struct {
	Config  *Config
	Seed    uint64
	Index   uint64
	Palette int     // number of the palette
	Sigma   float64 // output px: extra blur in develop; 0: none
	Stacks  []Stack // front to back

	placer  *Placer
	outline string // disk, rectangle, polygon or mix
	window  window
}

// Outline returns the law that the image's outlines follow: disk, rectangle, polygon or
// mix.
func (s *Scene) Outline() string { return s.outline }

// Scale returns the number of render pixels a side of an output pixel.
func (s *Scene) Scale() int { return s.Config.Develop.Supersample }

// Extend appends the next block of leaves to full stack i: more for a larger
// window, so that the number of blocks does not grow with it. The image does
// not depend on the size of blocks.
func (s *Scene) Extend(i int) {
	st := &s.Stacks[i]
	block := min(max(512, int(s.window.w*s.window.h)/512), 1<<16)
	s.placer.place(s, st, len(st.Leaves)+block)
}
