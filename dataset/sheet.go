package dataset

import (
	"cmp"
	"errors"
	"fmt"
	"image"
	"image/color"
	"image/draw"
	"image/png"
	"io/fs"
	"math"
	"os"
	"path/filepath"
	"slices"

	"leaflitter/store"
)

// sheetGap is the space around thumbnails in a sheet, in pixels.
const sheetGap = 4

// Sheet is a contact sheet of the first images of a generated directory, at
// most limit of them: columns thumbnails a row, each at most thumb pixels a side.
// It takes the images that the manifest names or, without one, those there.
func Sheet(dir string, columns, thumb, limit int) (image.Image, error) {
	for _, a := range []struct {
		name        string
		value, most int
	}{{"columns", columns, 1000}, {"thumb", thumb, 4096}, {"limit", limit, 100000}} {
		if a.value < 1 || a.value > a.most {
			return nil, fmt.Errorf("%s is %d, but must be 1 to %d", a.name, a.value, a.most)
		}
	}
	names, err := imageNames(dir, limit)
	if err != nil {
		return nil, err
	}
	columns = min(columns, len(names))
	rows := (len(names) + columns - 1) / columns
	if side := thumb + sheetGap; columns*side*rows*side > 1<<28 {
		return nil, fmt.Errorf("a sheet of %d x %d thumbnails of %d pixels is over 2^28 pixels: lower thumb or limit", columns, rows, thumb)
	}
	pics := make([]image.Image, len(names))
	for i, name := range names {
		if pics[i], err = readPNG(filepath.Join(dir, name)); err != nil {
			return nil, err
		}
		pics[i] = shrink(pics[i], thumb)
	}
	return Compose(pics, columns, thumb, sheetGap), nil
}

func readPNG(path string) (image.Image, error) {
	f, err := os.Open(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("%s is missing: run generate with --resume to make it again", path)
	}
	if err != nil {
		return nil, store.Explain(path, err)
	}
	defer f.Close()
	im, err := png.Decode(f)
	if err != nil {
		return nil, fmt.Errorf("%s is not a whole PNG (%w): run generate with --resume to make it again", path, err)
	}
	return im, nil
}

// imageNames lists the first images of a directory.
func imageNames(dir string, limit int) ([]string, error) {
	var names []string
	r, err := readManifest(dir, nil)
	if err == nil {
		for i := range min(r.Count, uint64(limit)) {
			names = append(names, fileName(r.Start+i, "png"))
		}
		return names, nil
	}
	if !errors.Is(err, fs.ErrNotExist) && !errors.Is(err, errForeign) {
		if info, statErr := os.Stat(dir); statErr != nil {
			return nil, store.Explain(dir, statErr)
		} else if !info.IsDir() {
			return nil, fmt.Errorf("%s is a file: name the directory of a dataset", dir)
		}
		return nil, err
	}
	entries, err := os.ReadDir(dir)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("%s does not exist: name a directory that leaflitter generated", dir)
	}
	if err != nil {
		return nil, store.Explain(dir, err)
	}
	var indices []uint64
	for _, e := range entries {
		if index, kind, ok := parseName(e.Name()); ok && kind == "png" {
			indices = append(indices, index)
		}
	}
	if len(indices) == 0 {
		return nil, fmt.Errorf("%s holds no images (000000.png, ...): name a directory that leaflitter generated", dir)
	}
	slices.SortFunc(indices, cmp.Compare[uint64])
	for _, index := range indices[:min(limit, len(indices))] {
		names = append(names, fileName(index, "png"))
	}
	return names, nil
}

// Compose tiles pictures on white, gap pixels apart: columns a row, each shrunk
// to at most thumb pixels a side and centred. It never enlarges. Without
// columns (less than 1) the sheet is about square.
func Compose(pics []image.Image, columns, thumb, gap int) image.Image {
	n := len(pics)
	if columns < 1 {
		columns = int(math.Ceil(math.Sqrt(float64(n))))
	}
	columns, thumb, gap = max(min(columns, n), 1), max(thumb, 1), max(gap, 0)
	rows := (n + columns - 1) / columns
	sheet := image.NewRGBA(image.Rect(0, 0, gap+columns*(thumb+gap), gap+rows*(thumb+gap)))
	draw.Draw(sheet, sheet.Bounds(), image.NewUniform(color.White), image.Point{}, draw.Src)
	for i, p := range pics {
		small := shrink(p, thumb)
		size := small.Bounds().Size()
		at := image.Pt(gap+i%columns*(thumb+gap)+(thumb-size.X)/2, gap+i/columns*(thumb+gap)+(thumb-size.Y)/2)
		draw.Draw(sheet, image.Rectangle{at, at.Add(size)}, small, small.Bounds().Min, draw.Over)
	}
	return sheet
}

// shrink reduces a picture to at most side pixels a side by averaging boxes: a
// pixel on the border of two boxes counts in both, by its share.
func shrink(p image.Image, side int) image.Image {
	b := p.Bounds()
	w, h := b.Dx(), b.Dy()
	if w <= side && h <= side || w == 0 || h == 0 {
		return p
	}
	nw, nh := side, max(1, (h*side+w/2)/w)
	if h > w {
		nw, nh = max(1, (w*side+h/2)/h), side
	}
	src := image.NewRGBA(image.Rect(0, 0, w, h))
	draw.Draw(src, src.Bounds(), p, b.Min, draw.Src)
	dst := image.NewRGBA(image.Rect(0, 0, nw, nh))
	for y := range nh {
		for x := range nw {
			// In units of 1/nw and 1/nh of a pixel the box is w wide and h high.
			var sum [4]int
			for sy := y * h / nh; sy*nh < (y+1)*h; sy++ {
				wy := min((sy+1)*nh, (y+1)*h) - max(sy*nh, y*h)
				for sx := x * w / nw; sx*nw < (x+1)*w; sx++ {
					weight := wy * (min((sx+1)*nw, (x+1)*w) - max(sx*nw, x*w))
					for c, v := range src.Pix[src.PixOffset(sx, sy):][:4] {
						sum[c] += weight * int(v)
					}
				}
			}
			for c, s := range sum {
				dst.Pix[dst.PixOffset(x, y)+c] = uint8((s + w*h/2) / (w * h))
			}
		}
	}
	return dst
}
