package main

import (
	_ "embed"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"time"
	"unsafe"

	"leaflitter/bench/disks"
)

//go:embed painter.py
var painterScript string

// painter runs the painter's loop once and checks its leaves. box: only the bounding
// box of each leaf is touched.
func painter(python, dir string, s *disks.Subject, box bool) (took time.Duration, version string, err error) {
	script, leaves, ids := filepath.Join(dir, "painter.py"), filepath.Join(dir, "leaves"), filepath.Join(dir, "ids")
	if err := os.WriteFile(script, []byte(painterScript), 0o666); err != nil {
		return 0, "", err
	}
	if err := s.Write(leaves); err != nil {
		return 0, "", err
	}
	mode := "whole"
	if box {
		mode = "box"
	}
	cmd := exec.Command(python, script, leaves, fmt.Sprint(s.Config.Image.Width), mode, ids)
	cmd.Env = append(os.Environ(), "OMP_NUM_THREADS=1", "OPENBLAS_NUM_THREADS=1")
	out, err := cmd.Output()
	if err != nil {
		if exit, ok := err.(*exec.ExitError); ok {
			err = fmt.Errorf("%w: %s", err, exit.Stderr)
		}
		return 0, "", fmt.Errorf("%s painter.py, which needs NumPy (python3-numpy): %w", python, err)
	}
	var seconds float64
	var numpy, own string
	if _, err := fmt.Sscan(string(out), &seconds, &numpy, &own); err != nil {
		return 0, "", fmt.Errorf("painter.py prints %q: %w", out, err)
	}
	data, err := os.ReadFile(ids)
	if err == nil {
		err = s.Same("the painter's loop ("+mode+")", words(data))
	}
	return time.Duration(seconds * float64(time.Second)), "NumPy " + numpy + ", Python " + own, err
}

func words(data []byte) []uint32 {
	if len(data) < 4 {
		return nil
	}
	return unsafe.Slice((*uint32)(unsafe.Pointer(&data[0])), len(data)/4)
}
