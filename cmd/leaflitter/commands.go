package main

import (
	"bufio"
	"errors"
	"fmt"
	"image"
	"image/png"
	"os"
	"path/filepath"

	"leaflitter/dataset"
	"leaflitter/palette"
	"leaflitter/scene"
)

func dirOf(path string) string { return filepath.Dir(path) }

// cause drops the path that os errors repeat.
func cause(err error) error {
	var p *os.PathError
	if errors.As(err, &p) {
		return p.Err
	}
	var l *os.LinkError
	if errors.As(err, &l) {
		return l.Err
	}
	return err
}

func writePNG(path string, im image.Image) error {
	return writeWhole(path, func(f *os.File) error {
		w := bufio.NewWriter(f)
		if err := (&png.Encoder{CompressionLevel: png.BestSpeed}).Encode(w, im); err != nil {
			return err
		}
		return w.Flush()
	})
}

type sheetCmd struct {
	Dir     string `arg:"" help:"Directory that leaflitter generate wrote."`
	Output  string `short:"o" required:"" help:"PNG file to write." placeholder:"FILE"`
	Columns int    `default:"4" help:"Images a row, 1 to 64."`
	Thumb   int    `default:"256" help:"Largest side of an image on the sheet, px, 16 to 2048."`
	Limit   int    `default:"64" help:"At most this many images, 1 to 4096."`
}

func (s *sheetCmd) Run(c *console) error {
	for _, v := range []struct {
		flag      string
		n, lo, hi int
	}{{"columns", s.Columns, 1, 64}, {"thumb", s.Thumb, 16, 2048}, {"limit", s.Limit, 1, 4096}} {
		if v.n < v.lo || v.n > v.hi {
			return usagef("--%s %d is out of range; give a whole number from %d to %d", v.flag, v.n, v.lo, v.hi)
		}
	}
	im, err := dataset.Sheet(s.Dir, s.Columns, s.Thumb, s.Limit)
	if err != nil {
		return err
	}
	return writePNG(s.Output, im)
}

type paletteCmd struct {
	Build paletteBuildCmd `cmd:"" help:"Read a tree of photographs into one palette file."`
	Show  paletteShowCmd  `cmd:"" help:"Draw a palette file, or the built-in set."`
}

type paletteBuildCmd struct {
	Dir     string `arg:"" help:"Directory of JPEG, PNG, TIFF and WebP photographs, searched with all below it."`
	Output  string `short:"o" required:"" help:"Palette file to write." placeholder:"FILE"`
	Threads int    `help:"Threads (default all cores)."`
	Quiet   bool   `help:"Say nothing but errors."`
}

func (p *paletteBuildCmd) Run(c *console) error {
	if err := checkThreads(p.Threads); err != nil {
		return err
	}
	// Photographs take minutes: say first what would end in an error then.
	if err := checkOutput(p.Output); err != nil {
		return err
	}
	say := c.say
	if p.Quiet {
		say = func(string, ...any) {}
	}
	set, err := buildPalettes(c, p.Dir, p.Threads, say)
	if err != nil {
		return err
	}
	if err := set.WriteFile(p.Output); err != nil {
		return err
	}
	say("%d palettes in %s", len(set.Palettes), p.Output)
	return nil
}

type paletteShowCmd struct {
	File   string `arg:"" optional:"" help:"Palette file (default: the built-in set)."`
	Output string `short:"o" required:"" help:"PNG file to write." placeholder:"FILE"`
}

func (p *paletteShowCmd) Run(c *console) error {
	set := palette.Builtin()
	if p.File != "" {
		var err error
		if set, err = palette.Load(p.File); err != nil {
			return err
		}
	}
	return writePNG(p.Output, set.Sheet())
}

type configCmd struct {
	Show   configShowCmd   `cmd:"" help:"Print the effective configuration as YAML with comments."`
	Check  configCheckCmd  `cmd:"" help:"Check configuration files."`
	Schema configSchemaCmd `cmd:"" help:"Print the JSON Schema of configuration files."`
}

type configShowCmd struct{ configFlags }

func (s *configShowCmd) Run(c *console) error {
	cfg, err := s.load()
	if err != nil {
		return err
	}
	_, err = c.out.Write(scene.Marshal(&cfg))
	return err
}

type configCheckCmd struct {
	Files []string `arg:"" help:"YAML files."`
}

func (s *configCheckCmd) Run(c *console) error {
	var bad []error
	for _, f := range s.Files {
		if _, err := scene.Load(f, scene.Default()); err != nil {
			bad = append(bad, err)
			continue
		}
		if _, err := fmt.Fprintf(c.out, "%s: valid\n", f); err != nil {
			return err
		}
	}
	if bad != nil {
		return usageError{errors.Join(bad...)}
	}
	return nil
}

type configSchemaCmd struct{}

func (configSchemaCmd) Run(c *console) error {
	_, err := c.out.Write(scene.Schema())
	return err
}

type presetsCmd struct{}

func (presetsCmd) Run(c *console) error {
	for _, p := range scene.Presets() {
		if _, err := fmt.Fprintf(c.out, "%-20s %s\n", p.Name, p.About); err != nil {
			return err
		}
	}
	return nil
}
