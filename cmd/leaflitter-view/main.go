//go:build linux && cgo && egl && window

package main

import (
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"runtime/debug"
	"strconv"
	"strings"

	"github.com/alecthomas/kong"

	"leaflitter/gpu"
	"leaflitter/palette"
	"leaflitter/scene"
	"leaflitter/view"
)

// Exit codes, as leaflitter's.
const (
	exitDone   = 0
	exitFailed = 1
	exitUsage  = 2
)

type flags struct {
	Preset  string   `help:"Start from a preset (default dead-leaves-pp)." xor:"base" placeholder:"NAME"`
	Config  string   `help:"Start from a YAML file." xor:"base" placeholder:"FILE"`
	Set     []string `help:"Change one field, such as leaves.r_min=2; repeatable." sep:"none" placeholder:"KEY=VALUE"`
	Size    string   `help:"Image size, 512 or 640x480." placeholder:"N|WxH"`
	Seed    uint64   `default:"0" help:"Seed."`
	Image   uint64   `default:"0" help:"Index of the first image shown."`
	Palette string   `help:"Take colours from a file made by leaflitter palette build." placeholder:"FILE"`
	Output  string   `short:"o" default:"." help:"Directory of saved images." placeholder:"DIR"`
	Threads int      `help:"Threads that build tables (default all cores)."`
	GLDebug bool     `name:"gl-debug" help:"Print what the OpenGL driver notices; slow."`
	Inexact bool     `help:"Go on with a GPU on which the probe fails: its images may differ from the CPU backend's."`
	NoCache bool     `name:"no-program-cache" help:"Compile all shaders anew and keep nothing for the next start."`
}

func init() { runtime.LockOSThread() } // GLFW wants the main thread

func main() {
	debug.SetGCPercent(25) // as leaflitter does: most of the heap is tables
	os.Exit(run(os.Args[1:], os.Stdout, os.Stderr))
}

func run(args []string, stdout, stderr io.Writer) int {
	var f flags
	fail := func(code int, err error) int {
		fmt.Fprintln(stderr, "leaflitter-view:", strings.ReplaceAll(err.Error(), "\n", "\n                 "))
		return code
	}
	helped := false
	parser, err := kong.New(&f, kong.Name("leaflitter-view"), kong.Writers(stdout, stderr),
		kong.Description("Dead Leaves++ images in a window; press H there for the keys."),
		kong.Exit(func(int) { helped = true }))
	if err != nil {
		return fail(exitFailed, err)
	}
	if _, err := parser.Parse(args); err != nil && !helped {
		return fail(exitUsage, fmt.Errorf("%w; see leaflitter-view --help", err))
	}
	if helped {
		return exitDone
	}
	start, err := f.base()
	if err != nil {
		return fail(exitUsage, err)
	}
	set, colours := palette.Builtin(), ""
	if f.Palette != "" {
		if set, err = palette.Load(f.Palette); err != nil {
			return fail(exitFailed, err)
		}
		colours = "--palette '" + strings.ReplaceAll(f.Palette, "'", `'\''`) + "'"
	}
	if info, err := os.Stat(f.Output); err != nil || !info.IsDir() {
		return fail(exitUsage, fmt.Errorf("--output %s is no directory; give one that exists", f.Output))
	}
	if f.Threads < 0 || f.Threads > 1024 {
		return fail(exitUsage, fmt.Errorf("--threads %d is out of range; give 1 to 1024, or 0 for all cores", f.Threads))
	}
	say := func(line string) { fmt.Fprintln(stderr, line) }
	cache := gpu.ProgramCacheDir()
	if f.NoCache {
		cache = ""
	}
	a := &app{
		state: view.New(start, f.Seed, f.Image), set: set, output: f.Output, colours: colours,
		options: gpu.Options{Threads: f.Threads, Debug: f.GLDebug, Say: say, Inexact: f.Inexact, ProgramCache: cache},
	}
	if err := a.run(); err != nil {
		return fail(exitFailed, err)
	}
	return exitDone
}

// base returns the configuration that the flags describe, checked.
func (f *flags) base() (b view.Base, err error) {
	b = view.Base{Name: "dead-leaves-pp", Config: scene.Default()}
	if f.Preset != "" {
		p, ok := scene.PresetByName(f.Preset)
		if !ok {
			return b, fmt.Errorf("--preset %s: %w", f.Preset, scene.UnknownPreset(f.Preset))
		}
		b = view.Base{Name: p.Name, Config: p.Config}
	}
	if f.Config != "" {
		b.Name = short(filepath.Base(f.Config))
		if b.Config, err = scene.Load(f.Config, b.Config); err != nil {
			return b, err
		}
	}
	for _, s := range f.Set {
		if err := scene.Set(&b.Config, s); err != nil {
			return b, err
		}
	}
	if f.Size != "" {
		if err := setSize(&b.Config, f.Size); err != nil {
			return b, err
		}
	}
	return b, scene.Check(&b.Config)
}

// short is a name that fits into the panel.
func short(name string) string {
	const most = 18
	if letters := []rune(name); len(letters) > most {
		return string(letters[:most-3]) + "..."
	}
	return name
}

func setSize(c *scene.Config, s string) error {
	a, b, two := strings.Cut(s, "x")
	if !two {
		b = a
	}
	w, err := strconv.Atoi(a)
	h, err2 := strconv.Atoi(b)
	if err != nil || err2 != nil || w < 1 || h < 1 || w > 16384 || h > 16384 {
		return fmt.Errorf("--size %s: give one number or WIDTHxHEIGHT, each from 1 to 16384, such as 512 or 640x480", s)
	}
	c.Image.Width, c.Image.Height = w, h
	return nil
}
