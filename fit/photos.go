package fit

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"path"

	"leaflitter/palette"
	"leaflitter/stats"
)

// Picture is one photograph or one image made: sRGB bytes, three a pixel.
type Picture struct {
	Name          string
	Width, Height int
	Pix           []uint8
}

// Photos are photographs in two halves: Fitting is what a search sees, Judging what it never sees.
type Photos struct {
	Where            string
	Fitting, Judging []palette.Photo
	Skipped          []palette.Skip
}

// Half tells by its name, and not by what else lies in the directory, to which half a photograph belongs: 0
// fitting, 1 judging.
func Half(name string) int {
	sum := sha256.Sum256([]byte(path.Base(name)))
	return int(sum[0] & 1)
}

const (
	// LeastPhotos is the fewest that each half must hold.
	LeastPhotos = 5
	// fewPhotos is from how many on in a half an interval can be trusted.
	fewPhotos = 40
	leastSide = 128 // px of a photograph, for the spectrum's patches
)

// FindPhotos lists the photographs below a directory.
func FindPhotos(ctx context.Context, where string) (*Photos, error) {
	list, skips, err := palette.ListPhotos(ctx, where)
	if err != nil {
		return nil, err
	}
	p := &Photos{Where: where, Skipped: skips}
	for _, photo := range list {
		if Half(photo.Path) == 0 {
			p.Fitting = append(p.Fitting, photo)
		} else {
			p.Judging = append(p.Judging, photo)
		}
	}
	if len(list) == 0 {
		return nil, fmt.Errorf("%s holds no photographs; name a directory of JPEG, PNG, TIFF or WebP files", where)
	}
	if min(len(p.Fitting), len(p.Judging)) < LeastPhotos {
		return nil, fmt.Errorf("%s holds %d photographs, whose names put %d in the half to fit to and %d in the half to judge by; give %d or more for each, a few dozen for a result to trust",
			where, len(list), len(p.Fitting), len(p.Judging), LeastPhotos)
	}
	return p, nil
}

// Warning says whether there are too few photographs to tell much, "" if not.
func (p *Photos) Warning() string {
	if n := min(len(p.Fitting), len(p.Judging)); n < fewPhotos {
		return fmt.Sprintf("%d and %d photographs in the two halves are few: intervals are wide and themselves uncertain, and a fit may follow single photographs; %d or more in each half are better",
			len(p.Fitting), len(p.Judging), fewPhotos)
	}
	return ""
}

// Load decodes photographs one after another, each cut to its middle of at most most pixels a side, so that memory stays small. What cannot be used comes back beside.
func Load(ctx context.Context, list []palette.Photo, most int) (pictures []Picture, skipped []palette.Skip, err error) {
	for _, photo := range list {
		pix, w, h, err := photo.Pixels(ctx, nil, func(int64) {})
		if ctx.Err() != nil {
			return nil, nil, ctx.Err()
		}
		if err == nil && min(w, h) < leastSide {
			err = fmt.Errorf("has %d x %d pixels, less than the %d a side that a fit needs", w, h, leastSide)
		}
		if err != nil {
			skipped = append(skipped, palette.Skip{Path: photo.Path, Reason: err.Error()})
			continue
		}
		pictures = append(pictures, middle(Picture{photo.Path, w, h, pix}, most))
	}
	if len(pictures) < LeastPhotos {
		text := errors.New("no photograph was found")
		if len(skipped) > 0 {
			text = fmt.Errorf("the first of those left out: %s %s", skipped[0].Path, skipped[0].Reason)
		}
		return nil, skipped, fmt.Errorf("only %d photographs of one half can be used, and a fit needs %d or more of at least %d px a side; %w", len(pictures), LeastPhotos, leastSide, text)
	}
	return pictures, skipped, nil
}

// middle cuts out the middle of a picture.
func middle(p Picture, most int) Picture {
	w, h := min(p.Width, most), min(p.Height, most)
	if w == p.Width && h == p.Height {
		return p
	}
	x, y := (p.Width-w)/2, (p.Height-h)/2
	out := Picture{p.Name, w, h, make([]uint8, 0, 3*w*h)}
	for r := range h {
		from := 3 * ((y+r)*p.Width + x)
		out.Pix = append(out.Pix, p.Pix[from:from+3*w]...)
	}
	return out
}

// set lets package stats measure pictures.
type set struct {
	name     string
	kind     string
	pictures []Picture
}

func (s set) String() string { return s.name }
func (s set) Kind() string   { return s.kind }
func (s set) Count() uint64  { return uint64(len(s.pictures)) }

func (s set) Each(ctx context.Context, emit func(load func(*stats.Image, func(int64)) error) error) error {
	for i := range s.pictures {
		p := &s.pictures[i]
		err := emit(func(im *stats.Image, _ func(int64)) error {
			*im = stats.Image{Name: p.Name, Width: p.Width, Height: p.Height, Channels: 3, Pix: p.Pix}
			return ctx.Err()
		})
		if err != nil {
			return err
		}
	}
	return nil
}
