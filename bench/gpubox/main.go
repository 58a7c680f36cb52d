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
	"io"
	"os"

	"leaflitter/bench/gpubox/report"
	"leaflitter/gpu"
)

// errSaid ends the program with 1 where everything was said already.
var errSaid = errors.New("said")

// usage is an error in the command line; it ends the program with 2.
type usage struct{ error }

func misuse(format string, args ...any) error { return usage{fmt.Errorf(format, args...)} }

var commands = map[string]func(args []string) error{
	"prove":          func(args []string) error { return run("prove", args) },
	"measure":        func(args []string) error { return run("measure", args) },
	"report":         writeReport,
	"machine":        machine,
	"driver":         driver,
	"probe":          probe,
	"compile":        compile,
	"compile-worker": compileWorker,
	"floors":         floors,
	"throughput":     throughput,
	"peers":          peers,
}

func main() {
	if len(os.Args) < 2 || commands[os.Args[1]] == nil {
		fmt.Fprintln(os.Stderr, "usage: gpubox prove|measure [-o DIR] [-b BUNDLE.tgz] [-d DEVICE] [-t SECONDS], gpubox report DIR, or a step: machine, driver, probe, compile, floors, throughput, peers")
		os.Exit(2)
	}
	switch err := commands[os.Args[1]](os.Args[2:]); {
	case err == nil || errors.Is(err, flag.ErrHelp):
	case errors.Is(err, errSaid):
		os.Exit(1)
	default:
		fmt.Fprintf(os.Stderr, "gpubox %s: %v\n", os.Args[1], err)
		if errors.As(err, &usage{}) {
			os.Exit(2)
		}
		os.Exit(1)
	}
}

// parse parses a command's flags, and its arguments where it takes any.
func parse(f *flag.FlagSet, args []string, takes bool) error {
	f.SetOutput(io.Discard) // it would print all flags after every mistake
	switch err := f.Parse(args); {
	case errors.Is(err, flag.ErrHelp):
		f.SetOutput(os.Stdout)
		f.PrintDefaults()
		return err
	case err != nil:
		return misuse("%w; see gpubox %s -h", err, f.Name())
	case !takes && f.NArg() > 0:
		return misuse("%s is not expected; see gpubox %s -h", f.Arg(0), f.Name())
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
		return misuse("give the directory that a run wrote to, and nothing else")
	}
	return report.Write(f.Arg(0))
}
