package dataset

import (
	"bytes"
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"leaflitter/render"
)

// fake renders images of noise that depend on the index alone.
type fake struct {
	delay time.Duration
	hook  func(indices []uint64) error // called before each batch
}

func (f fake) Render(ctx context.Context, indices []uint64, images []*render.Image) error {
	if f.hook != nil {
		if err := f.hook(indices); err != nil {
			return err
		}
	}
	for i, index := range indices {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(f.delay):
		}
		im := images[i]
		r := rand.New(rand.NewPCG(index, 99))
		for j := range im.Pix {
			im.Pix[j] = uint8(r.Uint32()) & uint8(index*37)
		}
		for j := range im.ID {
			im.ID[j] = r.Uint32N(uint32(100 + 30000*index))
		}
		for j := range im.Layer {
			im.Layer[j] = uint8(r.Uint32N(3))
		}
		for j := range im.Depth {
			im.Depth[j] = uint16(r.Uint32N(3) * 32767)
		}
		for j := range im.Edge {
			im.Edge[j] = uint8(-(r.Uint32() & 1))
		}
	}
	return nil
}

func fakeImage(w, h int, l render.Labels) func() *render.Image {
	return func() *render.Image {
		im := &render.Image{Width: w, Height: h, Channels: 3, Pix: make([]uint8, 3*w*h)}
		if l.ID {
			im.ID = make([]uint32, w*h)
		}
		if l.Layer {
			im.Layer = make([]uint8, w*h)
		}
		if l.Depth {
			im.Depth = make([]uint16, w*h)
		}
		if l.Edge {
			im.Edge = make([]uint8, w*h)
		}
		return im
	}
}

var allLabels = render.Labels{ID: true, Layer: true, Depth: true, Edge: true}

// testJob is a job of count small images with the labels.
func testJob(dir string, count uint64, l render.Labels) Job {
	return Job{
		Dir: dir, Source: fake{}, NewImage: fakeImage(16, 9, l), Count: count, Labels: l,
		Header: Header{
			Version: "v1 <test>", Preset: "p", PaletteName: "built-in", PaletteHash: "abc", Seed: 1<<64 - 1,
			Config: map[string]any{"leaves": map[string]any{"alpha": 3.0, "r_min": 10}, "layers": []int{1, 2}},
		},
		Batch: 4, Workers: 2,
	}
}

func mustGenerate(t *testing.T, job Job) Result {
	t.Helper()
	r, err := Generate(context.Background(), job)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// wantError checks that err is there, is one line, and says all of parts.
func wantError(t *testing.T, err error, parts ...string) {
	t.Helper()
	if err == nil {
		t.Fatalf("no error, want one with %q", parts)
	}
	for _, p := range append(parts, "") {
		if !strings.Contains(err.Error(), p) || strings.Contains(err.Error(), "\n") {
			t.Fatalf("error %q, want one line with %q", err, p)
		}
	}
}

// snapshot reads all files of a directory.
func snapshot(t *testing.T, dir string) map[string]string {
	t.Helper()
	files := map[string]string{}
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		data, err := os.ReadFile(filepath.Join(dir, e.Name()))
		if err != nil {
			t.Fatal(err)
		}
		files[e.Name()] = string(data)
	}
	return files
}

// sameFiles compares two snapshots by name and byte.
func sameFiles(t *testing.T, what string, got, want map[string]string) {
	t.Helper()
	for name, data := range want {
		if g, ok := got[name]; !ok {
			t.Errorf("%s: %s is missing", what, name)
		} else if g != data {
			t.Errorf("%s: %s differs: %d bytes, want %d", what, name, len(g), len(data))
		}
	}
	for name := range got {
		if _, ok := want[name]; !ok {
			t.Errorf("%s: %s should not be there", what, name)
		}
	}
	if t.Failed() {
		t.FailNow()
	}
}

// undisturbed is what a job leaves when nothing happens to it.
func undisturbed(t *testing.T, job Job) map[string]string {
	t.Helper()
	job.Dir = filepath.Join(t.TempDir(), "undisturbed")
	job.Source = fake{}
	mustGenerate(t, job)
	return snapshot(t, job.Dir)
}

func write(t *testing.T, dir, name, data string) {
	t.Helper()
	if err := os.WriteFile(filepath.Join(dir, name), []byte(data), 0o666); err != nil {
		t.Fatal(err)
	}
}

// journalOf makes an unfinished dataset: the first n samples of the job.
func journalOf(t *testing.T, job Job, n uint64) {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	job.Batch, job.Workers = 1, 1
	job.Source = fake{hook: func(indices []uint64) error {
		if indices[0] >= job.Start+n {
			return fmt.Errorf("stop here")
		}
		return nil
	}}
	_, err := Generate(ctx, job)
	wantError(t, err, "stop here")
	if data, err := os.ReadFile(filepath.Join(job.Dir, journalName)); err != nil || bytes.Count(data, []byte(".png")) == 0 {
		t.Fatalf("journal: %v, %q", err, data)
	}
}
