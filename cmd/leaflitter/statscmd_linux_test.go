package main

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

// Ten thousand images take no more memory than a thousand.
func TestStatsMemory(t *testing.T) {
	dir := t.TempDir()
	peak := func(args ...string) int64 {
		t.Helper()
		cmd := command(dir, append([]string{"stats", "--quiet", "--patch", "32", "--threads", "4"}, args...)...)
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Fatalf("%v: %s", err, out)
		}
		return cmd.ProcessState.SysUsage().(*syscall.Rusage).Maxrss << 10
	}
	for name, form := range map[string][]string{"npy": {"--format", "npy"}, "png": nil, "tar": {"--format", "webdataset"}} {
		sizes := map[string]int64{}
		for _, count := range []string{"1000", "10000"} {
			where := name + count
			must(t, dir, append([]string{"generate", "--quiet", "--preset", "dead-leaves", "--size", "32", "--count", count, "-o", where}, form...)...)
			sizes[count] = peak(where)
		}
		t.Logf("%s: %d MiB for 1,000 images, %d MiB for 10,000", name, sizes["1000"]>>20, sizes["10000"]>>20)
		if sizes["10000"] > sizes["1000"]*5/4+8<<20 || sizes["10000"] > 256<<20 {
			t.Errorf("%s: memory grows with the images", name)
		}
	}
}

// A report that does not fit the disk leaves the one before as it was, and nothing else.
func TestStatsReportFull(t *testing.T) {
	dir := t.TempDir()
	must(t, dir, with("-o", "a", "--count", "2")...)
	if err := os.WriteFile(filepath.Join(dir, "r.html"), []byte("the one before"), 0o666); err != nil {
		t.Fatal(err)
	}
	before := tree(t, dir)
	cmd := exec.Command("bash", "-c", fmt.Sprintf("ulimit -f 8; exec %s stats a --patch 32 --quiet -o r.html", os.Args[0]))
	cmd.Dir, cmd.Env = dir, append(os.Environ(), "LEAFLITTER_TEST_COMMAND=1")
	out, err := cmd.CombinedOutput()
	if err == nil || !strings.Contains(string(out), "cannot write r.html") {
		t.Fatalf("%v: %s", err, out)
	}
	after := tree(t, dir)
	same(t, "after a report that did not fit", before, after)
}
