// Package stream writes images as an endless tar archive of .npy batches, for
// programs that train on them while they are made. It knows neither leaves nor flags.
package stream

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math"
	"sync"
	"sync/atomic"

	"leaflitter/render"
)

// MaxBatch is the most images of one batch, and MaxBytes the most memory that one may
// take with its labels: a member of a tar archive must stay below 8 GiB.
const (
	MaxBatch = 4096
	MaxBytes = 4 << 30
)

// Job is what Run writes: the images Start, Start+Stride, ... in batches, or, when
// Requests is set, a batch for each of its lines.
type Job struct {
	Source render.Source
	Out    io.Writer

	Width, Height, Channels int // of each image, px; Channels is 3 or 1
	Labels                  render.Labels

	Batch  int    // images a batch, 1 to MaxBatch; unused with Requests
	Start  uint64 // index of the first image
	Stride uint64 // between the indices of images, at least 1
	Count  uint64 // images in all; 0: no end before the last index

	// Requests holds lines of 1 to MaxBatch image indices, separated by blanks, each of
	// which is answered, in order, by a batch whose key is the line's number from 0.
	Requests io.Reader

	Ask      int // images a call of Source.Render, at most; at least 1
	InFlight int // calls of Source.Render under way at once, at least 1
}

// Result is what a job wrote, in whole batches.
type Result struct {
	Images uint64
	Next   uint64 // index of the first image that was not written; 0 with Requests
}

func (job *Job) check() error {
	switch {
	case job.Source == nil || job.Out == nil:
		return errors.New("a stream needs a Source and Out")
	case job.Width < 1 || job.Height < 1 || job.Channels != 1 && job.Channels != 3:
		return fmt.Errorf("images of %d x %d with %d channels cannot be streamed: give sizes from 1 and 1 or 3 channels", job.Width, job.Height, job.Channels)
	case job.Ask < 1 || job.InFlight < 1:
		return errors.New("ask and in flight must be at least 1")
	case job.Requests != nil:
		return nil
	case job.Batch < 1 || job.Batch > MaxBatch:
		return fmt.Errorf("batch is %d, but must be from 1 to %d", job.Batch, MaxBatch)
	case job.Stride < 1:
		return errors.New("stride is 0, but must be at least 1")
	case job.Batch > job.MostImages():
		return fmt.Errorf("a batch of %d images of %d x %d takes more than %d GiB: give at most %d", job.Batch, job.Width, job.Height, MaxBytes>>30, job.MostImages())
	case job.Count > 0 && (job.Count-1) > (math.MaxUint64-job.Start)/job.Stride:
		return fmt.Errorf("%d images from image %d, %d apart, are more than there are indices: lower one", job.Count, job.Start, job.Stride)
	}
	return nil
}

// imageBytes is the memory of one image with its labels.
func (job *Job) imageBytes() int {
	n := job.Channels
	for _, l := range []struct {
		on   bool
		size int
	}{{job.Labels.ID, 4}, {job.Labels.Layer, 1}, {job.Labels.Depth, 2}, {job.Labels.Edge, 1}} {
		if l.on {
			n += l.size
		}
	}
	return n * job.Width * job.Height
}

// MostImages is how many images one batch may hold at this size, from 1 to MaxBatch.
func (job *Job) MostImages() int { return max(1, min(MaxBatch, MaxBytes/job.imageBytes())) }

// batches returns how many batches circulate: those being rendered, one that is
// collected and one that is written, and a few more, while they are small, so that
// the cores stay busy when the reader now and then takes its time.
func (job *Job) batches() int {
	if job.Requests != nil {
		return job.InFlight + 2
	}
	const spare, spareBytes = 8, 64 << 20
	need := ((job.InFlight+1)*job.Ask+job.Batch-1)/job.Batch + 2
	return max(need, min(need+spare, spareBytes/(job.Batch*job.imageBytes())))
}

// Run writes the archive until its end, an error, or until ctx is done; an endless job
// ends in no other way. It returns soon after ctx is done, though a call of Out.Write
// or Requests.Read may then still be under way. An archive that ends with an error has
// no end mark.
//
// A malformed line of Requests is an error after the lines before it were answered.
func Run(ctx context.Context, job Job) (Result, error) {
	if err := job.check(); err != nil {
		return Result{}, err
	}
	ctx, fail := context.WithCancelCause(ctx)
	defer fail(nil)
	next := job.consecutive()
	if job.Requests != nil {
		next = job.requested()
	}
	f := newFlow(&job)
	go f.feed(ctx, next)
	var renderers sync.WaitGroup
	for range job.InFlight {
		renderers.Go(func() { f.render(ctx, fail) })
	}
	var images atomic.Uint64
	written := make(chan error, 1)
	go func() { written <- f.write(ctx, &images) }()

	var err error
	select {
	case err = <-written:
	case <-ctx.Done():
	}
	if cause := context.Cause(ctx); cause != nil {
		err = cause
	}
	fail(nil)
	renderers.Wait()
	r := Result{Images: images.Load()}
	if job.Requests == nil {
		r.Next = job.Start + r.Images*job.Stride
	}
	return r, err
}
