//go:build unix

package dataset

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"leaflitter/render"
)

// childEnv makes the test binary run a job instead of tests: "kill" or "limit",
// a colon, and the directory.
const childEnv = "LEAFLITTER_TEST_CHILD"

func TestMain(m *testing.M) {
	mode, dir, ok := strings.Cut(os.Getenv(childEnv), ":")
	if !ok {
		os.Exit(m.Run())
	}
	var job Job
	switch mode {
	case "kill":
		job = killJob(dir)
	case "limit":
		job = diskJob(dir)
		signal.Ignore(syscall.SIGXFSZ)
		limit := syscall.Rlimit{Cur: 40_000, Max: 40_000}
		if err := syscall.Setrlimit(syscall.RLIMIT_FSIZE, &limit); err != nil {
			fmt.Println(err)
			os.Exit(3)
		}
	}
	if _, err := Generate(context.Background(), job); err != nil {
		fmt.Println(err)
		os.Exit(1)
	}
	os.Exit(0)
}

func child(mode, dir string) *exec.Cmd {
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), childEnv+"="+mode+":"+dir)
	return cmd
}

func killJob(dir string) Job {
	job := testJob(dir, 60, allLabels)
	job.Source = fake{delay: time.Millisecond}
	job.Resume = true
	return job
}

// TestKill kills a real process at random instants, resumes, kills again, and
// ends with the bytes of an undisturbed run.
func TestKill(t *testing.T) {
	want := undisturbed(t, killJob(""))
	r := rand.New(rand.NewPCG(5, 5))
	kills, useful := 0, 0
	for trial := 0; kills < 40 || useful < 20; trial++ {
		if trial > 100 {
			t.Fatalf("%d of %d kills came at a useful instant", useful, kills)
		}
		dir := filepath.Join(t.TempDir(), "d")
		// Later kills of a trial come later on average, so that it ends even
		// where a process takes long to start.
		for life := 20 * time.Millisecond; ; life += life / 8 {
			cmd := child("kill", dir)
			if err := cmd.Start(); err != nil {
				t.Fatal(err)
			}
			time.Sleep(time.Duration(r.Int64N(int64(life))))
			cmd.Process.Kill()
			err := cmd.Wait()
			if err == nil {
				break
			}
			var exit *exec.ExitError
			if !errors.As(err, &exit) || exit.ExitCode() != -1 {
				t.Fatalf("the job ended with %v", err)
			}
			kills++
			if _, err := os.Stat(dir); err != nil {
				continue
			}
			for name, data := range snapshot(t, dir) {
				if name == journalName && strings.Count(data, "\n") > 1 {
					useful++
				}
				if !strings.HasPrefix(name, ".leaflitter-") && data != want[name] {
					t.Fatalf("after kill %d, %s is there but not whole", kills, name)
				}
			}
		}
		sameFiles(t, "killed and resumed", snapshot(t, dir), want)
	}
	t.Logf("%d kills, %d of them between the first and the last image", kills, useful)
}

// diskJob needs about 2 MB.
func diskJob(dir string) Job {
	job := testJob(dir, 600, render.Labels{})
	job.NewImage = fakeImage(32, 32, render.Labels{})
	return job
}

// checkFull checks what a job left that ran out of room, and that it can be
// finished once there is some.
func checkFull(t *testing.T, dir, message string) {
	t.Helper()
	if !strings.Contains(message, dir) || !strings.Contains(message, "--resume") {
		t.Errorf("the message names no path or remedy: %q", message)
	}
	job := diskJob(dir)
	want := undisturbed(t, job)
	left := snapshot(t, dir)
	if len(left) < 20 {
		t.Fatalf("only %d files survived", len(left))
	}
	for name, data := range left {
		if name != journalName && data != want[name] {
			t.Fatalf("%s is there but not whole", name)
		}
	}
	// Elsewhere, where there is room.
	job.Dir, job.Resume = t.TempDir(), true
	for name, data := range left {
		write(t, job.Dir, name, data)
	}
	if r := mustGenerate(t, job); r.Verified < 20 {
		t.Errorf("resumed: %+v", r)
	}
	sameFiles(t, "resumed after a full disk", snapshot(t, job.Dir), want)
}

// TestFileSizeLimit lets the journal hit the file-size limit of a process: a
// failing write that needs no privileges.
func TestFileSizeLimit(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "d")
	out, err := child("limit", dir).Output()
	var exit *exec.ExitError
	if !errors.As(err, &exit) || exit.ExitCode() != 1 {
		t.Fatalf("%v: %s", err, out)
	}
	if !strings.Contains(string(out), "file-size limit") {
		t.Errorf("message: %s", out)
	}
	checkFull(t, dir, string(out))
}

// TestFullDisk fills a file system of 1 MiB. Without the right to mount one,
// TestFileSizeLimit stands in for it.
func TestFullDisk(t *testing.T) {
	mount := t.TempDir()
	if err := exec.Command("mount", "-t", "tmpfs", "-o", "size=1m", "none", mount).Run(); err != nil {
		t.Logf("no tmpfs can be mounted (%v): TestFileSizeLimit tests failing writes instead", err)
		TestFileSizeLimit(t)
		return
	}
	defer exec.Command("umount", "-l", mount).Run()
	dir := filepath.Join(mount, "d")
	_, err := Generate(context.Background(), diskJob(dir))
	wantError(t, err, dir, "disk is full")
	if !errors.Is(err, syscall.ENOSPC) {
		t.Errorf("%v does not wrap ENOSPC", err)
	}
	checkFull(t, dir, err.Error())

	// No room at all: nothing is left behind.
	write(t, mount, "filler", "")
	filler, err := os.OpenFile(filepath.Join(mount, "filler"), os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	for err = nil; err == nil; {
		_, err = filler.Write(make([]byte, 512))
	}
	filler.Close()
	job := diskJob(filepath.Join(mount, "e"))
	_, err = Generate(context.Background(), job)
	wantError(t, err, job.Dir)
	if len(snapshot(t, job.Dir)) != 0 {
		t.Error("a job that could not begin left files")
	}

	if err := exec.Command("mount", "-o", "remount,ro", mount).Run(); err != nil {
		t.Fatal(err)
	}
	for _, job := range []Job{diskJob(filepath.Join(mount, "new")), diskJob(filepath.Join(mount, "e"))} {
		_, err = Generate(context.Background(), job)
		wantError(t, err, job.Dir, "read-only", "another directory with -o")
	}
}

func TestDirErrors(t *testing.T) {
	dir := t.TempDir()
	write(t, dir, "file", "mine")
	for _, name := range []string{"file", "file/below"} {
		job := testJob(filepath.Join(dir, name), 3, render.Labels{})
		_, err := Generate(context.Background(), job)
		wantError(t, err, filepath.Join(dir, name), "is a file", "-o")
	}
	// A directory where an image should go.
	job := testJob(filepath.Join(dir, "d"), 3, render.Labels{})
	journalOf(t, job, 1)
	if err := os.MkdirAll(filepath.Join(job.Dir, "000001.png", "x"), 0o777); err != nil {
		t.Fatal(err)
	}
	job.Resume = true
	_, err := Generate(context.Background(), job)
	wantError(t, err, filepath.Join(job.Dir, "000001.png"))
	if left, _ := filepath.Glob(filepath.Join(job.Dir, tempPrefix+"*")); len(left) > 0 {
		t.Errorf("left behind: %q", left)
	}
}
