package dataset

import (
	"bytes"
	"fmt"
	"image"
	"image/png"
	"math/rand/v2"
	"testing"
)

// benchLeaves paints 512 x 512 of overlapping disks: RGB and leaf numbers. With
// noise, each disk is textured.
func benchLeaves(noise float64) (rgb []uint8, ids []uint32) {
	const n = 512
	r := rand.New(rand.NewPCG(7, 7))
	rgb, ids = make([]uint8, 3*n*n), make([]uint32, n*n)
	for leaf := range uint32(700) {
		x0, y0 := r.IntN(n), r.IntN(n)
		radius := int(10 + 60*r.ExpFloat64()/2)
		colour := [3]int{r.IntN(200) + 28, r.IntN(200) + 28, r.IntN(200) + 28}
		for y := max(0, y0-radius); y < min(n, y0+radius); y++ {
			for x := max(0, x0-radius); x < min(n, x0+radius); x++ {
				if (x-x0)*(x-x0)+(y-y0)*(y-y0) > radius*radius {
					continue
				}
				ids[y*n+x] = leaf
				for c := range 3 {
					rgb[3*(y*n+x)+c] = uint8(min(max(float64(colour[c])+noise*r.NormFloat64(), 0), 255))
				}
			}
		}
	}
	return rgb, ids
}

func BenchmarkEncode(b *testing.B) {
	flat, ids := benchLeaves(0)
	textured, _ := benchLeaves(4)
	deep := make([]uint16, len(ids))
	random := make([]uint8, len(flat))
	wide := make([]uint32, len(ids))
	r := rand.New(rand.NewPCG(8, 8))
	for i := range random {
		random[i] = uint8(r.Uint32())
	}
	for i, x := range ids {
		deep[i], wide[i] = uint16(x%3)*32767, x*1000
	}
	for _, c := range []struct {
		name string
		p    Picture
	}{
		{"textured", RGBPicture(512, 512, textured)},
		{"flat", RGBPicture(512, 512, flat)},
		{"random", RGBPicture(512, 512, random)},
		{"id16", IDPicture(512, 512, ids)},
		{"id32", IDPicture(512, 512, wide)},
		{"depth", Grey16Picture(512, 512, deep)},
	} {
		raw := 512 * 512 * int(c.p.format.bytes)
		b.Run(c.name, func(b *testing.B) {
			var e Encoder
			var buf []byte
			b.SetBytes(int64(raw))
			for b.Loop() {
				buf = e.Encode(buf[:0], c.p)
			}
			b.ReportMetric(100*float64(len(buf))/float64(raw), "%raw")
		})
	}
	for _, n := range []int{0, 6, 9} {
		b.Run(fmt.Sprintf("textured/level=%d", n), func(b *testing.B) {
			level, _ := LevelOf(n)
			e := Encoder{Level: level}
			var buf []byte
			b.SetBytes(int64(len(textured)))
			for b.Loop() {
				buf = e.Encode(buf[:0], RGBPicture(512, 512, textured))
			}
			b.ReportMetric(100*float64(len(buf))/float64(len(textured)), "%raw")
		})
	}
	for name, pix := range map[string][]uint8{"textured": textured, "flat": flat} {
		im := image.NewNRGBA(image.Rect(0, 0, 512, 512))
		for i := range 512 * 512 {
			copy(im.Pix[4*i:], pix[3*i:3*i+3])
			im.Pix[4*i+3] = 255
		}
		b.Run("image-png-bestspeed/"+name, func(b *testing.B) {
			e := png.Encoder{CompressionLevel: png.BestSpeed}
			var buf bytes.Buffer
			b.SetBytes(int64(len(pix)))
			for b.Loop() {
				buf.Reset()
				if err := e.Encode(&buf, im); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(100*float64(buf.Len())/float64(len(pix)), "%raw")
		})
	}
}
