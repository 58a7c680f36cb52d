package main

import (
	"fmt"
	"image/png"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

// A full disk: what is whole stays, nothing half-written is left, and more room
// and --resume complete the run. A real file system of 1 MiB where mounting is
// allowed, else a limit on the size of files.
func TestFullDisk(t *testing.T) {
	dir := t.TempDir()
	disk := filepath.Join(dir, "disk")
	os.Mkdir(disk, 0o755)
	args := []string{"--count", "40", "--preset", "no-gradient", "--set", "outline.per_image=[disk]", "--size", "128", "-o", "disk/out"}
	if syscall.Mount("tmpfs", disk, "tmpfs", 0, "size=300k") == nil {
		defer syscall.Unmount(disk, 0)
		code, _, errs := leaflitter(t, dir, with(args...)...)
		if code != 1 || !strings.Contains(errs, "the disk is full") || !strings.Contains(errs, "--resume") {
			t.Fatalf("exit %d: %s", code, errs)
		}
		if temps, _ := filepath.Glob(filepath.Join(disk, "out", ".leaflitter-tmp-*")); len(temps) > 0 {
			t.Errorf("left %v", temps)
		}
		whole, _ := filepath.Glob(filepath.Join(disk, "out", "0*.png"))
		for _, name := range whole {
			f, _ := os.Open(name)
			if _, err := png.Decode(f); err != nil {
				t.Errorf("%s: %v", name, err)
			}
			f.Close()
		}
		if len(whole) == 0 || len(whole) >= 40 {
			t.Fatalf("%d whole files on the full disk", len(whole))
		}
		if err := syscall.Mount("tmpfs", disk, "tmpfs", syscall.MS_REMOUNT, "size=64m"); err != nil {
			t.Fatal(err)
		}
		must(t, dir, with(append(args, "--resume")...)...)
	} else {
		shell := fmt.Sprintf("ulimit -f 8; exec %s %s", os.Args[0], strings.Join(with(args...), " "))
		cmd := exec.Command("bash", "-c", shell)
		cmd.Dir, cmd.Env = dir, append(os.Environ(), "LEAFLITTER_TEST_COMMAND=1")
		out, err := cmd.CombinedOutput()
		if err == nil || !strings.Contains(string(out), "file-size limit") {
			t.Fatalf("%v: %s", err, out)
		}
		if temps, _ := filepath.Glob(filepath.Join(disk, "out", ".leaflitter-tmp-*")); len(temps) > 0 {
			t.Errorf("left %v", temps)
		}
		must(t, dir, with(append(args, "--resume")...)...)
	}
	must(t, dir, with(append(args[:len(args)-1], "whole")...)...)
	same(t, "after a full disk", tree(t, filepath.Join(dir, "whole")), tree(t, filepath.Join(disk, "out")))
}

// A standard output that takes no more is a failure, not silence.
func TestFullStandardOutput(t *testing.T) {
	dir := t.TempDir()
	full, err := os.OpenFile("/dev/full", os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err) // every Linux has it
	}
	defer full.Close()
	if err := os.WriteFile(filepath.Join(dir, "c.yaml"), []byte("leaves: {r_min: 3}\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	for _, args := range [][]string{{"config", "show"}, {"config", "schema"}, {"config", "check", "c.yaml"}, {"presets"}, {"version"}} {
		var errs strings.Builder
		cmd := command(dir, args...)
		cmd.Stdout, cmd.Stderr = full, &errs
		cmd.Run()
		if code := cmd.ProcessState.ExitCode(); code != 1 || !strings.Contains(errs.String(), "no space left on device") {
			t.Errorf("%v: exit %d: %s", args, code, errs.String())
		}
	}
}

// What is no regular file (a pipe, a device) is not replaced by one.
func TestOutputOntoPipe(t *testing.T) {
	dir := t.TempDir()
	pipe := filepath.Join(dir, "pipe")
	if err := syscall.Mkfifo(pipe, 0o644); err != nil {
		t.Fatal(err)
	}
	code, _, errs := leaflitter(t, dir, "palette", "show", "-o", "pipe")
	if code != 1 || !strings.Contains(errs, "it exists and is no regular file") {
		t.Errorf("exit %d: %s", code, errs)
	}
	if info, err := os.Lstat(pipe); err != nil || info.Mode().Type() != os.ModeNamedPipe {
		t.Errorf("the pipe is gone: %v", err)
	}
}
