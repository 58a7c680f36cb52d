//go:build linux && cgo && egl

// Command gpubox proves and measures the GPU backend on a machine that is lent for minutes.
// bench/gpubox.sh runs it:
//
//	gpubox prove    are the bytes those of the CPU backend?
//	gpubox measure  how fast is it, and what limits it?
//	gpubox report   writes the report on a directory of results again
//
// Each is a list of steps (package steps), most of which are this program's other
// commands. They print JSON, and can be run alone.
package main

import (
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"os"

	"leaflitter/bench/gpubox/report"
	"leaflitter/gpu"
)

// errSaid ends the program with 1 where everything was said already.
var errSaid = errors.New("said")

// errUsage ends it with 2 where flag has said what is wrong.
var errUsage = errors.New("usage")

var commands = map[string]func(args []string) error{
	"prove":          func(args []string) error { return run("prove", args) },
	"measure":        func(args []string) error { return run("measure", args) },
	"report":         writeReport,
	"machine":        machine,
	"driver":         driver,
	"compile":        compile,
	"compile-worker": compileWorker,
	"floors":         floors,
	"throughput":     throughput,
	"peers":          peers,
}

func main() {
	if len(os.Args) < 2 || commands[os.Args[1]] == nil {
		fmt.Fprintln(os.Stderr, "usage: gpubox prove|measure [-o DIR] [-b BUNDLE.tgz] [-d DEVICE] [-t SECONDS], gpubox report DIR, or a step: machine, driver, compile, floors, throughput, peers")
		os.Exit(2)
	}
	switch err := commands[os.Args[1]](os.Args[2:]); {
	case errors.Is(err, errUsage):
		os.Exit(2)
	case errors.Is(err, errSaid):
		os.Exit(1)
	case err != nil:
		fmt.Fprintf(os.Stderr, "gpubox %s: %v\n", os.Args[1], err)
		os.Exit(1)
	}
}

// parse parses a command's flags, and its arguments where it takes any.
func parse(f *flag.FlagSet, args []string, takes bool) error {
	if err := f.Parse(args); err != nil {
		return errUsage
	}
	if !takes && f.NArg() > 0 {
		fmt.Fprintf(os.Stderr, "gpubox %s: %s is not expected\n", f.Name(), f.Arg(0))
		return errUsage
	}
	return nil
}

// open returns the device that a step works on.
func open(which string) (gpu.Device, error) {
	all, err := gpu.Devices()
	if err == nil {
		all, err = gpu.Select(all, which)
	}
	if err != nil {
		return gpu.Device{}, err
	}
	return all[0], nil
}

func printJSON(v any) error {
	data, err := json.Marshal(v)
	if err == nil {
		_, err = fmt.Printf("%s\n", data)
	}
	return err
}

func writeReport(args []string) error {
	f := flag.NewFlagSet("report", flag.ContinueOnError)
	if err := parse(f, args, true); err != nil {
		return err
	}
	if f.NArg() != 1 {
		fmt.Fprintln(os.Stderr, "usage: gpubox report DIR")
		return errUsage
	}
	return report.Write(f.Arg(0))
}
