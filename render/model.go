package render

import (
	"leaflitter/bank"
	"leaflitter/palette"
	"leaflitter/scene"
)

// Model is all that an image depends on beside a seed and its index. Backends render
// models, so that nothing which belongs to the model is left to their callers.
type Model struct {
	Config   *scene.Config
	Bank     *bank.Bank
	Palettes *palette.Set
}

// NewModel returns the model of a checked configuration, whose palettes are those of
// Palettes. tables is bank.New of the configuration, or of one with the same bank.Key;
// nil: NewModel builds it.
func NewModel(cfg *scene.Config, tables *bank.Bank, photographs *palette.Set) *Model {
	if tables == nil {
		tables = bank.New(cfg)
	}
	return &Model{cfg, tables, Palettes(cfg, photographs)}
}

// Palettes returns the palettes of a configuration: those of the photographs (nil: the
// built-in set), or, where properties.colour is off, colours uniform in the RGB cube.
func Palettes(cfg *scene.Config, photographs *palette.Set) *palette.Set {
	switch {
	case !cfg.Properties.Colour:
		return palette.Uniform()
	case photographs == nil:
		return palette.Builtin()
	}
	return photographs
}

// Placer places the leaves of the images of a seed.
func (m *Model) Placer(seed uint64) *scene.Placer {
	return scene.NewPlacer(m.Config, m.Bank.OutlineClasses(), len(m.Palettes.Palettes), seed)
}
