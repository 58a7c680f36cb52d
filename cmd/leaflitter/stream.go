package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"os/signal"
	"runtime"
	"syscall"

	"golang.org/x/term"

	"leaflitter/cpu"
	"leaflitter/render"
	"leaflitter/scene"
	"leaflitter/stream"
)

type streamCmd struct {
	configFlags
	// Pointers, so that --requests can refuse those that are given.
	Batch    *int    `help:"Images a batch, 1 to 4096 (default 16)." xor:"batch"`
	Start    *uint64 `help:"Index of the first image (default 0)." xor:"start"`
	Stride   *uint64 `help:"Distance between the indices of images (default 1)." xor:"stride"`
	Count    *uint64 `help:"How many images; 0 (the default) is without end." xor:"count"`
	Requests bool    `help:"Answer each line of image indices on standard input with a batch." xor:"batch,start,stride,count"`
	Seed     uint64  `default:"0" help:"Seed; image I of a seed is always the same."`
	Threads  int     `help:"Threads (default all cores)."`
	backendFlags
	colourFlags
	Labels string `help:"Labels to write, of id,layer,depth,edge." placeholder:"LIST"`
	Quiet  bool   `help:"Say nothing but errors."`
}

func (*streamCmd) Help() string {
	return `Members are named by the index of the batch's first image (with --requests: by the line's number, from 0): 000000000.npy is an array of batch x height x width x channels bytes, and 000000000.id.npy, .layer.npy, .depth.npy and .edge.npy, of batch x height x width, hold the labels. It ends when the reader goes away.`
}

// job returns what the flags describe, without its source.
func (s *streamCmd) job(cfg *scene.Config, labels render.Labels, out io.Writer) (stream.Job, error) {
	job := stream.Job{
		Out: out, Width: cfg.Image.Width, Height: cfg.Image.Height, Channels: 3, Labels: labels,
		Batch: given(s.Batch, 16), Start: given(s.Start, 0), Stride: given(s.Stride, 1), Count: given(s.Count, 0),
	}
	if cfg.Develop.Grey {
		job.Channels = 1
	}
	if s.Requests {
		job.Requests = os.Stdin
		return job, nil
	}
	if job.Batch < 1 || job.Batch > stream.MaxBatch {
		return job, usagef("--batch %d is out of range; give 1 to %d", job.Batch, stream.MaxBatch)
	}
	if job.Stride < 1 {
		return job, usagef("--stride 0 is out of range; give 1 or more")
	}
	if most := job.MostImages(); job.Batch > most {
		return job, usagef("--batch %d of %d x %d pixels would need more than %d GiB; give at most %d", job.Batch, job.Width, job.Height, stream.MaxBytes>>30, most)
	}
	if job.Count > 0 && (job.Count-1) > (math.MaxUint64-job.Start)/job.Stride {
		return job, usagef("--start %d with --count %d and --stride %d exceeds the last image index %d; lower one", job.Start, job.Count, job.Stride, uint64(math.MaxUint64))
	}
	return job, nil
}

// given returns what a flag holds, or its default when it is not given.
func given[T any](flag *T, otherwise T) T {
	if flag == nil {
		return otherwise
	}
	return *flag
}

func (s *streamCmd) Run(c *console) error {
	cfg, err := s.configFlags.load()
	if err != nil {
		return err
	}
	labels, err := parseLabels(s.Labels)
	if err != nil {
		return err
	}
	if err := checkThreads(s.Threads); err != nil {
		return err
	}
	if err := s.backendFlags.check(); err != nil {
		return err
	}
	job, err := s.job(&cfg, labels, c.out)
	if err != nil {
		return err
	}
	if f, ok := c.out.(*os.File); ok {
		if term.IsTerminal(int(f.Fd())) {
			return usagef("standard output is a terminal, which a tar archive would fill with noise; send it to a program or a file, such as leaflitter stream | tar -t")
		}
		widenPipe(f)
	}
	// A write to a reader that went away is then an error here, and no signal.
	signal.Ignore(syscall.SIGPIPE)
	say := c.say
	if s.Quiet {
		say = func(string, ...any) {}
	}
	threads := s.Threads
	if threads == 0 {
		threads = runtime.GOMAXPROCS(0)
	}
	set, err := s.colourFlags.load(c, &cfg, threads, say)
	if err != nil {
		return err
	}
	source, err := s.backendFlags.open(render.NewModel(&cfg, nil, set), s.Seed, wiring{threads: threads, say: say, warn: c.warn})
	if err != nil {
		return err
	}
	s.pace(&job, source, threads)
	result, err := stream.Run(c.ctx, job)
	switch {
	case errors.Is(err, syscall.EPIPE):
		say("the reader went away after %s", images(result.Images)) // which is how an endless stream ends
	case c.ctx.Err() != nil && errors.Is(err, context.Canceled):
		// The writer may still be at work, so nothing is closed: the process ends now.
		return s.stopped(result)
	case err != nil:
		return err
	default:
		say("wrote %s", images(result.Images))
	}
	return source.Backend.Close()
}

// pace decides what is asked of the backend at once, and how often. The CPU backend
// would wait for the slowest image of every call: given one image a call and as many
// calls as threads, no core waits. For requests it is left to share out each line.
func (s *streamCmd) pace(job *stream.Job, source supply, threads int) {
	job.Ask, job.InFlight = source.batch, source.inFlight
	if b, ok := source.Backend.(*cpu.Backend); ok {
		if s.Requests {
			job.Ask = stream.MaxBatch
		} else {
			job.Ask, job.InFlight = 1, threads
			source.Backend, source.Threads = b.Limit(1), 1
		}
	}
	job.Source = source
}

func (s *streamCmd) stopped(r stream.Result) error {
	if s.Requests {
		return fmt.Errorf("stopped after %s", images(r.Images))
	}
	return fmt.Errorf("stopped after %s; --start %d goes on from there", images(r.Images), r.Next)
}
