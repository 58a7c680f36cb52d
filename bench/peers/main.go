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

	"leaflitter/bench/disks"
	"leaflitter/bench/floor"
)

// Report is what a run measured.
type Report struct {
	Commit  string `json:"commit"`
	Machine string `json:"machine"`
	Go      string `json:"go"`
	Device  string `json:"device"` // or why there is none
	NumPy   string `json:"numpy"`
	Size    int    `json:"size"`
	Rows    []Row  `json:"rows"`
}

// Row is one radius of the smallest leaves. Times are ms an image, sorted.
type Row struct {
	RMin    float64   `json:"r_min"`
	Leaves  int       `json:"leaves"` // up to the last one that shows
	CPU     []float64 `json:"cpu_backend_one_core"`
	Whole   []float64 `json:"numpy_whole_masks"` // fewer repeats where it takes minutes
	Box     []float64 `json:"numpy_bounding_boxes"`
	Tiles   []float64 `json:"tiled_cover"`
	Brute   []float64 `json:"brute_force_shader"`
	LeftOut string    `json:"left_out,omitempty"`
}

func main() {
	out := flag.String("o", "", "directory for peers.md and peers.json (none: standard output only)")
	repeats := flag.Int("repeats", 5, "rounds; each times every peer once")
	size := flag.Int("size", 512, "pixels a side")
	python := flag.String("python", "python3", "interpreter that has NumPy")
	patience := flag.Duration("patience", 100*time.Second, "time for whole masks at one r_min; what does not fit is left out and said")
	commit := flag.String("commit", "", "commit to record")
	flag.Parse()
	r := &Report{Commit: *commit, Machine: fmt.Sprintf("%d cores, no GPU", runtime.NumCPU()), Go: runtime.Version() + " " + runtime.GOOS + "/" + runtime.GOARCH, Size: *size}
	if err := r.measure(*python, *repeats, *patience); err != nil {
		fail(err)
	}
	text := r.markdown()
	fmt.Print(text)
	if *out == "" {
		return
	}
	data, err := json.MarshalIndent(r, "", "  ")
	if err == nil {
		err = os.WriteFile(filepath.Join(*out, "peers.json"), append(data, '\n'), 0o666)
	}
	if err == nil {
		err = os.WriteFile(filepath.Join(*out, "peers.md"), []byte(text), 0o666)
	}
	if err != nil {
		fail(err)
	}
}

func fail(err error) {
	fmt.Fprintln(os.Stderr, "peers:", err)
	os.Exit(1)
}

func (r *Report) measure(python string, repeats int, patience time.Duration) error {
	dir, err := os.MkdirTemp("", "leaflitter-peers-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	dev, err := disks.Open("0")
	if err != nil {
		r.Device = "no device: " + err.Error()
		dev = nil
	} else {
		r.Device = dev.Name
		if !dev.Software {
			r.Machine = fmt.Sprintf("%d cores and a GPU", runtime.NumCPU())
		}
	}
	perLeaf := 0.0 // seconds that a mask over the whole image takes
	for _, rMin := range []float64{10, 2, 1} {
		s, err := disks.New(r.Size, rMin)
		if err != nil {
			return err
		}
		row := Row{RMin: rMin, Leaves: len(s.Leaves)}
		var cover func(int) (time.Duration, error)
		if dev != nil {
			var closed func() error
			if cover, closed, err = dev.Tiles(s); err != nil {
				return err
			}
			defer closed()
			if _, err = cover(1); err != nil { // learns how many leaves to place
				return err
			}
		}
		if _, err := s.Render(); err != nil {
			return err
		}
		spent := time.Duration(0)
		for range repeats {
			for range 3 {
				if err := note(&row.CPU, s.Render); err != nil {
					return err
				}
			}
			err := note(&row.Box, func() (took time.Duration, err error) {
				took, r.NumPy, err = painter(python, dir, s, true)
				return took, err
			})
			if err != nil {
				return err
			}
			if expected := time.Duration(perLeaf * float64(len(s.Leaves)) * float64(time.Second)); spent+expected < patience {
				err := note(&row.Whole, func() (took time.Duration, err error) {
					took, _, err = painter(python, dir, s, false)
					spent += took
					perLeaf = took.Seconds() / float64(len(s.Leaves))
					return took, err
				})
				if err != nil {
					return err
				}
			}
			if dev != nil {
				if err := note(&row.Tiles, func() (time.Duration, error) { return cover(1) }); err != nil {
					return err
				}
				if err := note(&row.Brute, func() (time.Duration, error) { return dev.Brute(s, 1) }); err != nil {
					return err
				}
			}
		}
		if n := len(row.Whole); n < repeats {
			row.LeftOut = fmt.Sprintf("whole masks were drawn %d times instead of %d: one image takes %.0f s", n, repeats, perLeaf*float64(len(s.Leaves)))
		}
		for _, v := range [][]float64{row.CPU, row.Whole, row.Box, row.Tiles, row.Brute} {
			slices.Sort(v)
		}
		r.Rows = append(r.Rows, row)
	}
	return nil
}

// note appends what f took, in ms.
func note(to *[]float64, f func() (time.Duration, error)) error {
	took, err := f()
	*to = append(*to, float64(took)/float64(time.Millisecond))
	return err
}

// spread is a median with its quartiles.
func spread(v []float64) string {
	if len(v) == 0 {
		return "–"
	}
	at := func(q float64) float64 { return v[int(q*float64(len(v)-1)+0.5)] }
	return fmt.Sprintf("%.4g [%.4g, %.4g]", floor.Median(v), at(0.25), at(0.75))
}

func ratio(a, b []float64) string {
	if len(a) == 0 || len(b) == 0 {
		return "–"
	}
	return fmt.Sprintf("%.1f", floor.Median(a)/floor.Median(b))
}

func (r *Report) markdown() string {
	var b strings.Builder
	commit := r.Commit
	if commit == "" {
		commit = "not recorded"
	}
	fmt.Fprintf(&b, "# leaflitter and its peers\n\nCommit %s, %s, %s, %s; %s. Reproduce with `make peers`.\n\n", commit, r.Machine, r.Go, r.NumPy, r.Device)
	fmt.Fprintf(&b, "Preset `dead-leaves`, one image of %d x %d, ms an image; every peer gives the same leaf at every pixel. The CPU backend's time is all of it on one core: placing, occlusion, colours. The painter's loop in NumPy is given the leaves; the published generators draw a mask over the whole image for each. The brute-force shader is given the leaves, and each pixel walks them until one holds it; tiled cover is leaflitter's `bin` and `cover`. Medians, quartiles in brackets.\n\n", r.Size, r.Size)
	b.WriteString("| r_min | leaves | CPU backend | NumPy, whole masks | NumPy, bounding boxes | tiled cover | brute-force shader | whole masks / CPU | boxes / CPU | brute force / tiled |\n|" + strings.Repeat("---|", 10) + "\n")
	for _, w := range r.Rows {
		fmt.Fprintf(&b, "| %g | %d | %s | %s | %s | %s | %s | %s | %s | %s |\n", w.RMin, w.Leaves, spread(w.CPU), spread(w.Whole), spread(w.Box), spread(w.Tiles), spread(w.Brute),
			ratio(w.Whole, w.CPU), ratio(w.Box, w.CPU), ratio(w.Brute, w.Tiles))
	}
	for _, w := range r.Rows {
		if w.LeftOut != "" {
			fmt.Fprintf(&b, "\nr_min %g: %s.\n", w.RMin, w.LeftOut)
		}
	}
	verdict := func(bar string, met bool) {
		word := "not met"
		if met {
			word = "met"
		}
		fmt.Fprintf(&b, "\n* %s: %s", bar, word)
	}
	b.WriteString("\nBars:\n")
	for _, w := range r.Rows {
		if len(w.Whole) > 0 {
			verdict(fmt.Sprintf("CPU backend at least 50 times the painter's loop, r_min %g", w.RMin), floor.Median(w.Whole) >= 50*floor.Median(w.CPU))
		}
		if len(w.Brute) > 0 && w.RMin == 2 {
			verdict("tiled cover at least 5 times the brute-force shader, r_min 2", floor.Median(w.Brute) >= 5*floor.Median(w.Tiles))
		}
	}
	b.WriteString("\n")
	return b.String()
}
