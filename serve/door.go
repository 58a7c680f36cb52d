package serve

import (
	"net"
	"net/http"
	"sync"
	"time"
)

// waiting is how many connections too many are answered at once, to be told so; what
// comes on top of them is closed without a word, for each costs a goroutine and memory.
const waiting = 64

// door is a listener that lets a number of connections in. Those above it are not left
// in the kernel's queue, where a client would hang without knowing why for as long as
// others keep their connections: they come out of another listener, whose server tells
// them to come again.
type door struct {
	net.Listener
	inside chan struct{}
	away   *porch
}

// porch is the listener of the connections that are too many.
type porch struct {
	address net.Addr
	places  chan struct{}
	next    chan net.Conn
	done    chan struct{}
	once    sync.Once
}

func newDoor(l net.Listener, most int) *door {
	return &door{Listener: l, inside: make(chan struct{}, most),
		away: &porch{address: l.Addr(), places: make(chan struct{}, waiting), next: make(chan net.Conn), done: make(chan struct{})}}
}

func (d *door) Accept() (net.Conn, error) {
	for {
		c, err := d.Listener.Accept()
		if err != nil {
			return nil, err
		}
		select {
		case d.inside <- struct{}{}:
			return &guest{Conn: c, place: d.inside}, nil
		default:
		}
		select {
		case d.away.places <- struct{}{}:
			// Handed over beside, so that no queue there holds up who can be let in here.
			go d.away.take(&guest{Conn: c, place: d.away.places})
		default:
			c.Close()
		}
	}
}

func (p *porch) take(c net.Conn) {
	select {
	case p.next <- c:
	case <-p.done:
		c.Close()
	}
}

func (p *porch) Accept() (net.Conn, error) {
	select {
	case c := <-p.next:
		return c, nil
	case <-p.done:
		return nil, net.ErrClosed
	}
}

func (p *porch) Addr() net.Addr { return p.address }

func (p *porch) Close() error {
	p.once.Do(func() { close(p.done) })
	return nil
}

// guest is a connection that gives its place back when it is closed.
type guest struct {
	net.Conn
	place chan struct{}
	once  sync.Once
}

func (g *guest) Close() error {
	err := g.Conn.Close()
	g.once.Do(func() { <-g.place })
	return err
}

// CloseWrite lets net/http end a connection so that the client reads the answer first.
func (g *guest) CloseWrite() error {
	if c, ok := g.Conn.(interface{ CloseWrite() error }); ok {
		return c.CloseWrite()
	}
	return nil
}

// tooMany answers a request on a connection that is one too many.
func (s *Server) tooMany(w http.ResponseWriter, r *http.Request) {
	start := time.Now()
	out := &response{ResponseWriter: w, control: http.NewResponseController(w), stall: time.Second}
	h := out.Header()
	secure(h)
	h.Set("Retry-After", "1")
	h.Set("Connection", "close")
	s.fail(out, r, refuse(503, "%d connections are open, which is the most at once: try again soon", s.MaxConnections))
	s.meters.answered("other", out.status(), out.sent, time.Since(start))
}
