package serve

import (
	"fmt"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// The labels and the facts of an image are rendered together, and apart from the image.
func TestLabelsTogether(t *testing.T) {
	var n atomic.Int64
	_, h := testServer(t, fake{rendered: &n}, nil)
	seen := map[string]bool{}
	for _, ending := range []string{"id.png", "layer.png", "depth.png", "edge.png", "json"} {
		answer, body := ask(t, "GET", h.URL+"/images/4."+ending)
		form := "image/png"
		if ending == "json" {
			form = "application/json"
			if body != "[4]" {
				t.Errorf("facts: %s", body)
			}
		}
		if tag := answer.Header.Get("ETag"); answer.StatusCode != 200 || answer.Header.Get("Content-Type") != form || seen[tag] {
			t.Errorf("%s: %s, %s", ending, answer.Status, answer.Header.Get("Content-Type"))
		} else {
			seen[tag] = true
		}
	}
	if n.Load() != 1 {
		t.Errorf("labels were rendered %d times", n.Load())
	}
	ask(t, "GET", h.URL+"/images/4.png")
	if n.Load() != 2 {
		t.Errorf("%d renderings", n.Load())
	}
}

// What nobody waits for any more is not rendered.
func TestAbandoned(t *testing.T) {
	gate, n := make(chan bool), atomic.Int64{}
	_, h := testServer(t, fake{rendered: &n, fail: func(uint64) error { <-gate; return nil }}, nil)
	var wg sync.WaitGroup
	for range 2 { // both workers are busy with these
		wg.Go(func() { ask(t, "GET", h.URL+"/images/1.png?size=20") })
		wg.Go(func() { ask(t, "GET", h.URL+"/images/2.png?size=20") })
	}
	time.Sleep(50 * time.Millisecond)
	impatient := &http.Client{Timeout: 100 * time.Millisecond}
	for i := range 9 {
		wg.Go(func() { impatient.Get(fmt.Sprintf("%s/images/%d.png?size=20", h.URL, 100+i)) })
	}
	time.Sleep(300 * time.Millisecond)
	close(gate)
	wg.Wait()
	if answer, _ := ask(t, "GET", h.URL+"/images/100.png?size=20"); answer.StatusCode != 200 {
		t.Errorf("asked for again: %s", answer.Status)
	}
	if n.Load() > 6 {
		t.Errorf("%d images were rendered, of which somebody wanted three", n.Load())
	}
}

// The page is there for everybody, with its security headers; what it shows needs the
// token, or the cookie that /?token= gives for it.
func TestPageAndCookie(t *testing.T) {
	const token = "0123456789abcdef"
	_, h := testServer(t, fake{}, func(o *Options) { o.Token = token })
	for _, path := range []string{"/", "/nothing", "/images/1.png", "/?token=wrong"} {
		answer, body := ask(t, "GET", h.URL+path)
		head := answer.Header
		if !strings.Contains(head.Get("Content-Security-Policy"), "default-src 'self'") || head.Get("X-Content-Type-Options") != "nosniff" || head.Get("Referrer-Policy") != "no-referrer" {
			t.Errorf("%s: %v", path, head)
		}
		if want := map[bool]int{true: 200, false: 401}[path == "/"]; answer.StatusCode != want {
			t.Errorf("%s: %s", path, answer.Status)
		}
		if strings.Contains(body, token) || head.Get("Set-Cookie") != "" {
			t.Errorf("%s tells the token", path)
		}
	}
	for _, path := range []string{"/schema.json", "/presets.json", "/config.yaml", "/command"} {
		if answer, _ := ask(t, "GET", h.URL+path); answer.StatusCode != 401 {
			t.Errorf("%s: %s", path, answer.Status)
		}
		if answer, _ := ask(t, "GET", h.URL+path, "Authorization", "Bearer "+token); answer.StatusCode != 200 {
			t.Errorf("%s with the token: %s", path, answer.Status)
		}
	}
	stay := &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	answer, err := stay.Get(h.URL + "/?preset=grey&token=" + token + "&set=leaves.r_min%3D2")
	if err != nil {
		t.Fatal(err)
	}
	answer.Body.Close()
	cookies := answer.Cookies()
	if answer.StatusCode != 303 || answer.Header.Get("Location") != "/?preset=grey&set=leaves.r_min%3D2" || answer.Header.Get("Cache-Control") != "no-store" || len(cookies) != 1 {
		t.Fatalf("%s, %v", answer.Status, answer.Header)
	}
	if c := cookies[0]; !c.HttpOnly || c.SameSite != http.SameSiteStrictMode || c.Path != "/" || strings.Contains(c.Value, token) {
		t.Errorf("cookie %v", c)
	}
	cookie := cookies[0].Name + "=" + cookies[0].Value
	if answer, _ := ask(t, "GET", h.URL+"/images/1.png", "Cookie", cookie); answer.StatusCode != 200 {
		t.Errorf("with the cookie: %s", answer.Status)
	}
	if answer, _ := ask(t, "GET", h.URL+"/images/1.png", "Cookie", cookie+"0"); answer.StatusCode != 401 {
		t.Errorf("with another cookie: %s", answer.Status)
	}
}

// The explorer's files are small, are asked for anew, and name no other host.
func TestExplorerFiles(t *testing.T) {
	s, h := testServer(t, fake{}, nil)
	total := 0
	for path, p := range s.pages {
		answer, body := ask(t, "GET", h.URL+path)
		if answer.StatusCode != 200 || body != string(p.data) || answer.Header.Get("Content-Type") == "" || answer.Header.Get("Cache-Control") != "no-cache" {
			t.Errorf("%s: %s, %s", path, answer.Status, answer.Header.Get("Content-Type"))
		}
		if again, _ := ask(t, "GET", h.URL+path, "If-None-Match", answer.Header.Get("ETag")); again.StatusCode != 304 {
			t.Errorf("%s again: %s", path, again.Status)
		}
		total += len(body)
		for _, line := range strings.Split(body, "\n") {
			if strings.Contains(line, "://") && !strings.Contains(line, "www.w3.org/2000/svg") {
				t.Errorf("%s names a host: %s", path, line)
			}
		}
	}
	if total > 200_000 {
		t.Errorf("the explorer has %d bytes", total)
	}
}

// until waits for something that happens soon.
func until(t *testing.T, ok func() bool) {
	t.Helper()
	for deadline := time.Now().Add(20 * time.Second); !ok(); time.Sleep(5 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatal("it does not happen")
		}
	}
}
