//go:build linux && cgo && egl

package main

import (
	"io/fs"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"

	"leaflitter/gpu"
	"leaflitter/shaders"
)

// Where the probe fails, bytes are compared and rows measured all the same, and the report
// says so.
func TestProbeFails(t *testing.T) {
	t.Setenv("FAKE_PROBE", `[{"index": 1, "probe": [{"name": "sums", "needed": true, "holds": false, "detail": "0 for 1"}]}]`)
	box, results := boxed(t), filepath.Join(t.TempDir(), "results")
	code, said, report := runBox(t, box, results, "equal", "prove")
	if code != 1 {
		t.Errorf("exit %d", code)
	}
	holds(t, "what it said", said, "probe: FAILED", "parity-grey: fine")
	holds(t, "the report", report, "**Bytes: equal.** All 42 images", "**Probe of device 1: NOT PASSED, compared all the same**: sums: 0 for 1.")
}

// A row is measured on a device on which the probe fails.
func TestThroughputProbeFails(t *testing.T) {
	d, err := open("0")
	if err != nil {
		t.Fatal(err)
	}
	s, err := parseSubject("dead-leaves:32:2")
	if err != nil {
		t.Fatal(err)
	}
	changed = brokenProbe(t)
	defer func() { changed = nil }()
	if err := probe(nil); err == nil || !strings.Contains(err.Error(), "a dispatch that reads what the last one wrote") {
		t.Errorf("the probe is not broken: %v", err)
	}
	if row, err := s.measure([]gpu.Device{d}, 1, true); err != nil || row.Work == nil {
		t.Errorf("%+v, %v", row, err)
	}
}

// brokenProbe returns shaders whose probe finds a wrong integer.
func brokenProbe(t *testing.T) fstest.MapFS {
	t.Helper()
	files, broken := fstest.MapFS{}, 0
	names, err := fs.Glob(shaders.Files, "*")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range names {
		data, err := fs.ReadFile(shaders.Files, name)
		if err != nil {
			t.Fatal(err)
		}
		broken += strings.Count(string(data), "tally.groups = 3u;")
		files[name] = &fstest.MapFile{Data: []byte(strings.Replace(string(data), "tally.groups = 3u;", "tally.groups = 2u;", 1))}
	}
	if broken != 1 {
		t.Fatalf("the probe has %d places to break", broken)
	}
	return files
}
