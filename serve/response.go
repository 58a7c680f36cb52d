package serve

import (
	"net/http"
	"strings"
	"time"
)

// response counts what is sent, and gives up on a client that takes nothing for a while.
type response struct {
	http.ResponseWriter
	control *http.ResponseController
	stall   time.Duration
	code    int
	sent    int64
	began   bool
}

func (w *response) WriteHeader(code int) {
	if !w.began {
		w.code, w.began = code, true
	}
	w.ResponseWriter.WriteHeader(code)
}

func (w *response) Write(p []byte) (n int, err error) {
	w.began = true
	// In pieces, since the time is allowed for each write, and a slow client must get
	// somewhere with each.
	for len(p) > 0 {
		piece := p[:min(len(p), 64<<10)]
		w.control.SetWriteDeadline(time.Now().Add(w.stall))
		k, err := w.ResponseWriter.Write(piece)
		n += k
		w.sent += int64(k)
		if err != nil {
			return n, err
		}
		p = p[len(piece):]
	}
	return n, nil
}

// status is the code that was sent.
func (w *response) status() int {
	if w.code == 0 {
		return http.StatusOK
	}
	return w.code
}

// matches reports whether a list of entity tags, of If-None-Match, holds tag.
func matches(list, tag string) bool {
	for _, t := range strings.Split(list, ",") {
		if t = strings.TrimPrefix(strings.TrimSpace(t), "W/"); t == tag || t == "*" {
			return true
		}
	}
	return false
}
