//go:build linux && cgo && egl

package main

import (
	"flag"
	"fmt"

	"leaflitter/bench/gpubox/report"
	"leaflitter/gpu"
)

// probe tests the operations that equal bytes stand on, as leaflitter devices --probe does,
// on the one device that the run is of.
func probe(args []string) error {
	f := flag.NewFlagSet("probe", flag.ContinueOnError)
	device := f.String("device", "0", "device, see leaflitter devices")
	if err := parse(f, args, false); err != nil {
		return err
	}
	d, err := open(*device)
	if err != nil {
		return err
	}
	row := report.Probed{Index: d.Index}
	found, err := gpu.Probe(&d, gpu.Options{Shaders: changed})
	if row.Probe = found; err != nil {
		row.Problem = err.Error()
	} else {
		err = gpu.Refusal(found)
	}
	if err := printJSON([]report.Probed{row}); err != nil {
		return err
	}
	if err != nil {
		return fmt.Errorf("device %d (%s): %w", d.Index, d.Name(), err)
	}
	return nil
}
