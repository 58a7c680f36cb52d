package main

import (
	"context"
	"fmt"
	"slices"
	"time"

	"leaflitter/render"
	"leaflitter/scene"
)

// GrowthRow is how one backend's cost changes with one quantity: of each value the
// median of the rounds' ratios to the first.
type GrowthRow struct {
	Preset  string    `json:"preset"`
	Backend string    `json:"backend"`
	Of      string    `json:"cost_of"` // an image, or a pixel
	With    string    `json:"with"`
	Values  []float64 `json:"values"`
	Ratios  []Spread  `json:"ratios"`
	First   float64   `json:"first_us"` // the first value's cost
	Bar     string    `json:"bar,omitempty"`
	Met     bool      `json:"met"`
}

// growing is one such row to be measured: configs are compared within rounds.
type growing struct {
	GrowthRow
	configs  []scene.Config
	perPixel bool
	bar      func(r []Spread) bool
}

func (s *suite) growth() error {
	for _, g := range s.growings() {
		if err := s.grow(&g); err != nil {
			return err
		}
		s.Growth = append(s.Growth, g.GrowthRow)
	}
	return nil
}

func (s *suite) growings() (all []growing) {
	for _, backend := range append([]string{oneCore}, s.backends()[1:]...) {
		side := 512
		sides := []float64{256, 512, 1024, 2048, 4096}
		if backend == "gpu" && s.software() {
			sides = []float64{256, 512, 1024}
		}
		for _, name := range []string{"dead-leaves", "dead-leaves-pp"} {
			g := growing{GrowthRow: GrowthRow{Preset: name, Backend: backend, Of: "a pixel", With: "pixels a side", Values: sides}, perPixel: true}
			// Small images may be dearer: their margins are a larger part of them.
			g.Bar = "no size more than 25 % dearer than the first"
			g.bar = func(r []Spread) bool {
				return !slices.ContainsFunc(r, func(x Spread) bool { return x.Median > 1.25 })
			}
			for _, n := range sides {
				g.configs = append(g.configs, preset(name, int(n)))
			}
			all = append(all, g)

			g = growing{GrowthRow: GrowthRow{Preset: name, Backend: backend, Of: fmt.Sprintf("an image, %d px", side), With: "r_min", Values: []float64{10, 32, 16, 5, 2, 1}}}
			g.Bar = "r_min 1 at most 6 times r_min 10"
			g.bar = func(r []Spread) bool { return r[len(r)-1].Median <= 6 }
			for _, r := range g.Values {
				cfg := preset(name, side)
				cfg.Leaves.RMin = r
				g.configs = append(g.configs, cfg)
			}
			all = append(all, g)
		}
		g := growing{GrowthRow: GrowthRow{Preset: "dead-leaves-pp", Backend: backend, Of: fmt.Sprintf("an image, %d px", side), With: "layers", Values: []float64{1, 2, 3, 5}}}
		for _, n := range g.Values {
			cfg := preset("dead-leaves-pp", side)
			front, back := cfg.Layers[0], cfg.Layers[len(cfg.Layers)-1]
			cfg.Layers = nil
			for range int(n) - 1 {
				cfg.Layers = append(cfg.Layers, front)
			}
			cfg.Layers = append(cfg.Layers, back)
			for i := range cfg.Layers { // from near to far
				cfg.Layers[i].Name, cfg.Layers[i].Depth = fmt.Sprintf("layer %d", i), float64(i)/8
			}
			if err := scene.Check(&cfg); err != nil {
				fail(err)
			}
			g.configs = append(g.configs, cfg)
		}
		all = append(all, g)
	}
	return all
}

func (s *suite) grow(g *growing) error {
	type subject struct {
		*engine
		cfg   scene.Config
		image []*render.Image
		us    []float64
	}
	all := make([]*subject, len(g.configs))
	for i := range g.configs {
		sub := &subject{cfg: g.configs[i]}
		e, err := s.open(&sub.cfg, g.Backend, 0)
		if err != nil {
			return err
		}
		defer e.close()
		sub.engine, sub.image = e, []*render.Image{render.NewImage(&sub.cfg, render.Labels{})}
		all[i] = sub
	}
	// The same images each round, so that rounds differ by the machine alone; small
	// ones several times.
	once := func(sub *subject) (float64, error) {
		start, n := time.Now(), 0
		for n < 2 || time.Since(start) < least { // images differ in their blurs: always two
			if err := sub.Source.Render(context.Background(), []uint64{uint64(n % 2)}, sub.image); err != nil {
				return 0, err
			}
			n++
			if time.Since(start) > 4*time.Second {
				break
			}
		}
		us := float64(time.Since(start).Microseconds()) / float64(n)
		if g.perPixel {
			us /= float64(sub.cfg.Image.Width * sub.cfg.Image.Height)
		}
		return us, nil
	}
	ratios := make([][]float64, len(all))
	for k := range s.repeats + 1 {
		for i, sub := range all {
			us, err := once(sub)
			if err != nil {
				return err
			}
			if k > 0 { // the first round builds tables
				sub.us = append(sub.us, us)
				ratios[i] = append(ratios[i], us/all[0].us[k-1])
			}
		}
	}
	g.First = spread(all[0].us).Median
	for i := range ratios {
		g.Ratios = append(g.Ratios, spread(ratios[i]))
	}
	if g.bar != nil {
		g.Met = g.bar(g.Ratios)
	}
	if g.With == "r_min" { // measured against 10, told in order
		order := make([]int, len(g.Values))
		for i := range order {
			order[i] = i
		}
		slices.SortFunc(order, func(a, b int) int { return int(g.Values[b] - g.Values[a]) })
		values, sorted := []float64{}, []Spread{}
		for _, i := range order {
			values, sorted = append(values, g.Values[i]), append(sorted, g.Ratios[i])
		}
		g.Values, g.Ratios = values, sorted
	}
	return nil
}
