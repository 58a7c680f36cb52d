//go:build linux && cgo && egl

package main

import (
	"flag"
	"fmt"
	"strings"

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
	var broken []string
	if row.Probe, err = gpu.Probe(&d, gpu.Options{Shaders: changed}); err != nil {
		row.Problem = err.Error()
		broken = append(broken, row.Problem)
	}
	for _, p := range row.Probe {
		if p.Needed && !p.Holds {
			broken = append(broken, p.Name+" ("+p.Detail+")")
		}
	}
	if err := printJSON([]report.Probed{row}); err != nil {
		return err
	}
	if broken != nil {
		return fmt.Errorf("device %d (%s) does not compute as the CPU backend does: %s", d.Index, d.Name(), strings.Join(broken, "; "))
	}
	return nil
}
