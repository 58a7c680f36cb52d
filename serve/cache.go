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
	engine string // Model.Identity
	what   what
	index  uint64
}

// what is what a piece is of its image.
type what uint8

const (
	whatImage  what = iota // one file
	whatSample             // of a shard
	whatLabels             // the files of the labels and the facts, from kindID on
)

type piece struct {
	key     key
	done    chan struct{} // closed when files and err are there
	files   [][]byte
	err     error
	at      *list.Element
	waiting int // who wants it; cache.mu guards it
}

func newCache(budget int64) *cache {
	return &cache{budget: budget, pieces: map[key]*piece{}, order: list.New()}
}

// claim returns the piece of a key, and whether the caller is the one to make it: then
// settle must follow. wait must follow either way, or
// the piece counts as wanted.
func (c *cache) claim(k key) (p *piece, mine bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.lookups++
	if p = c.pieces[k]; p != nil {
		c.hits++
		if p.at != nil {
			c.order.MoveToFront(p.at)
		}
		p.waiting++
		return p, false
	}
	p = &piece{key: k, done: make(chan struct{}), waiting: 1}
	c.pieces[k] = p
	return p, true
}

// settle says what became of a piece. A failure is forgotten: who asks again, tries
// again.
func (c *cache) settle(p *piece, files [][]byte, err error) {
	p.files, p.err = files, err
	c.mu.Lock()
	defer c.mu.Unlock()
	if err != nil {
		delete(c.pieces, p.key)
	} else {
		p.at = c.order.PushFront(p)
		c.used += p.bytes()
		for c.used > c.budget && c.order.Len() > 1 {
			last := c.order.Remove(c.order.Back()).(*piece)
			c.used -= last.bytes()
			delete(c.pieces, last.key)
		}
	}
	close(p.done)
}

// bytes is the memory of the files.
func (p *piece) bytes() (n int64) {
	for _, f := range p.files {
		n += int64(len(f))
	}
	return n
}

// wait waits until the piece is made.
func (c *cache) wait(ctx context.Context, p *piece) ([][]byte, error) {
	select {
	case <-p.done:
		return p.files, p.err
	case <-ctx.Done():
		c.mu.Lock()
		p.waiting--
		c.mu.Unlock()
		return nil, context.Cause(ctx)
	}
}

// unwanted reports whether everybody who waited for a piece went away.
func (c *cache) unwanted(p *piece) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return p.waiting == 0
}

// counts are the lookups so far, those that found something, and the bytes held.
func (c *cache) counts() (lookups, hits uint64, used int64) {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.lookups, c.hits, c.used
}
