package steps

import (
	"strconv"
	"strings"
	"time"
)

// Step is a command with its limits.
type Step struct {
	Name    string
	Args    []string      // the command; {seconds} becomes the limit it runs under, {dir} the directory of results
	Env     []string      // beside the runner's
	Limit   time.Duration // of its own; the whole run's may be nearer
	Reserve time.Duration // kept for it: steps before it end, or are left out, so that it has so much
	Least   time.Duration // with less time than this it is left out
	Wants   string        // what it prints if it did what it should; without it the step failed
	Section string        // a heading: what the command prints is Markdown for the report

	Then func(Outcome) []Step // if set: returns steps to run next
}

// How a step came to its end.
const (
	Ended      = "ended"
	Killed     = "killed at its limit"
	NotStarted = "not started"
	LeftOut    = "left out"
)

// Outcome is how a step ended.
type Outcome struct {
	Name    string  `json:"name"`
	How     string  `json:"how"`
	Exit    int     `json:"exit"` // -1: it has none
	Seconds float64 `json:"seconds"`
	Limit   float64 `json:"limit_s"`
	Problem string  `json:"problem,omitempty"` // one clause; none: it succeeded
	Section string  `json:"section,omitempty"`
}

// Failed reports whether the step ran and something was wrong.
func (o *Outcome) Failed() bool { return o.Problem != "" && o.How != LeftOut }

// command returns the step's command line for a run of so many seconds.
func (s *Step) command(dir string, limit time.Duration) []string {
	args := make([]string, len(s.Args))
	for i, a := range s.Args {
		a = strings.ReplaceAll(a, "{seconds}", strconv.Itoa(int(limit.Seconds())))
		args[i] = strings.ReplaceAll(a, "{dir}", dir)
	}
	return args
}
