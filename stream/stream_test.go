package stream

import (
	"archive/tar"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"math"
	"math/rand/v2"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"leaflitter/render"
)

// fake gives every pixel of image i the value i+1, after a little while of its own.
type fake struct {
	slow    time.Duration // at most, a call
	fails   uint64        // the index that fails; 0: none
	calls   atomic.Int64
	mu      sync.Mutex
	buffers map[*uint8]bool // that were rendered to
}

func (f *fake) Render(ctx context.Context, indices []uint64, images []*render.Image) error {
	f.calls.Add(1)
	if f.slow > 0 {
		time.Sleep(rand.N(f.slow))
	}
	for i, im := range images {
		if f.fails != 0 && indices[i] == f.fails {
			return errors.New("it broke")
		}
		f.mu.Lock()
		if f.buffers == nil {
			f.buffers = map[*uint8]bool{}
		}
		f.buffers[&im.Pix[0]] = true
		f.mu.Unlock()
		v := indices[i] + 1
		for k := range im.Pix {
			im.Pix[k] = uint8(v)
		}
		for k := range im.ID {
			im.ID[k] = uint32(v) << 20
		}
		for k := range im.Depth {
			im.Depth[k] = uint16(v) << 8
		}
		for k := range im.Edge {
			im.Layer[k], im.Edge[k] = uint8(2*v), uint8(3*v)
		}
	}
	return ctx.Err()
}

func job(f *fake, out io.Writer) Job {
	return Job{Source: f, Out: out, Width: 5, Height: 4, Channels: 3, Batch: 4, Stride: 1, Ask: 3, InFlight: 2}
}

// members returns names and contents, and whether the archive has its end mark.
func members(t *testing.T, archive []byte) (names []string, data [][]byte, ended bool) {
	t.Helper()
	r := tar.NewReader(bytes.NewReader(archive))
	for {
		h, err := r.Next()
		if err == io.EOF {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		b, err := io.ReadAll(r)
		if err != nil {
			t.Fatal(err)
		}
		names, data = append(names, h.Name), append(data, b)
	}
	return names, data, len(archive) >= 1024 && bytes.Equal(archive[len(archive)-1024:], make([]byte, 1024))
}

// Whatever the batch, the calls and their timing: the same images in the same order.
func TestOrder(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	for try := range 60 {
		f := &fake{slow: 300 * time.Microsecond}
		var out bytes.Buffer
		j := job(f, &out)
		j.Batch, j.Ask, j.InFlight = 1+rng.IntN(9), 1+rng.IntN(20), 1+rng.IntN(5)
		j.Start, j.Stride, j.Count = rng.Uint64N(50), 1+rng.Uint64N(5), 1+rng.Uint64N(60)
		r, err := Run(t.Context(), j)
		if err != nil || r.Images != j.Count || r.Next != j.Start+j.Count*j.Stride {
			t.Fatalf("%d: %+v: %v", try, r, err)
		}
		names, data, ended := members(t, out.Bytes())
		if !ended {
			t.Error("no end mark")
		}
		index := j.Start
		for b, name := range names {
			n := min(uint64(j.Batch), j.Count-uint64(b*j.Batch))
			if want := fmt.Sprintf("%09d.npy", index); name != want {
				t.Fatalf("%d: member %s, want %s", try, name, want)
			}
			if shape := fmt.Sprintf("'shape': (%d, 4, 5, 3)", n); !strings.Contains(string(data[b][:128]), shape) {
				t.Fatalf("%s: %q, want %s", name, data[b][:128], shape)
			}
			pixels := data[b][len(data[b])-int(n)*60:]
			for i := range n {
				if pixels[60*i] != uint8(index+1) || pixels[60*i+59] != uint8(index+1) {
					t.Fatalf("%s: image %d is another", name, i)
				}
				index += j.Stride
			}
		}
		if index != r.Next {
			t.Errorf("%d: ended at %d", try, index)
		}
	}
}

func TestLabels(t *testing.T) {
	var out bytes.Buffer
	j := job(&fake{}, &out)
	j.Channels, j.Count, j.Batch = 1, 3, 2
	j.Labels = render.Labels{ID: true, Layer: true, Depth: true, Edge: true}
	if _, err := Run(t.Context(), j); err != nil {
		t.Fatal(err)
	}
	names, data, _ := members(t, out.Bytes())
	want := "000000000.npy 000000000.id.npy 000000000.layer.npy 000000000.depth.npy 000000000.edge.npy " +
		"000000002.npy 000000002.id.npy 000000002.layer.npy 000000002.depth.npy 000000002.edge.npy"
	if got := strings.Join(names, " "); got != want {
		t.Fatalf("members %s", got)
	}
	for i, last := range [][]byte{{2}, {0, 0, 0x20, 0}, {4}, {0, 2}, {6}} {
		if !bytes.HasSuffix(data[i], last) {
			t.Errorf("%s ends with % x, want % x", names[i], data[i][len(data[i])-4:], last)
		}
	}
	if !strings.Contains(string(data[0][:128]), "(2, 4, 5, 1)") || !strings.Contains(string(data[6][:128]), "'<u4', 'fortran_order': False, 'shape': (1, 4, 5)") {
		t.Errorf("headers %q %q", data[0][:128], data[6][:128])
	}
}

// The memory of an endless stream is that of a few batches, and who does not read
// stops the rendering.
func TestBounded(t *testing.T) {
	f := &fake{}
	r, w := io.Pipe()
	ctx, cancel := context.WithCancel(t.Context())
	j := job(f, w)
	done := make(chan error)
	go func() {
		_, err := Run(ctx, j)
		done <- err
	}()
	if _, err := io.CopyN(io.Discard, r, 3<<20); err != nil {
		t.Fatal(err)
	}
	time.Sleep(50 * time.Millisecond)
	before := f.calls.Load()
	time.Sleep(100 * time.Millisecond)
	if after := f.calls.Load(); after != before {
		t.Errorf("renders on though nobody reads: %d calls, then %d", before, after)
	}
	f.mu.Lock()
	n := len(f.buffers)
	f.mu.Unlock()
	if most := j.batches() * j.Batch; n > most {
		t.Errorf("%d images in memory, want at most %d", n, most)
	}
	cancel() // ends at once, though the writer hangs
	select {
	case err := <-done:
		if !errors.Is(err, context.Canceled) {
			t.Error(err)
		}
	case <-time.After(5 * time.Second):
		t.Fatal("does not end")
	}
	r.Close()
}

func TestErrors(t *testing.T) {
	var out bytes.Buffer
	j := job(&fake{fails: 9}, &out)
	if _, err := Run(t.Context(), j); err == nil || !strings.Contains(err.Error(), "cannot be rendered: it broke") {
		t.Errorf("source: %v", err)
	}
	j = job(&fake{}, failing{})
	if _, err := Run(t.Context(), j); err == nil || !strings.Contains(err.Error(), "the archive cannot be written: full") {
		t.Errorf("writer: %v", err)
	}
	for name, change := range map[string]func(*Job){
		"source": func(j *Job) { j.Source = nil }, "size": func(j *Job) { j.Width = 0 }, "channels": func(j *Job) { j.Channels = 2 },
		"ask": func(j *Job) { j.Ask = 0 }, "batch": func(j *Job) { j.Batch = 4097 }, "stride": func(j *Job) { j.Stride = 0 },
		"memory": func(j *Job) { j.Width, j.Height, j.Batch = 16384, 16384, 16 },
		"last":   func(j *Job) { j.Start, j.Count = math.MaxUint64-2, 4 },
		"stride past": func(j *Job) {
			j.Stride, j.Count = math.MaxUint64, 3
		},
	} {
		j := job(&fake{}, &out)
		change(&j)
		if _, err := Run(t.Context(), j); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
}

type failing struct{}

func (failing) Write([]byte) (int, error) { return 0, errors.New("full") }

// The stream ends at the last index there is.
func TestLastIndex(t *testing.T) {
	var out bytes.Buffer
	j := job(&fake{}, &out)
	j.Start, j.Stride = math.MaxUint64-9, 3
	r, err := Run(t.Context(), j)
	if err != nil || r.Images != 4 {
		t.Errorf("%+v: %v", r, err)
	}
	j.Count, out = 4, bytes.Buffer{}
	if r, err := Run(t.Context(), j); err != nil || r.Images != 4 {
		t.Errorf("%+v: %v", r, err)
	}
}
