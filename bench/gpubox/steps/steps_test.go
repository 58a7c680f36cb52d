//go:build linux

package steps

import (
	"context"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

func sh(name, script string) Step {
	return Step{Name: name, Args: []string{"bash", "-c", script}, Limit: time.Minute}
}

// run runs steps in a new directory, or in dir, and returns it with what was said.
func run(t *testing.T, dir string, ctx context.Context, whole time.Duration, list ...Step) (outcomes []Outcome, said string) {
	t.Helper()
	var b strings.Builder
	r := &Runner{Dir: dir, Deadline: time.Now().Add(whole), Say: func(f string, a ...any) {
		b.WriteString(strings.TrimSpace(strings.ReplaceAll(sprintf(f, a...), "\n", " ")) + "\n")
	}}
	return r.Run(ctx, list...), b.String()
}

func content(t *testing.T, dir, name string) string {
	t.Helper()
	data, err := os.ReadFile(filepath.Join(dir, name))
	if err != nil {
		t.Error(err)
	}
	return string(data)
}

// A step that hangs, with a process that it started, one that crashes, one that fails and
// one that is not there cost nobody else anything.
func TestTrouble(t *testing.T) {
	dir := t.TempDir()
	hangs := sh("hangs", "echo begun; sleep 1000 & echo $! >$0; wait")
	hangs.Args = append(hangs.Args, filepath.Join(dir, "child"))
	hangs.Limit = 5 * time.Second // enough for it to begin, however busy the machine is
	got, said := run(t, dir, context.Background(), time.Minute,
		sh("before", "echo 1"), hangs, sh("crashes", "echo 2; echo why >&2; kill -SEGV $$"), sh("fails", "exit 3"),
		Step{Name: "absent", Args: []string{"/nowhere/at/all"}, Limit: time.Second}, sh("after", "echo 4"))
	want := []struct {
		how     string
		exit    int
		problem string
	}{{Ended, 0, ""}, {Killed, -1, "killed at its limit of 5 s"}, {Ended, -1, "signal: segmentation fault"}, {Ended, 3, "exit status 3"},
		{NotStarted, -1, "no such file"}, {Ended, 0, ""}}
	for i, w := range want {
		o := got[i]
		if o.How != w.how || o.Exit != w.exit || !strings.Contains(o.Problem, w.problem) || w.problem == "" && o.Problem != "" {
			t.Errorf("%+v, want %+v", o, w)
		}
		var kept Outcome
		if err := json.Unmarshal([]byte(content(t, dir, o.Name+".outcome.json")), &kept); err != nil || kept != o {
			t.Errorf("kept %+v, %v, of %+v", kept, err, o)
		}
	}
	for name, text := range map[string]string{"before.out": "1\n", "hangs.out": "begun\n", "crashes.out": "2\n", "crashes.err": "why\n", "after.out": "4\n"} {
		if got := content(t, dir, name); got != text {
			t.Errorf("%s holds %q", name, got)
		}
	}
	if parts, _ := filepath.Glob(filepath.Join(dir, "*.part")); parts != nil {
		t.Errorf("left %v", parts)
	}
	if n := strings.Count(said, "FAILED"); n != 4 || strings.Count(said, "\n") != len(want) {
		t.Errorf("said %q", said)
	}
	gone(t, content(t, dir, "child"))
}

// gone waits for a process's end.
func gone(t *testing.T, pid string) {
	t.Helper()
	for range 500 {
		stat, err := os.ReadFile("/proc/" + strings.TrimSpace(pid) + "/stat")
		if err != nil || strings.Contains(string(stat), ") Z ") {
			return
		}
		time.Sleep(10 * time.Millisecond)
	}
	t.Errorf("process %s lives on", pid)
}

// What reserves time gets it; what has no time is left out and the next one is not.
func TestReserve(t *testing.T) {
	long := sh("long", "sleep 1000")
	kept := sh("kept", "echo {seconds}")
	kept.Limit, kept.Reserve, kept.Least = time.Hour, 599700*time.Millisecond, 500*time.Second
	eager := sh("eager", "true")
	eager.Least = 30 * time.Second
	long.Least = time.Millisecond
	dir := t.TempDir()
	got, _ := run(t, dir, context.Background(), 600*time.Second, eager, long, kept)
	if got[0].How != LeftOut || got[1].How != Killed || got[2].Problem != "" {
		t.Errorf("%+v", got)
	}
	if s := content(t, dir, "kept.out"); len(s) != 4 || s < "500" || s > "599\n" {
		t.Errorf("it was told %s", s)
	}
}

// When the run is ended, what was done is kept and the rest is left out.
func TestEnded(t *testing.T) {
	dir := t.TempDir()
	ctx, cancel := context.WithCancel(context.Background())
	go func() {
		for {
			if _, err := os.Stat(filepath.Join(dir, "begun")); err == nil {
				cancel()
				return
			}
			time.Sleep(time.Millisecond)
		}
	}()
	got, _ := run(t, dir, ctx, time.Hour, sh("one", "echo 1"), sh("two", "touch '"+dir+"/begun'; sleep 1000"), sh("three", "echo 3"))
	if got[0].Problem != "" || !strings.Contains(got[1].Problem, "when the run was ended") || got[2].How != LeftOut {
		t.Errorf("%+v", got)
	}
}

// A process that leaves the group and holds the output does not hold up the run, and ends with
// its step, also where the step is killed: it may hold the device.
func TestStraggler(t *testing.T) {
	dir := t.TempDir()
	mine := exec.Command("sleep", "1000")
	if err := mine.Start(); err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := mine.Process.Kill(); err != nil {
			t.Errorf("a process that is not of a step was killed: %v", err)
		}
		if err := mine.Wait(); err == nil || err.Error() != "signal: killed" {
			t.Error(err)
		}
	}()
	hangs := sh("hangs", "setsid sleep 1000 & echo $!; wait")
	hangs.Limit = 3 * time.Second
	alive := func(pid string) string {
		pid = strings.TrimSpace(pid)
		return "[ -n '" + pid + "' ] && ! kill -0 " + pid
	}
	got, _ := run(t, dir, context.Background(), time.Hour, sh("one", "setsid sleep 1000 & echo $!"), hangs, sh("last", "echo 2"))
	if got[0].Problem != "" || got[1].How != Killed || got[2].Problem != "" {
		t.Errorf("%+v", got)
	}
	for _, name := range []string{"one.out", "hangs.out"} {
		if out, err := exec.Command("bash", "-c", alive(content(t, dir, name))).CombinedOutput(); err != nil {
			t.Errorf("the process of %s lives on: %v %s", name, err, out)
		}
	}
}

// On a full disk a step whose files find no room loses them, says so, and leaves the room
// to the next.
func TestFullDisk(t *testing.T) {
	dir := t.TempDir()
	list := []Step{sh("small", "echo 1"), sh("large", "head -c 3000000 /dev/zero"), sh("next", "echo 2")}
	check := func(t *testing.T, got []Outcome, dir string) {
		t.Helper()
		if got[0].Problem != "" || !strings.Contains(got[1].Problem, "its standard output cannot be kept") || got[2].Problem != "" {
			t.Errorf("%+v", got)
		}
		if a, b := content(t, dir, "small.out"), content(t, dir, "next.out"); a != "1\n" || b != "2\n" {
			t.Errorf("%q and %q", a, b)
		}
		if strings.TrimSpace(content(t, dir, "large.outcome.json")) == "" {
			t.Error("no outcome")
		}
		if left, _ := filepath.Glob(filepath.Join(dir, "large.out*")); len(left) != 1 {
			t.Errorf("left %v", left)
		}
	}
	if err := syscall.Mount("tmpfs", dir, "tmpfs", 0, "size=200k"); err == nil {
		defer syscall.Unmount(dir, 0)
		got, said := run(t, dir, context.Background(), time.Hour, list...)
		if !strings.Contains(said, "the disk is full") {
			t.Errorf("said %s", said)
		}
		check(t, got, dir)
		return
	}
	// Without the right to mount, a limit on the size of files.
	cmd := exec.Command("bash", "-c", "ulimit -f 100; exec \"$0\"", os.Args[0])
	cmd.Env = append(os.Environ(), "STEPS_TEST_DIR="+dir, "STEPS_TEST_PLAN=full")
	said, err := cmd.CombinedOutput()
	if err != nil || !strings.Contains(string(said), "file-size limit") {
		t.Errorf("%v: %s", err, said)
	}
	var p Progress
	if p, err = Load(dir); err != nil {
		t.Fatal(err)
	}
	check(t, p.Outcomes, dir)
}

// A directory that takes nothing at all costs every file and stops no step.
func TestNoRoomAtAll(t *testing.T) {
	dir := t.TempDir()
	got, said := run(t, filepath.Join(dir, "absent"), context.Background(), time.Hour, sh("one", "echo 1"), sh("two", "touch '"+dir+"/two'"))
	if !got[0].Failed() || !got[1].Failed() || strings.Contains(said, dir) {
		t.Errorf("%+v %s", got, said)
	}
	if _, err := os.Stat(filepath.Join(dir, "two")); err != nil {
		t.Error("the second step did not run")
	}
}

// Too much output is cut, and that is said.
func TestTooMuchOutput(t *testing.T) {
	dir := t.TempDir()
	run(t, dir, context.Background(), time.Hour, sh("one", "head -c 9000000 /dev/zero"))
	if s := content(t, dir, "one.out"); len(s) > mostOutput+100 || !strings.HasSuffix(s, "bytes more]\n") {
		t.Errorf("%d bytes", len(s))
	}
}

// A program that is not there is said with what to do.
func TestNoProgram(t *testing.T) {
	got, _ := run(t, t.TempDir(), context.Background(), time.Hour, Step{Name: "one", Args: []string{"no-such-python3"}, Limit: time.Minute})
	if !strings.Contains(got[0].Problem, "there is no no-such-python3 on this machine; install it") {
		t.Errorf("%+v", got)
	}
}

// A step that ends well without what it should have printed failed.
func TestWants(t *testing.T) {
	one, two := sh("one", "echo no tests to run"), sh("two", "echo '--- PASS'")
	one.Wants, two.Wants = "--- PASS", "--- PASS"
	got, _ := run(t, t.TempDir(), context.Background(), time.Hour, one, two)
	if !strings.Contains(got[0].Problem, "did not print") || got[1].Problem != "" {
		t.Errorf("%+v", got)
	}
}
