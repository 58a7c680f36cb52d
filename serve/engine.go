package serve

import (
	"context"
	"errors"
	"sync"

	"leaflitter/dataset"
	"leaflitter/render"
)

// Engine renders the images of one configuration, seed and size.
type Engine struct {
	Source   render.Source
	NewImage func(render.Labels) *render.Image
	Batch    int // images a call of Source.Render
	InFlight int // calls at once
	Job      dataset.ShardJob
	// Facts is the JSON that says what image index, rendered with ids, is.
	Facts func(index uint64, im *render.Image) ([]byte, error)
	Close func()
}

// engine turns claims on pieces into pieces: whatever is asked for while a batch is
// rendered makes up the next.
type engine struct {
	*Engine
	id      string // Model.Identity
	virtual *dataset.Virtual
	claims  chan *piece
	cache   *cache
	stats   *meters
	wg      sync.WaitGroup
	ctx     context.Context // of its work
	stop    context.CancelCauseFunc

	gate   sync.RWMutex // held for reading by who hands over a piece
	closed bool
}

var errClosing = errors.New("the server is closing")

func newEngine(id string, e *Engine, c *cache, stats *meters) (*engine, error) {
	virtual, err := dataset.NewVirtual(e.Job)
	if err != nil {
		return nil, err
	}
	ctx, stop := context.WithCancelCause(context.Background())
	g := &engine{Engine: e, id: id, virtual: virtual, claims: make(chan *piece, 4*e.Batch), cache: c, stats: stats, ctx: ctx, stop: stop}
	for range e.InFlight + 1 { // one more encodes meanwhile
		g.wg.Go(func() { g.work(ctx) })
	}
	return g, nil
}

// close ends the engine; nobody uses it any more. Who waits for a piece that it would
// have made is told why, context.Canceled meaning that another engine may make it.
func (g *engine) close(why error) {
	g.stop(why)
	g.wg.Wait()
	g.gate.Lock() // after this no piece comes, not even from the leftovers of a request
	g.closed = true
	g.gate.Unlock()
	for {
		select {
		case p := <-g.claims:
			g.cache.settle(p, nil, why)
		default:
			g.Engine.Close()
			return
		}
	}
}

// get returns a piece, made if need be.
func (g *engine) get(ctx context.Context, k key) ([][]byte, error) {
	p, mine := g.cache.claim(k)
	if mine {
		g.hand(ctx, p)
	}
	files, err := g.cache.wait(ctx, p)
	if err != nil && ctx.Err() == nil && g.ctx.Err() == nil && errors.Is(err, context.Canceled) {
		return g.get(ctx, k) // whoever was to make it went away
	}
	return files, err
}

// hand gives a piece to be made; it is settled if it will not be. What reads several
// ranges of a shard goes on for a moment after its request has ended and let go of the
// engine: hence the gate.
func (g *engine) hand(ctx context.Context, p *piece) {
	g.gate.RLock()
	defer g.gate.RUnlock()
	if g.closed {
		g.cache.settle(p, nil, context.Cause(g.ctx))
		return
	}
	select {
	case g.claims <- p:
	case <-ctx.Done():
		g.cache.settle(p, nil, context.Cause(ctx))
	case <-g.ctx.Done():
		g.cache.settle(p, nil, context.Cause(g.ctx))
	}
}

// ahead asks for a piece that will be wanted, if there is room.
func (g *engine) ahead(k key) {
	p, mine := g.cache.claim(k)
	if !mine {
		return
	}
	g.gate.RLock()
	defer g.gate.RUnlock()
	if g.closed {
		g.cache.settle(p, nil, context.Canceled)
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
	b := &bench{engine: g, samples: make([]*dataset.VirtualSample, g.Batch), encoders: make([]dataset.Encoder, g.Batch)}
	for {
		var batch, labelled []*piece
		take := func(p *piece) {
			switch {
			case g.cache.unwanted(p): // scrolled away, say: whoever comes now asks again
				g.cache.settle(p, nil, context.Canceled)
			case p.key.what == whatLabels:
				labelled = append(labelled, p)
			default:
				batch = append(batch, p)
			}
		}
		select {
		case p := <-g.claims:
			take(p)
		case <-ctx.Done():
			return
		}
		for more := true; more && len(batch)+len(labelled) < g.Batch; {
			select {
			case p := <-g.claims:
				take(p)
			default:
				more = false
			}
		}
		b.make(ctx, batch, render.Labels{})
		// Labels go apart, since a backend's call has them for all of its images or none.
		b.make(ctx, labelled, render.Labels{ID: true, Layer: true, Depth: true, Edge: true})
	}
}
