package palette

import (
	"context"
	"fmt"
	"image"
	"image/color"
	"os"
)

// Photo is a file that looks like a photograph by its name.
type Photo struct {
	Path string // slash path below the directory
	full string
}

// ListPhotos returns the photographs below dir in the order of their slash paths, and
// what had to be left out. It finds what BuildDir finds.
func ListPhotos(ctx context.Context, dir string) ([]Photo, []Skip, error) {
	found, skips, err := listPhotos(ctx, dir)
	list := make([]Photo, len(found))
	for i, p := range found {
		list[i] = Photo{p.rel, p.full}
	}
	return list, skips, err
}

// Pixels decodes the photograph: 8-bit sRGB, three bytes a pixel, row by row, appended
// to dst. It has at most 200 megapixels and at least 8 a side. gate is called with the
// number of pixels before they take memory. The error continues the path, as Skip.Reason.
func (p Photo) Pixels(ctx context.Context, dst []byte, gate func(area int64)) (pix []byte, width, height int, err error) {
	data, err := os.ReadFile(p.full)
	if err != nil {
		return dst, 0, 0, fmt.Errorf("cannot be read: %s", reason(err))
	}
	img, err := decodePhoto(ctx, data, maxArea, gate)
	if err != nil {
		return dst, 0, 0, err
	}
	w, h := img.Bounds().Dx(), img.Bounds().Dy()
	if m, ok := img.(*image.YCbCr); ok { // without a call a pixel
		o := m.Bounds().Min
		for y := range h {
			for x := range w {
				i, j := m.YOffset(o.X+x, o.Y+y), m.COffset(o.X+x, o.Y+y)
				r, g, b := color.YCbCrToRGB(m.Y[i], m.Cb[j], m.Cr[j])
				dst = append(dst, r, g, b)
			}
		}
		return dst, w, h, nil
	}
	at := colours(img)
	for y := range h {
		for x := range w {
			c := at(x, y)
			dst = append(dst, c[:]...)
		}
	}
	return dst, w, h, nil
}

// Lab returns CIE L*, a*, b* (D65) of an sRGB colour in units of 1/256, each rounded to
// the nearest.
func Lab(rgb [3]uint8) [3]int32 { return labOf(rgb) }
