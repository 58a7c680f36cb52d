package cpu

import (
	"context"
	"sync"
	"sync/atomic"
)

// team is the goroutines that work on one image.
type team struct {
	ctx     context.Context
	workers int
}

// rows calls fn for all of [0, n) in chunks of rows, until ctx is done.
func (t team) rows(n int, fn func(lo, hi int)) { t.each(n, 32, fn) }

// each calls fn for all of [0, n) in chunks, until ctx is done.
func (t team) each(n, chunk int, fn func(lo, hi int)) {
	var next atomic.Int64
	work := func() {
		for t.ctx.Err() == nil {
			lo := int(next.Add(int64(chunk))) - chunk
			if lo >= n {
				return
			}
			fn(lo, min(lo+chunk, n))
		}
	}
	workers := min(t.workers, (n+chunk-1)/max(chunk, 1))
	if workers <= 1 {
		work()
		return
	}
	var wg sync.WaitGroup
	for range workers {
		wg.Go(work)
	}
	wg.Wait()
}
