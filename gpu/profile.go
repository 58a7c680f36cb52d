//go:build linux && cgo && egl

package gpu

import (
	"context"
	"time"

	"leaflitter/render"
	"leaflitter/scene"
)

// Steps are what Profile tells apart, in the order in which a batch takes them: first
// placing and layout on the host, then the device's steps, then copying to the
// images on the host.
var Steps = []string{"sample", "lay out", "upload", "cover", "paint", "shade", "blur", "compose", "develop", "label", "readback", "copy out"}

// Profile renders images as one batch, as far as they fit, with nothing else under way,
// and returns how long each step took; n is how many images it was.
func (r *Backend) Profile(ctx context.Context, scenes []*scene.Scene, images []*render.Image) (n int, times map[string]time.Duration, err error) {
	s := <-r.idle
	defer func() { r.idle <- s }()
	d := s.device
	start := time.Now()
	r.extend(scenes, nil)
	sample := time.Since(start)
	p, err := r.enter(d)
	if err != nil {
		return 0, nil, err
	}
	defer d.life.RUnlock()
	memory, _ := d.budget()
	var jobs []job
	for i := range scenes {
		some, err := bands(scenes[i], images[i], p.limits.block, memory)
		if err != nil {
			return 0, nil, err
		}
		jobs = append(jobs, some...)
	}
	n = d.fit(p, jobs)
	for ctx.Err() == nil {
		stats := &render.Stats{}
		start = time.Now()
		l := layOut(jobs[:n])
		stats.Add(render.Host, "lay out", time.Since(start))
		o, err := p.fly(s, l, r.options.Threads, stats, nil)
		if err != nil {
			return n, nil, err
		}
		if o.short {
			continue
		}
		times = map[string]time.Duration{"sample": sample}
		for _, step := range Steps[1:] {
			if t := stats.Total(render.Host, step) + stats.Total(d.Index, step); t > 0 {
				times[step] = t
			}
		}
		return n, times, nil
	}
	return n, nil, ctx.Err()
}
