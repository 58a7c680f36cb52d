package main

import (
	"bytes"
	"debug/elf"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// The build without cgo is static, renders on the CPU, and says that it has no GPU
// backend.
func TestBuildWithoutCgo(t *testing.T) {
	dir := t.TempDir()
	exe := filepath.Join(dir, "leaflitter")
	build := exec.Command("go", "build", "-o", exe, ".")
	build.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	f, err := elf.Open(exe)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	for _, p := range f.Progs {
		if p.Type == elf.PT_INTERP || p.Type == elf.PT_DYNAMIC {
			t.Error("it is not static")
		}
	}
	run := func(args ...string) (int, string) {
		cmd := exec.Command(exe, args...)
		cmd.Dir = dir
		var errs bytes.Buffer
		cmd.Stderr = &errs
		if err := cmd.Run(); err != nil {
			if _, ok := err.(*exec.ExitError); !ok {
				t.Fatal(err)
			}
		}
		return cmd.ProcessState.ExitCode(), errs.String()
	}
	for _, args := range [][]string{
		{"generate", "-o", "no", "--backend", "gpu", "--quiet"}, {"generate", "-o", "no", "--device", "0", "--quiet"},
		{"devices"}, {"parity", "--quiet"},
	} {
		code, errs := run(args...)
		if code != 1 || !strings.Contains(errs, "was built without the GPU backend") || strings.Count(errs, "\n") != 1 {
			t.Errorf("%v: exit %d: %s", args, code, errs)
		}
	}
	if _, err := os.Stat(filepath.Join(dir, "no")); err == nil {
		t.Error("something was written")
	}
	code, errs := run("generate", "-o", "out", "--count", "2", "--size", "30")
	if code != 0 || !strings.Contains(errs, "backend: cpu (this binary was built without the GPU backend)") {
		t.Errorf("auto: exit %d: %s", code, errs)
	}
}
