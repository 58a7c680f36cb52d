//go:build linux

package steps

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

func sprintf(f string, a ...any) string { return fmt.Sprintf(f, a...) }

// This test binary is the runner that tests kill.
func TestMain(m *testing.M) {
	dir := os.Getenv("STEPS_TEST_DIR")
	if dir == "" {
		os.Exit(m.Run())
	}
	r := &Runner{Dir: dir, Deadline: time.Now().Add(time.Hour), Say: func(f string, a ...any) { fmt.Printf(f+"\n", a...) }}
	r.Saved = func() {
		WriteWhole(filepath.Join(dir, "report.json"), []byte(`{"whole": true}`))
		Bundle(dir, filepath.Join(dir, "bundle.tgz"))
	}
	var list []Step
	switch os.Getenv("STEPS_TEST_PLAN") {
	case "full":
		list = []Step{sh("small", "echo 1"), sh("large", "head -c 3000000 /dev/zero"), sh("next", "echo 2")}
	default:
		for i := range 8 {
			list = append(list, sh(fmt.Sprintf("step-%d", i), `head -c 300000 /dev/zero | tr '\0' x; echo end; echo end >&2`))
		}
		list = append(list, sh("long", "echo end; echo end >&2; sleep 1000"))
	}
	r.Run(context.Background(), list...)
}

// Killed at any instant, a run leaves files that are whole, .part files aside, and no
// process. The instants lie after a random step, as far as the step before it took, so that
// a busy machine changes nothing.
func TestKill(t *testing.T) {
	draw := rand.New(rand.NewPCG(14, 4))
	for range 20 {
		dir := t.TempDir()
		cmd := exec.Command(os.Args[0])
		cmd.Env = append(os.Environ(), "STEPS_TEST_DIR="+dir)
		out, err := cmd.StdoutPipe()
		if err == nil {
			err = cmd.Start()
		}
		if err != nil {
			t.Fatal(err)
		}
		lines, before, took := bufio.NewScanner(out), time.Now(), 5*time.Millisecond
		for range draw.IntN(9) {
			lines.Scan()
			before, took = time.Now(), time.Since(before)
		}
		time.Sleep(time.Duration(draw.Float64() * 1.5 * float64(took)))
		cmd.Process.Signal(syscall.SIGKILL)
		cmd.Wait()
		whole(t, dir)
		deserted(t, dir)
		p, err := Load(dir)
		if errors.Is(err, os.ErrNotExist) || err != nil && strings.Contains(err.Error(), "holds no steps.json") {
			continue // killed before the first step
		}
		if err != nil {
			t.Error(err)
		}
		for _, o := range p.Outcomes {
			if o.How != Ended || o.Problem != "" {
				t.Errorf("%+v", o)
			}
		}
	}
}

// deserted waits for the end of every process that the runner of dir started.
func deserted(t *testing.T, dir string) {
	t.Helper()
	var left []string
	for range 500 {
		left = nil
		environments, _ := filepath.Glob("/proc/[0-9]*/environ")
		for _, e := range environments {
			if data, err := os.ReadFile(e); err == nil && strings.Contains(string(data), "STEPS_TEST_DIR="+dir+"\x00") {
				left = append(left, e)
			}
		}
		if left == nil {
			return
		}
		time.Sleep(10 * time.Millisecond)
	}
	t.Errorf("processes live on: %v", left)
}

// whole checks every file of a directory.
func whole(t *testing.T, dir string) {
	t.Helper()
	all, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range all {
		name := filepath.Join(dir, e.Name())
		data, err := os.ReadFile(name)
		switch {
		case err != nil:
			t.Error(err)
		case strings.HasSuffix(name, ".part"):
		case strings.HasSuffix(name, ".json"):
			var v any
			if err := json.Unmarshal(data, &v); err != nil {
				t.Errorf("%s: %v", e.Name(), err)
			}
			if step, ok := strings.CutSuffix(name, ".outcome.json"); ok {
				content(t, dir, filepath.Base(step)+".out")
				content(t, dir, filepath.Base(step)+".err")
			}
		case strings.HasSuffix(name, ".tgz"):
			if _, err := Unpack(name); err != nil {
				t.Errorf("the bundle is not whole: %v", err)
			}
		case !strings.HasSuffix(string(data), "end\n"):
			t.Errorf("%s is not whole: %d bytes", e.Name(), len(data))
		}
	}
}
