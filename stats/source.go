package stats

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strings"

	"leaflitter/dataset"
	"leaflitter/palette"
	"leaflitter/render"
	"leaflitter/scene"
	"leaflitter/store"
)

// Open returns the set of images that a directory or s3:// URL holds: a dataset of
// leaflitter, or, in a directory, photographs at any depth.
func Open(ctx context.Context, where string) (Source, error) {
	const remedy = "name a dataset of leaflitter (a directory or s3://BUCKET/PREFIX) or a directory of photographs (JPEG, PNG, TIFF or WebP)"
	st, err := store.Open(where)
	if err != nil {
		return nil, err
	}
	if !store.IsURL(where) {
		switch info, err := os.Stat(where); {
		case errors.Is(err, fs.ErrNotExist):
			return nil, fmt.Errorf("%s does not exist; %s", where, remedy)
		case err != nil:
			return nil, store.Explain(where, err)
		case !info.IsDir():
			return nil, fmt.Errorf("%s is a file; %s", where, remedy)
		}
	}
	is, err := dataset.Holds(ctx, st)
	if err != nil {
		return nil, err
	}
	if !is && store.IsURL(where) {
		return nil, fmt.Errorf("%s holds no dataset of leaflitter: there is no manifest.json; photographs are read from a directory, not from a URL", where)
	}
	if !is {
		return openPhotos(ctx, where)
	}
	return openDataset(ctx, where, st)
}

// generated is a dataset of leaflitter.
type generated struct {
	*dataset.Existing
	where string
	cfg   scene.Config
}

func openDataset(ctx context.Context, where string, st store.Store) (Source, error) {
	e, err := dataset.OpenExisting(ctx, st)
	if err != nil {
		return nil, err
	}
	cfg, err := scene.Parse("manifest.json", e.ConfigJSON(), scene.Default())
	if err == nil {
		err = scene.Check(&cfg)
	}
	if err != nil {
		return nil, fmt.Errorf("the configuration in the manifest of %s is damaged: %w", where, err)
	}
	return &generated{e, where, cfg}, nil
}

func (g *generated) String() string { return g.where }
func (g *generated) Kind() string   { return "dataset" }
func (g *generated) Count() uint64  { return g.Existing.Count }

func (g *generated) Each(ctx context.Context, emit func(load func(*Image, func(int64)) error) error) error {
	newImage := func() *render.Image { return render.NewImage(&g.cfg, g.Labels) }
	area := int64(g.cfg.Image.Width) * int64(g.cfg.Image.Height)
	return g.Existing.Each(ctx, newImage, func(index uint64, load func(*render.Image) error) error {
		return emit(func(im *Image, gate func(int64)) error {
			gate(area)
			var r render.Image
			if err := load(&r); err != nil {
				return err
			}
			*im = Image{fmt.Sprintf("image %d of %s", index, g.where), r.Width, r.Height, r.Channels, r.Pix, r.ID}
			return nil
		})
	})
}

// photographs are the pictures below a directory.
type photographs struct {
	where string
	list  []palette.Photo
	skips []palette.Skip
}

func openPhotos(ctx context.Context, dir string) (Source, error) {
	list, skips, err := palette.ListPhotos(ctx, dir)
	if err != nil {
		return nil, err
	}
	if len(list)+len(skips) == 0 {
		return nil, fmt.Errorf("%s holds neither a dataset of leaflitter (there is no manifest.json) nor photographs (JPEG, PNG, TIFF or WebP)", dir)
	}
	return &photographs{dir, list, skips}, nil
}

func (p *photographs) String() string { return p.where }
func (p *photographs) Kind() string   { return "photographs" }
func (p *photographs) Count() uint64  { return uint64(len(p.list) + len(p.skips)) }

func (p *photographs) Each(ctx context.Context, emit func(load func(*Image, func(int64)) error) error) error {
	for _, photo := range p.list {
		err := emit(func(im *Image, gate func(int64)) error {
			pix, w, h, err := photo.Pixels(ctx, nil, gate)
			if ctx.Err() != nil {
				return ctx.Err()
			}
			if err != nil {
				return &Unusable{strings.ToValidUTF8(photo.Path, "\uFFFD"), err.Error()}
			}
			*im = Image{photo.Path, w, h, 3, pix, nil}
			return nil
		})
		if err != nil {
			return err
		}
	}
	for _, s := range p.skips {
		err := emit(func(*Image, func(int64)) error { return &Unusable{s.Path, s.Reason} })
		if err != nil {
			return err
		}
	}
	return nil
}
