//go:build linux && cgo && egl

package gpu

import (
	"errors"
	"fmt"
)

// relieve makes the next try of a batch of n jobs more likely to succeed than the last
// one, which failed on p for lack of memory or of a context, and returns the jobs that
// are left to do.
func (r *Backend) relieve(s *slot, p *painter, todo []job, n int, why error) ([]job, error) {
	d := s.device
	d.mu.Lock()
	d.pixels = max(d.pixels/2, 1<<16)
	if n == 1 && errors.Is(why, errMemory) { // what does not fit whole may fit in bands
		d.memory /= 2
	}
	memory := d.memory
	d.mu.Unlock()
	r.options.say("%s: %v; going on with smaller batches", d.Name(), why)
	if errors.Is(why, errLost) {
		return todo, r.replace(d, p)
	}
	// Give back what this and past batches took, once nobody needs it.
	d.life.Lock()
	defer d.life.Unlock()
	if d.p == p {
		p.do(func() error {
			p.shrink()
			s.free()
			return nil
		})
	}
	if n > 1 {
		return todo, nil
	}
	return rebands(todo, p.limits.block, memory)
}

// rebands splits the first job's image anew, into smaller bands.
func rebands(todo []job, block, memory uint64) ([]job, error) {
	first := &todo[0]
	jobs, err := bands(first.scene, first.image, block, memory)
	if err != nil {
		return nil, err
	}
	for len(todo) > 0 && todo[0].scene == jobs[0].scene {
		todo = todo[1:]
	}
	return append(jobs, todo...), nil
}

// replace makes a new context in place of the one of p, which was lost, unless another
// goroutine was faster. It waits until no slot uses the old one's memory.
func (r *Backend) replace(d *device, p *painter) error {
	d.life.Lock()
	defer d.life.Unlock()
	if d.p != p {
		return nil
	}
	d.shut()
	var err error
	if d.p, err = r.open(d, false); err != nil {
		return fmt.Errorf("%s: %w, and it gives no new context: %v", d.Name(), errLost, err)
	}
	return nil
}
