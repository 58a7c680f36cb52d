//go:build linux

package steps

import (
	"bufio"
	"bytes"
	"fmt"
	"os/exec"
	"runtime"
	"slices"
	"strings"
	"time"
)

// Each has a worker do jobs, one after another, such that a job in which the worker hangs or
// crashes costs that job only: the worker is started again for those that remain. command
// returns a worker for some jobs. It prints "start JOB" and "done JOB RESULT" lines;
// without a line for so long it is taken to hang and is killed.
//
// begun is called when a worker says that it starts a job, done for each job, with the
// worker's result or with a problem.
func Each(jobs []string, silence time.Duration, command func(jobs []string) *exec.Cmd, begun func(job string), done func(job, result, problem string)) {
	runtime.LockOSThread() // a worker dies with the thread that started it
	defer runtime.UnlockOSThread()
	for len(jobs) > 0 {
		jobs = work(jobs, silence, command(jobs), begun, done)
	}
}

// work runs one worker to its end and returns the jobs that remain.
func work(jobs []string, silence time.Duration, cmd *exec.Cmd, begun func(job string), done func(job, result, problem string)) []string {
	var errs bytes.Buffer
	cmd.Stderr = &errs
	alone(cmd)
	lines, err := pipe(cmd)
	if err == nil {
		err = cmd.Start()
	}
	if err != nil {
		for _, j := range jobs {
			done(j, "", "the worker cannot be started: "+Reason(err).Error())
		}
		return nil
	}
	current, hung, some := "", false, false
	stop := make(chan struct{})
	for open := true; open && !hung; {
		select {
		case line, ok := <-lines:
			if open = ok; !ok {
				break
			}
			word, rest, _ := strings.Cut(line, " ")
			job, result, _ := strings.Cut(rest, " ")
			switch {
			case word == "start":
				if current = job; slices.Contains(jobs, job) {
					begun(job)
				}
			case word == "done" && slices.Contains(jobs, job):
				done(job, result, "")
				jobs = without(jobs, job)
				current, some = "", true
			}
		case <-time.After(silence):
			hung = true
		}
	}
	if hung {
		close(stop)
	} else {
		defer time.AfterFunc(silence, func() { close(stop) }).Stop() // it printed its last and lives on
	}
	err, killed := wait(cmd, stop)
	problem := fmt.Sprintf("hung: no word for %.3g s", silence.Seconds())
	if !killed {
		problem = "the worker ended"
		if err != nil {
			problem = "crashed: " + err.Error()
		}
		if last := lastLine(errs.String()); last != "" {
			problem += ": " + last
		}
	}
	switch {
	case slices.Contains(jobs, current):
		done(current, "", problem)
		return without(jobs, current)
	case some:
		return jobs
	}
	for _, j := range jobs { // it would end in the same way again
		done(j, "", "before any job, "+problem)
	}
	return nil
}

func without(jobs []string, job string) []string {
	return slices.DeleteFunc(slices.Clone(jobs), func(j string) bool { return j == job })
}

// pipe returns the lines that a command prints, once it is started.
func pipe(cmd *exec.Cmd) (<-chan string, error) {
	out, err := cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	lines := make(chan string, 1000)
	go func() {
		defer close(lines)
		s := bufio.NewScanner(out)
		s.Buffer(nil, 1<<20)
		for s.Scan() {
			lines <- s.Text()
		}
	}()
	return lines, nil
}

func lastLine(s string) string {
	all := strings.Split(strings.TrimSpace(s), "\n")
	return all[len(all)-1]
}
