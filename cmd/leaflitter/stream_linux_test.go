package main

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"testing"
	"time"
	"unsafe"
)

// tiny images of disks, so that a great many pass in little time.
var tiny = []string{"stream", "--preset", "dead-leaves", "--size", "64", "--quiet"}

// started runs the command with a pipe to read from.
func started(t *testing.T, args ...string) (*exec.Cmd, io.ReadCloser, *bytes.Buffer) {
	t.Helper()
	cmd := command(t.TempDir(), args...)
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	errs := &bytes.Buffer{}
	cmd.Stderr = errs
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { cmd.Process.Kill() })
	return cmd, out, errs
}

// ends waits and returns the exit code, -1 after a signal.
func ends(t *testing.T, cmd *exec.Cmd) int {
	t.Helper()
	timer := time.AfterFunc(20*time.Second, func() {
		t.Error("does not end")
		cmd.Process.Kill()
	})
	defer timer.Stop()
	cmd.Wait()
	return cmd.ProcessState.ExitCode()
}

// A reader that goes away ends the stream, quietly.
func TestStreamBrokenPipe(t *testing.T) {
	for _, more := range [][]string{nil, {"--count", "100000"}, {"--labels", "id"}} {
		cmd, out, errs := started(t, append(tiny, more...)...)
		if _, err := io.CopyN(io.Discard, out, 1_000_000); err != nil {
			t.Fatal(err)
		}
		out.Close()
		if code := ends(t, cmd); code != 0 || errs.Len() > 0 {
			t.Errorf("%v: exit %d: %s", more, code, errs)
		}
	}
	cmd := exec.Command("bash", "-c", fmt.Sprintf("set -o pipefail; %s %s | head -c 100000 >/dev/null", os.Args[0], strings.Join(tiny, " ")))
	cmd.Env = append(os.Environ(), "LEAFLITTER_TEST_COMMAND=1")
	if out, err := cmd.CombinedOutput(); err != nil || len(out) > 0 {
		t.Errorf("in a shell: %v: %s", err, out)
	}
}

// Signals end it at once, also while nobody reads, and say where to go on.
func TestStreamSignals(t *testing.T) {
	for _, signal := range []os.Signal{syscall.SIGINT, syscall.SIGTERM} {
		cmd, out, errs := started(t, tiny...)
		if _, err := io.CopyN(io.Discard, out, 1_000_000); err != nil {
			t.Fatal(err)
		}
		time.Sleep(100 * time.Millisecond) // its pipe is full by now
		start := time.Now()
		cmd.Process.Signal(signal)
		code := ends(t, cmd)
		if took := time.Since(start); took > 3*time.Second {
			t.Errorf("took %v", took)
		}
		if code != 1 || !strings.Contains(errs.String(), "goes on from there") || strings.Count(errs.String(), "\n") != 1 {
			t.Errorf("exit %d: %s", code, errs)
		}
	}
	// While it waits for a request.
	cmd := command(t.TempDir(), append(tiny, "--requests")...)
	var errs bytes.Buffer
	cmd.Stderr = &errs
	stdin, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	defer stdin.Close()
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	io.WriteString(stdin, "5\n")
	if _, err := io.CopyN(io.Discard, stdout, 1000); err != nil {
		t.Fatal(err)
	}
	cmd.Process.Signal(syscall.SIGTERM)
	if code := ends(t, cmd); code != 1 || !strings.Contains(errs.String(), "stopped after 1 image") {
		t.Errorf("exit %d: %s", code, errs.String())
	}
}

// An endless stream's memory does not grow.
func TestStreamMemory(t *testing.T) {
	cmd, out, _ := started(t, tiny...)
	read := func(images int64) {
		t.Helper()
		if _, err := io.CopyN(io.Discard, out, images*64*64*3); err != nil {
			t.Fatal(err)
		}
	}
	resident := func() (kib int) {
		t.Helper()
		text, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", cmd.Process.Pid))
		if err != nil {
			t.Fatal(err)
		}
		_, after, _ := strings.Cut(string(text), "VmHWM:")
		if _, err := fmt.Sscan(after, &kib); err != nil {
			t.Fatal(err)
		}
		return kib
	}
	read(1000)
	before := resident()
	read(10000)
	if after := resident(); after > before+16<<10 {
		t.Errorf("memory grew from %d to %d KiB over 10000 images", before, after)
	}
	out.Close()
	ends(t, cmd)
}

// A terminal is not filled with an archive.
func TestStreamTerminal(t *testing.T) {
	master, err := os.OpenFile("/dev/ptmx", os.O_RDWR, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer master.Close()
	var number, unlock int32
	for request, value := range map[uintptr]*int32{syscall.TIOCGPTN: &number, syscall.TIOCSPTLCK: &unlock} {
		if _, _, e := syscall.Syscall(syscall.SYS_IOCTL, master.Fd(), request, uintptr(unsafe.Pointer(value))); e != 0 {
			t.Fatal(e)
		}
	}
	terminal, err := os.OpenFile(fmt.Sprintf("/dev/pts/%d", number), os.O_RDWR|syscall.O_NOCTTY, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer terminal.Close()
	var errs bytes.Buffer
	cmd := command(t.TempDir(), tiny...)
	cmd.Stdout, cmd.Stderr = terminal, &errs
	cmd.Run()
	if code := cmd.ProcessState.ExitCode(); code != 2 || !strings.Contains(errs.String(), "standard output is a terminal") || strings.Count(errs.String(), "\n") != 1 {
		t.Errorf("exit %d: %s", code, errs.String())
	}
}

// A full disk is an error, one sentence.
func TestStreamFull(t *testing.T) {
	full, err := os.OpenFile("/dev/full", os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer full.Close()
	var errs bytes.Buffer
	cmd := command(t.TempDir(), append(tiny, "--count", "20")...)
	cmd.Stdout, cmd.Stderr = full, &errs
	cmd.Run()
	if code := cmd.ProcessState.ExitCode(); code != 1 || !strings.Contains(errs.String(), "the archive cannot be written") || strings.Count(errs.String(), "\n") != 1 {
		t.Errorf("exit %d: %s", code, errs.String())
	}
}
