//go:build linux && cgo && egl

package gpu

import (
	"context"
	"time"

	"github.com/go-gl/gl/v4.5-core/gl"

	"leaflitter/render"
	"leaflitter/scene"
)

// clock notes when the device passes marks, by timestamp queries (elapsed-time
// queries read 0 on llvmpipe).
type clock struct {
	names   []string
	queries []uint32
}

func (c *clock) mark(name string) {
	if c == nil {
		return
	}
	var q uint32
	gl.GenQueries(1, &q)
	gl.QueryCounter(q, gl.TIMESTAMP)
	c.names, c.queries = append(c.names, name), append(c.queries, q)
}

// read returns the time up to each mark since the one before, summed by name.
func (c *clock) read() map[string]time.Duration {
	out := map[string]time.Duration{}
	last := uint64(0)
	for i, q := range c.queries {
		var now uint64
		gl.GetQueryObjectui64v(q, gl.QUERY_RESULT, &now)
		if i > 0 {
			out[c.names[i]] += time.Duration(now - last)
		}
		last = now
	}
	gl.DeleteQueries(int32(len(c.queries)), &c.queries[0])
	return out
}

// Profile renders images as one batch, as far as they fit, on one device and
// returns where the time went: place (leaves of full stacks), layout and upload on
// the CPU, each stage on the device, and readback. n is how many images it was.
func (r *Backend) Profile(ctx context.Context, scenes []*scene.Scene, images []*render.Image) (n int, times map[string]time.Duration, err error) {
	d := <-r.idle
	defer func() { r.idle <- d }()
	start := time.Now()
	r.extend(scenes, nil)
	place := time.Since(start)
	var jobs []job
	for i := range scenes {
		some, err := bands(scenes[i], images[i], d.p.limits.block, d.memory)
		if err != nil {
			return 0, nil, err
		}
		jobs = append(jobs, some...)
	}
	n = r.fit(d, jobs)
	start = time.Now()
	l := layOut(jobs[:n])
	layout := time.Since(start)
	err = d.p.do(func() error {
		start := time.Now()
		if err := d.p.upload(l); err != nil {
			return err
		}
		gl.Finish()
		upload := time.Since(start)
		d.p.clock = &clock{}
		defer func() { d.p.clock = nil }()
		d.p.clock.mark("start")
		if err := d.p.submit(l, nil); err != nil {
			return err
		}
		if err := d.p.wait(); err != nil {
			return err
		}
		start = time.Now()
		if err := d.p.collect(l, &outcome{progress: make([]progress, len(l.stacks))}); err != nil {
			return err
		}
		times = d.p.clock.read()
		times["place"], times["layout"], times["upload"], times["readback"] = place, layout, upload, time.Since(start)
		return nil
	})
	return n, times, err
}
