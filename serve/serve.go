// Package serve is a virtual dataset over HTTP: shards and images that are made when
// they are asked for, the same bytes for ever.
package serve

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"strconv"
	"sync"
	"time"

	"leaflitter/render"
)

// Options say what is served and within what limits.
type Options struct {
	// Model returns what a query asks for; its error is the query's fault.
	Model          func(Wish) (*Model, error)
	Schema         []byte // JSON Schema of a configuration
	Presets        []byte // JSON: the presets, and what is served when a query says nothing
	Token          string // empty: nobody need show one
	MaxSide        int    // largest side of an image, px
	MaxConnections int    // open at once, in Serve
	MaxRequests    int    // answered at once
	MaxSizes       int    // engines open at once
	CacheBytes     int64  // of finished images, labels and samples
	Stall          time.Duration
	Say            func(format string, args ...any)
}

// Server answers requests. Make one with New.
type Server struct {
	Options
	cache   *cache
	engines *engines
	meters  *meters
	slots   chan struct{}
	shards  uint64
	pages   map[string]page
}

// New returns a server, with the engine of the default model open: what keeps it from
// rendering shows at once.
func New(o Options) (*Server, error) {
	s := &Server{Options: o, cache: newCache(o.CacheBytes), slots: make(chan struct{}, o.MaxRequests)}
	s.engines = newEngines(s.cache, o.MaxSizes)
	s.meters = newMeters(s.cache, s.engines.count)
	s.engines.stats = s.meters
	s.pages = loadPages(o.Schema, o.Presets)
	m, err := o.Model(Wish{})
	if err != nil {
		return nil, err
	}
	p, err := s.engines.get(context.Background(), m)
	if err != nil {
		return nil, err
	}
	s.shards = p.engine.virtual.Shards()
	s.engines.release(p)
	return s, nil
}

// Warm renders the images that the explorer shows first, of this size, unless ctx is done
// before. Tables that only some leaves need take seconds, and are then there before
// somebody waits for them.
func (s *Server) Warm(ctx context.Context, width, height int, images uint64) {
	m, err := s.Model(Wish{Width: width, Height: height})
	if err != nil {
		return // New would have failed
	}
	p, err := s.engines.get(ctx, m)
	if err != nil {
		return // who asks for an image is told why
	}
	defer s.engines.release(p)
	var wg sync.WaitGroup
	for i := range images {
		wg.Go(func() { p.engine.get(ctx, key{p.engine.id, whatImage, i}) })
	}
	wg.Wait()
}

// Serve answers requests on l until ctx is done, then lets those under way end for a few
// seconds.
func (s *Server) Serve(ctx context.Context, l net.Listener) error {
	server := &http.Server{
		Handler: s, ReadHeaderTimeout: 5 * time.Second, ReadTimeout: 10 * time.Second, IdleTimeout: time.Minute, MaxHeaderBytes: 16 << 10,
		BaseContext: func(net.Listener) context.Context { return context.WithoutCancel(ctx) },
		ErrorLog:    log.New(io.Discard, "", 0), // what clients send wrong is theirs
	}
	turned := &http.Server{ // away; quicker, since there are few places
		Handler: http.HandlerFunc(s.tooMany), ReadHeaderTimeout: 2 * time.Second, ReadTimeout: 2 * time.Second, MaxHeaderBytes: 16 << 10,
		ErrorLog: log.New(io.Discard, "", 0),
	}
	d := newDoor(l, s.MaxConnections)
	go turned.Serve(d.away)
	defer turned.Close()
	failed := make(chan error, 1)
	go func() { failed <- server.Serve(d) }()
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
	secure(out.Header())
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
	if s.Token == "" && !local(r.Host) {
		return refuse(403, "this server answers this machine only: open it as localhost or 127.0.0.1, or start it with a token")
	}
	if r.URL.Path == "/healthz" {
		w.Header().Set("Cache-Control", "no-store")
		return text(w, r, "ok\n")
	}
	if p, ok := s.pages[r.URL.Path]; ok && p.open {
		// No secret is in the page itself, and somebody who follows a link to a view
		// must get at it to be told what is missing.
		if r.URL.Path == "/" && r.URL.Query().Has("token") {
			return s.exchange(w, r)
		}
		return p.send(w, r)
	}
	if !s.admitted(r) {
		w.Header().Set("WWW-Authenticate", "Bearer")
		return refuse(401, "a token is needed: send the header Authorization: Bearer TOKEN, or open /?token=TOKEN in a browser")
	}
	if r.URL.Path == "/metrics" {
		var b bytes.Buffer
		s.meters.write(&b)
		w.Header().Set("Cache-Control", "no-store")
		return text(w, r, b.String())
	}
	if p, ok := s.pages[r.URL.Path]; ok {
		return p.send(w, r)
	}
	res, err := parse(r.URL.Path, r.URL.RawQuery, s.MaxSide, s.shards)
	if err != nil {
		return err
	}
	switch res.kind {
	case kindShard:
		*kind = "shard"
	case kindImage, kindID, kindLayer, kindDepth, kindEdge, kindFacts:
		*kind = "image"
	}
	model, err := s.Model(res.wish)
	if err != nil {
		return refuse(400, "%s", sentence(err))
	}
	switch res.kind {
	case kindConfig:
		return newPage("/config.yaml", model.YAML()).send(w, r)
	case kindCommand:
		return newPage("/command.txt", []byte(model.Command(res.number)+"\n")).send(w, r)
	}
	h := w.Header()
	h.Set("Leaflitter-Model", strconv.Itoa(render.ModelVersion))
	tag := tagOf(model.Identity, res.path())
	if r.Header.Get("Range") == "" && matches(r.Header.Get("If-None-Match"), tag) {
		// Answered before anything is rendered: the bytes of a resource never change.
		s.immutable(h, tag)
		w.WriteHeader(http.StatusNotModified)
		return nil
	}
	return s.render(w, r, &res, model, tag)
}

// render answers a request for something that is rendered.
func (s *Server) render(w *response, r *http.Request, res *resource, model *Model, tag string) error {
	h := w.Header()
	select {
	case s.slots <- struct{}{}:
		defer func() { <-s.slots }()
	default:
		h.Set("Retry-After", "1")
		return refuse(503, "%d requests are being answered, which is the most at once: try again soon", s.MaxRequests)
	}
	place, err := s.engines.get(r.Context(), model)
	if err != nil {
		var p *problem
		switch {
		case errors.As(err, &p):
			h.Set("Retry-After", "1")
			return err
		case errors.Is(err, errClosing) || r.Context().Err() != nil:
			return err
		}
		return refuse(400, "%s", sentence(err))
	}
	defer s.engines.release(place)
	g := place.engine
	if res.kind == kindShard {
		s.immutable(h, tag)
		h.Set("Content-Type", "application/x-tar")
		reader := newShardReader(r.Context(), g, res.number)
		http.ServeContent(w, r, "", time.Time{}, reader)
		if failed := reader.failed.Load(); failed != nil {
			return *failed
		}
		return nil
	}
	k, file, form := key{g.id, whatImage, res.number}, 0, "image/png"
	if res.kind != kindImage {
		k.what, file = whatLabels, int(res.kind-kindID)
	}
	if res.kind == kindFacts {
		form = "application/json"
	}
	files, err := g.get(r.Context(), k)
	if err != nil {
		return err
	}
	s.immutable(h, tag)
	h.Set("Content-Type", form)
	http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(files[file]))
	return nil
}

// tagOf is a strong ETag: what the bytes depend on names them.
func tagOf(identity, path string) string {
	sum := sha256.Sum256(fmt.Appendf(nil, "%s %s", identity, path))
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
		w.code = 499 // for the metrics; nobody listens
		return
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
		w.code = p.status // for the metrics; the answer breaks off
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
