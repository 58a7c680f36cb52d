package serve

import (
	"container/list"
	"context"
	"sync"
)

// cache holds finished pieces (an image, a sample of a shard) up to a number of bytes,
// those used last, and sees to it that what several ask for at once is made once.
type cache struct {
	budget int64

	mu      sync.Mutex
	used    int64
	pieces  map[key]*piece
	order   *list.List // of *piece that are made, the one used last in front
	hits    uint64
	lookups uint64
}

type key struct {
	size  [2]int
	shard bool // a sample of a shard; else an image
	index uint64
}

type piece struct {
	key  key
	done chan struct{} // closed when data and err are there
	data []byte
	err  error
	at   *list.Element
}

func newCache(budget int64) *cache {
	return &cache{budget: budget, pieces: map[key]*piece{}, order: list.New()}
}

// claim returns the piece of a key, and whether the caller is the one to make it: then
// settle must follow.
func (c *cache) claim(k key) (p *piece, mine bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.lookups++
	if p = c.pieces[k]; p != nil {
		c.hits++
		if p.at != nil {
			c.order.MoveToFront(p.at)
		}
		return p, false
	}
	p = &piece{key: k, done: make(chan struct{})}
	c.pieces[k] = p
	return p, true
}

// settle says what became of a piece. A failure is forgotten: who asks again, tries
// again.
func (c *cache) settle(p *piece, data []byte, err error) {
	p.data, p.err = data, err
	c.mu.Lock()
	defer c.mu.Unlock()
	if err != nil {
		delete(c.pieces, p.key)
	} else {
		p.at = c.order.PushFront(p)
		c.used += int64(len(data))
		for c.used > c.budget && c.order.Len() > 1 {
			last := c.order.Remove(c.order.Back()).(*piece)
			c.used -= int64(len(last.data))
			delete(c.pieces, last.key)
		}
	}
	close(p.done)
}

// wait waits until the piece is made.
func (p *piece) wait(ctx context.Context) ([]byte, error) {
	select {
	case <-p.done:
		return p.data, p.err
	case <-ctx.Done():
		return nil, context.Cause(ctx)
	}
}

// counts are the lookups so far, those that found something, and the bytes held.
func (c *cache) counts() (lookups, hits uint64, used int64) {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.lookups, c.hits, c.used
}
