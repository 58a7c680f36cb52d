package main

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"strings"

	"leaflitter/cpu"
	"leaflitter/gpu"
	"leaflitter/render"
	"leaflitter/scene"
)

// deviceFlags choose a GPU.
type deviceFlags struct {
	Device  string `help:"GPU to use: a number or part of a name from leaflitter devices, cuda:N for what CUDA and schedulers call N, or all." placeholder:"N|NAME|cuda:N|all"`
	GLDebug bool   `name:"gl-debug" help:"Print what the OpenGL driver notices; slow."`
	Inexact bool   `help:"Go on with a GPU on which the probe fails (see leaflitter devices --probe): its images may differ from the CPU backend's."`
	NoCache bool   `name:"no-program-cache" help:"Compile all shaders anew and keep nothing for the next start."`
}

func (f *deviceFlags) options(w wiring) gpu.Options {
	o := gpu.Options{Threads: w.threads, Debug: f.GLDebug, Say: func(line string) { w.say("%s", line) }, Warn: w.warn, Stats: w.stats, Inexact: f.Inexact, Shaders: w.shaders}
	if !f.NoCache {
		o.ProgramCache = gpu.ProgramCacheDir()
	}
	return o
}

// wiring is what every backend is given beside its configuration.
type wiring struct {
	threads int
	say     func(string, ...any)
	warn    func(string)  // what --quiet does not silence; nil: say
	stats   *render.Stats // nil: nobody measures
	shaders fs.FS         // nil: those of package shaders
}

// open opens the GPU backend on the devices that --device names; none named: on
// the first that is there, hardware before software.
func (f *deviceFlags) open(m *render.Model, w wiring) (*gpu.Backend, []gpu.Device, error) {
	all, err := gpu.Devices()
	if err != nil {
		return nil, nil, err
	}
	which := f.Device
	if which == "" {
		which = "0"
	}
	chosen, err := gpu.Select(all, which)
	if err != nil {
		return nil, nil, err
	}
	backend, err := gpu.New(m, chosen, f.options(w))
	if errors.Is(err, gpu.ErrInexact) {
		err = fmt.Errorf("%w; --backend cpu gives the right bytes, --inexact goes on with what may be others", err)
	}
	return backend, chosen, err
}

// backendFlags choose a backend.
type backendFlags struct {
	Backend string `default:"auto" enum:"auto,cpu,gpu" help:"cpu, gpu, or auto: the first hardware GPU if there is one, else cpu (default auto)."`
	deviceFlags
}

func (f *backendFlags) check() error {
	if f.Backend == "cpu" && f.Device != "" {
		return usagef("--device %s with --backend cpu: the CPU backend has no devices; leave one of them out", f.Device)
	}
	return nil
}

// supply is where a job's images come from, and how many it should ask for.
type supply struct {
	render.Renderer
	batch, inFlight int
}

// open joins a model and a seed to a backend and says which and why.
func (f *backendFlags) open(m *render.Model, seed uint64, w wiring) (supply, error) {
	s := supply{Renderer: render.Renderer{Placer: m.Placer(seed), Threads: w.threads, Stats: w.stats}}
	onGPU := func(g *gpu.Backend) supply {
		s.Backend, s.batch, s.inFlight = g, g.Batch(), g.InFlight()
		return s
	}
	why := "asked for"
	if f.Backend == "auto" && f.Device == "" {
		var found *gpu.Backend
		if found, why = f.auto(m, w); found != nil {
			return onGPU(found), nil
		}
	} else if f.Backend != "cpu" {
		backend, chosen, err := f.deviceFlags.open(m, w)
		if err != nil {
			return s, err
		}
		for _, d := range chosen {
			w.say("backend: gpu (asked for), device %d, %s", d.Index, d.Name())
		}
		return onGPU(backend), nil
	}
	w.say("backend: cpu (%s), %d threads", why, w.threads)
	onCPU := cpu.New(m, w.threads)
	onCPU.Measure(w.stats)
	s.Backend, s.batch, s.inFlight = onCPU, cpuBatch(m.Config, w.threads), 1
	return s, nil
}

// auto returns the GPU backend on the first hardware GPU, or why there is none. A
// software rasteriser is never chosen: the CPU backend is quicker.
func (f *backendFlags) auto(m *render.Model, w wiring) (*gpu.Backend, string) {
	if !gpu.Built {
		return nil, "this binary was built without the GPU backend"
	}
	all, err := gpu.Devices()
	if err != nil {
		return nil, err.Error()
	}
	chosen, err := gpu.Select(all, "auto")
	if err != nil {
		return nil, err.Error()
	}
	backend, err := gpu.New(m, chosen, f.options(w))
	if err != nil {
		return nil, err.Error()
	}
	w.say("backend: gpu (there is one), device %d, %s", chosen[0].Index, chosen[0].Name())
	return backend, ""
}

// cpuBatch is how many images the CPU backend renders at once: a few for each
// thread, fewer when they are large.
func cpuBatch(cfg *scene.Config, threads int) int {
	const pixels = 8 << 20
	return max(1, min(4*threads, pixels/(cfg.Image.Width*cfg.Image.Height)))
}

// openNamed opens one backend for a comparison: cpu, or gpu.
func openNamed(name string, f *deviceFlags, m *render.Model, w wiring) (render.Tracer, error) {
	if name == "cpu" {
		return cpu.New(m, w.threads), nil
	}
	backend, chosen, err := f.open(m, w)
	if err != nil {
		return nil, err
	}
	w.say("backend gpu: device %d, %s", chosen[0].Index, chosen[0].Name())
	return backend, nil
}

type devicesCmd struct {
	JSON  bool `name:"json" help:"Print JSON instead of a table."`
	Probe bool `help:"Also test on each device the operations that equal bytes stand on, and list them."`
}

// deviceRow is a device and, if asked for, what the probe found there.
type deviceRow struct {
	gpu.Device
	Probe        []gpu.Primitive `json:"probe,omitempty"`
	ProbeProblem string          `json:"probe_problem,omitempty"` // why there is none
}

// Run lists the devices; having none is an error, and so is a device that the probe was
// asked for and refuses.
func (d *devicesCmd) Run(c *console) error {
	all, err := gpu.Devices()
	if err != nil {
		return err
	}
	gpu.Try(all, gpu.Options{})
	rows, failed := make([]deviceRow, len(all)), []string(nil)
	for i := range all {
		rows[i].Device = all[i]
		if !d.Probe || !all[i].Usable {
			continue
		}
		found, err := gpu.Probe(&all[i], gpu.Options{})
		if rows[i].Probe = found; err != nil {
			rows[i].ProbeProblem = err.Error()
		}
		if err == nil {
			err = gpu.Verdict(found)
		}
		if err != nil {
			failed = append(failed, fmt.Sprintf("device %d (%s): %v", i, all[i].Name(), err))
		}
	}
	if d.JSON {
		err = printJSON(c.out, rows)
	} else {
		err = printDevices(c.out, rows)
	}
	if err == nil && failed != nil {
		err = errors.New(strings.Join(failed, "; "))
	}
	return err
}

func printDevices(w io.Writer, rows []deviceRow) error {
	for _, v := range rows {
		kind, state := "hardware", "can run the shaders"
		if v.Software {
			kind = "software"
		}
		switch err := gpu.Verdict(v.Probe); {
		case !v.Usable:
			state = "cannot run the shaders: " + v.Problem
		case v.ProbeProblem != "":
			state += ", and is refused, since it cannot be probed: " + v.ProbeProblem
		case err != nil:
			state += ", and is refused without --inexact: " + err.Error()
		}
		memory := "memory not told"
		if v.Memory > 0 {
			memory = fmt.Sprintf("%d MiB", v.Memory>>20)
		}
		_, err := fmt.Fprintf(w, "%d  %s\n   %s, OpenGL %s, %s, EGL %s, %s\n   %s\n", v.Index, v.Name(), or(v.Vendor, "vendor unknown"), or(v.Version, "unknown"), kind, v.Platform, memory, state)
		for _, p := range v.Probe {
			verdict := "exact"
			switch {
			case !p.Holds && p.Needed:
				verdict = "DIFFERS: " + p.Detail
			case !p.Holds:
				verdict = "no, and not needed: " + p.Detail
			}
			fmt.Fprintf(w, "   %s: %s\n", p.Name, verdict)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

func or(s, other string) string {
	if s == "" {
		return other
	}
	return s
}
