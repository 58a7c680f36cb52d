package main

import (
	"os/exec"
	"testing"

	"leaflitter/bench/disks"
	"leaflitter/gpu"
)

// Every peer gives leaflitter's leaf at every pixel, and one that does not is caught.
func TestPeersAgree(t *testing.T) {
	s, err := disks.New(72, 3)
	if err != nil {
		t.Fatal(err)
	}
	for _, box := range []bool{false, true} {
		if took, version, err := painter(withNumPy(t), t.TempDir(), s, box); err != nil || took <= 0 || version == "" {
			t.Errorf("painter, box %v: %v, %q, %v", box, took, version, err)
		}
	}
	if gpu.Built {
		d, err := disks.Open("0")
		if err != nil {
			t.Fatal(err)
		}
		if took, err := d.Brute(s, 1); err != nil || took <= 0 {
			t.Errorf("brute force: %v, %v", took, err)
		}
		cover, closed, err := d.Tiles(s)
		if err != nil {
			t.Fatal(err)
		}
		defer closed()
		if took, err := cover(1); err != nil || took <= 0 {
			t.Errorf("tiles: %v, %v", took, err)
		}
	}
	s.Leaves[s.IDs[0]-1].A = 0
	if _, _, err := painter(withNumPy(t), t.TempDir(), s, true); err == nil {
		t.Error("another disk is not noticed")
	}
}

// withNumPy returns an interpreter that has NumPy.
func withNumPy(t *testing.T) string {
	for _, python := range []string{"python3", "/usr/bin/python3"} {
		if exec.Command(python, "-c", "import numpy").Run() == nil {
			return python
		}
	}
	t.Fatal("no python3 has NumPy, which the painter's loop is written with: install python3-numpy")
	return ""
}
