// Package serve is a virtual dataset over HTTP: shards and images that are made when
// they are asked for, the same bytes for ever.
package serve

import (
	"bytes"
	"context"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"strconv"
	"time"
)

// Options say what is served and within what limits.
type Options struct {
	// Open returns an engine for images of a size in px; its Job's Header says what
	// they are. Its error is the request's fault.
	Open          func(width, height int) (*Engine, error)
	Width, Height int    // of images when a request names no size
	Identity      string // names configuration, palettes, seed and version: part of each ETag
	Token         string // empty: nobody need show one
	MaxSide       int    // largest side of an image, px
	MaxRequests   int    // answered at once
	MaxSizes      int    // engines open at once
	CacheBytes    int64  // of finished images and samples
	Stall         time.Duration
	Say           func(format string, args ...any)
}

// Server answers requests. Make one with New.
type Server struct {
	Options
	cache   *cache
	engines *engines
	meters  *meters
	slots   chan struct{}
	shards  uint64
}

// New returns a server, with the engine of the default size open: what keeps it from
// rendering shows at once.
func New(o Options) (*Server, error) {
	s := &Server{Options: o, cache: newCache(o.CacheBytes), slots: make(chan struct{}, o.MaxRequests)}
	s.engines = &engines{open: o.Open, cache: s.cache, most: o.MaxSizes, byID: map[[2]int]*engine{}}
	s.meters = newMeters(s.cache, func() int {
		s.engines.mu.Lock()
		defer s.engines.mu.Unlock()
		return len(s.engines.byID)
	})
	s.engines.stats = s.meters
	g, err := s.engines.get(o.Width, o.Height)
	if err != nil {
		return nil, err
	}
	s.shards = g.virtual.Shards()
	s.engines.release(g)
	return s, nil
}

// Serve answers requests on l until ctx is done, then lets those under way end for a few
// seconds.
func (s *Server) Serve(ctx context.Context, l net.Listener) error {
	server := &http.Server{
		Handler: s, ReadHeaderTimeout: 5 * time.Second, ReadTimeout: 10 * time.Second, IdleTimeout: time.Minute, MaxHeaderBytes: 16 << 10,
		BaseContext: func(net.Listener) context.Context { return context.WithoutCancel(ctx) },
		ErrorLog:    log.New(io.Discard, "", 0), // what clients send wrong is theirs
	}
	failed := make(chan error, 1)
	go func() { failed <- server.Serve(l) }()
	var err error
	select {
	case err = <-failed:
	case <-ctx.Done():
		closing, cancel := context.WithTimeout(context.Background(), 3*time.Second)
		defer cancel()
		if server.Shutdown(closing) != nil {
			server.Close()
		}
	}
	s.engines.close()
	return err
}

// ServeHTTP implements http.Handler.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	start := time.Now()
	s.meters.inFlight.Inc()
	out := &response{ResponseWriter: w, control: http.NewResponseController(w), stall: s.Stall}
	kind := "other"
	defer func() {
		s.meters.inFlight.Dec()
		s.meters.answered(kind, out.status(), out.sent, time.Since(start))
	}()
	h := out.Header()
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Server", "leaflitter")
	if err := s.answer(out, r, &kind); err != nil {
		s.fail(out, r, err)
	}
}

// answer writes the answer of a request, or returns why there is none.
func (s *Server) answer(w *response, r *http.Request, kind *string) error {
	if r.Method != http.MethodGet && r.Method != http.MethodHead {
		w.Header().Set("Allow", "GET, HEAD")
		return refuse(405, "the method %.20q is not allowed: use GET or HEAD", r.Method)
	}
	if r.ContentLength != 0 {
		return refuse(400, "a request has no body here")
	}
	if r.URL.Path == "/healthz" {
		w.Header().Set("Cache-Control", "no-store")
		return text(w, r, "ok\n")
	}
	if s.Token != "" && subtle.ConstantTimeCompare([]byte(bearer(r.Header.Get("Authorization"))), []byte(s.Token)) != 1 {
		w.Header().Set("WWW-Authenticate", "Bearer")
		return refuse(401, "a token is needed: send the header Authorization: Bearer TOKEN")
	}
	if r.URL.Path == "/metrics" {
		var b bytes.Buffer
		s.meters.write(&b)
		w.Header().Set("Cache-Control", "no-store")
		return text(w, r, b.String())
	}
	res, err := parse(r.URL.Path, r.URL.RawQuery, s.MaxSide, s.shards)
	if err != nil {
		return err
	}
	*kind = "image"
	if res.shard {
		*kind = "shard"
	}
	if res.width == 0 {
		res.width, res.height = s.Width, s.Height
	}
	h := w.Header()
	tag := s.tag(res)
	if r.Header.Get("Range") == "" && matches(r.Header.Get("If-None-Match"), tag) {
		// Answered before anything is rendered: the bytes of a resource never change.
		s.immutable(h, tag)
		w.WriteHeader(http.StatusNotModified)
		return nil
	}
	select {
	case s.slots <- struct{}{}:
		defer func() { <-s.slots }()
	default:
		h.Set("Retry-After", "1")
		return refuse(503, "%d requests are being answered, which is the most at once: try again soon", s.MaxRequests)
	}
	g, err := s.engines.get(res.width, res.height)
	if err != nil {
		var p *problem
		if errors.As(err, &p) {
			h.Set("Retry-After", "1")
			return err
		}
		return refuse(400, "%v", err)
	}
	defer s.engines.release(g)
	size := [2]int{res.width, res.height}
	if res.shard {
		s.immutable(h, tag)
		h.Set("Content-Type", "application/x-tar")
		reader := newShardReader(r.Context(), g, size, res.number)
		http.ServeContent(w, r, "", time.Time{}, reader)
		return reader.failed
	}
	data, err := g.get(r.Context(), key{size, false, res.number})
	if err != nil {
		return err
	}
	s.immutable(h, tag)
	h.Set("Content-Type", "image/png")
	http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(data))
	return nil
}

// tag is a strong ETag: what the bytes depend on names them.
func (s *Server) tag(r resource) string {
	sum := sha256.Sum256(fmt.Appendf(nil, "%s %s %dx%d", s.Identity, r.path(), r.width, r.height))
	return `"` + hex.EncodeToString(sum[:16]) + `"`
}

func (s *Server) immutable(h http.Header, tag string) {
	who := "public"
	if s.Token != "" {
		who = "private"
	}
	h.Set("Cache-Control", who+", max-age=31536000, immutable")
	h.Set("ETag", tag)
}

func text(w *response, r *http.Request, body string) error {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.Header().Set("Content-Length", strconv.Itoa(len(body)))
	if r.Method != http.MethodHead {
		_, err := w.Write([]byte(body))
		return err
	}
	return nil
}

// fail answers with a sentence; after the answer began it can only break off.
func (s *Server) fail(w *response, r *http.Request, err error) {
	if r.Context().Err() != nil {
		return // nobody listens
	}
	p := &problem{}
	switch {
	case errors.As(err, &p):
	case errors.Is(err, errClosing):
		p = &problem{http.StatusServiceUnavailable, "the server is closing"}
	default:
		s.Say("%s: %v", r.URL.Path, err)
		p = &problem{http.StatusInternalServerError, "the image cannot be made; the server's log says why"}
	}
	if w.began {
		return
	}
	h := w.Header()
	h.Del("ETag")
	h.Set("Cache-Control", "no-store")
	h.Set("Content-Type", "text/plain; charset=utf-8")
	body := p.text + "\n"
	h.Set("Content-Length", strconv.Itoa(len(body)))
	w.WriteHeader(p.status)
	if r.Method != http.MethodHead {
		w.Write([]byte(body))
	}
}
