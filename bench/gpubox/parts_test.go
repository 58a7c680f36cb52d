//go:build linux && cgo && egl

package main

import (
	"bytes"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"leaflitter/bench/gpubox/report"
	"leaflitter/gpu"
	"leaflitter/shaders"
)

// A compiler that hangs in one program and crashes in another costs those two.
func TestCompileHangs(t *testing.T) {
	t.Parallel()
	worker := filepath.Join(t.TempDir(), "worker")
	script := `#!/usr/bin/env bash
[ "$1 $2 $3" = "compile-worker -device 7" ] || exit 9
shift 3
for program; do
	echo "start $program"
	case $program in
	*/paint) sleep 1000 ;;
	*/shade) echo "LLVM ERROR" >&2; kill -SEGV $$ ;;
	*/cover) echo "done $program {\"took_ns\": 5000000, \"error\": \"the driver does not compile it\"}" ;;
	*) echo "done $program {\"took_ns\": 5000000, \"bytes\": 77}" ;;
	esac
done`
	if err := os.WriteFile(worker, []byte(script), 0o755); err != nil {
		t.Fatal(err)
	}
	all, begun, expected, errs := compiled(t, "-device", "7", "-sets", "everything", "-silence", "5s", "-worker", worker)
	if len(all) != len(shaders.Stages()) || !strings.Contains(errs, "3 of ") {
		t.Errorf("%d programs; %s", len(all), errs)
	}
	if len(begun) != len(all) || expected != len(all) {
		t.Errorf("%d begun of %d", len(begun), expected)
	}
	for _, p := range all {
		want := map[string]string{"everything/paint": "hung: no word for 5 s", "everything/shade": "crashed: signal: segmentation fault: LLVM ERROR", "everything/cover": "the driver does not compile it"}[p.Name]
		if p.Problem != want || want == "" && (p.Ms != 5 || p.Bytes != 77) {
			t.Errorf("%+v, want %q", p, want)
		}
	}
}

// A program in which the compiler hangs is not tried again where the source is the same.
func TestCompileHangsOnce(t *testing.T) {
	t.Parallel()
	worker := filepath.Join(t.TempDir(), "worker")
	script := `#!/usr/bin/env bash
shift 3
for program; do
	echo "start $program"
	case $program in */paint) sleep 1000 ;; esac
	echo "done $program {\"took_ns\": 5000000, \"bytes\": 77}"
done`
	if err := os.WriteFile(worker, []byte(script), 0o755); err != nil {
		t.Fatal(err)
	}
	all, begun, expected, _ := compiled(t, "-silence", "5s", "-worker", worker)
	if expected != 3*len(shaders.Stages()) || len(all) != expected || len(begun) >= expected {
		t.Errorf("%d programs, %d begun, of %d", len(all), len(begun), expected)
	}
	for _, p := range all {
		if paint := strings.HasSuffix(p.Name, "/paint"); paint != strings.HasPrefix(p.Problem, "hung") || paint && (p.Same == "") != (p.Name == "dead-leaves/paint") {
			t.Errorf("%+v", p)
		}
	}
}

// Every program compiles on whatever device there is.
func TestCompile(t *testing.T) {
	t.Parallel()
	found, err := gpu.Devices()
	if err != nil || len(found) == 0 {
		t.Fatal("no OpenGL device: install libegl1 and libgl1-mesa-dri, or set LEAFLITTER_NO_GPU=1 to leave the GPU tests out")
	}
	all, _, _, errs := compiled(t, "-sets", "dead-leaves,everything", "-silence", "10m")
	if len(all) != 2*len(shaders.Stages()) || errs != "" {
		t.Errorf("%d programs; %s", len(all), errs)
	}
	for _, p := range all {
		if p.Problem != "" || p.Ms <= 0 && p.Same == "" {
			t.Errorf("%+v", p)
		}
	}
}

func compiled(t *testing.T, args ...string) (all, begun []report.Program, expected int, errs string) {
	t.Helper()
	cmd := exec.Command(os.Args[0], append([]string{"compile"}, args...)...)
	cmd.Env = append(os.Environ(), "GPUBOX_TEST_COMMAND=1")
	var b bytes.Buffer
	cmd.Stderr = &b
	out, err := cmd.Output()
	if cmd.ProcessState == nil {
		t.Fatal(err)
	}
	for _, line := range strings.Split(strings.TrimSpace(string(out)), "\n") {
		var p struct {
			report.Planned
			report.Program
		}
		switch err := json.Unmarshal([]byte(line), &p); {
		case err != nil:
			t.Errorf("%q: %v", line, err)
		case p.Name == "":
			expected = p.Expected
		case p.Begun:
			begun = append(begun, p.Program)
		default:
			all = append(all, p.Program)
		}
	}
	return all, begun, expected, b.String()
}

// Where the time to search runs out nothing is said about what there is.
func TestDriverNoTime(t *testing.T) {
	cmd := exec.Command(os.Args[0], "driver", "-root", t.TempDir(), "-patience", "0s")
	cmd.Env = append(os.Environ(), "GPUBOX_TEST_COMMAND=1")
	out, err := cmd.Output()
	if err != nil || !strings.Contains(string(out), "not found in 0 s") || strings.Contains(string(out), "container") {
		t.Errorf("%s, %v", out, err)
	}
}

// The driver's file is found where it should be, where it should not, and made from the
// library where it is missing; searching ends in time.
func TestFindVendor(t *testing.T) {
	put := func(root, path string) {
		t.Helper()
		if err := os.MkdirAll(filepath.Dir(filepath.Join(root, path)), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(root, path), []byte("{}"), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	for _, c := range []struct {
		files       []string
		words, path string
	}{
		{[]string{"usr/share/glvnd/egl_vendor.d/10_nvidia.json", "opt/a/10_nvidia.json"}, "found in a usual place", "usr/share/glvnd/egl_vendor.d/10_nvidia.json"},
		{[]string{"opt/a/b/10_nvidia.json", "lib/libEGL_nvidia.so.0"}, "found elsewhere", "opt/a/b/10_nvidia.json"},
		{[]string{"opt/a/libEGL_nvidia.so.0", "proc/1/10_nvidia.json"}, "not there, made from the driver's library", "made"},
		{[]string{"proc/1/10_nvidia.json", "opt/50_mesa.json"}, "", ""},
	} {
		root := t.TempDir()
		for _, f := range c.files {
			put(root, f)
		}
		made := filepath.Join(root, "made")
		words, path, err := findVendor(root, time.Hour, made)
		want := c.path
		if want != "" {
			want = filepath.Join(root, want)
		}
		if words != c.words || path != want || err != nil {
			t.Errorf("%v: %q, %q, %v", c.files, words, path, err)
		}
		if path == made && want == made {
			var v struct {
				ICD struct {
					Path string `json:"library_path"`
				}
			}
			data, err := os.ReadFile(made)
			if err != nil || json.Unmarshal(data, &v) != nil || v.ICD.Path != filepath.Join(root, "opt/a/libEGL_nvidia.so.0") {
				t.Errorf("made %s, %v", data, err)
			}
		}
		if words, path, err := findVendor(root, 0, made); c.words != "found in a usual place" && (words != "" || path != "" || err != errTime) {
			t.Errorf("without time: %q, %q, %v", words, path, err)
		}
	}
}
