package serve

import (
	"context"
	"errors"
	"sync"

	"leaflitter/dataset"
	"leaflitter/render"
)

// Engine renders images of one size.
type Engine struct {
	Source   render.Source
	NewImage func() *render.Image
	Batch    int // images a call of Source.Render
	InFlight int // calls at once
	Job      dataset.ShardJob
	Close    func()
}

// engine turns claims on pieces into pieces: whatever is asked for while a batch is
// rendered makes up the next.
type engine struct {
	*Engine
	virtual *dataset.Virtual
	claims  chan *piece
	cache   *cache
	stats   *meters
	wg      sync.WaitGroup
	stop    context.CancelFunc
	users   int // requests that use it; engines.mu guards it
}

var errClosing = errors.New("the server is closing")

func newEngine(e *Engine, c *cache, stats *meters) (*engine, error) {
	virtual, err := dataset.NewVirtual(e.Job)
	if err != nil {
		return nil, err
	}
	ctx, stop := context.WithCancel(context.Background())
	g := &engine{Engine: e, virtual: virtual, claims: make(chan *piece, 4*e.Batch), cache: c, stats: stats, stop: stop}
	for range e.InFlight + 1 { // one more encodes meanwhile
		g.wg.Go(func() { g.work(ctx) })
	}
	return g, nil
}

// close ends the engine; nobody uses it any more.
func (g *engine) close() {
	g.stop()
	g.wg.Wait()
	for {
		select {
		case p := <-g.claims:
			g.cache.settle(p, nil, errClosing)
		default:
			g.Engine.Close()
			return
		}
	}
}

// get returns a piece, made if need be.
func (g *engine) get(ctx context.Context, k key) ([]byte, error) {
	p, mine := g.cache.claim(k)
	if mine {
		select {
		case g.claims <- p:
		case <-ctx.Done():
			g.cache.settle(p, nil, context.Cause(ctx))
		}
	}
	data, err := p.wait(ctx)
	if err != nil && ctx.Err() == nil && errors.Is(err, context.Canceled) {
		return g.get(ctx, k) // whoever was to make it went away
	}
	return data, err
}

// ahead asks for a piece that will be wanted, if there is room.
func (g *engine) ahead(k key) {
	p, mine := g.cache.claim(k)
	if !mine {
		return
	}
	select {
	case g.claims <- p:
	default:
		g.cache.settle(p, nil, context.Canceled)
	}
}

// work renders and encodes until ctx is done.
func (g *engine) work(ctx context.Context) {
	var images []*render.Image
	samples, encoders := make([]*dataset.VirtualSample, g.Batch), make([]dataset.Encoder, g.Batch)
	for {
		var batch []*piece
		select {
		case p := <-g.claims:
			batch = append(batch, p)
		case <-ctx.Done():
			return
		}
		for more := true; more && len(batch) < g.Batch; {
			select {
			case p := <-g.claims:
				batch = append(batch, p)
			default:
				more = false
			}
		}
		indices := make([]uint64, len(batch))
		for i, p := range batch {
			indices[i] = p.key.index
		}
		for len(images) < len(batch) {
			images = append(images, g.NewImage())
		}
		if err := g.Source.Render(ctx, indices, images[:len(batch)]); err != nil {
			if ctx.Err() != nil {
				err = errClosing
			}
			for _, p := range batch {
				g.cache.settle(p, nil, err)
			}
			continue
		}
		g.stats.rendered.Add(len(batch))
		var wg sync.WaitGroup
		for i, p := range batch {
			wg.Go(func() {
				if !p.key.shard {
					picture := dataset.ImagePicture(images[i])
					g.cache.settle(p, encoders[i].Encode(nil, picture), picture.Err())
					return
				}
				if samples[i] == nil {
					samples[i] = g.virtual.NewSample()
				}
				data, err := samples[i].Archived(make([]byte, 0, g.virtual.SampleBytes()), p.key.index, images[i])
				g.cache.settle(p, data, err)
			})
		}
		wg.Wait()
	}
}

// engines are those of the sizes that were asked for last.
type engines struct {
	open  func(width, height int) (*Engine, error)
	cache *cache
	stats *meters
	most  int

	mu    sync.Mutex
	byID  map[[2]int]*engine
	order [][2]int // the one used last at the end
}

// get returns the engine of a size; release must follow.
func (e *engines) get(width, height int) (g *engine, err error) {
	id := [2]int{width, height}
	e.mu.Lock()
	defer e.mu.Unlock()
	if g = e.byID[id]; g == nil {
		if busy := e.busy(); busy >= e.most {
			return nil, refuse(503, "images of %d sizes are being made, which is the most at once: try again soon", busy)
		}
		made, err := e.open(width, height)
		if err != nil {
			return nil, err
		}
		if g, err = newEngine(made, e.cache, e.stats); err != nil {
			made.Close()
			return nil, err
		}
		e.byID[id] = g
		e.order = append(e.order, id)
		e.retire()
	} else {
		for i, other := range e.order {
			if other == id {
				e.order = append(append(e.order[:i:i], e.order[i+1:]...), id)
				break
			}
		}
	}
	g.users++
	return g, nil
}

// busy counts the engines in use. e.mu is held.
func (e *engines) busy() (n int) {
	for _, g := range e.byID {
		if g.users > 0 {
			n++
		}
	}
	return n
}

func (e *engines) release(g *engine) {
	e.mu.Lock()
	defer e.mu.Unlock()
	g.users--
	e.retire()
}

// retire closes the engines that are too many, those not used first; the last one
// opened stays. e.mu is held.
func (e *engines) retire() {
	for i := 0; len(e.order) > e.most && i < len(e.order)-1; {
		g := e.byID[e.order[i]]
		if g.users > 0 {
			i++
			continue
		}
		delete(e.byID, e.order[i])
		e.order = append(e.order[:i:i], e.order[i+1:]...)
		g.close()
	}
}

func (e *engines) close() {
	e.mu.Lock()
	defer e.mu.Unlock()
	for _, g := range e.byID {
		g.close()
	}
	e.byID, e.order = map[[2]int]*engine{}, nil
}
