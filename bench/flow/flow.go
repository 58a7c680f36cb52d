// Package flow measures how many images a second a source makes, as a job asks for them.
package flow

import (
	"context"
	"sync"
	"time"

	"leaflitter/render"
	"leaflitter/scene"
)

// Flow asks a source for images, batch by batch, with so many batches under way.
type Flow struct {
	Source   render.Source
	Config   *scene.Config
	Batch    int
	InFlight int
	next     uint64 // index
	images   [][]*render.Image
}

// Rate renders for at least so long, and at least one batch for each one under way, and
// returns images a second.
func (f *Flow) Rate(ctx context.Context, least time.Duration) (float64, error) {
	for len(f.images) < f.InFlight {
		images := make([]*render.Image, f.Batch)
		for i := range images {
			images[i] = render.NewImage(f.Config, render.Labels{})
		}
		f.images = append(f.images, images)
	}
	var wg sync.WaitGroup
	var mu sync.Mutex // guards next, done and failed
	done, failed := 0, error(nil)
	start := time.Now()
	for k := range f.InFlight {
		wg.Go(func() {
			indices := make([]uint64, f.Batch)
			for first := true; first || time.Since(start) < least; first = false {
				mu.Lock()
				for i := range indices {
					indices[i] = f.next
					f.next++
				}
				stop := failed != nil
				mu.Unlock()
				if stop {
					return
				}
				err := f.Source.Render(ctx, indices, f.images[k])
				mu.Lock()
				done += f.Batch
				if err != nil {
					failed = err
				}
				mu.Unlock()
			}
		})
	}
	wg.Wait()
	return float64(done) / time.Since(start).Seconds(), failed
}
