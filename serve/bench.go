package serve

import (
	"context"
	"sync"

	"leaflitter/dataset"
	"leaflitter/render"
)

// bench is where one goroutine of an engine makes pieces; it keeps the buffers.
type bench struct {
	*engine
	images   []*render.Image // without labels
	samples  []*dataset.VirtualSample
	encoders []dataset.Encoder
}

// make renders and settles pieces, all with labels or all without.
func (b *bench) make(ctx context.Context, batch []*piece, labels render.Labels) {
	if len(batch) == 0 {
		return
	}
	indices, images := make([]uint64, len(batch)), make([]*render.Image, len(batch))
	for i, p := range batch {
		indices[i] = p.key.index
		switch {
		case labels.Any(): // rare and four times as large: not kept
			images[i] = b.NewImage(labels)
		case i == len(b.images):
			b.images = append(b.images, b.NewImage(labels))
			fallthrough
		default:
			images[i] = b.images[i]
		}
	}
	if err := b.Source.Render(ctx, indices, images); err != nil {
		if ctx.Err() != nil {
			err = context.Cause(ctx)
		}
		for _, p := range batch {
			b.cache.settle(p, nil, err)
		}
		return
	}
	b.stats.rendered.Add(len(batch))
	var wg sync.WaitGroup
	for i, p := range batch {
		wg.Go(func() {
			files, err := b.files(p, i, images[i])
			b.cache.settle(p, files, err)
		})
	}
	wg.Wait()
}

// files are the files of a piece, whose image is im, with the i-th buffers.
func (b *bench) files(p *piece, i int, im *render.Image) ([][]byte, error) {
	encode := func(picture dataset.Picture) ([]byte, error) {
		return b.encoders[i].Encode(nil, picture), picture.Err()
	}
	switch p.key.what {
	case whatSample:
		if b.samples[i] == nil {
			b.samples[i] = b.virtual.NewSample()
		}
		data, err := b.samples[i].Archived(make([]byte, 0, b.virtual.SampleBytes()), p.key.index, im)
		return [][]byte{data}, err
	case whatImage:
		data, err := encode(dataset.ImagePicture(im))
		return [][]byte{data}, err
	}
	w, h := im.Width, im.Height
	var files [][]byte
	for _, picture := range []dataset.Picture{
		dataset.IDPicture(w, h, im.ID), dataset.GreyPicture(w, h, im.Layer), dataset.Grey16Picture(w, h, im.Depth), dataset.GreyPicture(w, h, im.Edge),
	} {
		data, err := encode(picture)
		if err != nil {
			return nil, err
		}
		files = append(files, data)
	}
	facts, err := b.Facts(p.key.index, im)
	return append(files, facts), err
}
