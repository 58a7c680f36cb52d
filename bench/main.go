// Command bench measures leaflitter: in units that hold on a noisy machine (one unit is
// one complex 512 x 512 FFT by gonum on one core, timed in between the images it is
// compared with), as images a second, as growth with pixels, leaves and layers, and
// against the floors of the machine. It writes Markdown and JSON.
package main

import (
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"time"

	"leaflitter/bench/floor"
	"leaflitter/gpu"
)

// Report is what a run measured.
type Report struct {
	Commit  string       `json:"commit"`
	Machine string       `json:"machine"`
	Go      string       `json:"go"`
	Device  string       `json:"device"`  // or why there is none
	UnitMs  Spread       `json:"unit_ms"` // one complex 512 x 512 FFT
	Rows    []Row        `json:"rows"`
	Process []Process    `json:"process"`
	Floor   floor.Rates  `json:"floor"`
	Flow    []FlowRow    `json:"throughput"`
	Files   []FilesRow   `json:"files"`
	Growth  []GrowthRow  `json:"growth"`
	PNG     []EncoderRow `json:"encoders"`
}

// Spread is a median with its quartiles.
type Spread struct {
	Median float64 `json:"median"`
	Lo     float64 `json:"q1"`
	Hi     float64 `json:"q3"`
}

// Row is one configuration on one core.
type Row struct {
	Name  string  `json:"name"`
	Ms    Spread  `json:"ms"`    // an image
	Units Spread  `json:"units"` // an image
	MPix  float64 `json:"megapixels_per_s"`
	Bar   string  `json:"bar,omitempty"` // what was promised
	Met   bool    `json:"met"`
}

// suite is what all parts of a run share.
type suite struct {
	Report
	repeats  int
	patience time.Duration // for one row
	devices  []gpu.Device  // the first one, or none
}

func main() {
	binary := flag.String("binary", "", "leaflitter binary, for start-up time and memory (none: not measured)")
	out := flag.String("o", "", "directory for bench.md and bench.json (none: standard output only)")
	repeats := flag.Int("repeats", 5, "rounds; each times everything that is compared once")
	patience := flag.Duration("patience", 8*time.Second, "what a row of the throughput table may take; what would take longer is left out and said")
	only := flag.String("only", "", "parts to run, of process,units,files,growth,encoders,throughput; floors always (default all)")
	commit := flag.String("commit", "", "commit to record")
	flag.Parse()

	s := &suite{repeats: *repeats, patience: *patience}
	s.Commit = *commit
	s.Machine = fmt.Sprintf("%d cores, no GPU", runtime.NumCPU())
	s.Go = runtime.Version() + " " + runtime.GOOS + "/" + runtime.GOARCH
	if err := s.run(*binary, func(part string) bool { return *only == "" || slices.Contains(strings.Split(*only, ","), part) }); err != nil {
		fail(err)
	}
	text := s.markdown()
	fmt.Print(text)
	if *out == "" {
		return
	}
	data, err := json.MarshalIndent(&s.Report, "", "  ")
	if err == nil {
		err = os.MkdirAll(*out, 0o777)
	}
	if err == nil {
		err = os.WriteFile(filepath.Join(*out, "bench.json"), append(data, '\n'), 0o666)
	}
	if err == nil {
		err = os.WriteFile(filepath.Join(*out, "bench.md"), []byte(text), 0o666)
	}
	if err != nil {
		fail(err)
	}
}

func (s *suite) run(binary string, wanted func(part string) bool) error {
	s.Device = "no device: built without the GPU backend"
	if gpu.Built {
		all, err := gpu.Devices()
		switch {
		case err != nil:
			s.Device = "no device: " + err.Error()
		case len(all) == 0 || !all[0].Usable:
			s.Device = "no device can run the shaders"
		default:
			s.devices = all[:1]
			s.Device = all[0].Name() + ", OpenGL " + all[0].Version
			if !all[0].Software {
				s.Machine = fmt.Sprintf("%d cores, %s", runtime.NumCPU(), all[0].Name())
			}
		}
	}
	// First, while this process is small: a child's largest memory counts from
	// the fork on.
	if binary != "" && wanted("process") {
		for _, backend := range s.backends() {
			p, err := process(binary, backend)
			if err != nil {
				return err
			}
			s.Process = append(s.Process, *p)
		}
	}
	s.say("floors")
	s.Floor = floor.Host(runtime.NumCPU(), s.repeats)
	if s.devices != nil {
		if err := floor.Device(s.devices[0].Index, s.repeats, &s.Floor); err != nil {
			return err
		}
	}
	for _, part := range []struct {
		name string
		run  func() error
	}{{"units", s.measureUnits}, {"files", s.files}, {"growth", s.growth}, {"encoders", s.encoders}, {"throughput", s.throughput}} {
		if !wanted(part.name) {
			continue
		}
		s.say(part.name)
		if err := part.run(); err != nil {
			return fmt.Errorf("%s: %w", part.name, err)
		}
	}
	return nil
}

// backends lists what there is to measure.
func (s *suite) backends() []string {
	if s.devices == nil {
		return []string{"cpu"}
	}
	return []string{"cpu", "gpu"}
}

// software reports whether the device is a software one, which is slow.
func (s *suite) software() bool { return s.devices != nil && s.devices[0].Software }

func (s *suite) say(part string) {
	fmt.Fprintf(os.Stderr, "%s bench: %s\n", time.Now().Format(time.TimeOnly), part)
}

func fail(err error) {
	fmt.Fprintln(os.Stderr, "bench:", err)
	os.Exit(1)
}

func ms(d time.Duration) float64 { return float64(d) / float64(time.Millisecond) }
