//go:build linux && cgo && egl

package main

import (
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"path/filepath"
	"runtime"
	"slices"
	"time"

	"leaflitter/bench/disks"
	"leaflitter/bench/floor"
	"leaflitter/bench/gpubox/report"
	"leaflitter/bench/gpubox/steps"
)

// peers is gpubox peers: leaflitter's cover and the brute-force shader on the same
// leaves, ids of all checked. It writes its report after every row, and goes on after one that failed.
func peers(args []string) error {
	f := flag.NewFlagSet("peers", flag.ContinueOnError)
	which := f.String("device", "0", "device, see leaflitter devices")
	out := f.String("json", "", "file for the JSON report, whole after every row")
	dump := f.String("dump", "", "directory for leaves and ids, which cuda_peer.py reads")
	size := f.Int("size", 512, "pixels a side")
	repeats := f.Int("repeats", 10, "times that each is timed, 1 to 1000")
	batch := f.Int("batch", 0, "images behind one another in the batched times, 1 to 64 (0: 16, on a software device 2)")
	if err := parse(f, args, false); err != nil {
		return err
	}
	if *repeats < 1 || *repeats > 1000 {
		return misuse("-repeats is %d; give 1 to 1000", *repeats)
	}
	if *batch < 0 || *batch > 64 {
		return misuse("-batch is %d; give 1 to 64, or 0 for what the device suggests", *batch)
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
	r := report.Peers{Device: d.Name, Go: runtime.Version(), Cores: runtime.NumCPU(), Size: *size, Batch: *batch}
	var failed error
	for _, rMin := range []float64{10, 2, 1} {
		row := report.Peer{RMin: rMin}
		err := measurePeer(&row, d, *size, *repeats, *batch, *dump)
		if err != nil {
			row.Error = err.Error()
			failed = errors.Join(failed, fmt.Errorf("r_min %g: %w", rMin, err))
			fmt.Printf("* r_min %g: %v\n", rMin, err)
		} else {
			fmt.Printf("* r_min %g, %d leaves, ids equal: tiled cover %.4g ms, %.4g in batches of %d; brute-force shader %.4g ms, %.4g; the CPU backend on one core %.4g\n", rMin, row.Leaves,
				floor.Median(row.Cover), floor.Median(row.CoverBatch), *batch, floor.Median(row.Brute), floor.Median(row.BruteBatch), floor.Median(row.CPU))
		}
		r.Rows = append(r.Rows, row)
		if *out == "" {
			continue
		}
		data, err := json.MarshalIndent(&r, "", "  ")
		if err != nil {
			return err
		}
		if err := steps.WriteWhole(*out, append(data, '\n')); err != nil {
			return errors.Join(failed, fmt.Errorf("%s cannot be written (%w); give another file with -json", filepath.Base(*out), err))
		}
	}
	return failed
}

func measurePeer(row *report.Peer, d *disks.Device, size, repeats, batch int, dump string) error {
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
