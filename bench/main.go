// Command bench measures leaflitter in units that hold on a noisy machine: one
// unit is one complex 512 x 512 FFT by gonum on one core, timed in between the
// images it is compared with. It writes Markdown and JSON.
package main

import (
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"time"
)

// Report is what a run measured.
type Report struct {
	Commit  string   `json:"commit"`
	Machine string   `json:"machine"`
	Go      string   `json:"go"`
	UnitMs  Spread   `json:"unit_ms"` // one complex 512 x 512 FFT
	Rows    []Row    `json:"rows"`
	Process *Process `json:"process,omitempty"`
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

func main() {
	binary := flag.String("binary", "", "leaflitter binary, for start-up time and memory (none: not measured)")
	out := flag.String("o", "", "directory for cpu.md and cpu.json (none: standard output only)")
	repeats := flag.Int("repeats", 9, "rounds; each times the unit and every configuration once")
	commit := flag.String("commit", "", "commit to record")
	flag.Parse()

	r := Report{
		Commit:  *commit,
		Machine: fmt.Sprintf("%d cores, no GPU", runtime.NumCPU()),
		Go:      runtime.Version() + " " + runtime.GOOS + "/" + runtime.GOARCH,
	}
	// First, while this process is small: a child's largest memory counts from
	// the fork on.
	if *binary != "" {
		p, err := process(*binary)
		if err != nil {
			fail(err)
		}
		r.Process = p
	}
	runtime.GOMAXPROCS(1) // one core, garbage collection included
	measure(&r, *repeats)
	text := markdown(&r)
	fmt.Print(text)
	if *out == "" {
		return
	}
	data, err := json.MarshalIndent(&r, "", "  ")
	if err == nil {
		err = os.MkdirAll(*out, 0o777)
	}
	if err == nil {
		err = os.WriteFile(filepath.Join(*out, "cpu.json"), append(data, '\n'), 0o666)
	}
	if err == nil {
		err = os.WriteFile(filepath.Join(*out, "cpu.md"), []byte(text), 0o666)
	}
	if err != nil {
		fail(err)
	}
}

func fail(err error) {
	fmt.Fprintln(os.Stderr, "bench:", err)
	os.Exit(1)
}

func ms(d time.Duration) float64 { return float64(d) / float64(time.Millisecond) }
