package serve

import (
	"context"
	"slices"
	"sync"
)

// Model is a configuration, seed and size of which things are served.
type Model struct {
	Identity string // names all that its bytes depend on beside the path: version, configuration, size, palettes, seed, form of shards
	Open     func() (*Engine, error)
	YAML     func() []byte             // the configuration
	Command  func(index uint64) string // the command line that makes an image and its labels
}

// engines are those of the models that were asked for last. Opening one can take
// seconds, its tables 100 MB: it happens outside the lock, a few at a time. What is being
// opened cannot be stopped; when those who wanted it are gone it makes nobody wait, so
// there can be as many engines more than most as open at a time.
type engines struct {
	cache  *cache
	stats  *meters
	most   int
	builds chan struct{} // who opens

	mu      sync.Mutex
	byID    map[string]*place
	order   []*place // the one used last at the end
	closed  bool
	closing sync.WaitGroup
}

// place is the place of an engine that is open or being opened. engines.mu guards users and begun.
type place struct {
	model  *Model
	users  int           // requests that use it or wait for it
	begun  bool          // its turn to be opened came
	ready  chan struct{} // closed when engine or err is there
	engine *engine
	err    error
}

func (p *place) opening() bool {
	select {
	case <-p.ready:
		return false
	default:
		return true
	}
}

func newEngines(c *cache, most int) *engines {
	return &engines{cache: c, most: most, builds: make(chan struct{}, 2), byID: map[string]*place{}}
}

// get returns the engine of a model; release must follow.
func (e *engines) get(ctx context.Context, m *Model) (*place, error) {
	e.mu.Lock()
	if e.closed {
		e.mu.Unlock()
		return nil, errClosing
	}
	p := e.byID[m.Identity]
	if p == nil {
		if e.busy() >= e.most {
			e.mu.Unlock()
			return nil, refuse(503, "images of %d configurations, seeds and sizes are being made, which is the most at once: try again soon", e.most)
		}
		p = &place{model: m, ready: make(chan struct{})}
		e.byID[m.Identity] = p
		e.order = append(e.order, p)
		go e.open(p)
	} else {
		e.order = append(slices.DeleteFunc(e.order, func(q *place) bool { return q == p }), p)
	}
	p.users++
	e.retire()
	e.mu.Unlock()
	select {
	case <-p.ready:
	case <-ctx.Done():
		e.release(p)
		return nil, context.Cause(ctx)
	}
	if p.err != nil {
		return nil, p.err
	}
	return p, nil
}

// open opens the engine of a place, unless everybody who waited went away before its
// turn came.
func (e *engines) open(p *place) {
	select {
	case e.builds <- struct{}{}:
	case <-p.ready: // forgotten by release
		return
	}
	defer func() { <-e.builds }()
	e.mu.Lock()
	if p.opening() && e.closed {
		e.forget(p, errClosing)
	}
	if !p.opening() {
		e.mu.Unlock()
		return
	}
	p.begun = true
	e.mu.Unlock()
	made, err := p.model.Open()
	var g *engine
	if err == nil {
		if g, err = newEngine(p.model.Identity, made, e.cache, e.stats); err != nil {
			made.Close()
		}
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	if err == nil && e.closed {
		e.closing.Go(func() { g.close(errClosing) })
		err = errClosing
	}
	if err != nil {
		e.forget(p, err)
		return
	}
	p.engine = g
	close(p.ready)
	e.retire()
}

// forget takes away a place that gets no engine, once. e.mu is held.
func (e *engines) forget(p *place, err error) {
	p.err = err
	delete(e.byID, p.model.Identity)
	e.order = slices.DeleteFunc(e.order, func(q *place) bool { return q == p })
	close(p.ready)
}

// busy counts the places in use. e.mu is held.
func (e *engines) busy() (n int) {
	for _, p := range e.order {
		if p.users > 0 {
			n++
		}
	}
	return n
}

func (e *engines) release(p *place) {
	e.mu.Lock()
	defer e.mu.Unlock()
	p.users--
	if p.users == 0 && !p.begun && p.opening() {
		e.forget(p, context.Canceled) // nobody waits on it to be told
	}
	e.retire()
}

// retire closes the engines that are too many, those not used first. What is being opened
// for nobody is no reason to close another: it may be closed itself when it is open.
// e.mu is held.
func (e *engines) retire() {
	held := 0
	for _, p := range e.order {
		if p.users > 0 || !p.opening() {
			held++
		}
	}
	for i := 0; held > e.most && i < len(e.order); {
		p := e.order[i]
		if p.users > 0 || p.opening() {
			i++
			continue
		}
		held--
		delete(e.byID, p.model.Identity)
		e.order = slices.Delete(e.order, i, i+1)
		e.closing.Go(func() { p.engine.close(context.Canceled) }) // not here: what it renders ends first
	}
}

// close ends all engines. One that is being opened ends when it is open.
func (e *engines) close() {
	e.mu.Lock()
	e.closed = true
	for _, p := range e.order {
		if !p.opening() {
			delete(e.byID, p.model.Identity)
			e.closing.Go(func() { p.engine.close(errClosing) })
		}
	}
	e.order = slices.DeleteFunc(e.order, func(p *place) bool { return !p.opening() })
	e.mu.Unlock()
	e.closing.Wait()
}

// count is the places there are.
func (e *engines) count() int {
	e.mu.Lock()
	defer e.mu.Unlock()
	return len(e.order)
}
