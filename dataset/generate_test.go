package dataset

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"math/rand/v2"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"leaflitter/render"
)

func TestGenerateSameFiles(t *testing.T) {
	want := undisturbed(t, testJob("", 23, allLabels))
	if len(want) != 23*5+1 {
		t.Fatalf("%d files, want %d", len(want), 23*5+1)
	}
	for _, c := range [][2]int{{1, 1}, {1, 8}, {7, 3}, {64, 2}, {0, 0}} {
		job := testJob(filepath.Join(t.TempDir(), "a", "b"), 23, allLabels)
		job.Batch, job.Workers = c[0], c[1]
		r := mustGenerate(t, job)
		if r.Written != 23 || r.Verified != 0 || r.Complete {
			t.Errorf("batch and workers %v: %+v", c, r)
		}
		sameFiles(t, "another batch and workers", snapshot(t, job.Dir), want)
	}
	// A range of its own holds the same images.
	job := testJob(filepath.Join(t.TempDir(), "part"), 2, allLabels)
	job.Start = 7
	mustGenerate(t, job)
	for name, data := range snapshot(t, job.Dir) {
		if name != manifestName && data != want[name] {
			t.Errorf("%s differs from the whole run", name)
		}
	}
}

func TestManifest(t *testing.T) {
	job := testJob(filepath.Join(t.TempDir(), "d"), 3, render.Labels{Depth: true})
	job.Start = 999_999
	mustGenerate(t, job)
	files := snapshot(t, job.Dir)
	var m struct {
		Format, Version, Preset string
		Seed, Start, Count      uint64
		Labels                  []string
		Palette                 struct{ Name, Hash string }
		Config                  struct{ Leaves struct{ Alpha float64 } }
		Files                   []struct{ Name, SHA256 string }
	}
	if err := json.Unmarshal([]byte(files[manifestName]), &m); err != nil {
		t.Fatal(err)
	}
	if m.Format != formatName || m.Version != "v1 <test>" || m.Seed != 1<<64-1 || m.Start != 999_999 || m.Count != 3 ||
		m.Palette.Hash != "abc" || m.Palette.Name != "built-in" || m.Config.Leaves.Alpha != 3 || len(m.Labels) != 1 {
		t.Errorf("manifest: %+v", m)
	}
	var names []string
	for _, f := range m.Files {
		names = append(names, f.Name)
		sum := sha256.Sum256([]byte(files[f.Name]))
		if f.SHA256 != hex.EncodeToString(sum[:]) {
			t.Errorf("%s: wrong checksum", f.Name)
		}
	}
	if got := strings.Join(names, " "); got != "999999.png 999999.depth.png 1000000.png 1000000.depth.png 1000001.png 1000001.depth.png" {
		t.Errorf("files: %s", got)
	}
	if !strings.Contains(files[manifestName], "<test>") {
		t.Error("the manifest escapes what needs no escape")
	}
}

func TestJobErrors(t *testing.T) {
	dir := t.TempDir()
	for want, change := range map[string]func(*Job){
		"count is 0":         func(j *Job) { j.Count = 0 },
		"more than there":    func(j *Job) { j.Start = 1<<64 - 2 },
		"-o":                 func(j *Job) { j.Dir = "" },
		"batch":              func(j *Job) { j.Batch = -1 },
		"exclude each other": func(j *Job) { j.Resume, j.Overwrite = true, true },
		"configuration":      func(j *Job) { j.Header.Config = func() {} },
		"Source":             func(j *Job) { j.Source = nil },
	} {
		job := testJob(filepath.Join(dir, "d"), 3, render.Labels{})
		change(&job)
		_, err := Generate(context.Background(), job)
		wantError(t, err, want)
	}
	if entries, _ := os.ReadDir(dir); len(entries) != 0 {
		t.Error("a refused job left something behind")
	}
	job := testJob(filepath.Join(dir, "e"), 3, allLabels)
	job.NewImage = fakeImage(16, 9, render.Labels{})
	_, err := Generate(context.Background(), job)
	wantError(t, err, ".id.png cannot be encoded")
}

func TestCancel(t *testing.T) {
	for seed := range uint64(12) {
		job := testJob(filepath.Join(t.TempDir(), "d"), 40, render.Labels{ID: true})
		want := undisturbed(t, job)
		job.Source = fake{delay: 500 * time.Microsecond}
		runs := 0
		for ; ; runs++ {
			ctx, cancel := context.WithCancel(context.Background())
			r := rand.New(rand.NewPCG(seed, uint64(runs)))
			timer := time.AfterFunc(time.Duration(1+r.IntN(15+5*runs))*time.Millisecond, cancel)
			_, err := Generate(ctx, job)
			timer.Stop()
			cancel()
			job.Resume = true
			if err == nil {
				break
			}
			wantError(t, err, "--resume")
			if !errors.Is(err, context.Canceled) {
				t.Fatalf("%v does not wrap context.Canceled", err)
			}
			for name, data := range snapshot(t, job.Dir) {
				if name != journalName && data != want[name] {
					t.Fatalf("after cancelling, %s is not what it should be", name)
				}
			}
		}
		sameFiles(t, "cancelled and resumed", snapshot(t, job.Dir), want)
	}
}

// TestCancelSoon: a cancelled job ends well within a second though its source
// would go on for an hour.
func TestCancelSoon(t *testing.T) {
	job := testJob(filepath.Join(t.TempDir(), "d"), 5, render.Labels{})
	job.Source = fake{delay: time.Hour}
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Millisecond)
	defer cancel()
	if _, err := Generate(ctx, job); !errors.Is(err, context.DeadlineExceeded) {
		t.Fatal(err)
	}
}

// TestWholeOrAbsent looks at a directory all the while it is filled.
func TestWholeOrAbsent(t *testing.T) {
	job := testJob(filepath.Join(t.TempDir(), "d"), 40, render.Labels{ID: true})
	job.NewImage = fakeImage(300, 300, job.Labels)
	want := undisturbed(t, job)
	done := make(chan bool)
	go func() { mustGenerate(t, job); close(done) }()
	for looks := 0; ; looks++ {
		paths, _ := filepath.Glob(filepath.Join(job.Dir, "[0-9m]*"))
		for _, path := range paths {
			name := filepath.Base(path)
			if info, err := os.Stat(path); err != nil || info.Size() != int64(len(want[name])) {
				t.Fatalf("%s was not whole: %v, %v", name, info, err)
			}
		}
		select {
		case <-done:
			t.Logf("%d looks", looks)
			return
		default:
		}
	}
}

func TestProgress(t *testing.T) {
	job := testJob(filepath.Join(t.TempDir(), "d"), 30, render.Labels{})
	var last Progress
	job.Progress = func(p Progress) { last = p }
	r := mustGenerate(t, job)
	if last.Done != 30 || last.Total != 30 || last.Bytes != r.Bytes || r.Bytes == 0 {
		t.Errorf("last progress %+v, result %+v", last, r)
	}
	job.Resume = true
	r = mustGenerate(t, job)
	if last.Verified != 30 || last.Bytes != 0 || !r.Complete {
		t.Errorf("resumed: last progress %+v, result %+v", last, r)
	}
}

// TestMemoryFlat compares the heap at the end of a short and a long job.
func TestMemoryFlat(t *testing.T) {
	heap := func(count uint64) (size uint64) {
		job := testJob(filepath.Join(t.TempDir(), "d"), count, render.Labels{Edge: true})
		var made atomic.Int64
		newImage := job.NewImage
		job.NewImage = func() *render.Image { made.Add(1); return newImage() }
		job.Source = fake{hook: func(indices []uint64) error {
			if indices[len(indices)-1] == count-1 {
				var m runtime.MemStats
				runtime.GC()
				runtime.ReadMemStats(&m)
				size = m.HeapAlloc
			}
			return nil
		}}
		mustGenerate(t, job)
		if made.Load() > int64(2*job.Batch+job.Workers) {
			t.Errorf("%d images in memory", made.Load())
		}
		return size
	}
	heap(20)
	short, long := heap(200), heap(5000)
	if long > short+100_000 { // 5000 checksums of two files alone would be 320 kB
		t.Errorf("heap of %d bytes after 200 images, %d after 5000", short, long)
	}
}
