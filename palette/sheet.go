package palette

import (
	"cmp"
	"fmt"
	"image"
	"image/color"
	"image/draw"
	"math"
	"slices"
	"strings"
	"sync"

	"golang.org/x/image/font"
	"golang.org/x/image/font/basicfont"
	"golang.org/x/image/math/fixed"

	"leaflitter/scene"
)

// The layout of a sheet, in px. A card shows one palette: its name, its
// pixels, the means of its patches, and the texture of some of them.
const (
	cardWidth  = 64 * 4
	labelH     = 16
	pixelsH    = 16 * 4   // 64 x 16 pixels as squares of 4 px
	meansH     = 8 * 4    // 64 x 4 patch means as 4 x 8 px
	tile       = 32       // one patch as texture
	tilesH     = 2 * tile // 8 x 2 patches
	gap        = 12
	cardHeight = labelH + pixelsH + meansH + tilesH + 4
	maxColumns = 8
	maxCards   = 400 // a bigger set is shown in part
)

// Sheet draws the set as `leaflitter palette show` does. Of a set of more than
// 400 palettes it shows 400, evenly spread.
func (s *Set) Sheet() image.Image {
	n := min(len(s.Palettes), maxCards)
	columns := min(maxColumns, max(1, n))
	rows := (n + columns - 1) / columns
	width := max(gap+columns*(cardWidth+gap), 2*(cardWidth+gap))
	img := image.NewRGBA(image.Rect(0, 0, width, labelH+2*gap+rows*(cardHeight+gap)))
	draw.Draw(img, img.Bounds(), image.NewUniform(color.Gray{40}), image.Point{}, draw.Src)

	title := fmt.Sprintf("%s: %d palettes", s.Origin, len(s.Palettes))
	if n < len(s.Palettes) {
		title += fmt.Sprintf(", %d shown", n)
	}
	label(img, gap, gap, width-2*gap, title)
	noise := fields()
	for i := range n {
		p := &s.Palettes[i*len(s.Palettes)/n]
		p.card(img, gap+i%columns*(cardWidth+gap), labelH+2*gap+i/columns*(cardHeight+gap), &noise)
	}
	return img
}

// card draws one palette with its upper left corner at x, y.
func (p *Palette) card(img *image.RGBA, x, y int, noise *[16][3][tile][tile]float64) {
	label(img, x, y, cardWidth, p.Name)
	y += labelH
	pixels := slices.Clone(p.Pixels)
	arrange(pixels, 16, func(c *Pixel) [3]float32 { return c.Lab })
	for i, c := range pixels {
		fill(img, x+i/16*4, y+i%16*4, 4, 4, c.RGB)
	}
	y += pixelsH + 2
	patches := slices.Clone(p.Patches)
	arrange(patches, 4, func(q *Patch) [3]float32 { return q.Lab.Mean })
	for i := range patches {
		fill(img, x+i/4*4, y+i%4*8, 4, 8, byteRGB(patches[i].RGB.Mean, [3]float64{}))
	}
	y += meansH + 2
	// The list is in random order, so its first patches are a fair sample.
	for i := range min(len(noise), len(p.Patches)) {
		p.Patches[i].texture(img, x+i%8*tile, y+i/8*tile, &noise[i])
	}
}

// arrange sorts colours for the eye: into columns along the main axis of their
// hues (the first principal component of a and b), each from light to dark.
func arrange[T any](v []T, column int, lab func(*T) [3]float32) {
	type item struct {
		lab   [3]float32
		along float64
		v     T
	}
	items := make([]item, len(v))
	var ma, mb, aa, ab, bb float64
	for i := range v {
		items[i] = item{lab: lab(&v[i]), v: v[i]}
		ma += float64(items[i].lab[1]) / float64(len(v))
		mb += float64(items[i].lab[2]) / float64(len(v))
	}
	for i := range items {
		a, b := float64(items[i].lab[1])-ma, float64(items[i].lab[2])-mb
		aa, ab, bb = aa+float64(a*a), ab+float64(a*b), bb+float64(b*b)
	}
	// The eigenvector of [[aa, ab], [ab, bb]] for its larger eigenvalue, turned
	// so that blue is on the left and yellow on the right.
	x, y := ab, (bb-aa)/2+math.Sqrt(float64((aa-bb)*(aa-bb)/4)+float64(ab*ab))
	if x == 0 && y == 0 {
		x = 1
	}
	for i := range items {
		items[i].along = float64(x*float64(items[i].lab[1])) + float64(y*float64(items[i].lab[2]))
	}
	slices.SortStableFunc(items, func(s, t item) int { return cmp.Compare(s.along, t.along) })
	for c := range slices.Chunk(items, column) {
		slices.SortStableFunc(c, func(s, t item) int { return cmp.Compare(t.lab[0], s.lab[0]) })
	}
	for i := range items {
		v[i] = items[i].v
	}
}

// fields are three independent N(0, 1) for every pixel of every tile of a
// card: white noise at three scales, which looks a little like a surface.
var fields = sync.OnceValue(func() (f [16][3][tile][tile]float64) {
	rnd := scene.NewStream(scene.Key{Seed: builtinSeed, Leaf: 2, Purpose: scene.PurposeBank})
	for t := range f {
		for k := range f[t] {
			for _, size := range []int{1, 3, 10} {
				for y := 0; y < tile; y += size {
					for x := 0; x < tile; x += size {
						z := normals[rnd.Uint32()%1024] / math.Sqrt(3)
						for i := y; i < min(y+size, tile); i++ {
							for j := x; j < min(x+size, tile); j++ {
								f[t][k][i][j] += z
							}
						}
					}
				}
			}
		}
	}
	return
})

// texture fills a tile with noise of the patch's mean and covariance.
func (q *Patch) texture(img *image.RGBA, x0, y0 int, z *[3][tile][tile]float64) {
	for y := 1; y < tile-1; y++ {
		for x := 1; x < tile-1; x++ {
			c := byteRGB(q.RGB.Mean, q.RGB.colour(z[0][y][x], z[1][y][x], z[2][y][x]))
			img.SetRGBA(x0+x, y0+y, color.RGBA{c[0], c[1], c[2], 255})
		}
	}
}

// colour is the deviation from the mean for three independent N(0, 1).
func (g *Gaussian) colour(z0, z1, z2 float64) [3]float64 {
	l := func(k int) float64 { return float64(g.Chol[k]) }
	return [3]float64{
		float64(l(0) * z0),
		float64(l(1)*z0) + float64(l(2)*z1),
		float64(l(3)*z0) + float64(l(4)*z1) + float64(l(5)*z2),
	}
}

func byteRGB(mean [3]float32, d [3]float64) (c [3]uint8) {
	for k := range c {
		c[k] = uint8(min(max(round(float64(mean[k])+d[k]), 0), 255))
	}
	return
}

func fill(img *image.RGBA, x, y, w, h int, c [3]uint8) {
	for j := y; j < y+h; j++ {
		for i := x; i < x+w; i++ {
			img.SetRGBA(i, j, color.RGBA{c[0], c[1], c[2], 255})
		}
	}
}

// label writes text in a fixed-width font, cut at its front where it is too
// long: the end of a path tells more. The font has ASCII alone.
func label(img *image.RGBA, x, y, width int, text string) {
	face := basicfont.Face7x13
	r := []rune(strings.Map(func(c rune) rune {
		if c < ' ' || c > '~' {
			return '?'
		}
		return c
	}, text))
	if most := width / face.Advance; len(r) > most {
		r = append([]rune("..."), r[len(r)-most+3:]...)
	}
	d := font.Drawer{Dst: img, Src: image.NewUniform(color.Gray{220}), Face: face, Dot: fixed.P(x, y+face.Ascent)}
	d.DrawString(string(r))
}
