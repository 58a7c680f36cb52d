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
	"strconv"
	"strings"
	"sync"
	"syscall"
	"time"

	"leaflitter/bench/gpubox/report"
	"leaflitter/bench/gpubox/steps"
	"leaflitter/gpu"
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
}

// run runs a part to its end and returns errSaid when something failed.
func run(part string, args []string) error {
	f := flag.NewFlagSet(part, flag.ContinueOnError)
	dir := f.String("o", "gpubox-"+part, "directory for the results")
	device := f.String("d", "0", "device, see leaflitter devices")
	bundle := f.String("b", "", "file that holds all results so far, a .tar.gz, at any time")
	seconds := f.Float64("t", map[string]float64{"prove": 180, "measure": 480}[part], "seconds for all; what does not fit is left out and said")
	unpacked := f.String("unpacked", "", "directory to remove in the end")
	if err := parse(f, args, false); err != nil {
		return err
	}
	if !(*seconds > 0 && *seconds < 1e6) {
		fmt.Fprintf(os.Stderr, "gpubox %s: -t %v is out of range; give seconds, up to 999999\n", part, *seconds)
		return errUsage
	}
	deadline := time.Now().Add(time.Duration(*seconds * float64(time.Second)))
	if *unpacked != "" {
		defer os.RemoveAll(*unpacked)
	}
	b, err := newBox(part, *dir, *device, *bundle, deadline)
	if err != nil {
		return err
	}
	defer os.RemoveAll(b.scratch)
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM, syscall.SIGHUP)
	defer stop()
	signal.Notify(make(chan os.Signal, 1), syscall.SIGPIPE) // nobody may read what is said, and the results count
	go b.refresh()
	b.begin(ctx)
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
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return nil, err
	}
	if dir, err = filepath.Abs(dir); err != nil {
		return nil, err
	}
	if err := forget(dir); err != nil {
		return nil, err
	}
	scratch, err := os.MkdirTemp("", "gpubox")
	if err != nil {
		return nil, err
	}
	b := &box{programs: filepath.Dir(exe), scratch: scratch, device: device, bundle: bundle}
	b.Runner = &steps.Runner{Dir: dir, Deadline: deadline, Saved: func(steps.Progress) { b.saved() },
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

// forget removes an earlier run's results, and nothing else.
func forget(dir string) error {
	if _, err := os.Stat(filepath.Join(dir, report.AboutFile)); err != nil {
		return nil
	}
	for _, pattern := range []string{"*.out", "*.err", "*.outcome.json", "*.part", "steps.json", "report.md", "report.json", report.AboutFile} {
		names, err := filepath.Glob(filepath.Join(dir, pattern))
		if err != nil {
			return err
		}
		for _, name := range names {
			if err := os.Remove(name); err != nil {
				return err
			}
		}
	}
	return nil
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
	if err := report.Write(b.Dir); err != nil {
		b.Say("the report cannot be written: %v", err)
	}
	b.pack()
}

func (b *box) pack() {
	if b.bundle == "" {
		return
	}
	b.packing.Lock()
	defer b.packing.Unlock()
	if err := steps.Bundle(b.Dir, b.bundle); err != nil {
		b.Say("%v", err)
	}
}

// refresh keeps the bundle near what a long step has printed so far.
func (b *box) refresh() {
	for range time.Tick(20 * time.Second) {
		b.pack()
	}
}

// begin runs what both parts begin with, and finds the device.
func (b *box) begin(ctx context.Context) {
	b.Run(ctx, b.own("machine", 20*time.Second, "machine"),
		b.leaflitter("devices", 30*time.Second, "devices", "--json"))
	found := b.devices("devices")
	if !hardware(found) && os.Getenv(vendorVariable) == "" {
		to := filepath.Join(b.scratch, "vendor")
		b.Run(ctx, b.own("driver", 20*time.Second, "driver", "-to", to))
		if path, err := os.ReadFile(to); err == nil {
			b.Env = append(b.Env, vendorVariable+"="+string(path))
			b.Run(ctx, b.leaflitter("devices-again", 30*time.Second, "devices", "--json"))
			found = b.devices("devices-again")
		}
	}
	b.software = !hardware(found)
	if found == nil { // listing compiles, and a compiler may hang
		var m report.Machine
		data, err := os.ReadFile(filepath.Join(b.Dir, "machine.out"))
		b.software = err != nil || json.Unmarshal(data, &m) != nil || len(m.GPUs) == 0
	}
	if i, err := strconv.Atoi(b.device); err == nil && i >= 0 && i < len(found) {
		b.software = found[i].Software
	}
}

// devices reads what a step listed; none when it failed.
func (b *box) devices(step string) (found []gpu.Device) {
	data, err := os.ReadFile(filepath.Join(b.Dir, step+".out"))
	if err != nil || json.Unmarshal(data, &found) != nil {
		return nil
	}
	return found
}

func hardware(found []gpu.Device) bool {
	for _, d := range found {
		if d.Usable && !d.Software {
			return true
		}
	}
	return false
}

// verdict says what failed, a line each. To prove is to prove all: there, what was left out
// counts as well.
func (b *box) verdict(part string) error {
	var failed, left []string
	for _, o := range b.Outcomes {
		switch {
		case o.How == steps.LeftOut:
			left = append(left, o.Name)
		case o.Failed():
			failed = append(failed, o.Name+": "+o.Problem)
		}
	}
	for _, line := range failed {
		fmt.Println("FAILED", line)
	}
	if left != nil {
		fmt.Println("left out:", strings.Join(left, ", "))
	}
	bad := len(failed)
	if part == "prove" {
		bad += len(left)
	}
	fmt.Printf("%d of %d steps fine; the report is report.md in the directory of results\n", len(b.Outcomes)-len(failed)-len(left), len(b.Outcomes))
	if bad > 0 {
		return errSaid
	}
	return nil
}
