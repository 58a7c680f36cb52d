package dataset

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"math/rand/v2"
	"testing"

	"leaflitter/render"
)

// kinds of content that take different paths through the encoder.
var contents = map[string]func(r *rand.Rand, i, width int) uint64{
	"random": func(r *rand.Rand, _, _ int) uint64 { return r.Uint64() },
	"flat":   func(*rand.Rand, int, int) uint64 { return 0x0102030405060708 },
	"zero":   func(*rand.Rand, int, int) uint64 { return 0 },
	"noise": func(r *rand.Rand, i, _ int) uint64 {
		return 0x0101010101010101 * uint64(100+int(r.NormFloat64()*4))
	},
	"leaves": func(_ *rand.Rand, i, w int) uint64 {
		x, y := i%w, i/w
		return 0x9e3779b97f4a7c15 * uint64(x*x+y*y+x*y>>3>>9)
	},
	"sparse": func(r *rand.Rand, _, _ int) uint64 {
		if r.IntN(300) == 0 {
			return r.Uint64()
		}
		return 7
	},
}

// pictures makes one picture of each format with the given content.
func pictures(w, h int, content func(r *rand.Rand, i, width int) uint64, seed uint64) map[string]Picture {
	r := rand.New(rand.NewPCG(seed, 1))
	n := w * h
	grey, rgb := make([]uint8, n), make([]uint8, 3*n)
	deep, small, large := make([]uint16, n), make([]uint32, n), make([]uint32, n)
	for i := range n {
		x := content(r, i, w)
		grey[i], deep[i], small[i], large[i] = uint8(x), uint16(x), uint32(uint16(x)), uint32(x)
		rgb[3*i], rgb[3*i+1], rgb[3*i+2] = uint8(x), uint8(x>>8), uint8(x>>16)
	}
	return map[string]Picture{
		"grey":   GreyPicture(w, h, grey),
		"rgb":    RGBPicture(w, h, rgb),
		"grey16": Grey16Picture(w, h, deep),
		"id16":   IDPicture(w, h, small),
		"id32":   IDPicture(w, h, large),
	}
}

// checkDecoded decodes data with the standard library and compares it with p.
func checkDecoded(t *testing.T, name string, p Picture, data []byte) {
	t.Helper()
	im, err := png.Decode(bytes.NewReader(data))
	if err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	if im.Bounds() != image.Rect(0, 0, p.width, p.height) {
		t.Fatalf("%s: decoded to %v, want %d x %d", name, im.Bounds(), p.width, p.height)
	}
	for i := range p.width * p.height {
		var want color.Color
		switch p.format {
		case grey8:
			want = color.Gray{p.pix[i]}
		case rgb8:
			want = color.RGBA{p.pix[3*i], p.pix[3*i+1], p.pix[3*i+2], 255}
		case grey16:
			if p.pix32 != nil {
				want = color.Gray16{uint16(p.pix32[i])}
			} else {
				want = color.Gray16{p.pix16[i]}
			}
		case rgba8:
			x := p.pix32[i]
			want = color.NRGBA{uint8(x), uint8(x >> 8), uint8(x >> 16), uint8(x >> 24)}
		}
		if got := im.At(i%p.width, i/p.width); got != want {
			t.Fatalf("%s: pixel %d is %v, want %v", name, i, got, want)
		}
	}
}

func TestEncodeDecodes(t *testing.T) {
	var e Encoder
	sizes := [][2]int{{1, 1}, {3, 7}, {4096, 1}, {1, 300}, {2, 2}, {9, 5}, {64, 64}, {257, 129}, {22000, 3}}
	for name, content := range contents {
		for i, size := range sizes {
			for format, p := range pictures(size[0], size[1], content, uint64(i)) {
				label := fmt.Sprintf("%s %s %v", name, format, size)
				data := e.Encode([]byte("before"), p)
				if !bytes.HasPrefix(data, []byte("before")) {
					t.Fatalf("%s: what was there before is gone", label)
				}
				checkDecoded(t, label, p, data[6:])
				// A fresh encoder writes the same bytes as a used one.
				if fresh := new(Encoder).Encode(nil, p); !bytes.Equal(fresh, data[6:]) {
					t.Fatalf("%s: a used encoder writes other bytes", label)
				}
			}
		}
	}
}

// TestEncodeRandom mixes contents and sizes at random; seeds are fixed.
func TestEncodeRandom(t *testing.T) {
	var e Encoder
	var all []func(r *rand.Rand, i, width int) uint64
	for _, name := range []string{"random", "flat", "zero", "noise", "leaves", "sparse"} {
		all = append(all, contents[name])
	}
	for seed := range uint64(300) {
		r := rand.New(rand.NewPCG(seed, 2))
		w, h := 1+r.IntN(200), 1+r.IntN(60)
		a, b, odds := all[r.IntN(len(all))], all[r.IntN(len(all))], r.IntN(100)
		mixed := func(r *rand.Rand, i, w int) uint64 {
			if (i/37)%100 < odds {
				return a(r, i, w)
			}
			return b(r, i, w)
		}
		for format, p := range pictures(w, h, mixed, seed) {
			checkDecoded(t, fmt.Sprintf("seed %d %s", seed, format), p, e.Encode(nil, p))
		}
	}
}

// TestGoldenEncode holds the bytes of the encoder: a change here changes the
// checksum of every file in every manifest.
func TestGoldenEncode(t *testing.T) {
	var e Encoder
	for name, content := range contents {
		if name == "noise" { // NormFloat64 may fuse on some processors
			continue
		}
		for format, p := range pictures(150, 170, content, 3) {
			sum := sha256.Sum256(e.Encode(nil, p))
			got, key := hex.EncodeToString(sum[:8]), name+" "+format
			if got != goldenPNG[key] {
				t.Errorf("%q: %q, // want %q", key, got, goldenPNG[key])
			}
		}
	}
}

func TestIDFormat(t *testing.T) {
	if p := IDPicture(2, 1, []uint32{0, 65535}); p.format != grey16 {
		t.Error("ids to 65535 must be 16-bit grey")
	}
	if p := IDPicture(2, 1, []uint32{0, 65536}); p.format != rgba8 {
		t.Error("an id of 65536 needs 32 bits")
	}
}

func TestPictureErrors(t *testing.T) {
	var e Encoder
	for name, p := range map[string]Picture{
		"empty":    {},
		"size":     RGBPicture(0, 5, nil),
		"negative": GreyPicture(-1, -5, make([]uint8, 5)),
		"short":    RGBPicture(2, 2, make([]uint8, 11)),
		"huge":     GreyPicture(1<<40, 1<<40, nil),
		"large":    Grey16Picture(1<<20, 1<<20, nil),
		"channels": ImagePicture(&render.Image{Width: 1, Height: 1, Channels: 2, Pix: make([]uint8, 2)}),
		"short id": IDPicture(2, 2, make([]uint32, 3)),
	} {
		if p.Err() == nil {
			t.Errorf("%s: no error", name)
		}
		if got := e.Encode(nil, p); len(got) != 0 {
			t.Errorf("%s: encoded to %d bytes", name, len(got))
		}
	}
}

func TestAdler(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 1))
	for n := range 2000 {
		data := make([]byte, n)
		for i := range data {
			data[i] = byte(r.Uint32()) | byte(n&1*255) // odd lengths: all 255, the largest sums
		}
		s := newAdler()
		s.update(data[:n/3])
		s.update(data[n/3:])
		a, b := uint32(1), uint32(0)
		for _, x := range data {
			a = (a + uint32(x)) % 65521
			b = (b + a) % 65521
		}
		if s.sum() != b<<16|a {
			t.Fatalf("%d bytes: %08x, want %08x", n, s.sum(), b<<16|a)
		}
	}
}

// TestHuffmanLimit gives frequencies whose best code is far longer than the limit.
func TestHuffmanLimit(t *testing.T) {
	var h huffman
	a, b := uint32(1), uint32(1)
	for i := range 40 {
		h.freq[i] = a
		a, b = b, a+b
	}
	for _, limit := range []int{6, 7, 12} {
		h.build(limit)
		space := 0
		for _, l := range h.length[:40] {
			if l == 0 || int(l) > limit {
				t.Fatalf("limit %d: a code of %d bits", limit, l)
			}
			space += 1 << (limit - int(l))
		}
		if space != 1<<limit {
			t.Errorf("limit %d: the code fills %d of %d", limit, space, 1<<limit)
		}
	}
}
