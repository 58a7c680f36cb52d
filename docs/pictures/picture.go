package main

import (
	"fmt"
	"image"
	"strings"

	"leaflitter/render"
	"leaflitter/scene"
)

// picture is one file of the documentation: a row of panels.
type picture struct {
	name     string // file name without its ending
	about    string // what it shows, for those who cannot see it
	flags           // of all its panels
	panels   []panel
	side     int  // px: a panel is shrunk to this, 0: not shrunk
	lossless bool // PNG: edges stay clean, and flat leaves need no more room
	quality  int  // of JPEG
}

// flags are what `leaflitter generate` would be told.
type flags struct {
	preset string // "": dead-leaves-pp
	size   int    // 0: the preset's
	seed   uint64
	index  uint64
	sets   []string
}

// panel is one image of a picture, or a part of it.
type panel struct {
	caption string
	flags                   // over those of the picture
	label   string          // show this label instead of the image
	crop    image.Rectangle // empty: the whole image
	zoom    int             // enlarge the crop: a pixel becomes a square of this side
}

func (p *picture) file() string {
	if p.lossless {
		return p.name + ".png"
	}
	return p.name + ".jpg"
}

// over returns f with what g says differently.
func (f flags) over(g flags) flags {
	if g.preset != "" {
		f.preset = g.preset
	}
	if g.size != 0 {
		f.size = g.size
	}
	if g.seed != 0 {
		f.seed = g.seed
	}
	if g.index != 0 {
		f.index = g.index
	}
	f.sets = append(append([]string(nil), f.sets...), g.sets...)
	return f
}

// config returns the checked configuration that the flags describe.
func (f flags) config(presets []scene.Preset) (*scene.Config, error) {
	cfg := scene.Default()
	if f.preset != "" {
		found := false
		for _, p := range presets {
			if p.Name == f.preset {
				cfg, found = p.Config, true
			}
		}
		if !found {
			return nil, fmt.Errorf("no preset %s", f.preset)
		}
	}
	for _, s := range f.sets {
		if err := scene.Set(&cfg, s); err != nil {
			return nil, err
		}
	}
	if f.size != 0 {
		cfg.Image = scene.Image{Width: f.size, Height: f.size}
	}
	return &cfg, scene.Check(&cfg)
}

// String writes the flags as one would type them.
func (f flags) String() string {
	var out []string
	if f.preset != "" {
		out = append(out, "--preset "+f.preset)
	}
	if f.size != 0 {
		out = append(out, fmt.Sprintf("--size %d", f.size))
	}
	if f.seed != 0 {
		out = append(out, fmt.Sprintf("--seed %d", f.seed))
	}
	if f.index != 0 {
		out = append(out, fmt.Sprintf("--start %d", f.index))
	}
	for _, s := range f.sets {
		if strings.ContainsAny(s, " []{}\"") { // which one shell or another would take apart
			s = "'" + s + "'"
		}
		out = append(out, "--set "+s)
	}
	return strings.Join(out, " ")
}

// labels returns what the renderer is to write beside the image.
func (p *panel) labels() render.Labels {
	return render.Labels{ID: p.label == "id", Layer: p.label == "layer", Depth: p.label == "depth", Edge: p.label == "edge"}
}
