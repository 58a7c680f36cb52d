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
	"reflect"
	"runtime/debug"
	"strings"
	"syscall"

	"github.com/alecthomas/kong"

	"leaflitter/render"
)

// version is the program's; render.ModelVersion is that of its images.
const version = "0.2.0"

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
	Stream   streamCmd   `cmd:"" help:"Write images to standard output as a tar archive of .npy batches, without end."`
	Sheet    sheetCmd    `cmd:"" help:"Draw a contact sheet of a generated directory."`
	Verify   verifyCmd   `cmd:"" help:"Check a dataset against its manifest; --deep makes a sample again."`
	Stats    statsCmd    `cmd:"" help:"Measure image statistics of a dataset or of photographs, and their distance from another's."`
	Fit      fitCmd      `cmd:"" help:"Search the configuration whose images are nearest to photographs."`
	Serve    serveCmd    `cmd:"" help:"Serve shards and images over HTTP, made when they are asked for."`
	View     viewCmd     `cmd:"" passthrough:"" help:"Look at images in a window, change them by keys, watch the leaves fall (leaflitter-view)."`
	Palette  paletteCmd  `cmd:"" help:"Build a palette file from photographs, or show one."`
	Config   configCmd   `cmd:"" help:"Show or check configurations; print the JSON Schema."`
	Presets  presetsCmd  `cmd:"" help:"List the presets."`
	Devices  devicesCmd  `cmd:"" help:"List the GPUs, and what keeps each from rendering."`
	Parity   parityCmd   `cmd:"" help:"Render the same images on two backends and compare every stage."`
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

// warn writes one line that --quiet does not silence.
func (c *console) warn(line string) { c.say("%s", line) }

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
	if err == nil {
		err = emptyFlag(parsed)
	}
	if err != nil {
		fmt.Fprintf(stderr, "leaflitter: %s; see leaflitter %s--help\n", plain(err), commandOf(err))
		return exitUsage
	}
	err = parsed.Run(&console{out: stdout, err: stderr, ctx: ctx})
	if ctx.Err() != nil && errors.Is(err, context.Canceled) {
		err = errors.New("stopped before it was done; run the same command again")
	}
	var usage usageError
	var ended exitError
	switch {
	case err == nil:
		return exitDone
	case errors.As(err, &ended):
		return int(ended)
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

// emptyFlag refuses --photos "" and the like: a script whose variable is unset
// must not quietly get the built-in colours.
func emptyFlag(parsed *kong.Context) error {
	for _, f := range parsed.Flags() {
		if f.Set && f.Target.Kind() == reflect.String && f.Target.String() == "" {
			return fmt.Errorf("--%s is empty; give a value or leave it out", f.Name)
		}
	}
	return nil
}

// plain says what kong says in the words of a user.
func plain(err error) string {
	text := err.Error()
	if before, _, ok := strings.Cut(text, " (short flag);"); ok {
		text = before // its advice leads to the next error
	}
	const whole = "expected a whole number from 0 to 18446744073709551615 but got"
	return strings.NewReplacer(
		"expected a valid 64 bit uint but got", whole, "expected uint value but got", whole,
		"expected a valid 64 bit int but got", "expected a whole number but got", "expected int value but got", "expected a whole number but got",
		`expected string value but got "EOL" (<EOL>)`, "its value is missing", `missing value, expecting "<arg>"`, "its value is missing",
	).Replace(text)
}

// commandOf returns the command that a mistake belongs to and a blank, or
// nothing.
func commandOf(err error) string {
	var mistake *kong.ParseError
	if errors.As(err, &mistake) && mistake.Context != nil {
		if node := mistake.Context.Selected(); node != nil {
			return node.Path() + " "
		}
	}
	return ""
}

// indent aligns the lines of an error that names several problems.
func indent(err error) string { return strings.ReplaceAll(err.Error(), "\n", "\n            ") }

type versionCmd struct{}

func (versionCmd) Run(c *console) error {
	_, err := fmt.Fprintf(c.out, "leaflitter %s (model %d)\n", version, render.ModelVersion)
	return err
}
