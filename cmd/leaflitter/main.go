// Command leaflitter generates Dead Leaves++ images. This package is the
// command line: flags and progress, nothing else.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"runtime/debug"
	"strings"
	"syscall"

	"github.com/alecthomas/kong"
)

// version is what manifests record. It changes when any image does.
const version = "0.1.0"

// Exit codes.
const (
	exitDone   = 0
	exitFailed = 1
	exitUsage  = 2
)

// usageError is a mistake in flags or configuration: exit code 2.
type usageError struct{ error }

func usagef(format string, args ...any) error { return usageError{fmt.Errorf(format, args...)} }

type cli struct {
	Generate generateCmd `cmd:"" help:"Generate images into a directory."`
	Sheet    sheetCmd    `cmd:"" help:"Draw a contact sheet of a generated directory."`
	Palette  paletteCmd  `cmd:"" help:"Build a palette file from photographs, or show one."`
	Config   configCmd   `cmd:"" help:"Show or check configurations; print the JSON Schema."`
	Presets  presetsCmd  `cmd:"" help:"List the presets."`
	Laws     lawsCmd     `cmd:"" help:"Measure the statistics against theory."`
	Version  versionCmd  `cmd:"" help:"Print the version."`
}

func main() {
	// Most of the heap is tables that live to the end: collect early, so that
	// garbage does not double it.
	debug.SetGCPercent(25)
	os.Exit(run(os.Args[1:], os.Stdout, os.Stderr))
}

// console is where a command writes.
type console struct {
	out, err io.Writer
	ctx      context.Context
}

// say writes one line of progress.
func (c *console) say(format string, args ...any) { fmt.Fprintf(c.err, format+"\n", args...) }

func run(args []string, stdout, stderr io.Writer) int {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	// After the first signal a second one ends the process at once.
	go func() { <-ctx.Done(); stop() }()

	var c cli
	exited := -1
	parser, err := kong.New(&c, kong.Name("leaflitter"),
		kong.Description("Dead Leaves++ images by the million, the same bytes from a seed anywhere."),
		kong.Writers(stdout, stderr), kong.Exit(func(code int) { exited = code; panic(exited) }),
		kong.ConfigureHelp(kong.HelpOptions{Compact: true}))
	if err != nil {
		fmt.Fprintln(stderr, "leaflitter:", err)
		return exitFailed
	}
	if len(args) == 0 {
		args = []string{"--help"}
	}
	parsed, err := parse(parser, args, &exited)
	if exited >= 0 {
		return exited
	}
	if err != nil {
		fmt.Fprintf(stderr, "leaflitter: %v; see leaflitter --help\n", err)
		return exitUsage
	}
	err = parsed.Run(&console{out: stdout, err: stderr, ctx: ctx})
	var usage usageError
	switch {
	case err == nil:
		return exitDone
	case errors.As(err, &usage):
		fmt.Fprintln(stderr, "leaflitter:", indent(err))
		return exitUsage
	default:
		fmt.Fprintln(stderr, "leaflitter:", indent(err))
		return exitFailed
	}
}

// parse turns kong's exit from --help back into a return.
func parse(p *kong.Kong, args []string, exited *int) (ctx *kong.Context, err error) {
	defer func() {
		if r := recover(); r != nil && *exited < 0 {
			panic(r)
		}
	}()
	return p.Parse(args)
}

// indent aligns the lines of an error that names several problems.
func indent(err error) string { return strings.ReplaceAll(err.Error(), "\n", "\n            ") }

type versionCmd struct{}

func (versionCmd) Run(c *console) error {
	_, err := fmt.Fprintln(c.out, "leaflitter", version)
	return err
}
