package palette

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"image"
	"image/color"
	"image/jpeg"
	"image/png"
	"io"
	"strings"
	"sync"

	"golang.org/x/image/tiff"
	"golang.org/x/image/webp"

	"leaflitter/scene"
)

const (
	minSide  = 8           // px: a photograph with a smaller side is skipped
	maxArea  = 200_000_000 // px: a larger one is skipped before it is decoded
	bigArea  = 50_000_000  // px: larger ones are decoded one at a time
	maxBytes = 1 << 29     // a larger file is skipped before it is read

	// A file that claims more pixels a byte than any photograph needs is a
	// decompression bomb or empty; small images are decoded all the same.
	maxAreaPerByte = 2000
	freeArea       = 1_000_000
)

// format is an image format, recognised by its first bytes ('.' matches any).
type format struct {
	name, magic string
	config      func(io.Reader) (image.Config, error)
	decode      func(io.Reader) (image.Image, error)
}

var formats = []format{
	{"JPEG", "\xff\xd8\xff", jpeg.DecodeConfig, jpeg.Decode},
	{"PNG", "\x89PNG\r\n\x1a\n", png.DecodeConfig, png.Decode},
	{"TIFF", "II*\x00", tiff.DecodeConfig, tiff.Decode},
	{"TIFF", "MM\x00*", tiff.DecodeConfig, tiff.Decode},
	{"WebP", "RIFF....WEBP", webp.DecodeConfig, decodeWebP},

	// Known only so that they can be refused by name.
	{name: "GIF", magic: "GIF8"},
	{name: "BMP", magic: "BM"},
	{name: "BigTIFF", magic: "II+\x00"},
	{name: "BigTIFF", magic: "MM\x00+"},
	{name: "JPEG XL", magic: "\xff\x0a"},
	{name: "JPEG XL", magic: "\x00\x00\x00\x0cJXL "},
	{name: "JPEG 2000", magic: "\x00\x00\x00\x0cjP  "},
	{name: "AVIF", magic: "....ftypavif"},
	{name: "HEIC", magic: "....ftyp"},
	{name: "Photoshop", magic: "8BPS"},
}

func sniff(data []byte) (format, bool) {
	for _, f := range formats {
		ok := len(data) >= len(f.magic)
		for i := 0; ok && i < len(f.magic); i++ {
			ok = f.magic[i] == '.' || f.magic[i] == data[i]
		}
		if ok {
			return f, true
		}
	}
	return format{}, false
}

// readPhoto returns the palette, without a name, of the photograph encoded in
// data, or an error that says why it has none. The limit is on its pixels; big
// is held while a photograph of more than bigArea is in memory, so that memory
// does not grow with threads.
func readPhoto(ctx context.Context, data []byte, limit int64, big *sync.Mutex) (Palette, error) {
	held := false
	defer func() {
		if held {
			big.Unlock()
		}
	}()
	img, err := decodePhoto(ctx, data, limit, func(area int64) {
		if area > bigArea {
			big.Lock()
			held = true
		}
	})
	if err != nil {
		return Palette{}, err
	}
	return sample(img, sha256.Sum256(data)), nil
}

// decodePhoto decodes the photograph in data, or returns an error that says why it
// cannot. The limit is on its pixels; gate is called with their number before they
// take memory.
func decodePhoto(ctx context.Context, data []byte, limit int64, gate func(area int64)) (p image.Image, err error) {
	defer func() { // the decoders are not ours; no file may stop a build
		if e := recover(); e != nil {
			p, err = nil, fmt.Errorf("its decoder failed: %v", e)
		}
	}()
	f, ok := sniff(data)
	switch {
	case len(data) == 0:
		return p, errors.New("is empty")
	case !ok:
		return p, errors.New("holds no JPEG, PNG, TIFF or WebP data")
	case f.decode == nil:
		return p, fmt.Errorf("is a %s file, which is not read; convert it to PNG or JPEG", f.name)
	}
	config, err := f.config(bytes.NewReader(data))
	if err != nil {
		return p, fmt.Errorf("is a corrupt or unsupported %s: %s", f.name, plain(err))
	}
	w, h := int64(config.Width), int64(config.Height)
	switch {
	case w <= 0 || h <= 0 || w > maxArea || h > maxArea || w*h > limit:
		return p, fmt.Errorf("claims %d x %d pixels; the limit is %d megapixels", w, h, limit/1e6)
	case w < minSide || h < minSide:
		return p, fmt.Errorf("has %d x %d pixels; %d x %d is the least", w, h, minSide, minSide)
	case w*h > freeArea && w*h/maxAreaPerByte > int64(len(data)):
		return p, fmt.Errorf("claims %d x %d pixels in %d bytes: no photograph is that empty", w, h, len(data))
	}
	gate(w * h)
	img, err := f.decode(&stoppable{ctx, bytes.NewReader(data)})
	if ctx.Err() != nil {
		return p, ctx.Err()
	}
	if err != nil {
		return p, fmt.Errorf("is a corrupt or unsupported %s: %s", f.name, plain(err))
	}
	if b := img.Bounds(); b.Dx() < minSide || b.Dy() < minSide {
		return p, fmt.Errorf("has %d x %d pixels; %d x %d is the least", b.Dx(), b.Dy(), minSide, minSide)
	}
	return img, nil
}

// plain is a decoder's message without the package name it starts with.
func plain(err error) string {
	s := err.Error()
	for _, prefix := range []string{"image/jpeg: ", "jpeg: ", "png: ", "tiff: ", "webp: ", "invalid JPEG format: ", "invalid format: "} {
		s = strings.TrimPrefix(s, prefix)
	}
	return s
}

// stoppable is a reader that fails once its context is done, which ends a
// decoder within one buffer. It hides every method but Read.
type stoppable struct {
	ctx context.Context
	r   io.Reader
}

func (s *stoppable) Read(b []byte) (int, error) {
	if err := s.ctx.Err(); err != nil {
		return 0, err
	}
	return s.r.Read(b)
}

// sample draws the pixels and patches of a palette. The positions are keyed by
// the content of the file, so a photograph gives the same palette wherever it
// stands and whatever its name is.
func sample(img image.Image, content [32]byte) Palette {
	at := colours(img)
	w, h := img.Bounds().Dx(), img.Bounds().Dy()
	rnd := scene.NewStream(scene.Key{
		Seed:    binary.LittleEndian.Uint64(content[:]),
		Image:   binary.LittleEndian.Uint64(content[8:]),
		Purpose: scene.PurposeBank,
	})
	p := Palette{Pixels: make([]Pixel, PixelCount), Patches: make([]Patch, PatchCount)}
	for i := range p.Pixels {
		x := int(rnd.Intn(uint32(w)))
		p.Pixels[i] = newPixel(at(x, int(rnd.Intn(uint32(h)))))
	}
	// The patches of a small photograph overlap: convert its pixels once.
	type colour struct {
		rgb [3]uint8
		lab [3]int32
	}
	pw, ph := min(w, PatchSide), min(h, PatchSide)
	var plane []colour
	if w*h < PatchCount*pw*ph {
		plane = make([]colour, 0, w*h)
		for y := range h {
			for x := range w {
				c := at(x, y)
				plane = append(plane, colour{c, labOf(c)})
			}
		}
	}
	for i := range p.Patches {
		x0 := int(rnd.Intn(uint32(w - pw + 1)))
		y0 := int(rnd.Intn(uint32(h - ph + 1)))
		var sum patch
		for y := y0; y < y0+ph; y++ {
			if plane != nil {
				for _, c := range plane[y*w+x0 : y*w+x0+pw] {
					sum.addLab(c.rgb, c.lab)
				}
				continue
			}
			for x := x0; x < x0+pw; x++ {
				sum.add(at(x, y))
			}
		}
		p.Patches[i] = sum.done()
	}
	return p
}

// decodeWebP decodes a WebP. A lossy one holds BT.601 colours of video range
// (luma 16 to 235), which package webp hands over as if they were JPEG's: the
// planes are stretched here.
func decodeWebP(r io.Reader) (image.Image, error) {
	img, err := webp.Decode(r)
	var m *image.YCbCr
	switch v := img.(type) {
	case *image.YCbCr:
		m = v
	case *image.NYCbCrA:
		m = &v.YCbCr
	}
	if err != nil || m == nil {
		return img, err
	}
	b := m.Bounds()
	out := image.NewNRGBA(b)
	for y := b.Min.Y; y < b.Max.Y; y++ {
		for x := b.Min.X; x < b.Max.X; x++ {
			i, j := m.YOffset(x, y), m.COffset(x, y)
			l := 76309 * (int32(m.Y[i]) - 16) // 2^16 * 255 / 219
			u, v := int32(m.Cb[j])-128, int32(m.Cr[j])-128
			byteOf := func(c int32) uint8 { return uint8(min(max((c+1<<15)>>16, 0), 255)) }
			k := out.PixOffset(x, y)
			out.Pix[k] = byteOf(l + 104597*v)
			out.Pix[k+1] = byteOf(l - 25675*u - 53279*v)
			out.Pix[k+2] = byteOf(l + 132201*u)
		}
	}
	return out, nil
}

// colours returns the sRGB bytes of a pixel, (0, 0) being the first. 16-bit
// channels lose their low byte. Where there is transparency the colour is
// taken as it is, without a background.
func colours(img image.Image) func(x, y int) [3]uint8 {
	o := img.Bounds().Min
	switch m := img.(type) {
	case *image.YCbCr: // by far the commonest: a JPEG
		return func(x, y int) [3]uint8 {
			i, j := m.YOffset(o.X+x, o.Y+y), m.COffset(o.X+x, o.Y+y)
			r, g, b := color.YCbCrToRGB(m.Y[i], m.Cb[j], m.Cr[j])
			return [3]uint8{r, g, b}
		}
	case *image.NRGBA:
		return func(x, y int) [3]uint8 { return [3]uint8(m.Pix[m.PixOffset(o.X+x, o.Y+y):]) }
	case *image.Gray:
		return func(x, y int) [3]uint8 {
			v := m.Pix[m.PixOffset(o.X+x, o.Y+y)]
			return [3]uint8{v, v, v}
		}
	}
	return func(x, y int) [3]uint8 {
		switch c := img.At(o.X+x, o.Y+y).(type) {
		case color.NRGBA:
			return [3]uint8{c.R, c.G, c.B}
		case color.NRGBA64:
			return [3]uint8{uint8(c.R >> 8), uint8(c.G >> 8), uint8(c.B >> 8)}
		case color.NYCbCrA:
			r, g, b := color.YCbCrToRGB(c.Y, c.Cb, c.Cr)
			return [3]uint8{r, g, b}
		default: // grey, CMYK and premultiplied alpha
			n := color.NRGBA64Model.Convert(c).(color.NRGBA64)
			return [3]uint8{uint8(n.R >> 8), uint8(n.G >> 8), uint8(n.B >> 8)}
		}
	}
}
