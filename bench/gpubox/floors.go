//go:build linux && cgo && egl

package main

import (
	"flag"
	"runtime"

	"leaflitter/bench/floor"
)

// floors measures how quick anything could be on this machine.
func floors(args []string) error {
	f := flag.NewFlagSet("floors", flag.ContinueOnError)
	device := f.String("device", "0", "device, see leaflitter devices")
	repeats := f.Int("repeats", 5, "measurements of each")
	if err := parse(f, args, false); err != nil {
		return err
	}
	if *repeats < 1 {
		return misuse("-repeats %d is out of range; give 1 or more", *repeats)
	}
	d, err := open(*device)
	if err != nil {
		return err
	}
	r := floor.Host(runtime.NumCPU(), *repeats)
	if err := floor.Device(d.Index, *repeats, &r); err != nil {
		return err
	}
	return printJSON(&r)
}
