//go:build linux && cgo && egl

package main

import (
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"os"
	"runtime"
	"slices"
	"time"

	"leaflitter/bench/disks"
)

// PeerRow is one smallest radius. Times are ms an image, sorted; those of a batch are
// of one image of it.
type PeerRow struct {
	RMin       float64   `json:"r_min"`
	Leaves     int       `json:"leaves"` // up to the last one that shows
	Cover      []float64 `json:"tiled_cover_ms"`
	CoverBatch []float64 `json:"tiled_cover_batch_ms"`
	Brute      []float64 `json:"brute_force_shader_ms"`
	BruteBatch []float64 `json:"brute_force_shader_batch_ms"`
	CPU        []float64 `json:"cpu_backend_one_core_ms"` // placing and colours too
	Equal      bool      `json:"ids_equal"`               // everybody's to the CPU backend's
	Error      string    `json:"error,omitempty"`
}

// PeerReport is what a run of the peers measured.
type PeerReport struct {
	Device string    `json:"device"`
	Go     string    `json:"go"`
	Cores  int       `json:"cores"`
	Size   int       `json:"size"`
	Batch  int       `json:"batch"`
	Rows   []PeerRow `json:"rows"`
}

// peers is gpubox peers: leaflitter's cover and the brute-force shader on the same
// leaves, ids of all checked. It writes its report after every row, and goes on after one that failed.
func peers(args []string) error {
	f := flag.NewFlagSet("gpubox peers", flag.ExitOnError)
	which := f.String("device", "0", "device, see leaflitter devices")
	out := f.String("json", "", "file for the JSON report, whole after every row")
	dump := f.String("dump", "", "directory for leaves and ids, which cuda_peer.py reads")
	size := f.Int("size", 512, "pixels a side")
	repeats := f.Int("repeats", 10, "times that each is timed, 1 to 1000")
	batch := f.Int("batch", 0, "images behind one another in the batched times, 1 to 64 (0: 16, on a software device 2)")
	_ = f.Parse(args)
	if f.NArg() > 0 {
		return fmt.Errorf("gpubox peers takes no argument %q; see gpubox peers -h", f.Arg(0))
	}
	if *repeats < 1 || *repeats > 1000 {
		return fmt.Errorf("-repeats is %d; give 1 to 1000", *repeats)
	}
	if *batch < 0 || *batch > 64 {
		return fmt.Errorf("-batch is %d; give 1 to 64, or 0 for what the device suggests", *batch)
	}
	d, err := disks.Open(*which)
	if err != nil {
		return err
	}
	if *batch == 0 {
		*batch = 16
		if d.Software {
			*batch = 2
		}
	}
	r := PeerReport{Device: d.Name, Go: runtime.Version(), Cores: runtime.NumCPU(), Size: *size, Batch: *batch}
	var failed error
	for _, rMin := range []float64{10, 2, 1} {
		row := PeerRow{RMin: rMin}
		err := row.measure(d, *size, *repeats, *batch, *dump)
		if err != nil {
			row.Error = err.Error()
			failed = errors.Join(failed, fmt.Errorf("r_min %g: %w", rMin, err))
			fmt.Printf("* r_min %g: %v\n", rMin, err)
		} else {
			fmt.Printf("* r_min %g, %d leaves, ids equal: tiled cover %.4g ms, %.4g in batches of %d; brute-force shader %.4g ms, %.4g; the CPU backend on one core %.4g\n", rMin, row.Leaves,
				middle(row.Cover), middle(row.CoverBatch), *batch, middle(row.Brute), middle(row.BruteBatch), middle(row.CPU))
		}
		r.Rows = append(r.Rows, row)
		if err := writeJSON(*out, &r); err != nil {
			return errors.Join(failed, err)
		}
	}
	return failed
}

func middle(sorted []float64) float64 { return sorted[len(sorted)/2] }

func (row *PeerRow) measure(d *disks.Device, size, repeats, batch int, dump string) error {
	s, err := disks.New(size, row.RMin)
	if err != nil {
		return err
	}
	row.Leaves = len(s.Leaves)
	if dump != "" {
		if err := s.Dump(dump); err != nil {
			return err
		}
	}
	cover, closed, err := d.Tiles(s)
	if err != nil {
		return err
	}
	defer closed()
	timed := []struct {
		to *[]float64
		f  func() (time.Duration, error)
	}{
		{&row.Cover, func() (time.Duration, error) { return cover(1) }},
		{&row.CoverBatch, func() (time.Duration, error) { return cover(batch) }},
		{&row.Brute, func() (time.Duration, error) { return d.Brute(s, 1) }},
		{&row.BruteBatch, func() (time.Duration, error) { return d.Brute(s, batch) }},
		{&row.CPU, s.Render},
	}
	for n := -1; n < repeats; n++ { // once for warming up
		for _, t := range timed {
			took, err := t.f()
			if err != nil {
				return err
			}
			if n >= 0 {
				*t.to = append(*t.to, float64(took)/float64(time.Millisecond))
			}
		}
	}
	for _, t := range timed {
		slices.Sort(*t.to)
	}
	row.Equal = true // every run was checked
	return nil
}

// writeJSON writes a report whole: killed at any instant, the earlier one is there. Without a path it does nothing.
func writeJSON(path string, report any) error {
	if path == "" {
		return nil
	}
	data, err := json.MarshalIndent(report, "", "  ")
	if err != nil {
		return err
	}
	temporary := path + ".tmp"
	if err := os.WriteFile(temporary, append(data, '\n'), 0o666); err != nil {
		return err
	}
	return os.Rename(temporary, path)
}
