package dataset

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"math"
	"runtime"
	"sync"
	"sync/atomic"
	"time"

	"leaflitter/render"
)

// Job is a range of images to be written to a directory.
type Job struct {
	Dir      string
	Source   render.Source
	NewImage func() *render.Image // an image that Source can fill, with the selected labels

	Start, Count uint64
	Labels       render.Labels
	Level        Level // of compression, for labels too
	Header       Header

	Batch    int // images a call of Source.Render; 0: 8
	InFlight int // calls of Source.Render under way at once; 0: 1
	Workers  int // goroutines that encode and write; 0: one a processor

	Resume, Overwrite bool

	Progress func(Progress) // called a few times a second, from one goroutine; may be nil
	Warn     func(string)   // called with what the user should know though the job goes on; may be nil
	Stats    *render.Stats  // takes down the time that encoding and writing take; may be nil

	total uint64        // images of this process
	spare *render.Image // made to see what images are like, and then used
}

// Progress is how far a job has come, in images.
type Progress struct {
	Done     uint64 // whole and in place, Verified included
	Total    uint64
	Verified uint64 // found in place by this run
	Bytes    uint64 // written by this run
}

// Result is what a job did, in images.
type Result struct {
	Written  uint64 // by this run, the repaired ones included
	Verified uint64 // found in place, with the recorded checksums
	Missing  uint64 // recorded as finished, but a file was gone: rendered again
	Damaged  uint64 // recorded as finished, but a file was changed: rendered again
	Bytes    uint64 // written
	Complete bool   // a finished dataset was found and every file verified: nothing was written
}

func (job *Job) warn(text string) {
	if job.Warn != nil {
		job.Warn(text)
	}
}

func (job *Job) check() error {
	switch {
	case job.Dir == "":
		return errors.New("no directory is given: name one with -o")
	case job.Source == nil || job.NewImage == nil:
		return errors.New("a job needs a Source and NewImage")
	case job.Count == 0:
		return errors.New("count is 0, but must be at least 1")
	case job.Start > math.MaxUint64-job.Count || job.Count > math.MaxInt64/(1+5*sha256.Size):
		return fmt.Errorf("%d images from image %d are more than there are indices: lower start or count", job.Count, job.Start)
	case job.Batch < 0 || job.InFlight < 0 || job.Workers < 0:
		return errors.New("batch, in flight and workers must be at least 1, or 0 for the default")
	}
	return nil
}

func (job *Job) defaults() {
	if job.Batch == 0 {
		job.Batch = 8
	}
	if job.InFlight == 0 {
		job.InFlight = 1
	}
	if job.Workers == 0 {
		job.Workers = runtime.GOMAXPROCS(0)
	}
}

// like returns an image such as the job's, to look at.
func (job *Job) like() *render.Image {
	if job.spare == nil {
		job.spare = job.NewImage()
	}
	return job.spare
}

// most is how many images circulate at most.
func (job *Job) most() int { return (job.InFlight+1)*job.Batch + job.Workers }

// Generate runs the job. When ctx is done it stops soon, with an error that
// wraps ctx's; whatever it stops for, finished images stay, nothing is
// half-written, and Resume ends with the bytes of an undisturbed run.
func Generate(ctx context.Context, job Job) (Result, error) {
	if err := job.check(); err != nil {
		return Result{}, err
	}
	job.defaults()
	job.total = job.Count
	r, err := job.record()
	if err != nil {
		return Result{}, err
	}
	f, err := openFolder(&job, r)
	if err != nil {
		return Result{}, err
	}
	defer f.Close()
	if !f.locked {
		job.warn(fmt.Sprintf("%s is on a file system without locks: start no second job on it meanwhile", job.Dir))
	}
	var c counters
	stop := job.report(&c)
	err = job.fill(ctx, f, &c)
	stop()
	result := c.result()
	result.Complete = err == nil && result.Written == 0
	if err != nil && ctx.Err() != nil && (errors.Is(err, ctx.Err()) || errors.Is(err, context.Cause(ctx))) {
		err = fmt.Errorf("stopped with %d of %d images done; run the same command with --resume to finish: %w",
			result.Written+result.Verified, job.Count, ctx.Err())
	}
	return result, err
}

// fill verifies what the folder holds and makes the rest.
func (job *Job) fill(ctx context.Context, f *folder, c *counters) error {
	if f.resumed {
		if err := f.verify(ctx, c); err != nil {
			return err
		}
	}
	e := encoding{members: members(job.like(), job.Labels, nil), level: job.Level, header: &job.Header, png: true, sums: true}
	if err := job.run(ctx, f, &e, c); err != nil {
		return err
	}
	return f.Finish(ctx)
}

// counters are shared by the goroutines of a job.
type counters struct {
	written, verified, missing, damaged, bytes atomic.Uint64
}

func (c *counters) result() Result {
	return Result{
		Written: c.written.Load(), Verified: c.verified.Load(), Missing: c.missing.Load(),
		Damaged: c.damaged.Load(), Bytes: c.bytes.Load(),
	}
}

// report calls job.Progress now and then until the function that it returns is
// called, which calls it a last time.
func (job *Job) report(c *counters) (stop func()) {
	if job.Progress == nil {
		return func() {}
	}
	send := func() {
		r := c.result()
		job.Progress(Progress{Done: r.Written + r.Verified, Total: job.total, Verified: r.Verified, Bytes: r.Bytes})
	}
	done := make(chan struct{})
	var wg sync.WaitGroup
	wg.Go(func() {
		tick := time.NewTicker(200 * time.Millisecond)
		defer tick.Stop()
		for {
			select {
			case <-tick.C:
				send()
			case <-done:
				send()
				return
			}
		}
	})
	return func() { close(done); wg.Wait() }
}

// slot is an image in flight.
type slot struct {
	index uint64
	image *render.Image
}

// batch is what one call of Source.Render makes.
type batch struct {
	indices []uint64
	images  []*render.Image
}

// run renders what the sink lacks. One goroutine collects batches, some render them,
// workers encode and put. As many images circulate as fill the batches in flight, one
// batch that is collected or written meanwhile, and one image a worker, whatever the
// count: who is too fast waits for images.
func (job *Job) run(ctx context.Context, sink Sink, e *encoding, c *counters) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	most := job.most()
	free, full := make(chan *render.Image, most), make(chan slot, most)
	var wg sync.WaitGroup
	for range job.Workers {
		wg.Go(func() {
			enc := e.encoder()
			for s := range full {
				if ctx.Err() != nil {
					continue
				}
				n, err := job.put(ctx, sink, enc, s)
				if err != nil {
					cancel(err)
					continue
				}
				c.written.Add(1)
				c.bytes.Add(uint64(n))
				free <- s.image
			}
		})
	}
	// An error of the source ends rendering, and what was rendered before is still
	// written.
	rendering, fail := context.WithCancelCause(ctx)
	defer fail(nil)
	batches := make(chan batch)
	var renderers sync.WaitGroup
	for range job.InFlight {
		renderers.Go(func() {
			for b := range batches {
				if rendering.Err() != nil {
					continue
				}
				if err := job.Source.Render(rendering, b.indices, b.images); err != nil {
					fail(fmt.Errorf("images %d to %d cannot be rendered: %w", b.indices[0], b.indices[len(b.indices)-1], err))
					continue
				}
				for i, index := range b.indices {
					full <- slot{index, b.images[i]} // never blocks: it has room for every image
				}
			}
		})
	}
	err := job.collect(rendering, sink, free, batches, most)
	close(batches)
	renderers.Wait()
	close(full)
	wg.Wait()
	for _, c := range []context.Context{ctx, rendering} {
		if cause := context.Cause(c); cause != nil {
			return cause
		}
	}
	return err
}

// put encodes and stores one image and returns how many bytes that were.
func (job *Job) put(ctx context.Context, sink Sink, enc *encoder, s slot) (n int, err error) {
	stop := job.Stats.Time(render.Host, "encode")
	files, n, err := enc.encode(s.index, s.image)
	stop()
	if err != nil {
		return 0, err
	}
	defer job.Stats.Time(render.Host, "write")()
	return n, sink.Put(ctx, Sample{Index: s.index, Files: files})
}

// collect sends every missing image in batches, taking images from free and making at
// most as many as most.
func (job *Job) collect(ctx context.Context, sink Sink, free <-chan *render.Image, batches chan<- batch, most int) error {
	var b batch
	made := 0
	flush := func() {
		if len(b.indices) > 0 {
			batches <- b
			b = batch{}
		}
	}
	for next := job.Start; ctx.Err() == nil; next++ {
		index, ok, err := sink.Missing(ctx, next)
		if err != nil {
			return err
		}
		if !ok {
			flush()
			return nil
		}
		next = index
		var im *render.Image
		select {
		case im = <-free:
		default:
			if made < most {
				im, job.spare, made = job.like(), nil, made+1
				break
			}
			select {
			case im = <-free:
			case <-ctx.Done():
				return context.Cause(ctx)
			}
		}
		b.indices, b.images = append(b.indices, index), append(b.images, im)
		if len(b.indices) == job.Batch {
			flush()
		}
	}
	return context.Cause(ctx)
}
