//go:build linux

package steps

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"time"
)

// Runner runs steps, one Runner a process at a time: whatever descends from the process
// because of a step is killed when that has ended. Its first four fields are set by the caller.
type Runner struct {
	Dir      string
	Deadline time.Time
	Say      func(format string, args ...any)
	Saved    func()   // called when Dir holds something new
	Env      []string // of every step, beside the runner's own
	Unsaved  error    // why steps.json is not up to date
	Progress
}

// Progress is how far a run is.
type Progress struct {
	Outcomes []Outcome `json:"outcomes"`
	Running  string    `json:"running,omitempty"`
	Waiting  []string  `json:"waiting,omitempty"`
}

// least is what a step needs that does not say.
const least = 2 * time.Second

// Run runs steps one after another; when ctx ends, the one under way is killed and the rest
// is left out. It returns the outcomes of these steps.
func (r *Runner) Run(ctx context.Context, list ...Step) []Outcome {
	runtime.LockOSThread() // a command dies with the thread that started it
	defer runtime.UnlockOSThread()
	first := len(r.Outcomes)
	for len(list) > 0 {
		s := &list[0]
		list = list[1:]
		r.Running, r.Waiting = s.Name, nil
		reserved := time.Duration(0)
		for _, later := range list {
			r.Waiting = append(r.Waiting, later.Name)
			reserved += later.Reserve
		}
		limit := min(s.Limit, time.Until(r.Deadline)-reserved).Truncate(time.Millisecond)
		o := Outcome{Name: s.Name, How: LeftOut, Exit: -1, Section: s.Section}
		needed := s.Least
		if needed == 0 {
			needed = least
		}
		switch {
		case ctx.Err() != nil:
			o.Problem = "the run was ended before"
		case limit < min(needed, s.Limit):
			o.Problem = "no time was left"
		default:
			r.save()
			o = r.one(ctx, s, limit)
		}
		r.Outcomes = append(r.Outcomes, o)
		r.tell(&o)
		if s.Then != nil {
			list = append(s.Then(o), list...)
		}
	}
	r.Running, r.Waiting = "", nil
	r.save()
	return r.Outcomes[first:]
}

// tell says how a step ended, in one line.
func (r *Runner) tell(o *Outcome) {
	switch {
	case o.How == LeftOut:
		r.Say("%s: left out, %s", o.Name, o.Problem)
	case o.Problem != "":
		r.Say("%s: FAILED after %.1f s: %s", o.Name, o.Seconds, o.Problem)
	default:
		r.Say("%s: fine, %.1f s", o.Name, o.Seconds)
	}
}

// one runs a step and writes its files.
func (r *Runner) one(ctx context.Context, s *Step, limit time.Duration) Outcome {
	o := Outcome{Name: s.Name, How: NotStarted, Exit: -1, Limit: limit.Seconds(), Section: s.Section}
	out, errs := create(r.path(s.Name+".out")), create(r.path(s.Name+".err"))
	out.limit, errs.limit = mostOutput, mostOutput
	args := s.command(r.Dir, limit)
	cmd := exec.Command(args[0], args[1:]...)
	cmd.Env = append(append(os.Environ(), r.Env...), s.Env...)
	cmd.Stdout, cmd.Stderr = out, errs
	alone(cmd)
	adopt()
	before := descendants() // of a shell, say, that became this process
	start := time.Now()
	if err := cmd.Start(); err != nil {
		o.Problem = fmt.Sprintf("it cannot be started: %v", Reason(err))
	} else {
		limited, cancel := context.WithTimeout(ctx, limit)
		err, killed := wait(cmd, limited.Done())
		cancel()
		o.Seconds = time.Since(start).Seconds()
		o.How = Ended
		if cmd.ProcessState != nil {
			o.Exit = cmd.ProcessState.ExitCode()
			sweep(before, 0)
		} else {
			sweep(before, cmd.Process.Pid)
		}
		switch {
		case killed && ctx.Err() != nil:
			o.Problem = "it was running when the run was ended"
		case killed:
			o.How, o.Problem = Killed, fmt.Sprintf("killed at its limit of %.0f s", limit.Seconds())
		case err != nil:
			o.Problem = err.Error() // exit status 1; signal: segmentation fault
		}
	}
	for _, f := range []struct {
		what string
		*part
	}{{"standard output", out}, {"standard error", errs}} {
		if err := f.finish(); err != nil {
			o.Problem = and(o.Problem, fmt.Sprintf("its %s cannot be kept: %v", f.what, err))
		}
	}
	if o.Problem == "" && s.Wants != "" {
		if data, err := os.ReadFile(r.path(s.Name + ".out")); err != nil || !bytes.Contains(data, []byte(s.Wants)) {
			o.Problem = fmt.Sprintf("it did not print %q", s.Wants)
		}
	}
	if err := r.write(s.Name+".outcome.json", &o); err != nil {
		o.Problem = and(o.Problem, fmt.Sprintf("its outcome cannot be written: %v", err))
	}
	return o
}

func and(a, b string) string {
	if a == "" {
		return b
	}
	return a + "; " + b
}

func (r *Runner) path(name string) string { return filepath.Join(r.Dir, name) }

func (r *Runner) write(name string, v any) error {
	data, err := json.MarshalIndent(v, "", "  ")
	if err != nil {
		return err
	}
	return WriteWhole(r.path(name), append(data, '\n'))
}

// save writes how far the run is.
func (r *Runner) save() {
	if r.Unsaved = r.write("steps.json", &r.Progress); r.Unsaved != nil {
		r.Say("how far the run is cannot be written: %v", r.Unsaved)
	}
	if r.Saved != nil {
		r.Saved()
	}
}
