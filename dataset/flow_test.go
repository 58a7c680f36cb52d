package dataset

import (
	"context"
	"path/filepath"
	"sync/atomic"
	"testing"
	"time"

	"leaflitter/render"
)

// Batches in flight: as many calls of the source as asked for are under way at once,
// never more; images are not made beyond what they need, however slow or quick the
// sink is; and the files are the same.
func TestInFlight(t *testing.T) {
	want := undisturbed(t, testJob("", 60, render.Labels{ID: true}))
	for _, n := range []int{1, 3} {
		job := testJob(filepath.Join(t.TempDir(), "d"), 60, render.Labels{ID: true})
		job.InFlight = n
		var now, most, made atomic.Int64
		gate := make(chan bool) // opens when n calls have met
		opened := atomic.Bool{}
		job.Source = meeting{fake: fake{}, enter: func() {
			k := now.Add(1)
			for {
				m := most.Load()
				if k <= m || most.CompareAndSwap(m, k) {
					break
				}
			}
			if k == int64(n) && opened.CompareAndSwap(false, true) {
				close(gate)
			}
			select {
			case <-gate:
			case <-time.After(20 * time.Second): // then most says so
			}
		}, leave: func() { now.Add(-1) }}
		newImage := job.NewImage
		job.NewImage = func() *render.Image { made.Add(1); return newImage() }
		stats := &render.Stats{}
		job.Stats = stats
		mustGenerate(t, job)
		if most.Load() != int64(n) {
			t.Errorf("%d calls at once instead of %d", most.Load(), n)
		}
		if m := made.Load(); m > int64((n+1)*job.Batch+job.Workers) {
			t.Errorf("%d images in memory", m)
		}
		if stats.Total(render.Host, "encode") == 0 || stats.Total(render.Host, "write") == 0 {
			t.Error("the time of encoding and writing is not taken down")
		}
		sameFiles(t, "in flight", snapshot(t, job.Dir), want)
	}
}

// meeting tells when calls begin and end.
type meeting struct {
	fake
	enter, leave func()
}

func (m meeting) Render(ctx context.Context, indices []uint64, images []*render.Image) error {
	m.enter()
	defer m.leave()
	return m.fake.Render(ctx, indices, images)
}
