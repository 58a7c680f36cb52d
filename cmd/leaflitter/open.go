package main

import (
	"encoding/hex"
	"fmt"
	"os"
	"strconv"
	"strings"

	"leaflitter/palette"
	"leaflitter/scene"
)

// configFlags choose a configuration.
type configFlags struct {
	Preset string   `help:"Start from a preset (default dead-leaves-pp); see leaflitter presets." xor:"base" placeholder:"NAME"`
	Config string   `help:"Start from a YAML file over the default preset, or over the preset that its first line names." xor:"base" placeholder:"FILE"`
	Set    []string `help:"Change one field, such as leaves.r_min=2; repeatable." sep:"none" placeholder:"KEY=VALUE"`
	Size   string   `help:"Image size, 512 or 640x480." placeholder:"N|WxH"`
}

// load returns the checked configuration that the flags describe.
func (f *configFlags) load() (scene.Config, error) {
	cfg := scene.Default()
	if f.Preset != "" {
		p, ok := scene.PresetByName(f.Preset)
		if !ok {
			return cfg, usagef("--preset %s: %w", f.Preset, scene.UnknownPreset(f.Preset))
		}
		cfg = p.Config
	}
	if f.Config != "" {
		var err error
		if cfg, err = scene.Load(f.Config, cfg); err != nil {
			return cfg, usageError{err}
		}
	}
	for _, s := range f.Set {
		if err := scene.Set(&cfg, s); err != nil {
			return cfg, usageError{err}
		}
	}
	if f.Size != "" {
		w, h, err := parseSize(f.Size)
		if err != nil {
			return cfg, err
		}
		cfg.Image.Width, cfg.Image.Height = w, h
	}
	if err := scene.Check(&cfg); err != nil {
		return cfg, usageError{err}
	}
	return cfg, nil
}

func parseSize(s string) (w, h int, err error) {
	a, b, two := strings.Cut(s, "x")
	if !two {
		b = a
	}
	w, err = strconv.Atoi(a)
	if err == nil {
		h, err = strconv.Atoi(b)
	}
	if err != nil || w < 1 || h < 1 || w > 16384 || h > 16384 {
		return 0, 0, usagef("--size %s: give one number or WIDTHxHEIGHT, each from 1 to 16384, such as 512 or 640x480", s)
	}
	return w, h, nil
}

// colourFlags choose the palettes.
type colourFlags struct {
	Photos  string `help:"Take colours from the photographs below this directory." xor:"colours" placeholder:"DIR"`
	Palette string `help:"Take colours from a file made by leaflitter palette build." xor:"colours" placeholder:"FILE"`
}

// load returns the palettes of the photographs that the flags name, nil where they name
// none, and says what colours a configuration takes (render.Palettes).
func (f *colourFlags) load(c *console, cfg *scene.Config, threads int, say func(string, ...any)) (*palette.Set, error) {
	switch {
	case !cfg.Properties.Colour && (f.Photos != "" || f.Palette != ""):
		return nil, usagef("properties.colour is off, so colours come from no photograph; remove --photos and --palette, or set it to true")
	case !cfg.Properties.Colour:
		say("colours: uniform in the RGB cube (properties.colour is off)")
		return nil, nil
	case f.Photos != "":
		set, err := buildPalettes(c, f.Photos, threads, say)
		if err != nil {
			return nil, err
		}
		say("colours: %d photographs below %s", len(set.Palettes), f.Photos)
		return set, nil
	case f.Palette != "":
		set, err := palette.Load(f.Palette)
		if err != nil {
			return nil, err
		}
		say("colours: %d palettes of %s", len(set.Palettes), f.Palette)
		return set, nil
	}
	say("colours: the built-in set of %d palettes", len(palette.Builtin().Palettes))
	return nil, nil
}

func buildPalettes(c *console, dir string, threads int, say func(string, ...any)) (*palette.Set, error) {
	last := -1
	set, report, err := palette.BuildDir(c.ctx, dir, threads, func(done, total int) {
		if tenth := done * 10 / max(total, 1); tenth != last {
			last = tenth
			say("reading photographs: %d of %d", done, total)
		}
	})
	if err != nil {
		return nil, err
	}
	if n := len(report.Skipped); n > 0 {
		say("skipped %d of %d files:", n, report.Found)
		for _, s := range report.Skipped {
			say("  %s %s", s.Path, s.Reason)
		}
	}
	return set, nil
}

func hexHash(h [32]byte) string { return hex.EncodeToString(h[:]) }

// checkOutput reports early what would keep writeWhole from writing path.
func checkOutput(path string) error {
	if info, err := os.Stat(path); err == nil && !info.Mode().IsRegular() {
		return fmt.Errorf("cannot write %s: it exists and is no regular file; choose another name", path)
	}
	if info, err := os.Stat(dirOf(path)); err != nil || !info.IsDir() {
		return fmt.Errorf("cannot write %s: %s is no directory; choose a directory that exists and is writable", path, dirOf(path))
	}
	return nil
}

// writeWhole writes a file by a temporary name and a rename, so that it is
// whole or absent.
func writeWhole(path string, write func(f *os.File) error) (err error) {
	if err := checkOutput(path); err != nil {
		return err
	}
	f, err := os.CreateTemp(dirOf(path), ".leaflitter-tmp-*")
	if err != nil {
		return fmt.Errorf("cannot write %s: %w; choose a directory that exists and is writable", path, cause(err))
	}
	defer func() {
		if err != nil {
			f.Close()
			os.Remove(f.Name())
			err = fmt.Errorf("cannot write %s: %w", path, cause(err))
		}
	}()
	if err = write(f); err != nil {
		return err
	}
	if err = f.Chmod(0o644); err != nil {
		return err
	}
	if err = f.Close(); err != nil {
		return err
	}
	return os.Rename(f.Name(), path)
}
