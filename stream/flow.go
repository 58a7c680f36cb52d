package stream

import (
	"context"
	"errors"
	"fmt"
	"io"
	"sync/atomic"

	"leaflitter/render"
)

// flow joins one goroutine that hands out batches, some that render their images, and
// one that writes the batches in order. A fixed number of batches circulates: whoever
// is too fast waits for one.
type flow struct {
	job   *Job
	most  int
	free  chan *batch
	calls chan call
	order chan *batch // as they will be written; has room for all
	end   error       // why feed ended; io.EOF when all was handed out. Read after order is closed.
}

// call is what one call of Source.Render makes: images of one or several batches.
type call struct {
	indices []uint64
	images  []*render.Image
	batches []*batch // of each image
}

func newFlow(job *Job) *flow {
	most := job.batches()
	return &flow{
		job: job, most: most,
		free: make(chan *batch, most), calls: make(chan call), order: make(chan *batch, most),
	}
}

// feed fills batches with what next returns and cuts them into calls, until next ends
// or ctx is done.
func (f *flow) feed(ctx context.Context, next func(*batch) error) {
	defer close(f.order)
	defer close(f.calls)
	var c call
	flush := func() {
		if len(c.indices) == 0 {
			return
		}
		select {
		case f.calls <- c:
		case <-ctx.Done():
		}
		c = call{}
	}
	for made := 0; ctx.Err() == nil; {
		var b *batch
		select {
		case b = <-f.free:
		default:
			if made < f.most {
				b, made = newBatch(f.job), made+1
				break
			}
			flush() // a batch becomes free when all its images are rendered
			select {
			case b = <-f.free:
			case <-ctx.Done():
				return
			}
		}
		if f.end = next(b); f.end != nil {
			break
		}
		b.resize(len(b.indices))
		b.left.Store(int64(len(b.indices)))
		f.order <- b
		for i, index := range b.indices {
			c.indices, c.images, c.batches = append(c.indices, index), append(c.images, b.images[i]), append(c.batches, b)
			if len(c.indices) == f.job.Ask {
				flush()
			}
		}
		if f.job.Requests != nil {
			flush() // the next line may depend on the answer to this one
		}
	}
	flush()
}

// render makes the images of calls and reports batches that are whole.
func (f *flow) render(ctx context.Context, fail context.CancelCauseFunc) {
	for {
		var c call
		var ok bool
		select {
		case c, ok = <-f.calls:
			if !ok {
				return
			}
		case <-ctx.Done():
			return
		}
		if err := f.job.Source.Render(ctx, c.indices, c.images); err != nil {
			fail(fmt.Errorf("images %d to %d cannot be rendered: %w", c.indices[0], c.indices[len(c.indices)-1], err))
			return
		}
		for _, b := range c.batches {
			if b.left.Add(-1) == 0 {
				b.whole <- struct{}{}
			}
		}
	}
}

// write writes batches in order and counts their images, and ends the archive when
// all were written.
func (f *flow) write(ctx context.Context, images *atomic.Uint64) error {
	w := newArchive(f.job.Out)
	for b := range f.order {
		select {
		case <-b.whole:
		case <-ctx.Done():
			return context.Cause(ctx)
		}
		if err := w.put(f.job, b); err != nil {
			return fmt.Errorf("the archive cannot be written: %w", err)
		}
		images.Add(uint64(len(b.indices)))
		f.free <- b
	}
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	if !errors.Is(f.end, io.EOF) {
		return f.end
	}
	return w.end()
}
