//go:build linux && cgo && egl

package main

import (
	"path/filepath"
	"strings"
	"testing"

	"leaflitter/gpu"
	"leaflitter/shaders/shadertest"
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
	changed = shadertest.Edited(t, shadertest.Edit{File: "probe.comp", From: "tally.groups = 3u;", To: "tally.groups = 2u;"})
	defer func() { changed = nil }()
	if err := probe(nil); err == nil || !strings.Contains(err.Error(), "a dispatch that reads what the last one wrote") {
		t.Errorf("the probe is not broken: %v", err)
	}
	if row, err := s.measure([]gpu.Device{d}, 1, true); err != nil || row.Work == nil {
		t.Errorf("%+v, %v", row, err)
	}
}
