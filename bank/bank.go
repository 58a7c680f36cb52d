// Package bank holds the read-only tables that both backends render from:
// outlines, noise tiles, the warp field and curves. They depend on the
// configuration alone, have the same bits on every machine, and are built once.
package bank

import (
	"fmt"

	"leaflitter/scene"
)

// Bank is all tables of one configuration. Methods may be called concurrently.
type Bank struct {
	Outlines *Outlines // nil when the configuration draws no polygon
	Noise    *Noise
	Warp     []uint32  // see WarpSize
	Logistic []float32 // see LogisticStep
	Gamma    []float32 // see GammaStep
}

// New builds the bank of a checked configuration.
func New(cfg *scene.Config) *Bank {
	b := &Bank{
		Noise:    shared[cfg.Paint.Noise.Spectrum == "axes"],
		Warp:     buildWarp(),
		Logistic: buildLogistic(),
		Gamma:    buildGamma(),
	}
	if cfg.DrawsPolygons() {
		s := cfg.Support()
		b.Outlines = BuildOutlines(cfg.Outline.Polygon, s.RMin, s.RMax)
	}
	return b
}

// Key names what New reads of a configuration: two with the same key have the same bank.
// What varies most between configurations that somebody tries, paints and layers, is
// not part of it.
func Key(cfg *scene.Config) string {
	if !cfg.DrawsPolygons() {
		return cfg.Paint.Noise.Spectrum
	}
	s := cfg.Support()
	return fmt.Sprintf("%s %+v %v %v", cfg.Paint.Noise.Spectrum, cfg.Outline.Polygon, s.RMin, s.RMax)
}

// OutlineClasses describes the polygonal outlines to scene.NewPlacer.
func (b *Bank) OutlineClasses() []scene.OutlineClass {
	if b.Outlines == nil {
		return nil
	}
	return b.Outlines.Classes
}
