package main

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"hash"
	"image"
	"image/color"
	"image/draw"
	"reflect"

	"leaflitter/bank"
	"leaflitter/cpu"
	"leaflitter/dataset"
	"leaflitter/render"
	"leaflitter/scene"
)

// gap is the white space between panels, in pixels.
const gap = 4

// studio renders pictures from a list of presets.
type studio struct {
	presets []scene.Preset
	banks   []stored
	last    map[string]*render.Image // of the picture under way, by flags and label
}

// stored is a bank and what its outlines were made for: all else in a bank is the same
// for every configuration, or shared by all banks of a process.
type stored struct {
	polygon    scene.Polygon
	rMin, rMax float64
	spectrum   string
	polygons   bool
	bank       *bank.Bank
}

// bank returns the bank of a configuration. Outlines take longer to make than
// an image, and most panels want the same.
func (s *studio) bank(cfg *scene.Config) *bank.Bank {
	want := stored{cfg.Outline.Polygon, cfg.Leaves.RMin, cfg.Leaves.RMax, cfg.Paint.Noise.Spectrum, cfg.DrawsPolygons(), nil}
	for _, have := range s.banks {
		b := have.bank
		if have.bank = nil; reflect.DeepEqual(have, want) {
			return b
		}
	}
	want.bank = bank.New(cfg)
	s.banks = append(s.banks, want)
	return want.bank
}

// drawn is a picture before it is encoded.
type drawn struct {
	sum   string // SHA-256 of the pixels of the images that it was made from
	image image.Image
}

// draw renders a picture.
func (s *studio) draw(ctx context.Context, p *picture) (drawn, error) {
	sum := sha256.New()
	var tiles []image.Image
	side := p.side
	s.last = map[string]*render.Image{}
	for i := range p.panels {
		tile, err := s.panel(ctx, p, &p.panels[i], sum)
		if err != nil {
			return drawn{}, fmt.Errorf("picture %s, panel %q: %w", p.name, p.panels[i].caption, err)
		}
		tiles = append(tiles, tile)
		if p.side == 0 {
			side = max(side, tile.Bounds().Dx(), tile.Bounds().Dy())
		}
	}
	return drawn{hex.EncodeToString(sum.Sum(nil)), dataset.Compose(tiles, len(tiles), side, gap)}, nil
}

// panel renders one panel and adds the bytes of the whole image to sum.
func (s *studio) panel(ctx context.Context, p *picture, pl *panel, sum hash.Hash) (image.Image, error) {
	f := p.flags.over(pl.flags)
	cfg, err := f.config(s.presets)
	if err != nil {
		return nil, err
	}
	im := s.last[f.String()+pl.label]
	if im == nil {
		im = render.NewImage(cfg, pl.labels())
		if err := s.render(ctx, cfg, f, im); err != nil {
			return nil, err
		}
		s.last[f.String()+pl.label] = im
	}
	binary.Write(sum, binary.LittleEndian, [3]uint32{uint32(im.Width), uint32(im.Height), uint32(im.Channels)})
	sum.Write(im.Pix)
	binary.Write(sum, binary.LittleEndian, im.Depth)
	binary.Write(sum, binary.LittleEndian, im.ID)
	sum.Write(im.Layer)
	sum.Write(im.Edge)
	return cut(colourOf(im, len(cfg.Layers), pl.label), pl.crop, pl.zoom), nil
}

func (s *studio) render(ctx context.Context, cfg *scene.Config, f flags, im *render.Image) error {
	m := render.NewModel(cfg, s.bank(cfg), nil)
	r := render.Renderer{Placer: m.Placer(f.seed), Backend: cpu.New(m, 0)}
	return r.Render(ctx, []uint64{f.index}, []*render.Image{im})
}

// colourOf returns the pixels of an image, or of one of its labels, as a picture.
func colourOf(im *render.Image, layers int, label string) *image.RGBA {
	out := image.NewRGBA(image.Rect(0, 0, im.Width, im.Height))
	for i := range im.Width * im.Height {
		c := color.RGBA{A: 255}
		switch label {
		case "":
			c.R, c.G, c.B = im.Pix[i*im.Channels], im.Pix[i*im.Channels+im.Channels/2], im.Pix[i*im.Channels+im.Channels-1]
		case "id": // as many hues as there are leaves
			h := im.ID[i] * 2654435761
			c.R, c.G, c.B = uint8(h>>24), uint8(h>>16), uint8(h>>8)
		case "layer":
			v := uint8(int(im.Layer[i]) * 255 / max(layers-1, 1))
			c.R, c.G, c.B = v, v, v
		case "depth":
			v := uint8(im.Depth[i] >> 8)
			c.R, c.G, c.B = v, v, v
		case "edge":
			v := 255 - im.Edge[i]
			c.R, c.G, c.B = v, v, v
		}
		out.SetRGBA(i%im.Width, i/im.Width, c)
	}
	return out
}

// cut returns a part of an image, each pixel enlarged to a square of side zoom.
func cut(im *image.RGBA, part image.Rectangle, zoom int) image.Image {
	if part.Empty() {
		return im
	}
	if zoom <= 1 {
		out := image.NewRGBA(image.Rectangle{Max: part.Size()})
		draw.Draw(out, out.Bounds(), im, part.Min, draw.Src)
		return out
	}
	out := image.NewRGBA(image.Rectangle{Max: part.Size().Mul(zoom)})
	for y := range out.Rect.Max.Y {
		for x := range out.Rect.Max.X {
			out.SetRGBA(x, y, im.RGBAAt(part.Min.X+x/zoom, part.Min.Y+y/zoom))
		}
	}
	return out
}
