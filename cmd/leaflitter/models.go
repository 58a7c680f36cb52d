package main

import (
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"strings"
	"sync"

	"leaflitter/dataset"
	"leaflitter/palette"
	"leaflitter/render"
	"leaflitter/scene"
	"leaflitter/serve"
)

// models turns the queries that leaflitter serve gets into what it serves: the
// configuration that the flags gave, changed as the query says.
type models struct {
	*serveCmd
	own     scene.Config // as started
	set     *palette.Set // of the photographs as started; nil: none were named
	threads int
	say     func(string, ...any)
	warn    func(string)
	banks   banks
	told    sync.Once // the backend is said once
	hashes  sync.Map  // of palettes: by *palette.Set
}

func newModels(s *serveCmd, own scene.Config, set *palette.Set, threads int, say func(string, ...any), warn func(string)) *models {
	m := &models{serveCmd: s, own: own, set: set, threads: threads, say: say, warn: warn}
	m.hash(render.Palettes(&own, set))
	return m
}

// hash returns the hash of palettes, of which there are two at most.
func (m *models) hash(set *palette.Set) string {
	hash, _ := m.hashes.LoadOrStore(set, sync.OnceValue(func() string { return hexHash(set.Hash()) }))
	return hash.(func() string)()
}

// wished returns the checked configuration and the seed that a query asks for.
func (m *models) wished(w serve.Wish) (cfg scene.Config, preset string, seed uint64, err error) {
	cfg, preset, seed = m.own, m.presetName(), m.Seed
	if w.Seeded {
		seed = w.Seed
	}
	if w.Preset != "" {
		p, ok := scene.PresetByName(w.Preset)
		if !ok {
			return cfg, "", 0, fmt.Errorf("preset: %w", scene.UnknownPreset(w.Preset))
		}
		cfg, preset = p.Config, p.Name
		cfg.Image = m.own.Image
	}
	for _, s := range w.Set {
		if err := scene.Set(&cfg, s); err != nil {
			return cfg, "", 0, fmt.Errorf("%s", strings.TrimPrefix(err.Error(), "--set "))
		}
	}
	if w.Width > 0 {
		cfg.Image.Width, cfg.Image.Height = w.Width, w.Height
	}
	if err := scene.Check(&cfg); err != nil {
		return cfg, "", 0, err
	}
	return cfg, preset, seed, m.within(&cfg)
}

// within refuses what one request must not make this server spend: memory, mostly.
func (m *models) within(cfg *scene.Config) error {
	side := max(cfg.Image.Width, cfg.Image.Height)
	if side > m.MaxSide {
		return fmt.Errorf("image: %d px a side is more than this server renders; give at most %d, or start it with a larger --max-side", side, m.MaxSide)
	}
	most := m.MaxSide * max(1, m.own.Develop.Supersample)
	if k := cfg.Develop.Supersample; side*k > most {
		return fmt.Errorf("develop.supersample: %d times %d px is more than the %d px a side that this server renders; lower it or the image's size", k, side, most)
	}
	if most, wanted := max(1024, m.own.Support().LargestTile), cfg.Support().LargestTile; wanted > most {
		return fmt.Errorf("paint.noise.largest_tile: %d is more than this server makes, since such tiles stay in memory; give at most %d, or start it with --set paint.noise.largest_tile=%d",
			wanted, most, wanted)
	}
	return nil
}

// presetName is the preset that the server was started from; a configuration file is
// told as what differs from the default preset.
func (m *models) presetName() string {
	if m.Preset == "" {
		return scene.Presets()[0].Name
	}
	return m.Preset
}

// model implements serve.Options.Model.
func (m *models) model(w serve.Wish) (*serve.Model, error) {
	cfg, preset, seed, err := m.wished(w)
	if err != nil {
		return nil, err
	}
	hash := m.hash(render.Palettes(&cfg, m.set))
	text, err := json.Marshal(cfg)
	if err != nil {
		return nil, err
	}
	identity := sha256.Sum256(fmt.Appendf(nil, "%s\n%d\n%s\n%d\n%s\n%d\n%s", version, render.ModelVersion, text, seed, hash, m.ShardSize, m.Member))
	return &serve.Model{
		Identity: fmt.Sprintf("%x", identity),
		Open:     func() (*serve.Engine, error) { return m.open(cfg, hash, seed) },
		YAML:     func() []byte { return scene.Marshal(&cfg) },
		Command:  func(index uint64) string { return m.command(&cfg, preset, seed, index) },
	}, nil
}

// open opens the engine of a configuration.
func (m *models) open(cfg scene.Config, hash string, seed uint64) (*serve.Engine, error) {
	say, warn := func(string, ...any) {}, func(string) {}
	m.told.Do(func() { say, warn = m.say, m.warn }) // those that follow have the same backend
	model := render.NewModel(&cfg, m.banks.get(&cfg), m.set)
	source, err := m.backendFlags.open(model, seed, wiring{threads: m.threads, say: say, warn: warn})
	if err != nil {
		return nil, err
	}
	newImage := func(l render.Labels) *render.Image { return render.NewImage(&cfg, l) }
	e := &serve.Engine{
		Source: source, NewImage: newImage, Batch: source.batch, InFlight: source.inFlight, Close: func() { source.Backend.Close() },
		Facts: func(index uint64, im *render.Image) ([]byte, error) { return aboutImage(&cfg, hash, seed, index, im) },
	}
	e.Job = dataset.ShardJob{
		Job: dataset.Job{
			Header:   dataset.Header{Version: version, Preset: m.Preset, Seed: seed, Config: cfg, PaletteName: model.Palettes.Origin, PaletteHash: hash},
			NewImage: func() *render.Image { return newImage(render.Labels{}) },
		},
		Member: m.Member, ShardSize: m.ShardSize,
	}
	return e, nil
}

// aboutImage is the JSON that /images/N.json serves.
func aboutImage(cfg *scene.Config, palettes string, seed, index uint64, im *render.Image) ([]byte, error) {
	a := struct {
		Index    uint64      `json:"index"`
		Seed     uint64      `json:"seed"`
		Model    int         `json:"model"` // render.ModelVersion
		Width    int         `json:"width"`
		Height   int         `json:"height"`
		Palettes string      `json:"palettes"`
		Palette  int         `json:"palette"`
		Outline  string      `json:"outline"`
		Radii    [2]float64  `json:"radii"`
		Draws    scene.Draws `json:"draws"` // for the fields with laws
		Layers   []string    `json:"layers"`
		Leaves   [][4]any    `json:"leaves"` // id, layer, radius in px, paint
	}{index, seed, render.ModelVersion, im.Width, im.Height, palettes, im.Facts.Palette, im.Facts.Outline, im.Facts.Radii, im.Facts.Draws, nil, nil}
	for _, l := range cfg.Layers {
		a.Layers = append(a.Layers, l.Name)
	}
	for _, l := range im.Facts.Leaves {
		a.Leaves = append(a.Leaves, [4]any{l.ID, l.Layer, l.Radius, l.Paint.String()})
	}
	data, err := json.Marshal(a)
	return append(data, '\n'), err
}

// command is the command line that makes an image and its labels, for a POSIX shell.
func (m *models) command(cfg *scene.Config, preset string, seed, index uint64) string {
	words := []string{"leaflitter", "generate", "-o", fmt.Sprintf("image-%d", index), "--start", fmt.Sprint(index), "--count", "1", "--seed", fmt.Sprint(seed)}
	size := fmt.Sprint(cfg.Image.Width)
	if cfg.Image.Width != cfg.Image.Height {
		size = fmt.Sprintf("%dx%d", cfg.Image.Width, cfg.Image.Height)
	}
	words = append(words, "--size", size, "--labels", "id,layer,depth,edge", "--preset", preset)
	base, _ := scene.PresetByName(preset)
	base.Config.Image = cfg.Image
	for _, s := range scene.Diff(&base.Config, cfg) {
		words = append(words, "--set", s)
	}
	if cfg.Properties.Colour && m.own.Properties.Colour {
		if m.Photos != "" {
			words = append(words, "--photos", m.Photos)
		}
		if m.Palette != "" {
			words = append(words, "--palette", m.Palette)
		}
	}
	for i, w := range words {
		words[i] = quoted(w)
	}
	return strings.Join(words, " ")
}

// quoted is a word as a POSIX shell reads it back.
func quoted(word string) string {
	plain := func(r rune) bool {
		return r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || strings.ContainsRune("-_./,=:", r)
	}
	if word != "" && !strings.ContainsFunc(word, func(r rune) bool { return !plain(r) }) {
		return word
	}
	return "'" + strings.ReplaceAll(word, "'", `'\''`) + "'"
}

// view is the size in which the explorer shows images when its address names none: small
// enough to come quickly.
func (m *models) view() (width, height int) {
	return min(256, m.own.Image.Width), min(256, m.own.Image.Height)
}

// presets is the JSON of /presets.json: all presets, and what is served when a query
// says nothing.
func (m *models) presets() ([]byte, error) {
	type preset struct {
		Name   string       `json:"name"`
		About  string       `json:"about"`
		Config scene.Config `json:"config"`
	}
	type own struct {
		Preset  string       `json:"preset"`
		Seed    string       `json:"seed"` // 64 bits, more than a JavaScript number holds
		Config  scene.Config `json:"config"`
		View    [2]int       `json:"view"`
		MaxSide int          `json:"max_side"`
	}
	width, height := m.view()
	var list []preset
	for _, p := range scene.Presets() {
		list = append(list, preset{p.Name, p.About, p.Config})
	}
	return json.Marshal(map[string]any{
		"version": version, "model": render.ModelVersion, "presets": list, "own": own{m.presetName(), fmt.Sprint(m.Seed), m.own, [2]int{width, height}, m.MaxSide},
	})
}
