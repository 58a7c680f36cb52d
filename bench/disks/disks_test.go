//go:build linux && cgo && egl

package disks

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"leaflitter/gpu"
	"leaflitter/scene"
	"leaflitter/shaders/shadertest"
)

// Both ways give leaflitter's leaves, alone and in a batch; a disk that is another one is noticed and said.
func TestLeavesAreChecked(t *testing.T) {
	s, err := New(72, 3)
	if err != nil {
		t.Fatal(err)
	}
	d, err := Open("0")
	if err != nil {
		t.Fatal(err)
	}
	for _, batch := range []int{1, 3} {
		if took, err := d.Brute(s, batch); err != nil || took <= 0 {
			t.Errorf("brute force, %d: %v, %v", batch, took, err)
		}
		cover, closed, err := d.Tiles(s)
		if err != nil {
			t.Fatal(err)
		}
		if took, err := cover(batch); err != nil || took <= 0 {
			t.Errorf("tiles, %d: %v, %v", batch, took, err)
		}
		if err := closed(); err != nil {
			t.Error(err)
		}
	}
	l := &s.Leaves[s.IDs[0]-1] // made so much smaller that it has the first pixel no more
	l.A = 0.999 * ((l.X-0.5)*(l.X-0.5) + (l.Y-0.5)*(l.Y-0.5))
	if _, err := d.Brute(s, 1); err == nil || !strings.Contains(err.Error(), "pixels differ") {
		t.Errorf("a smaller disk is not noticed: %v", err)
	}
	if _, err := Open("99"); err == nil || !strings.Contains(err.Error(), "99") {
		t.Errorf("there is a device 99: %v", err)
	}
}

// Leaves are timed, and checked, on a device on which the probe fails.
func TestProbeFails(t *testing.T) {
	files := shadertest.Edited(t, shadertest.Edit{File: "probe.comp", From: "tally.groups = 3u;", To: "tally.groups = 2u;"})
	changed = files
	defer func() { changed = nil }()
	s, err := New(32, 3)
	if err != nil {
		t.Fatal(err)
	}
	d, err := Open("0")
	if err != nil {
		t.Fatal(err)
	}
	cover, closed, err := d.Tiles(s)
	if err != nil {
		t.Fatal(err)
	}
	defer closed()
	if _, err := cover(1); err != nil {
		t.Error(err)
	}
	if _, err := gpu.New(s.model, []gpu.Device{d.device}, gpu.Options{Shaders: files}); err == nil {
		t.Error("the probe is not broken")
	}
}

func TestDump(t *testing.T) {
	s, err := New(40, 4)
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	for range 2 { // also where there is one already
		if err := s.Dump(dir); err != nil {
			t.Fatal(err)
		}
	}
	read := func(name string) []byte {
		data, err := os.ReadFile(filepath.Join(dir, "r_min-4", name))
		if err != nil {
			t.Fatal(err)
		}
		return data
	}
	leaves, ids := make([]scene.Leaf, len(s.Leaves)), make([]uint32, 40*40)
	data := read("leaves.bin")
	if len(data) != 32*len(leaves) {
		t.Fatalf("%d bytes of %d leaves", len(data), len(leaves))
	}
	if err := binary.Read(bytes.NewReader(data), binary.LittleEndian, leaves); err != nil {
		t.Fatal(err)
	}
	if err := binary.Read(bytes.NewReader(read("ids.bin")), binary.LittleEndian, ids); err != nil {
		t.Fatal(err)
	}
	for i := range leaves {
		if leaves[i] != s.Leaves[i] {
			t.Fatalf("leaf %d is %v instead of %v", i, leaves[i], s.Leaves[i])
		}
	}
	if err := s.Same("the dump", ids); err != nil {
		t.Error(err)
	}
	var about About
	if err := json.Unmarshal(read("about.json"), &about); err != nil || about.Size != 40 || about.Leaves != len(leaves) || about.RMin != 4 {
		t.Errorf("%+v, %v", about, err)
	}
}
