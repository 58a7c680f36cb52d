//go:build linux && cgo && egl

package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// refused runs the program in a box with flags that it must refuse in one sentence, before any
// step, and returns that.
func refused(t *testing.T, box string, code int, args ...string) string {
	t.Helper()
	cmd := exec.Command(filepath.Join(box, "runner"), args...)
	cmd.Env, cmd.Dir = append(os.Environ(), "GPUBOX_TEST_COMMAND=1", "FAKE_PARITY=equal", vendorVariable+"="), t.TempDir()
	out, err := cmd.CombinedOutput()
	if cmd.ProcessState == nil {
		t.Fatal(err)
	}
	if cmd.ProcessState.ExitCode() != code || strings.Count(string(out), "\n") != 1 {
		t.Errorf("%v: exit %d: %s", args, cmd.ProcessState.ExitCode(), out)
	}
	return string(out)
}

// A second run forgets the first one's results, what its programs wrote too, and nobody
// else's; the other part does not touch them.
func TestSecondRun(t *testing.T) {
	t.Parallel()
	box, results := boxed(t), filepath.Join(t.TempDir(), "results")
	runBox(t, box, results, "equal", "measure", "-t", "20")
	for _, name := range []string{"notes.txt", "training.json", "study.json", "cuda-peer.json", "peers.json", "training.json.tmp", "row-old.out"} {
		if err := os.WriteFile(filepath.Join(results, name), nil, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	said := refused(t, box, 1, "prove", "-o", results)
	holds(t, "what it said", said, "something else than an earlier gpubox prove", "-o")
	if _, err := os.Stat(filepath.Join(results, "row-grey-512-64.out")); err != nil {
		t.Error(err)
	}
	runBox(t, box, results, "equal", "measure", "-t", "20")
	for _, pattern := range []string{"*.json", "*.tmp", "row-old*"} {
		names, _ := filepath.Glob(filepath.Join(results, pattern))
		for _, name := range names {
			if base := filepath.Base(name); base != "run.json" && base != "steps.json" && base != "report.json" && !strings.HasSuffix(base, ".outcome.json") {
				t.Errorf("left %s", base)
			}
		}
	}
	if _, err := os.Stat(filepath.Join(results, "notes.txt")); err != nil {
		t.Error(err)
	}
}

// Where results cannot be kept no step is run.
func TestUnwritable(t *testing.T) {
	t.Parallel()
	box, dir := boxed(t), t.TempDir()
	for _, c := range []struct{ wants, args []string }{
		{[]string{"beside the bundle", "no such file or directory", "with -b"}, []string{"-b", "/nowhere/b.tgz"}},
		{[]string{"is a directory", "-b"}, []string{"-b", dir}},
		{[]string{"cannot be made", "another one", "with -o"}, []string{"-o", "/proc/x"}},
		{[]string{"nothing can be written", "with -o"}, []string{"-o", "/proc"}},
	} {
		holds(t, "what it said", refused(t, box, 1, append([]string{"prove"}, c.args...)...), c.wants...)
	}
}

// A bundle or a report that cannot be written in the end is a failure.
func TestBundleFails(t *testing.T) {
	box, at := boxed(t), filepath.Join(t.TempDir(), "at")
	if err := os.Mkdir(at, 0o755); err != nil {
		t.Fatal(err)
	}
	code, said, _ := runBox(t, box, filepath.Join(t.TempDir(), "results"), "rm -rf '"+at+"'; equal", "prove", "-b", filepath.Join(at, "b.tgz"))
	if code != 1 {
		t.Errorf("exit %d", code)
	}
	holds(t, "what it said", said, "FAILED not all results are kept: the bundle cannot be written")
	results := filepath.Join(t.TempDir(), "results")
	code, said, _ = runBox(t, box, results, "rm -f '"+results+"/report.json'; mkdir -p '"+results+"/report.json/x'; equal", "prove")
	if code != 1 {
		t.Errorf("exit %d", code)
	}
	holds(t, "what it said", said, "FAILED not all results are kept: report.json")
}

// Nothing measured is no success, and neither is a comparison that says nothing.
func TestNothing(t *testing.T) {
	t.Parallel()
	box := boxed(t)
	code, said, report := runBox(t, box, filepath.Join(t.TempDir(), "results"), "true", "measure", "-t", "1")
	if code != 1 || strings.Contains(report, "was fine") {
		t.Errorf("exit %d: %s", code, report)
	}
	holds(t, "what it said", said, "FAILED no row was measured")
	_, said, report = runBox(t, box, filepath.Join(t.TempDir(), "results"), `case "$*" in *flat*) ;; *) equal ;; esac`, "prove")
	holds(t, "what it said", said, `FAILED parity-flat: it did not print "\"equal\":"`)
	holds(t, "the report", report, "Not compared: flat.")
}

// -d that names no device ends the run at once; one that names software gets its sizes.
func TestDevice(t *testing.T) {
	box := boxed(t)
	results := filepath.Join(t.TempDir(), "results")
	code, said, report := runBox(t, box, results, "equal", "prove", "-d", "7")
	if code != 1 || strings.Contains(said, "parity") {
		t.Errorf("exit %d: %s", code, said)
	}
	holds(t, "what it said", said, "-d 7 cannot be used: there is no device 7: 0 is ")
	holds(t, "the report", report, "device 1: A Fake GPU")
	t.Setenv("FAKE_DEVICES", `[{"index": 0, "renderer": "A Fake GPU", "usable": true}, {"index": 1, "renderer": "llvmpipe (LLVM)", "software": true, "usable": true}]`)
	_, said, _ = runBox(t, box, filepath.Join(t.TempDir(), "results"), "equal", "measure", "-d", "LLVMpipe")
	holds(t, "what it said", said, "row-dead-leaves-128-8: fine", "training")
}

// A driver's file that gives no hardware is not used further.
func TestDriverHelpsNothing(t *testing.T) {
	t.Setenv("FAKE_DEVICES", `[{"index": 0, "renderer": "a", "software": true, "usable": true}, {"index": 1, "renderer": "b", "software": true, "usable": true}]`)
	box := boxed(t)
	script := `[ -n "$__EGL_VENDOR_LIBRARY_FILENAMES" ] && exit 2; equal`
	_, said, _ := runBox(t, box, filepath.Join(t.TempDir(), "results"), script, "prove")
	holds(t, "what it said", said, "devices-again: fine", "parity-grey: fine")
}

// The unpacked archive goes even where the command line is wrong, and nothing else does.
func TestUnpacked(t *testing.T) {
	exe, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	data, err := os.ReadFile(exe)
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	for _, c := range []struct {
		from, named string
		gone        bool
	}{{"a", "a", true}, {"b", "c", false}} {
		for _, d := range []string{c.from, c.named} {
			if err := os.MkdirAll(filepath.Join(dir, d, "gpubox"), 0o755); err != nil {
				t.Fatal(err)
			}
		}
		program := filepath.Join(dir, c.from, "gpubox", "gpubox")
		if err := os.WriteFile(program, data, 0o755); err != nil {
			t.Fatal(err)
		}
		cmd := exec.Command(program, "prove", "-t", "0")
		cmd.Env = append(os.Environ(), "GPUBOX_TEST_COMMAND=1", unpackedVariable+"="+filepath.Join(dir, c.named))
		out, _ := cmd.CombinedOutput()
		if _, err := os.Stat(filepath.Join(dir, c.named)); cmd.ProcessState.ExitCode() != 2 || os.IsNotExist(err) != c.gone {
			t.Errorf("%+v: %v: %s", c, err, out)
		}
	}
}
