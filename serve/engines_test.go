package serve

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"sync"
	"sync/atomic"
	"testing"
)

// gated is a server whose engines of 50 px and more open only when open is called.
func gated(t *testing.T, sizes int) (s *Server, h *httptest.Server, begun *atomic.Int64, open func()) {
	t.Helper()
	gate, begun := make(chan bool), &atomic.Int64{}
	inner := engineOf(fake{}, "png")
	s, h = testServer(t, fake{}, func(o *Options) {
		o.MaxSizes = sizes
		o.Model = opener(func(w, h int) (*Engine, error) {
			if w >= 50 {
				begun.Add(1)
				<-gate
			}
			return inner(w, h)
		}).models("id")
	})
	open = sync.OnceFunc(func() { close(gate) })
	t.Cleanup(open) // before the server's, which waits for what the gate holds
	return s, h, begun, open
}

// visitor asks for an image until leave is called, which returns when it has left.
func visitor(h *httptest.Server, size int) (leave func()) {
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() {
		defer close(done)
		r, _ := http.NewRequestWithContext(ctx, "GET", fmt.Sprintf("%s/images/1.png?size=%d", h.URL, size), nil)
		if answer, err := http.DefaultClient.Do(r); err == nil {
			answer.Body.Close()
		}
	}()
	return func() { cancel(); <-done }
}

func (e *engines) inUse() int {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.busy()
}

// While the tables of one configuration are being built, others are served; who leaves
// before the turn of a configuration comes has it not built, and its place free.
func TestOpeningBlocksNobody(t *testing.T) {
	s, h, begun, open := gated(t, 3)
	var wg sync.WaitGroup
	want200 := func(size int) {
		wg.Go(func() {
			if answer, body := ask(t, "GET", fmt.Sprintf("%s/images/1.png?size=%d", h.URL, size)); answer.StatusCode != 200 {
				t.Errorf("size %d: %s: %s", size, answer.Status, body)
			}
		})
	}
	for _, size := range []int{50, 51, 50} {
		want200(size)
	}
	until(t, func() bool { return begun.Load() == 2 })
	if answer, _ := ask(t, "GET", h.URL+"/images/1.png"); answer.StatusCode != 200 {
		t.Errorf("meanwhile: %s", answer.Status)
	}
	for _, size := range []int{60, 61, 60} { // one after another they find room, since each leaves
		leave := visitor(h, size)
		until(t, func() bool { return s.engines.inUse() == 3 })
		leave()
		until(t, func() bool { return s.engines.inUse() == 2 })
	}
	want200(70)
	until(t, func() bool { return s.engines.inUse() == 3 })
	if answer, body := ask(t, "GET", h.URL+"/images/1.png?size=71"); answer.StatusCode != 503 || answer.Header.Get("Retry-After") != "1" {
		t.Errorf("one too many: %s: %s", answer.Status, body)
	}
	open()
	wg.Wait()
	until(t, func() bool { return s.engines.inUse() == 0 })
	if n := begun.Load(); n != 3 {
		t.Errorf("%d were opened, of which somebody wanted three", n)
	}
}

// An engine whose opening has begun when the last who wanted it leaves keeps nobody from
// a place, and is one too many when it is there.
func TestOpeningAbandoned(t *testing.T) {
	s, h, begun, open := gated(t, 1)
	leave := visitor(h, 50)
	until(t, func() bool { return begun.Load() == 1 })
	leave()
	until(t, func() bool { return s.engines.inUse() == 0 })
	if answer, body := ask(t, "GET", h.URL+"/images/1.png?size=20"); answer.StatusCode != 200 {
		t.Errorf("another: %s: %s", answer.Status, body)
	}
	if n := s.engines.count(); n != 2 {
		t.Errorf("%d engines, of which one is being opened", n)
	}
	open()
	until(t, func() bool { return s.engines.count() == 1 })
	if answer, body := ask(t, "GET", h.URL+"/images/1.png?size=50"); answer.StatusCode != 200 {
		t.Errorf("the same again: %s: %s", answer.Status, body)
	}
}

// Who comes for what is already being opened gets it, though the first has left.
func TestOpeningTakenOver(t *testing.T) {
	s, h, begun, open := gated(t, 1)
	leave := visitor(h, 50)
	until(t, func() bool { return begun.Load() == 1 })
	leave()
	until(t, func() bool { return s.engines.inUse() == 0 })
	done := make(chan int)
	go func() {
		answer, err := http.Get(h.URL + "/images/1.png?size=50")
		if err != nil {
			done <- 0
			return
		}
		answer.Body.Close()
		done <- answer.StatusCode
	}()
	until(t, func() bool { return s.engines.inUse() == 1 })
	open()
	if status := <-done; status != 200 || begun.Load() != 1 {
		t.Errorf("status %d, opened %d times", status, begun.Load())
	}
}
