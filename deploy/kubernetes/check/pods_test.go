package check

import (
	"bytes"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"

	core "k8s.io/api/core/v1"
)

// run starts the program as a pod's container would be, with a folder for the bucket and
// little work. Nothing of this machine's environment reaches it.
func run(t *testing.T, c *core.Container, dir string, env []string, more ...string) error {
	var args []string
	for _, a := range c.Args {
		a = strings.ReplaceAll(a, "s3://bucket/train", dir)
		for _, less := range []string{"--shards=24", "--shard-size=2", "--threads=1"} {
			if name, _, _ := strings.Cut(less, "="); strings.HasPrefix(a, name+"=") {
				a = less
			}
		}
		args = append(args, a)
	}
	cmd := exec.Command(os.Getenv("LEAFLITTER"), append(args, more...)...)
	cmd.Env = append([]string{"PATH=" + os.Getenv("PATH"), "TMPDIR=" + t.TempDir()}, env...)
	for _, v := range c.Env {
		cmd.Env = append(cmd.Env, v.Name+"="+v.Value)
	}
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("%s %q: %w\n%s", cmd.Path, cmd.Args[1:], err, out)
	}
	return nil
}

// Files with their contents.
func files(t *testing.T, dir string) map[string][]byte {
	t.Helper()
	all := map[string][]byte{}
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err == nil && d.Type().IsRegular() {
			name, _ := filepath.Rel(dir, path)
			all[name], err = os.ReadFile(path)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// All pods of job.yaml, one of them twice, then the one of verify.yaml, played by
// processes here with the manifests' arguments and variables: the data set is whole, and
// the one that a single process makes. A missing pod is noticed.
func TestPods(t *testing.T) {
	if os.Getenv("LEAFLITTER") == "" {
		t.Fatal("LEAFLITTER names no program to run as the pods: make test-kubernetes does")
	}
	spec := decode(t, "job.yaml").Spec
	pod, verify := &spec.Template.Spec.Containers[0], &decode(t, "verify.yaml").Spec.Template.Spec.Containers[0]
	dir, alone := filepath.Join(t.TempDir(), "train"), filepath.Join(t.TempDir(), "alone")
	size := "--size=64x64"
	start := func(indices ...int) {
		t.Helper()
		failed := make([]error, len(indices))
		var pods sync.WaitGroup
		for k, i := range indices {
			pods.Go(func() { failed[k] = run(t, pod, dir, []string{"JOB_COMPLETION_INDEX=" + strconv.Itoa(i)}, size) })
		}
		pods.Wait()
		for k, err := range failed {
			if err != nil {
				t.Fatalf("pod %d: %v", indices[k], err)
			}
		}
	}
	last := int(*spec.Completions) - 1
	var others []int
	for i := range last {
		others = append(others, i)
	}
	start(others...)
	if err := run(t, verify, dir, nil); err == nil {
		t.Errorf("verify.yaml finds nothing wrong without pod %d", last)
	}
	start(last, last) // the old pod of a lost node may still run
	if err := run(t, verify, dir, nil); err != nil {
		t.Errorf("verify.yaml: %v", err)
	}
	single := *pod
	single.Env = nil
	if err := run(t, &single, alone, []string{"RANK=0", "WORLD_SIZE=1"}, size); err != nil {
		t.Fatal(err)
	}
	got, want := files(t, dir), files(t, alone)
	if len(want) < 24 || len(got) != len(want) {
		t.Errorf("%d files by pods, %d by a single process", len(got), len(want))
	}
	for name, b := range want {
		if !bytes.Equal(got[name], b) {
			t.Errorf("%s differs from a single process's", name)
		}
	}
}
