package serve

import (
	"context"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"reflect"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"leaflitter/dataset"
	"leaflitter/render"
	"leaflitter/scene"
	"leaflitter/store"
)

// fake renders noise that depends on the index and the size alone.
type fake struct {
	delay    time.Duration
	rendered *atomic.Int64
	fail     func(index uint64) error
}

func (f fake) Render(ctx context.Context, indices []uint64, images []*render.Image) error {
	for i, index := range indices {
		if f.fail != nil {
			if err := f.fail(index); err != nil {
				return err
			}
		}
		select {
		case <-time.After(f.delay):
		case <-ctx.Done():
			return ctx.Err()
		}
		r := rand.New(rand.NewPCG(index, uint64(images[i].Width)))
		for k := range images[i].Pix {
			images[i].Pix[k] = uint8(r.Uint32())
		}
		images[i].Facts = render.Facts{Palette: int(index % 50), Outline: "disk", Radii: [2]float64{10, 500}}
		if f.rendered != nil {
			f.rendered.Add(1)
		}
	}
	return nil
}

const shardSize = 5

// opener opens the engine of a wish.
type opener func(w, h int) (*Engine, error)

func engineOf(source render.Source, member string) opener {
	return func(w, h int) (*Engine, error) {
		if w == 13 {
			return nil, fmt.Errorf("13 is no good size")
		}
		cfg := scene.Default()
		cfg.Image.Width, cfg.Image.Height = w, h
		newImage := func(l render.Labels) *render.Image { return render.NewImage(&cfg, l) }
		job := dataset.ShardJob{Member: member, ShardSize: shardSize}
		job.NewImage, job.Source = func() *render.Image { return newImage(render.Labels{}) }, source
		job.Header = dataset.Header{Version: "v1", Seed: 7, PaletteHash: "abc", Config: map[string]int{"width": w}}
		return &Engine{Source: source, NewImage: newImage, Batch: 3, InFlight: 1, Job: job, Close: func() {},
			Facts: func(index uint64, im *render.Image) ([]byte, error) { return fmt.Appendf(nil, "[%d]", index), nil }}, nil
	}
}

// models serves what open opens, of whatever configuration.
func (open opener) models(identity string) func(Wish) (*Model, error) {
	return func(w Wish) (*Model, error) {
		if w.Preset == "bad" {
			return nil, fmt.Errorf("preset: there is no bad one\nand more")
		}
		if w.Width == 0 {
			w.Width, w.Height = 16, 12
		}
		return &Model{
			Identity: fmt.Sprintf("%s %+v", identity, w),
			Open:     func() (*Engine, error) { return open(w.Width, w.Height) },
			YAML:     func() []byte { return fmt.Appendf(nil, "%+v", w) },
			Command:  func(index uint64) string { return fmt.Sprintf("make %d %+v", index, w) },
		}, nil
	}
}

func testServer(t *testing.T, source render.Source, change func(*Options)) (*Server, *httptest.Server) {
	t.Helper()
	o := Options{
		MaxSide: 100, MaxConnections: 64, MaxRequests: 64, MaxSizes: 4, CacheBytes: 1 << 20, Stall: 5 * time.Second,
		Say: func(string, ...any) {}, Model: engineOf(source, "png").models("id"), Schema: []byte("{}"), Presets: []byte("[]"),
	}
	if change != nil {
		change(&o)
	}
	s, err := New(o)
	if err != nil {
		t.Fatal(err)
	}
	h := httptest.NewServer(s)
	t.Cleanup(func() { h.Close(); s.engines.close() })
	return s, h
}

func ask(t *testing.T, method, url string, headers ...string) (*http.Response, string) {
	t.Helper()
	return askWith(t, http.DefaultClient, method, url, headers...)
}

func askWith(t *testing.T, c *http.Client, method, url string, headers ...string) (*http.Response, string) {
	t.Helper()
	r, err := http.NewRequest(method, url, nil)
	if err != nil {
		t.Fatal(err)
	}
	for i := 0; i < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	answer, err := c.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	body, err := io.ReadAll(answer.Body)
	if err != nil {
		t.Fatal(err)
	}
	return answer, string(body)
}

// offline makes the first shards as generate does.
func offline(t *testing.T, member string, w, h int) []string {
	t.Helper()
	e, _ := engineOf(fake{}, member)(w, h)
	job := e.Job
	dir := t.TempDir()
	job.Store, job.Format, job.Count = store.Dir(dir), "webdataset", 3*shardSize
	job.Level = dataset.Stored
	if _, err := dataset.GenerateShards(context.Background(), job); err != nil {
		t.Fatal(err)
	}
	var list []string
	for i := range 3 {
		data, err := os.ReadFile(filepath.Join(dir, fmt.Sprintf("%06d.tar", i)))
		if err != nil {
			t.Fatal(err)
		}
		list = append(list, string(data))
	}
	return list
}

// Shards are what generate writes, whole, in any range, and of any size asked for.
func TestShardBytes(t *testing.T) {
	for _, member := range []string{"png", "npy"} {
		_, h := testServer(t, fake{}, func(o *Options) { o.Model = engineOf(fake{}, member).models("id") })
		for _, size := range [][2]int{{16, 12}, {30, 30}, {1, 7}} {
			want := offline(t, member, size[0], size[1])
			url := func(i int) string {
				return fmt.Sprintf("%s/shards/%06d.tar?size=%dx%d", h.URL, i, size[0], size[1])
			}
			for i := range want {
				if answer, body := ask(t, "GET", url(i)); answer.StatusCode != 200 || body != want[i] {
					t.Fatalf("%s %v: shard %d: %s, %d bytes instead of %d", member, size, i, answer.Status, len(body), len(want[i]))
				}
				if answer, body := ask(t, "HEAD", url(i)); answer.ContentLength != int64(len(want[i])) || body != "" {
					t.Errorf("HEAD: %d bytes", answer.ContentLength)
				}
			}
			r := rand.New(rand.NewPCG(3, 4))
			for range 60 {
				i := r.IntN(len(want))
				from := r.IntN(len(want[i]))
				to := from + r.IntN(len(want[i])-from)
				answer, body := ask(t, "GET", url(i), "Range", fmt.Sprintf("bytes=%d-%d", from, to))
				if answer.StatusCode != 206 || body != want[i][from:to+1] {
					t.Fatalf("bytes %d to %d: %s, %d bytes", from, to, answer.Status, len(body))
				}
			}
			if _, body := ask(t, "GET", url(0), "Range", "bytes=-700"); body != want[0][len(want[0])-700:] {
				t.Error("a range from the end")
			}
			if answer, _ := ask(t, "GET", url(0), "Range", fmt.Sprintf("bytes=%d-", len(want[0]))); answer.StatusCode != 416 {
				t.Errorf("a range past the end: %s", answer.Status)
			}
		}
	}
}

// A range is rendered, and not what comes before it.
func TestRangeRendersNoMore(t *testing.T) {
	var n atomic.Int64
	_, h := testServer(t, fake{rendered: &n}, nil)
	ask(t, "HEAD", h.URL+"/shards/000007.tar")
	if n.Load() != 0 {
		t.Errorf("HEAD rendered %d images", n.Load())
	}
	ask(t, "GET", h.URL+"/shards/000007.tar", "Range", "bytes=-3000")
	if n.Load() > 2 {
		t.Errorf("the end of a shard rendered %d images", n.Load())
	}
	n.Store(0)
	ask(t, "GET", h.URL+"/images/3.png")
	ask(t, "GET", h.URL+"/images/000003.png")
	if n.Load() != 1 {
		t.Errorf("an image was rendered %d times", n.Load())
	}
}

// ETags name the bytes: asked again with one, nothing is sent or rendered; other bytes
// have another.
func TestETag(t *testing.T) {
	var n atomic.Int64
	_, h := testServer(t, fake{rendered: &n}, nil)
	_, other := testServer(t, fake{}, func(o *Options) { o.Model = engineOf(fake{}, "png").models("other") })
	seen := map[string]string{}
	for _, url := range []string{h.URL + "/images/1.png", h.URL + "/images/2.png", h.URL + "/images/1.png?size=20", h.URL + "/shards/000001.tar", other.URL + "/images/1.png"} {
		answer, _ := ask(t, "GET", url)
		tag := answer.Header.Get("ETag")
		if len(tag) < 10 || seen[tag] != "" {
			t.Errorf("%s has the tag %s of %s", url, tag, seen[tag])
		}
		seen[tag] = url
		if cc := answer.Header.Get("Cache-Control"); !strings.Contains(cc, "immutable") || !strings.Contains(cc, "public") {
			t.Errorf("Cache-Control: %s", cc)
		}
		if model := answer.Header.Get("Leaflitter-Model"); model != strconv.Itoa(render.ModelVersion) {
			t.Errorf("Leaflitter-Model: %q", model)
		}
		before := n.Load()
		for _, list := range []string{tag, `"x", W/` + tag, "*"} {
			if answer, body := ask(t, "GET", url, "If-None-Match", list); answer.StatusCode != 304 || body != "" || answer.Header.Get("ETag") != tag {
				t.Errorf("%s with %s: %s", url, list, answer.Status)
			}
		}
		if answer, _ := ask(t, "GET", url, "If-None-Match", `"x"`); answer.StatusCode != 200 {
			t.Errorf("with another tag: %s", answer.Status)
		}
		if n.Load() != before {
			t.Error("a tag that matches was rendered for")
		}
	}
	same, _ := ask(t, "GET", h.URL+"/images/1.png?size=16x12")
	plain, _ := ask(t, "GET", h.URL+"/images/1.png")
	if same.Header.Get("ETag") != plain.Header.Get("ETag") {
		t.Error("the default size, named, has another tag")
	}
}

func TestRefused(t *testing.T) {
	_, h := testServer(t, fake{fail: func(i uint64) error {
		if i == 666 {
			return fmt.Errorf("the device is gone")
		}
		return nil
	}}, nil)
	for _, c := range []struct {
		method, path string
		status       int
		want         string
	}{
		{"GET", "/nothing", 404, "/shards/000123.tar"},
		{"GET", "/images/x.png", 404, "/images/4711.png"},
		{"GET", "/images/../etc/passwd", 404, "/images/4711.png"},
		{"GET", "/images/-1.png", 404, ""},
		{"GET", "/images/99999999999999999999.png", 404, ""},
		{"GET", "/images/9999999999999999999.png", 404, "out of range"},
		{"GET", "/images/1.jpg", 404, ""},
		{"GET", "/shards/1.tar", 404, ""},
		{"GET", "/shards/0000001.tar", 404, "/shards/000001.tar"},
		{"GET", "/shards/9223372036854775807.tar", 404, "out of range"},
		{"GET", "/images/1.png?size=0", 400, "1 to 100"},
		{"GET", "/images/1.png?size=101", 400, "1 to 100"},
		{"GET", "/images/1.png?size=10x", 400, "is no size"},
		{"GET", "/images/1.png?size=10&size=11", 400, "there twice"},
		{"GET", "/images/1.png?colour=red", 400, "not known"},
		{"GET", "/images/1.png?size=%zz", 400, "cannot be read"},
		{"GET", "/images/1.png?size=13", 400, "13 is no good size"},
		{"GET", "/images/1.jpg.png", 404, ""},
		{"GET", "/images/1.hue.png", 404, ""},
		{"GET", "/images/1.png?seed=-1", 400, "is no seed"},
		{"GET", "/images/1.png?seed=18446744073709551616", 400, "is no seed"},
		{"GET", "/images/1.id.png?preset=", 400, "has no name"},
		{"GET", "/images/1.json?preset=bad", 400, "there is no bad one; and more"},
		{"GET", "/config.yaml?preset=bad", 400, "there is no bad one"},
		{"GET", "/command?index=x", 400, "give one whole number from 0 to 2^62"},
		{"GET", "/images/1.png?index=1", 400, "not known"},
		{"GET", "/images/1.png?" + strings.Repeat("set=a&", 300), 400, "at most 256"},
		{"GET", "/images/1.png?set=" + strings.Repeat("a", 9000), 414, "at most 8192"},
		{"POST", "/images/1.png", 405, "use GET or HEAD"},
		{"DELETE", "/shards/000001.tar", 405, "use GET or HEAD"},
		{"GET", "/images/666.png", 500, "the server's log says why"},
	} {
		answer, body := ask(t, c.method, h.URL+c.path)
		if answer.StatusCode != c.status || !strings.Contains(body, c.want) || strings.Count(body, "\n") != 1 {
			t.Errorf("%s %s: %s: %s", c.method, c.path, answer.Status, body)
		}
		if answer.Header.Get("Cache-Control") != "no-store" || answer.Header.Get("ETag") != "" {
			t.Errorf("%s %s may be cached", c.method, c.path)
		}
	}
	answer, err := http.Post(h.URL+"/images/1.png", "text/plain", strings.NewReader("body"))
	if err != nil || answer.StatusCode != 405 || answer.Header.Get("Allow") != "GET, HEAD" {
		t.Errorf("%v, %v", answer, err)
	}
	r, _ := http.NewRequest("GET", h.URL+"/images/1.png", strings.NewReader("body"))
	if answer, err := http.DefaultClient.Do(r); err != nil || answer.StatusCode != 400 {
		t.Errorf("%v, %v", answer, err)
	}
}

func TestToken(t *testing.T) {
	_, h := testServer(t, fake{}, func(o *Options) { o.Token = "0123456789abcdef" })
	for _, path := range []string{"/images/1.png", "/shards/000001.tar", "/metrics", "/nothing"} {
		for _, header := range []string{"", "Bearer", "Bearer 0123456789abcdeg", "Basic 0123456789abcdef", "0123456789abcdef"} {
			if answer, body := ask(t, "GET", h.URL+path, "Authorization", header); answer.StatusCode != 401 || answer.Header.Get("WWW-Authenticate") != "Bearer" || !strings.Contains(body, "Authorization: Bearer TOKEN") {
				t.Errorf("%s with %q: %s", path, header, answer.Status)
			}
		}
	}
	answer, _ := ask(t, "GET", h.URL+"/images/1.png", "Authorization", "bearer 0123456789abcdef")
	if answer.StatusCode != 200 || !strings.Contains(answer.Header.Get("Cache-Control"), "private") {
		t.Errorf("with the token: %s, %s", answer.Status, answer.Header.Get("Cache-Control"))
	}
	if answer, body := ask(t, "GET", h.URL+"/healthz"); answer.StatusCode != 200 || body != "ok\n" {
		t.Errorf("healthz: %s", answer.Status)
	}
}

func TestMetrics(t *testing.T) {
	_, h := testServer(t, fake{}, nil)
	ask(t, "GET", h.URL+"/images/1.png")
	ask(t, "GET", h.URL+"/images/1.png")
	ask(t, "GET", h.URL+"/nothing")
	answer, body := ask(t, "GET", h.URL+"/metrics")
	for _, want := range []string{
		`leaflitter_requests_total{kind="image",status="200"} 2`, `leaflitter_requests_total{kind="other",status="404"} 1`,
		"leaflitter_images_rendered_total 1", `leaflitter_request_seconds_bucket{kind="image",le="+Inf"} 2`, "leaflitter_cache_hits_total 1", "process_resident_memory_bytes",
	} {
		if !strings.Contains(body, want) {
			t.Errorf("no %s in\n%s", want, body)
		}
	}
	if !strings.HasPrefix(answer.Header.Get("Content-Type"), "text/plain") {
		t.Error(answer.Header.Get("Content-Type"))
	}
}

// A page of another site whose name leads to this machine is told nothing.
func TestHost(t *testing.T) {
	_, h := testServer(t, fake{}, nil)
	for host, status := range map[string]int{"localhost": 200, "localhost:8080": 200, "127.0.0.1:1": 200, "[::1]:8080": 200, "evil.example": 403, "localhost.evil.example:80": 403, "10.0.0.1": 403} {
		r, _ := http.NewRequest("GET", h.URL+"/images/1.png", nil)
		r.Host = host
		answer, err := http.DefaultClient.Do(r)
		if err != nil || answer.StatusCode != status {
			t.Errorf("%s: %v, %v", host, answer.Status, err)
		}
	}
}

// More requests than are allowed are told to come again; so are more sizes.
func TestLimits(t *testing.T) {
	gate := make(chan bool)
	_, h := testServer(t, fake{fail: func(uint64) error { <-gate; return nil }}, func(o *Options) { o.MaxRequests, o.MaxSizes = 3, 2 })
	var wg sync.WaitGroup
	for i := range 3 {
		wg.Go(func() { ask(t, "GET", fmt.Sprintf("%s/images/%d.png?size=%d", h.URL, i, 20+i%2)) })
	}
	deadline := time.Now().Add(20 * time.Second)
	for {
		_, body := ask(t, "GET", h.URL+"/metrics")
		if strings.Contains(body, "leaflitter_requests_in_flight 4") { // three and this one
			break
		}
		if time.Now().After(deadline) {
			t.Fatal("three requests were not under way")
		}
	}
	time.Sleep(50 * time.Millisecond) // they are counted before they have their places
	answer, body := ask(t, "GET", h.URL+"/images/9.png")
	if answer.StatusCode != 503 || answer.Header.Get("Retry-After") != "1" || !strings.Contains(body, "try again soon") {
		t.Errorf("a fourth request: %s: %s", answer.Status, body)
	}
	if answer, _ := ask(t, "GET", h.URL+"/healthz"); answer.StatusCode != 200 {
		t.Errorf("healthz under load: %s", answer.Status)
	}
	close(gate)
	wg.Wait()
	if answer, _ := ask(t, "GET", h.URL+"/images/9.png"); answer.StatusCode != 200 {
		t.Errorf("afterwards: %s", answer.Status)
	}
}

// However many sizes and images are asked for, few engines and bytes stay.
func TestBounded(t *testing.T) {
	var closed atomic.Int64
	open := engineOf(fake{}, "png")
	s, h := testServer(t, fake{}, func(o *Options) {
		o.MaxSizes, o.CacheBytes = 3, 20_000
		o.Model = opener(func(w, h int) (*Engine, error) {
			e, err := open(w, h)
			if err == nil {
				e.Close = func() { closed.Add(1) }
			}
			return e, err
		}).models("id")
	})
	for i := range 60 {
		if answer, _ := ask(t, "GET", fmt.Sprintf("%s/images/%d.png?size=%d", h.URL, i, 20+i%10)); answer.StatusCode != 200 {
			t.Fatal(answer.Status)
		}
		if n := s.engines.count(); n > 3 {
			t.Fatalf("%d engines", n)
		}
		if _, _, used := s.cache.counts(); used > 20_000 {
			t.Fatalf("%d bytes in the cache", used)
		}
	}
	s.engines.close()
	if closed.Load() < 50 {
		t.Errorf("%d engines were closed", closed.Load())
	}
}

// Clients that go away leave nothing behind that keeps others from being served.
func TestAborted(t *testing.T) {
	_, h := testServer(t, fake{delay: 2 * time.Millisecond}, nil)
	want := offline(t, "png", 16, 12)
	var wg sync.WaitGroup
	for i := range 40 {
		wg.Go(func() {
			ctx, cancel := context.WithTimeout(context.Background(), time.Duration(i)*time.Millisecond)
			defer cancel()
			r, _ := http.NewRequestWithContext(ctx, "GET", fmt.Sprintf("%s/shards/%06d.tar", h.URL, i%3), nil)
			if answer, err := http.DefaultClient.Do(r); err == nil {
				io.Copy(io.Discard, answer.Body)
				answer.Body.Close()
			}
		})
	}
	wg.Wait()
	for i := range want {
		if answer, body := ask(t, "GET", fmt.Sprintf("%s/shards/%06d.tar", h.URL, i)); answer.StatusCode != 200 || body != want[i] {
			t.Errorf("shard %d after aborted requests: %s", i, answer.Status)
		}
	}
}

// Whatever is asked for, the answer is a resource within limits or a problem in one line,
// and a resource's own path is understood as the same resource.
func FuzzParse(f *testing.F) {
	for _, s := range [][2]string{{"/shards/000123.tar", ""}, {"/images/4711.png", "size=256"}, {"/images/1.png", "size=1x2"}, {"/images/%00.png", "%zz"}, {"/shards/9223372036854775807.tar", "size=99999x99999"}, {"", ";&="}, {"/images/7.id.png", "seed=1&set=a=1&set=b=2&preset=x"}, {"/command", "index=3"}} {
		f.Add(s[0], s[1])
	}
	f.Fuzz(func(t *testing.T, path, query string) {
		r, err := parse(path, query, 100, 1000)
		if err != nil {
			p, ok := err.(*problem)
			if !ok || p.status < 400 || p.status > 499 || strings.ContainsAny(p.text, "\n\r") || p.text == "" {
				t.Fatalf("%#v", err)
			}
			return
		}
		if w := r.wish; w.Width < 0 || w.Width > 100 || w.Height < 0 || w.Height > 100 || (w.Width == 0) != (w.Height == 0) || r.kind == kindShard && r.number >= 1000 {
			t.Fatalf("%+v", r)
		}
		again, err := parse(r.path(), query, 100, 1000)
		if err != nil || !reflect.DeepEqual(again, r) && r.kind != kindCommand {
			t.Fatalf("%+v, then %+v, %v", r, again, err)
		}
	})
}
