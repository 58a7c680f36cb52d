package main

import (
	"bytes"
	"fmt"
	"image"
	"image/draw"
	"image/jpeg"
	"image/png"
	"os"
	"path/filepath"
	"strings"
)

const sumsFile = "pixels.txt"

const sumsHead = "# SHA-256 of the generated pixels behind each picture, by make gallery. Encoders vary, these do not.\n"

// encode writes a picture as its file holds it.
func encode(p *picture, im image.Image) ([]byte, error) {
	var b bytes.Buffer
	if p.lossless {
		err := (&png.Encoder{CompressionLevel: png.BestCompression}).Encode(&b, im)
		return b.Bytes(), err
	}
	err := jpeg.Encode(&b, im, &jpeg.Options{Quality: p.quality})
	return b.Bytes(), err
}

// readSums reads the file of checksums of a folder: by file name.
func readSums(dir string) (map[string]string, error) {
	data, err := os.ReadFile(filepath.Join(dir, sumsFile))
	if err != nil {
		return nil, err
	}
	sums := map[string]string{}
	for line := range strings.Lines(string(data)) {
		if f := strings.Fields(line); len(f) == 2 && f[0] != "#" {
			sums[f[1]] = f[0]
		}
	}
	return sums, nil
}

// write writes the pictures of a folder and their checksums, removes the pictures that
// are no longer made, and names those that it wrote. A picture whose pixels are as before stays as it
// is, so that another version of the encoder changes no file.
func (a *album) write(dir string) (written []string, err error) {
	if err := os.MkdirAll(dir, 0o777); err != nil {
		return nil, err
	}
	old, err := readSums(dir)
	if err != nil && !os.IsNotExist(err) {
		return nil, err
	}
	text := sumsHead
	for i := range a.pictures {
		p, d := &a.pictures[i], &a.drawn[i]
		text += d.sum + "  " + p.file() + "\n"
		path := filepath.Join(dir, p.file())
		if old[p.file()] == d.sum && like(path, p, d.image) == nil {
			continue
		}
		data, err := encode(p, d.image)
		if err != nil {
			return nil, err
		}
		if err := os.WriteFile(path, data, 0o666); err != nil {
			return nil, err
		}
		written = append(written, fmt.Sprintf("%s: %d kB", path, (len(data)+999)/1000))
	}
	strays, err := a.strays(dir)
	if err != nil {
		return nil, err
	}
	for _, name := range strays {
		if err := os.Remove(filepath.Join(dir, name)); err != nil {
			return nil, err
		}
	}
	return written, os.WriteFile(filepath.Join(dir, sumsFile), []byte(text), 0o666)
}

// strays lists the files of a folder that belong to no picture.
func (a *album) strays(dir string) (names []string, err error) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil, err
	}
	known := map[string]bool{sumsFile: true}
	for i := range a.pictures {
		known[a.pictures[i].file()] = true
	}
	for _, e := range entries {
		if !known[e.Name()] {
			names = append(names, e.Name())
		}
	}
	return names, nil
}

// closeness is the mean absolute difference, in 8-bit levels, that JPEG may make to
// the means of blocks. It makes one of 0.1 to 0.9 here; another image of the same
// no-gradient and no-perspective, are 7 apart.
const closeness = 2

// block is the side of the blocks that are compared, px: pixel by pixel JPEG loses up to
// 10 levels of fine and colourful noise, for its colours have half the resolution.
const block = 8

// like reports how the picture in a file is unlike what it should show.
func like(path string, p *picture, want image.Image) error {
	data, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	have, kind, err := image.Decode(bytes.NewReader(data))
	if err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	if lossless := kind == "png"; lossless != p.lossless {
		return fmt.Errorf("%s is a %s", path, kind)
	}
	if have.Bounds() != want.Bounds() {
		return fmt.Errorf("%s is %v, not %v", path, have.Bounds().Size(), want.Bounds().Size())
	}
	most, side := float64(closeness), block
	if p.lossless {
		most, side = 0, 1
	}
	if off := difference(have, want, side); off > most {
		return fmt.Errorf("%s differs from its pixels by %.2f levels on average, at most %g are allowed", path, off, most)
	}
	return nil
}

// difference returns the mean absolute difference of two images of the same size, in
// 8-bit levels, each averaged over blocks of a side.
func difference(a, b image.Image, side int) float64 {
	p, q := pixels(a), pixels(b)
	w, h := p.Rect.Dx(), p.Rect.Dy()
	total := 0
	for y0 := 0; y0 < h; y0 += side {
		for x0 := 0; x0 < w; x0 += side {
			var sum [4]int
			for y := y0; y < min(y0+side, h); y++ {
				from, to := y*p.Stride+4*x0, y*p.Stride+4*min(x0+side, w)
				other := q.Pix[from:to]
				for i, v := range p.Pix[from:to] {
					sum[i%4] += int(v) - int(other[i])
				}
			}
			for _, d := range sum[:3] {
				total += max(d, -d)
			}
		}
	}
	return float64(total) / float64(3*w*h)
}

// pixels returns an image as RGBA, from its own origin on.
func pixels(im image.Image) *image.RGBA {
	out := image.NewRGBA(image.Rectangle{Max: im.Bounds().Size()})
	draw.Draw(out, out.Rect, im, im.Bounds().Min, draw.Src)
	return out
}
