package serve

import (
	"bytes"
	"crypto/sha256"
	"crypto/subtle"
	"embed"
	"encoding/hex"
	"io/fs"
	"net/http"
	"path"
	"time"
)

// The explorer: a page that is served as it is, without a build step.
//
//go:embed page
var explorer embed.FS

// page is a small file that is at hand.
type page struct {
	data []byte
	form string // content type
	tag  string
	open bool // to those without a token too
}

var forms = map[string]string{
	".html": "text/html; charset=utf-8", ".css": "text/css; charset=utf-8", ".js": "text/javascript; charset=utf-8",
	".svg": "image/svg+xml", ".json": "application/json", ".yaml": "application/yaml; charset=utf-8", ".txt": "text/plain; charset=utf-8",
}

func newPage(name string, data []byte) page {
	sum := sha256.Sum256(data)
	return page{data, forms[path.Ext(name)], `"` + hex.EncodeToString(sum[:16]) + `"`, false}
}

// loadPages returns the pages by path: the explorer's files at / and below /ui/, the
// schema and the presets.
func loadPages(schema, presets []byte) map[string]page {
	pages := map[string]page{}
	add := func(at string, data []byte, open bool) {
		p := newPage(at, data)
		p.open = open
		pages[at] = p
	}
	entries, err := explorer.ReadDir("page")
	if err != nil {
		panic(err) // it is part of the binary
	}
	for _, entry := range entries {
		data, err := fs.ReadFile(explorer, "page/"+entry.Name())
		if err != nil {
			panic(err)
		}
		add("/ui/"+entry.Name(), data, true)
	}
	index := pages["/ui/index.html"]
	delete(pages, "/ui/index.html")
	pages["/"] = index
	add("/schema.json", schema, false)
	add("/presets.json", presets, false)
	return pages
}

func (p page) send(w *response, r *http.Request) error {
	h := w.Header()
	h.Set("Cache-Control", "no-cache") // another version's files have the same names
	h.Set("ETag", p.tag)
	h.Set("Content-Type", p.form)
	http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(p.data))
	return nil
}

// secure sets what every answer carries. Images come as blobs, since the page asks for
// them by fetch: only so can it tell what is wrong and take a request back.
func secure(h http.Header) {
	h.Set("Content-Security-Policy", "default-src 'self'; img-src 'self' blob:; object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'")
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Referrer-Policy", "no-referrer")
	h.Set("Server", "leaflitter")
}

// cookie is the name and value of the cookie that stands for the token. It holds not the
// token but a hash of it; the name is the token's own, because a browser sends the cookies
// of all ports of a host to each of them.
func (s *Server) cookie() (name, value string) {
	sum := sha256.Sum256([]byte("leaflitter cookie\n" + s.Token))
	return "leaflitter-" + hex.EncodeToString(sum[:4]), hex.EncodeToString(sum[4:])
}

func same(a, b string) bool { return subtle.ConstantTimeCompare([]byte(a), []byte(b)) == 1 }

// admitted reports whether a request may see what is served.
func (s *Server) admitted(r *http.Request) bool {
	if s.Token == "" || same(bearer(r.Header.Get("Authorization")), s.Token) {
		return true
	}
	name, value := s.cookie()
	c, err := r.Cookie(name)
	return err == nil && same(c.Value, value)
}

// exchange answers /?token=TOKEN: a cookie for the token, and the address without it, so
// that it is not left in the address bar.
func (s *Server) exchange(w *response, r *http.Request) error {
	query := r.URL.Query()
	if s.Token != "" {
		if !same(query.Get("token"), s.Token) {
			return refuse(401, "this is not the token of this server: open /?token=TOKEN")
		}
		name, value := s.cookie()
		http.SetCookie(w, &http.Cookie{
			Name: name, Value: value, Path: "/", HttpOnly: true, SameSite: http.SameSiteStrictMode,
			Secure: r.TLS != nil || r.Header.Get("X-Forwarded-Proto") == "https",
		})
	}
	query.Del("token")
	to := "/"
	if rest := query.Encode(); rest != "" {
		to += "?" + rest
	}
	h := w.Header()
	h.Set("Cache-Control", "no-store")
	h.Set("Location", to)
	w.WriteHeader(http.StatusSeeOther)
	return nil
}
