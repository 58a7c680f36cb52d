package main

import (
	"encoding/json"
	"fmt"
	"image/png"
	"io"
	"math"
	"os"
	"path/filepath"
	"runtime"
	"text/tabwriter"

	"leaflitter/parity"
	"leaflitter/render"
	"leaflitter/scene"
	"leaflitter/shaders"
)

type parityCmd struct {
	configFlags
	Count    uint64 `default:"4" help:"How many images."`
	Start    uint64 `default:"0" help:"Index of the first image."`
	Seed     uint64 `default:"0" help:"Seed."`
	Random   int    `help:"Compare this many random configurations instead, at sizes up to 160." placeholder:"N" xor:"base"`
	All      bool   `name:"all-presets" help:"Compare every preset." xor:"base"`
	BackendA string `default:"cpu" enum:"cpu,gpu" help:"One backend (default cpu)."`
	BackendB string `default:"gpu" enum:"cpu,gpu" help:"The other (default gpu)."`
	deviceFlags
	FMA bool `name:"fma-products" help:"Render on a GPU with every product written as fma(a, b, -0), to see whether that mends one that differs."`
	colourFlags
	JSON    bool   `name:"json" help:"Print JSON instead of a table."`
	Output  string `short:"o" help:"Directory for pictures of images that differ." placeholder:"DIR"`
	Threads int    `help:"Threads (default all cores)."`
	Quiet   bool   `help:"Say nothing but results and errors."`
}

// parityRow is one configuration's comparison.
type parityRow struct {
	Config string           `json:"config"`
	Images []*parity.Result `json:"images"`
}

func (p *parityCmd) configs() ([]string, []scene.Config, error) {
	switch {
	case p.All:
		var names []string
		var all []scene.Config
		for _, preset := range scene.Presets() {
			names, all = append(names, preset.Name), append(all, preset.Config)
			if err := p.change(&all[len(all)-1]); err != nil {
				return nil, nil, err
			}
		}
		return names, all, nil
	case p.Random > 0 && (p.Size != "" || len(p.Set) > 0):
		return nil, nil, usagef("--random draws whole configurations; leave out --size and --set")
	case p.Random > 0:
		var names []string
		var all []scene.Config
		draw := scene.NewStream(scene.Key{Seed: p.Seed, Image: math.MaxUint64, Purpose: scene.PurposeImage})
		for i := range p.Random {
			names, all = append(names, fmt.Sprintf("random %d", i)), append(all, scene.RandomConfig(draw.Uint32))
		}
		return names, all, nil
	case p.Random < 0:
		return nil, nil, usagef("--random %d is out of range; give 1 or more", p.Random)
	}
	cfg, err := p.configFlags.load()
	name := p.Preset
	if p.Config != "" {
		name = p.Config
	}
	return []string{or(name, "dead-leaves-pp")}, []scene.Config{cfg}, err
}

// change applies --set and --size to a preset.
func (p *parityCmd) change(cfg *scene.Config) error {
	for _, s := range p.Set {
		if err := scene.Set(cfg, s); err != nil {
			return usageError{err}
		}
	}
	if p.Size != "" {
		w, h, err := parseSize(p.Size)
		if err != nil {
			return err
		}
		cfg.Image.Width, cfg.Image.Height = w, h
	}
	if err := scene.Check(cfg); err != nil {
		return usageError{err}
	}
	return nil
}

// Run compares; a difference is an error.
func (p *parityCmd) Run(c *console) error {
	if err := checkThreads(p.Threads); err != nil {
		return err
	}
	if p.Threads == 0 {
		p.Threads = runtime.GOMAXPROCS(0)
	}
	if p.Count == 0 || p.Count > 1<<20 {
		return usagef("--count %d is out of range; give 1 to %d", p.Count, 1<<20)
	}
	if p.Start > math.MaxUint64-p.Count {
		return usagef("--start %d with --count %d exceeds the last image index; lower one", p.Start, p.Count)
	}
	names, configs, err := p.configs()
	if err != nil {
		return err
	}
	say := c.say
	if p.Quiet {
		say = func(string, ...any) {}
	}
	var rows []parityRow
	for i, name := range names {
		row := parityRow{Config: name}
		if err := p.compare(c, &row, &configs[i], say); err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
		rows = append(rows, row)
		if len(names) > 1 {
			say("%s: %d of %d", name, i+1, len(names))
		}
	}
	if p.JSON {
		err = printJSON(c.out, rows)
	} else {
		err = parityTable(c.out, rows)
	}
	if err != nil {
		return err
	}
	return p.verdict(rows)
}

// verdict is an error when an image differs.
func (p *parityCmd) verdict(rows []parityRow) error {
	different, total := 0, 0
	for _, row := range rows {
		for _, r := range row.Images {
			total++
			if !r.Equal {
				different++
			}
		}
	}
	if different > 0 {
		return fmt.Errorf("%d of %d images differ between %s and %s; the bar is 0 (the table names the first stage that differs)", different, total, p.BackendA, p.BackendB)
	}
	return nil
}

func (p *parityCmd) compare(c *console, row *parityRow, cfg *scene.Config, say func(string, ...any)) error {
	quiet := func(string, ...any) {}
	set, err := p.colourFlags.load(c, cfg, p.Threads, quiet)
	if err != nil {
		return err
	}
	m := render.NewModel(cfg, nil, set)
	placer := m.Placer(p.Seed)
	p.Inexact = true // to compare is how one finds out
	tell := quiet
	if p.GLDebug {
		tell = say
	}
	w := wiring{threads: p.Threads, say: tell, warn: c.warn}
	if p.FMA {
		w.shaders = shaders.FMAProducts(shaders.Files)
	}
	one, err := openNamed(p.BackendA, &p.deviceFlags, m, w)
	if err != nil {
		return err
	}
	defer one.Close()
	two, err := openNamed(p.BackendB, &p.deviceFlags, m, w)
	if err != nil {
		return err
	}
	defer two.Close()
	labels := render.Labels{ID: true, Layer: true, Depth: true, Edge: true}
	for i := p.Start; i < p.Start+p.Count; i++ {
		r, err := parity.Compare(c.ctx, placer, i, cfg, labels, one, two)
		if err != nil {
			return err
		}
		if !r.Equal && p.Output != "" {
			if err := p.picture(row.Config, r); err != nil {
				return err
			}
		}
		r.A, r.B = nil, nil
		row.Images = append(row.Images, r)
	}
	return nil
}

func (p *parityCmd) picture(name string, r *parity.Result) error {
	if err := os.MkdirAll(p.Output, 0o755); err != nil {
		return fmt.Errorf("cannot make directory %s: %w", p.Output, cause(err))
	}
	path := filepath.Join(p.Output, fmt.Sprintf("%s-%06d.png", filepath.Base(name), r.Index))
	return writeWhole(path, func(f *os.File) error { return png.Encode(f, r.Picture()) })
}

func parityTable(w io.Writer, rows []parityRow) error {
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintln(t, "configuration\timages\tequal\tleaf ids that differ\tpixels that differ\tlargest\tfirst stage that differs")
	for _, row := range rows {
		equal, first := 0, "-"
		var ids, pixels parity.Difference
		for _, r := range row.Images {
			if r.Equal {
				equal++
			} else if first == "-" {
				first = fmt.Sprintf("%s (image %d)", r.First, r.Index)
			}
			ids.Add(r.IDs)
			pixels.Add(r.Pixels)
		}
		fmt.Fprintf(t, "%s\t%d\t%d\t%d of %d\t%d of %d\t%d\t%s\n", row.Config, len(row.Images), equal, ids.Count, ids.Of, pixels.Count, pixels.Of, pixels.Largest, first)
	}
	return t.Flush()
}

func printJSON(w io.Writer, v any) error {
	data, err := json.MarshalIndent(v, "", "  ")
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(w, "%s\n", data)
	return err
}
