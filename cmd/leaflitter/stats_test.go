package main

import (
	"bytes"
	"os/exec"
	"strings"
	"testing"

	"leaflitter/gpu"
)

// --stats says for both backends where the time went, even with --quiet.
func TestStatsFlag(t *testing.T) {
	dir := t.TempDir()
	for backend, steps := range map[string][]string{
		"cpu": {"sample", "cover", "shade", "develop", "encode", "write", "host threads, all steps", "busiest: "},
		"gpu": {"sample", "lay out", "device 0: upload", "device 0: cover", "device 0: readback", "copy out", "encode", "write", "device 0, all steps"},
	} {
		if backend == "gpu" && !gpu.Built {
			continue
		}
		code, errs := withEnv(t, dir, nil, "generate", "-o", backend, "--count", "6", "--size", "64", "--backend", backend, "--quiet", "--stats")
		if code != 0 {
			t.Fatalf("exit %d: %s", code, errs)
		}
		for _, step := range append(steps, "6 images in ") {
			if !strings.Contains(errs, step) {
				t.Errorf("%s: no %q in\n%s", backend, step, errs)
			}
		}
	}
}

// withEnv runs the command with more environment and returns its exit code and errors.
func withEnv(t *testing.T, dir string, env []string, args ...string) (int, string) {
	t.Helper()
	cmd := command(dir, args...)
	cmd.Env = append(cmd.Env, env...)
	var errs bytes.Buffer
	cmd.Stderr = &errs
	err := cmd.Run()
	if _, ok := err.(*exec.ExitError); err != nil && !ok {
		t.Fatal(err)
	}
	return cmd.ProcessState.ExitCode(), errs.String()
}
