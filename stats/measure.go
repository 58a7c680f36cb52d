package stats

import (
	"context"
	"errors"
	"fmt"
	"math/bits"
	"runtime"

	"leaflitter/stats/codelength"
)

// Options of a measurement.
type Options struct {
	Patch   int // side of the spectrum's patches, px: a power of two from 32 to 512; 0: 128
	Threads int // 0: one a processor
	// CodeLength also takes patches for Report.AddCodeLength.
	CodeLength bool
	// Progress, if not nil, is called with the number of images dealt with, from one
	// goroutine.
	Progress func(done, total uint64)
}

// Image is a picture to measure.
type Image struct {
	Name          string
	Width, Height int
	Channels      int      // 3: sRGB bytes; 1: grey
	Pix           []uint8  // Height * Width * Channels
	ID            []uint32 // leaf numbers, Height * Width; nil without labels
}

// Source is a set of images.
type Source interface {
	// String is the directory or URL.
	String() string
	// Kind says what it is: "dataset" or "photographs".
	Kind() string
	// Count is the number of images.
	Count() uint64
	// Each calls emit for every image in order, with a function that reads it, to be
	// called once from any goroutine. gate is called before an image of so many pixels
	// takes memory. A load that fails with Unusable is left out of the set.
	Each(ctx context.Context, emit func(load func(im *Image, gate func(area int64)) error) error) error
}

// Unusable is why a picture is left out. Reason continues the path.
type Unusable struct {
	Path   string `json:"path"`
	Reason string `json:"reason"`
}

// Error implements error.
func (u *Unusable) Error() string { return u.Path + " " + u.Reason }

// worker measures images one after another, keeping its buffers. The images at even
// and at odd places of a set are counted apart, to tell how much chance there is in a
// distance.
type worker struct {
	half   [2]*totals // counts only
	luma   []uint8
	fft    *transform
	labels labels
}

// measure counts an image and returns what is to be summed in order.
func (w *worker) measure(im *Image, half int) (s sums, err error) {
	n := w.fft.n
	if im.Width < n || im.Height < n {
		return s, fmt.Errorf("has %d x %d pixels, less than the %d a side of the spectrum's patches: give --patch a power of two from 32 to %s, "+
			"or take larger images", im.Width, im.Height, n, patchFor(min(im.Width, im.Height)))
	}
	if len(im.Pix) != im.Width*im.Height*im.Channels || im.ID != nil && len(im.ID) != im.Width*im.Height {
		return s, fmt.Errorf("has %d bytes of pixels and %d labels for %d x %d pixels of %d channels", len(im.Pix), len(im.ID), im.Width, im.Height, im.Channels)
	}
	t := w.half[half]
	w.luma = luma(w.luma, im.Pix, im.Channels)
	s.images, s.pixels = 1, int64(im.Width*im.Height)
	s.least = [2]int{im.Width, im.Height}
	s.most = s.least
	s.power = w.fft.measure(w.luma, im.Width, im.Height)
	s.slope.add(w.fft.slope(&s.power))
	t.grey.neighbours(w.luma, im.Width, im.Height)
	t.grey.wavelets(w.luma, im.Width, im.Height)
	s.entropy = t.grey.blocks(w.luma, im.Width, im.Height)
	if blur, ok := t.grey.blurOf(w.luma, im.Width, im.Height); ok {
		s.blur.add(blur)
	}
	s.lab = t.colours.measure(im.Pix, im.Width, im.Height, im.Channels)
	if im.ID != nil {
		w.labels.measure(&t.objects, im.ID, im.Width, im.Height)
	}
	return s, nil
}

// patchFor is the largest patch of a side, for messages.
func patchFor(side int) string {
	if side < 32 {
		return "the image's side (this one is too small for any)"
	}
	return fmt.Sprint(min(512, 1<<(bits.Len(uint(side))-1)))
}

// CheckPatch reports a patch that Options cannot have.
func CheckPatch(n int) error {
	if n < 32 || n > 512 || n&(n-1) != 0 {
		return fmt.Errorf("a patch of %d px is out of range: give 32, 64, 128, 256 or 512", n)
	}
	return nil
}

// outcome is what became of one image.
type outcome struct {
	sums
	half    int
	patches *codelength.Patches
	err     error
}

// bigArea is from how many pixels on images are read and measured one at a time, so that
// memory does not grow with threads.
const bigArea = 16 << 20

// Measure measures a set. It stops at the first image that cannot be read, except
// for photographs that are Unusable, which it lists.
func Measure(ctx context.Context, src Source, o Options) (*Set, error) {
	if o.Patch == 0 {
		o.Patch = 128
	}
	if err := CheckPatch(o.Patch); err != nil {
		return nil, err
	}
	if o.Threads <= 0 {
		o.Threads = runtime.GOMAXPROCS(0)
	}
	if o.Progress == nil {
		o.Progress = func(uint64, uint64) {}
	}
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	f := newFlow(ctx, &o)
	set := &Set{Where: src.String(), Kind: src.Kind(), lattice: f.lattice}
	if o.CodeLength {
		f.patches = perImage(src.Count())
		set.patches = [2]*codelength.Patches{{}, {}}
	}
	var produced error
	go func() {
		produced = f.produce(src)
		close(f.jobs)
		close(f.order)
	}()
	halves := [2]*totals{newTotals(f.lattice), newTotals(f.lattice)}
	done := uint64(0)
	var failed error
	for ready := range f.order {
		one := <-ready
		var bad *Unusable
		switch {
		case failed != nil: // drain
			continue
		case src.Kind() == "photographs" && errors.As(one.err, &bad):
			set.Skipped = append(set.Skipped, *bad)
		case one.err != nil:
			failed = one.err
			cancel(failed)
			continue
		default:
			halves[one.half].sums.add(&one.sums)
			if one.patches != nil {
				set.patches[one.half].Add(one.patches)
			}
		}
		done++
		o.Progress(done, src.Count())
	}
	for h, counted := range f.wait() {
		for _, t := range counted {
			halves[h].add(t)
		}
	}
	switch {
	case ctx.Err() != nil && failed == nil:
		return nil, fmt.Errorf("measuring %s was stopped: %w", src, context.Cause(ctx))
	case failed != nil:
		return nil, failed
	case produced != nil:
		return nil, produced
	}
	set.fill(halves)
	if set.Images == 0 {
		return nil, noneUsable(src, set.Skipped)
	}
	return set, nil
}

// noneUsable names why nothing of a set could be measured.
func noneUsable(src Source, skipped []Unusable) error {
	if len(skipped) == 0 {
		return fmt.Errorf("%s holds no images; name a dataset of leaflitter or a directory of photographs (JPEG, PNG, TIFF or WebP)", src)
	}
	return fmt.Errorf("none of the %d images of %s can be measured; the first: %w", len(skipped), src, &skipped[0])
}
