//go:build linux && cgo && egl

package main

import (
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"time"

	"leaflitter/bench/gpubox/report"
	"leaflitter/bench/gpubox/steps"
)

// box is a run of prove or measure.
type box struct {
	*steps.Runner
	programs string // directory of this program and those packed with it
	scratch  string // for what no report holds
	device   string
	software bool
	bundle   string
	packing  sync.Mutex
	unpacked error // why the bundle is not what the directory holds
	untold   error // why the report is not
}

// run runs a part to its end and returns errSaid when something failed.
func run(part string, args []string) error {
	defer removeUnpacked()
	f := flag.NewFlagSet(part, flag.ContinueOnError)
	dir := f.String("o", "gpubox-"+part, "directory for the results")
	device := f.String("d", "0", "device, see leaflitter devices")
	bundle := f.String("b", "", "file that holds all results so far, a .tar.gz, at any time")
	seconds := f.Float64("t", map[string]float64{"prove": 180, "measure": 480}[part], "seconds for all; what does not fit is left out and said")
	if err := parse(f, args, false); err != nil {
		return err
	}
	if !(*seconds > 0 && *seconds < 1e6) {
		return misuse("-t %v is out of range; give seconds, up to 999999", *seconds)
	}
	deadline := time.Now().Add(time.Duration(*seconds * float64(time.Second)))
	b, err := newBox(part, *dir, *device, *bundle, deadline)
	if err != nil {
		return err
	}
	defer os.RemoveAll(b.scratch)
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM, syscall.SIGHUP)
	defer stop()
	signal.Notify(make(chan os.Signal, 1), syscall.SIGPIPE) // nobody may read what is said, and the results count
	go b.refresh()
	if err := b.begin(ctx); err != nil {
		return err
	}
	if part == "prove" {
		b.prove(ctx)
	} else {
		b.measure(ctx)
	}
	return b.verdict(part)
}

func newBox(part, dir, device, bundle string, deadline time.Time) (*box, error) {
	exe, err := os.Executable()
	if err != nil {
		return nil, err
	}
	if dir, err = claim(dir, bundle, part); err != nil {
		return nil, err
	}
	scratch, err := os.MkdirTemp("", "gpubox")
	if err != nil {
		return nil, err
	}
	b := &box{programs: filepath.Dir(exe), scratch: scratch, device: device, bundle: bundle}
	b.Runner = &steps.Runner{Dir: dir, Deadline: deadline, Saved: b.saved,
		Say: func(format string, args ...any) { fmt.Printf(format+"\n", args...) },
		// Programs that the driver compiled are kept for this run only.
		Env: []string{"__GL_THREADED_OPTIMIZATIONS=0", "XDG_CACHE_HOME=" + scratch}}
	commit, err := os.ReadFile(b.program("commit"))
	if err != nil {
		commit = []byte("unknown")
	}
	about, err := json.Marshal(report.About{Part: part, Commit: strings.TrimSpace(string(commit)), Date: time.Now().UTC().Format(time.DateOnly)})
	if err != nil {
		return nil, err
	}
	if err := steps.WriteWhole(filepath.Join(dir, report.AboutFile), about); err != nil {
		b.Say("what the run is cannot be written: %v", err)
	}
	return b, nil
}

func (b *box) program(name string) string { return filepath.Join(b.programs, name) }

// own is a step that is a command of this program.
func (b *box) own(name string, limit time.Duration, args ...string) steps.Step {
	return steps.Step{Name: name, Limit: limit, Args: append([]string{b.program("gpubox")}, args...)}
}

// leaflitter is a step that runs leaflitter.
func (b *box) leaflitter(name string, limit time.Duration, args ...string) steps.Step {
	return steps.Step{Name: name, Limit: limit, Args: append([]string{b.program("leaflitter")}, args...)}
}

// saved makes the report and the bundle anew.
func (b *box) saved() {
	if b.untold = report.Write(b.Dir); b.untold != nil {
		b.Say("the report cannot be written: %v", b.untold)
	}
	b.pack()
}

func (b *box) pack() {
	if b.bundle == "" {
		return
	}
	b.packing.Lock()
	defer b.packing.Unlock()
	if b.unpacked = steps.Bundle(b.Dir, b.bundle); b.unpacked != nil {
		b.Say("%v", b.unpacked)
	}
}

// refresh keeps the bundle near what a long step has printed so far.
func (b *box) refresh() {
	for range time.Tick(20 * time.Second) {
		b.pack()
	}
}

// verdict says what failed, a line each. To prove is to prove all: there, what was left out
// counts as well.
func (b *box) verdict(part string) error {
	var failed, left []string
	fine, measured := 0, false
	for _, o := range b.Outcomes {
		switch {
		case o.How == steps.LeftOut:
			left = append(left, o.Name)
		case o.Failed():
			failed = append(failed, o.Name+": "+o.Problem)
		default:
			fine++
			measured = measured || strings.HasPrefix(o.Name, report.Rows)
		}
	}
	if part == "measure" && !measured {
		failed = append(failed, "no row was measured; give more time with -t, or see above")
	}
	b.packing.Lock()
	unpacked := b.unpacked
	b.packing.Unlock()
	for _, err := range []error{b.Unsaved, b.untold, unpacked} {
		if err != nil {
			failed = append(failed, "not all results are kept: "+err.Error())
		}
	}
	for _, line := range failed {
		fmt.Println("FAILED", line)
	}
	if left != nil {
		fmt.Println("left out:", strings.Join(left, ", "))
	}
	fmt.Printf("%d of %d steps fine; the report is report.md in the directory of results\n", fine, len(b.Outcomes))
	if len(failed) > 0 || part == "prove" && len(left) > 0 {
		return errSaid
	}
	return nil
}
