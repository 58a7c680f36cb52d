//go:build linux

package steps

import (
	"os/exec"
	"strings"
	"testing"
	"time"
)

// worker is a worker that treats jobs by their names.
func worker(jobs []string) *exec.Cmd {
	return exec.Command("bash", append([]string{"-c", `for job; do
		echo a driver says something
		echo "start $job"
		case $job in
		hang*) sleep 1000 ;;
		crash*) echo "it went wrong" >&2; kill -SEGV $$ ;;
		exit*) exit 4 ;;
		esac
		echo "done $job as $job wished"
	done`, "worker"}, jobs...)...)
}

// A job that hangs and one that crashes cost themselves only, wherever they stand.
func TestEach(t *testing.T) {
	t.Parallel()
	jobs := []string{"hang1", "a", "b", "crash1", "crash2", "c", "exit", "hang2"}
	got, began := map[string]string{}, []string{}
	Each(jobs, 5*time.Second, worker, func(job string) { began = append(began, job) }, func(job, result, problem string) {
		if _, ok := got[job]; ok {
			t.Errorf("%s twice", job)
		}
		got[job] = result + "|" + problem
	})
	if strings.Join(began, " ") != strings.Join(jobs, " ") {
		t.Errorf("began %q", began)
	}
	for job, want := range map[string]string{
		"hang1": "|hung: no word for 5 s", "a": "as a wished|", "b": "as b wished|", "c": "as c wished|",
		"crash1": "|crashed: signal: segmentation fault: it went wrong", "crash2": "|crashed: signal: segmentation fault: it went wrong",
		"exit": "|crashed: exit status 4", "hang2": "|hung: no word for 5 s",
	} {
		if !strings.HasPrefix(got[job], want) {
			t.Errorf("%s: %q, want %q", job, got[job], want)
		}
	}
}

// A worker that never comes to a job is not started again and again.
func TestEachWithoutAnyJob(t *testing.T) {
	for script, want := range map[string]string{
		"echo no device >&2; exit 1":       "before any job, crashed: exit status 1: no device",
		"sleep 1000":                       "before any job, hung",
		"exec >/dev/null; sleep 1000":      "before any job, hung",
		"exec /nowhere/at/all 2>/dev/null": "before any job, crashed: exit status 127",
	} {
		t.Run(script, func(t *testing.T) {
			t.Parallel()
			starts, got := 0, []string{}
			Each([]string{"a", "b"}, 5*time.Second, func([]string) *exec.Cmd {
				starts++
				return exec.Command("bash", "-c", script)
			}, func(string) {}, func(_, _, problem string) { got = append(got, problem) })
			if starts != 1 || len(got) != 2 || !strings.HasPrefix(got[0], want) {
				t.Errorf("%d starts, %q", starts, got)
			}
		})
	}
}
