package stats

import (
	"context"
	"sync"

	"leaflitter/stats/codelength"
)

// flow hands images to workers and their outcomes to one reader, in order.
type flow struct {
	ctx     context.Context
	lattice *lattice
	jobs    chan job
	order   chan chan outcome // as many as may be ahead of the reader
	workers sync.WaitGroup
	big     sync.Mutex
	halves  [2][]*totals
	patches float64 // an image; 0: none
}

type job struct {
	load  func(im *Image, gate func(area int64)) error
	place int // in the set
	ready chan outcome
}

func newFlow(ctx context.Context, o *Options) *flow {
	f := &flow{ctx: ctx, lattice: newLattice(o.Patch), jobs: make(chan job), order: make(chan chan outcome, 2*o.Threads)}
	for range o.Threads {
		w := &worker{half: [2]*totals{newTotals(f.lattice), newTotals(f.lattice)}, fft: newTransform(f.lattice)}
		for h, t := range w.half {
			f.halves[h] = append(f.halves[h], t)
		}
		f.workers.Go(func() {
			for j := range f.jobs {
				j.ready <- f.do(w, j)
			}
		})
	}
	return f
}

// produce emits every image of the source.
func (f *flow) produce(src Source) error {
	n := 0
	return src.Each(f.ctx, func(load func(*Image, func(int64)) error) error {
		j := job{load, n, make(chan outcome, 1)}
		n++
		select {
		case f.order <- j.ready:
		case <-f.ctx.Done():
			return context.Cause(f.ctx)
		}
		f.jobs <- j // workers always come back for more
		return nil
	})
}

func (f *flow) do(w *worker, j job) (out outcome) {
	out.half = j.place & 1
	if out.err = f.ctx.Err(); out.err != nil {
		return out
	}
	held := false
	defer func() {
		if held {
			f.big.Unlock()
		}
	}()
	var im Image
	out.err = j.load(&im, func(area int64) {
		if area >= bigArea {
			f.big.Lock()
			held = true
		}
	})
	if out.err != nil {
		return out
	}
	out.sums, out.err = w.measure(&im, out.half)
	if out.err == nil && f.patches > 0 {
		out.patches, out.err = codelength.Take(w.luma, im.Width, im.Height, j.place, f.patches)
	}
	if out.err != nil {
		out.err = &Unusable{im.Name, out.err.Error()}
	}
	return out
}

// wait returns what the workers counted.
func (f *flow) wait() [2][]*totals {
	f.workers.Wait()
	return f.halves
}
