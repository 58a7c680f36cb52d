//go:build linux && cgo && egl

package main

import (
	"bytes"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"leaflitter/bench/gpubox/steps"
)

// This test binary is gpubox, too.
func TestMain(m *testing.M) {
	if os.Getenv("GPUBOX_TEST_COMMAND") != "" {
		main()
		os.Exit(0)
	}
	os.Exit(m.Run())
}

// fakes are what lies beside the program: what a GPU would say.
const fakes = `#!/usr/bin/env bash
equal() { echo '[{"config": "c", "images": [{"index": 0, "equal": true}, {"index": 1, "equal": true}]}]'; }
differ() { echo '[{"config": "c", "images": [{"index": 0, "equal": true}, {"index": 1, "first": "shade 2", "words": [{"pixel": 77, "leaf": 5, "paint": "texture", "cpu": 1, "gpu": 2}],
"equal": false}]}]'; exit 1; }
case "${0##*/} $*" in
"gpubox machine") echo '{"gpus": [{"name": "A Fake GPU"}], "processor": "A Processor", "cores": 3}' ;;
"gpubox driver"*) echo /the/path/of/it >"$3"; echo '{"found": "elsewhere"}' ;;
"gpubox compile"*) echo '{"name": "everything/paint", "ms": 1705, "bytes": 133224}'; echo '{"name": "everything/shade", "problem": "hung: no word for 20 s"}' ;;
"gpubox floors"*) echo '{"device_to_host": 52.9e9}' ;;
"gpubox throughput"*grey*) echo "the device is lost" >&2; exit 1 ;;
"gpubox throughput"*dead-leaves-pp:512:64*) echo '{"preset": "dead-leaves-pp", "size": 512, "batch": 64, "repeats": 1, "gpu_images_per_s": [9038], "gpu_one_batch_images_per_s": [5336], "cpu_images_per_s": [114], "gpu_busy": [0.95], "steps": ["sample", "cover"], "profile_us_per_image": {"sample": 40, "cover": 44}}' ;;
"gpubox throughput"*) echo '{"preset": "other", "size": 512, "batch": 64, "repeats": 1, "gpu_images_per_s": [1], "gpu_one_batch_images_per_s": [1], "cpu_images_per_s": [1], "gpu_busy": [0.5], "steps": ["sample", "cover"], "profile_us_per_image": {"sample": 40, "cover": 44}}' ;;
gpu.test*) [ "$LEAFLITTER_DEVICE" = 1 ] && echo "--- PASS: TestLayouts (0.09s)" ;;
"leaflitter devices --json") [ -n "$FAKE_HANG" ] && kill -KILL $$
	[ -n "$FAKE_DEVICES" ] && { echo "$FAKE_DEVICES"; exit; }
	[ -n "$__EGL_VENDOR_LIBRARY_FILENAMES" ] && echo '[{"index": 0, "renderer": "software", "software": true, "usable": true}, {"index": 1, "renderer": "A Fake GPU", "usable": true}]' || echo '[]' ;;
"gpubox probe"*) [ -n "$FAKE_PROBE" ] && { echo "$FAKE_PROBE"; exit 1; }
	[ "$__GL_THREADED_OPTIMIZATIONS" = 0 ] && echo '[{"index": 1, "probe": [{"name": "sums", "needed": true, "holds": true}, {"name": "loops", "needed": false, "holds": false, "detail": "gives 1"}]}]' ;;
"leaflitter parity"*--fma-products*) equal ;;
"leaflitter parity"*) case "$*" in *--inexact*) ;; *) echo "it does not compute as the CPU backend does; --inexact goes on" >&2; exit 2 ;; esac
	eval "$FAKE_PARITY" ;;
*) echo "unexpected: $*" >&2; exit 2 ;;
esac
`

// box is a directory with the program and its fakes.
func boxed(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	exe, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	if os.Link(exe, filepath.Join(dir, "runner")) != nil {
		data, err := os.ReadFile(exe)
		if err == nil {
			err = os.WriteFile(filepath.Join(dir, "runner"), data, 0o755)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	for _, name := range []string{"gpubox", "leaflitter", "gpu.test"} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(fakes), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.WriteFile(filepath.Join(dir, "commit"), []byte("abc1234\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	return dir
}

// runBox runs the program in a box and returns its exit code, what it said and its report.
func runBox(t *testing.T, box, results, parity string, args ...string) (code int, said, report string) {
	t.Helper()
	cmd := exec.Command(filepath.Join(box, "runner"), append([]string{args[0], "-o", results, "-d", "1", "-t", "3600"}, args[1:]...)...)
	cmd.Env = append(os.Environ(), "GPUBOX_TEST_COMMAND=1", "FAKE_PARITY="+parity, vendorVariable+"=")
	out, err := cmd.CombinedOutput()
	if cmd.ProcessState == nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(filepath.Join(results, "report.md"))
	if err != nil {
		t.Errorf("%v; it said %s", err, out)
	}
	return cmd.ProcessState.ExitCode(), string(out), string(text)
}

func holds(t *testing.T, what, text string, wants ...string) {
	t.Helper()
	for _, w := range wants {
		if !strings.Contains(text, w) {
			t.Errorf("%s lacks %q:\n%s", what, w, text)
		}
	}
}

// On a machine where all is well the answer is short and the exit code 0.
func TestProve(t *testing.T) {
	box, results := boxed(t), filepath.Join(t.TempDir(), "results")
	bundle := filepath.Join(t.TempDir(), "b.tgz")
	code, said, report := runBox(t, box, results, "equal", "prove", "-b", bundle)
	if code != 0 {
		t.Errorf("exit %d: %s", code, said)
	}
	holds(t, "the report", report, "abc1234", "A Fake GPU", "3 cores of A Processor", "driver: elsewhere", "**Bytes: equal.** All 42 images", "**Probe of device 1: passed.**", "Not needed, and not so there: loops: gives 1.",
		"**Layouts: passed.**", "**Programs: 1 of 2 compiled**, 1 hung.", "* hung: no word for 20 s: everything/shade", "| dead-leaves-pp | 512 | 64 | 9038 | 9,400 to 14,000 |", "Every step was fine")
	holds(t, "the report", report, "device 1: A Fake GPU, OpenGL , hardware")
	all, err := steps.Unpack(bundle)
	if err != nil {
		t.Fatal(err)
	}
	for name, data := range all {
		if strings.HasSuffix(name, ".json") && !json.Valid(data) {
			t.Errorf("%s is no JSON", name)
		}
		for _, secret := range []string{"/the/path/of/it", box, results} {
			if bytes.Contains(data, []byte(secret)) {
				t.Errorf("%s holds the path %s", name, secret)
			}
		}
	}
	if string(all["results/report.md"]) != report || len(all["results/report.json"]) == 0 || len(all["results/parity-grey.out"]) == 0 {
		t.Errorf("the bundle holds %d files", len(all))
	}
}

// Where bytes differ, the report says where, whether products as fma mend it, and what
// crashed; nothing of it costs another step.
func TestProveDifferent(t *testing.T) {
	box, results := boxed(t), filepath.Join(t.TempDir(), "results")
	code, said, report := runBox(t, box, results, `case "$*" in *grey*) differ ;; *flat*) kill -SEGV $$ ;; *) equal ;; esac`, "prove")
	if code != 1 {
		t.Errorf("exit %d", code)
	}
	holds(t, "what it said", said, "parity-grey: FAILED", "parity-grey-as-fma: fine", "parity-flat: FAILED", "signal: segmentation fault", "parity-random-8: fine")
	holds(t, "the report", report, "**Bytes: DIFFERENT.** 1 of 40 images", ": grey. Products as fma(a, b, -0.0) mend it", "Not compared: flat.", "shade 2 (c, image 1)",
		`{"cpu":1,"gpu":2,"leaf":5,"paint":"texture","pixel":77}`, "| grey | 1 | 2 | 1 | shade 2 (c, image 1) | equal |")
}

// A row that fails costs itself only, and the numbers stand beside the prediction.
func TestMeasure(t *testing.T) {
	box, results := boxed(t), filepath.Join(t.TempDir(), "results")
	code, said, report := runBox(t, box, results, "exit 2", "measure")
	if code != 1 {
		t.Errorf("exit %d", code)
	}
	holds(t, "what it said", said, "row-grey-512-64: FAILED", "row-dead-leaves-pp-2048-4: fine", "driver: fine")
	holds(t, "the report", report, "| dead-leaves-pp | 512 | 64 | 9038 | 9,400 to 14,000 | 79.3 | the device: most of it cover, 44 of 44 µs |", "| copy to the host | 512 |  | 67266 | 70,000 |",
		"row-grey-512-64: exit status 1. It said: the device is lost", "not the device, which is busy 50 % of the time")
	if _, err := os.Stat(filepath.Join(results, "steps.json")); err != nil {
		t.Error(err)
	}
}

// A step that fills the disk costs its own files.
func TestProveFullDisk(t *testing.T) {
	box, results := boxed(t), t.TempDir()
	if syscall.Mount("tmpfs", results, "tmpfs", 0, "size=1200k") != nil {
		const why = "mounting a small disk needs root; package steps tests the same with a limit on files"
		if os.Getenv("LEAFLITTER_CI") != "" {
			t.Fatal(why)
		}
		t.Skip(why)
	}
	defer syscall.Unmount(results, 0)
	_, said, report := runBox(t, box, results, `case "$*" in *flat*) head -c 3000000 /dev/zero ;; *) equal ;; esac`, "prove")
	holds(t, "what it said", said, "parity-flat: FAILED", "its standard output cannot be kept: the disk is full", "parity-random-8: fine")
	holds(t, "the report", report, "All 40 images", "Not compared: flat.")
}

// Where listing the devices fails, what nvidia-smi tells decides on the sizes.
func TestDevicesUnknown(t *testing.T) {
	t.Setenv("FAKE_HANG", "1")
	box, results := boxed(t), filepath.Join(t.TempDir(), "results")
	_, said, report := runBox(t, box, results, "equal", "measure")
	holds(t, "what it said", said, "devices: FAILED", "row-dead-leaves-pp-512-64: fine")
	holds(t, "the report", report, "the OpenGL devices are not known")
}

func TestUsage(t *testing.T) {
	for _, args := range [][]string{{}, {"prov"}, {"prove", "-x"}, {"prove", "-t", "0"}, {"measure", "-t", "abc"}, {"peers", "-repeats", "0"}, {"peers", "surplus"}, {"measure", "surplus"}, {"report"}, {"floors", "-repeats", "0"}} {
		cmd := exec.Command(os.Args[0], args...)
		cmd.Env, cmd.Dir = append(os.Environ(), "GPUBOX_TEST_COMMAND=1"), t.TempDir()
		out, err := cmd.CombinedOutput()
		if cmd.ProcessState == nil || cmd.ProcessState.ExitCode() != 2 || strings.Count(string(out), "\n") != 1 {
			t.Errorf("%v: %v: %s", args, err, out)
		}
	}
}

// The machine is described without its name.
func TestMachine(t *testing.T) {
	cmd := exec.Command(os.Args[0], "machine")
	cmd.Env = append(os.Environ(), "GPUBOX_TEST_COMMAND=1")
	out, err := cmd.Output()
	if err != nil {
		t.Fatal(err)
	}
	host, err := os.Hostname()
	if err != nil {
		t.Fatal(err)
	}
	if !json.Valid(out) || len(host) > 3 && strings.Contains(string(out), host) || !strings.Contains(string(out), "glibc ") {
		t.Errorf("%s", out)
	}
}
