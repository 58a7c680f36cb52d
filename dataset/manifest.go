package dataset

import (
	"bufio"
	"bytes"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"leaflitter/render"
)

// Header is what a manifest says about how its images were made.
type Header struct {
	Version     string // of the program; informational
	Model       int    // of a dataset that is read; what a job makes has render.ModelVersion
	Preset      string // informational: Config says it all
	PaletteName string // informational: PaletteHash identifies the palettes
	PaletteHash string
	Seed        uint64
	Config      any // anything encoding/json can write, in full
}

const formatName = "leaflitter dataset 1"

// record is the manifest without its files; also the first line of a journal.
type record struct {
	Format  string          `json:"format"`
	Version string          `json:"version"`
	Model   int             `json:"model,omitempty"` // 0: see model
	Preset  string          `json:"preset,omitempty"`
	Seed    uint64          `json:"seed"`
	Start   uint64          `json:"start"`
	Count   uint64          `json:"count"`
	Labels  []string        `json:"labels"`
	Level   *int            `json:"png_level,omitempty"` // nil: 1
	Palette paletteRecord   `json:"palette"`
	Config  json.RawMessage `json:"config"`
}

type paletteRecord struct {
	Name string `json:"name"`
	Hash string `json:"hash"`
}

// model is the model's version, which release 0.1.0 did not record.
func (r *record) model() int { return max(r.Model, 1) }

// level is the PNG level as text.
func (r *record) level() string {
	if r.Level == nil {
		return "1"
	}
	return fmt.Sprint(*r.Level)
}

func (r *record) contains(index uint64) bool { return index >= r.Start && index-r.Start < r.Count }

// record is what the job will write.
func (job *Job) record() (record, error) {
	h := job.Header
	config, err := marshal(h.Config, "")
	if err != nil {
		return record{}, fmt.Errorf("the configuration cannot be written to %s: %w", manifestName, err)
	}
	var level *int
	if job.Level != Quick {
		n := job.Level.Number()
		level = &n
	}
	return record{
		Level:  level,
		Format: formatName, Version: h.Version, Model: render.ModelVersion, Preset: h.Preset, Seed: h.Seed,
		Start: job.Start, Count: job.Count, Labels: labelList(job.Labels),
		Palette: paletteRecord{h.PaletteName, h.PaletteHash}, Config: config,
	}, nil
}

// marshal is JSON without a final newline and without HTML escapes.
func marshal(v any, indent string) ([]byte, error) {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	e.SetIndent("", indent)
	err := e.Encode(v)
	return bytes.TrimRight(b.Bytes(), "\n"), err
}

// differences compares what images depend on, and lists at most a few
// differences as "name: a there, b asked for". Count is not compared.
func differences(there, want map[string]string) []string {
	all := maps.Clone(there)
	maps.Copy(all, want)
	var list []string
	for _, key := range slices.Sorted(maps.Keys(all)) {
		if there[key] != want[key] {
			list = append(list, fmt.Sprintf("%s is %s there, %s asked for", key, orNone(there[key]), orNone(want[key])))
		}
	}
	if len(list) > 4 {
		list = append(list[:3], fmt.Sprintf("and %d more", len(list)-3))
	}
	return list
}

func orNone(s string) string {
	if s == "" {
		return "absent"
	}
	return s
}

// flat maps the path of each value that matters to its JSON.
func (r record) flat() map[string]string {
	flat := map[string]string{
		"seed":               fmt.Sprint(r.Seed),
		"start":              fmt.Sprint(r.Start),
		"labels":             strings.Join(r.Labels, ","),
		"the PNG level":      r.level(),
		"the palettes' hash": fmt.Sprintf("%q", r.Palette.Hash),
	}
	if r.Model > 0 {
		flat["the model"] = fmt.Sprint(r.Model)
	} else { // identities of release 0.1.0
		flat["the program's version"] = fmt.Sprintf("%q", r.Version)
	}
	var config any
	d := json.NewDecoder(bytes.NewReader(r.Config))
	d.UseNumber()
	if d.Decode(&config) != nil {
		flat["config"] = string(r.Config)
		return flat
	}
	var walk func(path string, v any)
	walk = func(path string, v any) {
		if object, ok := v.(map[string]any); ok {
			for key, v := range object {
				walk(path+"."+key, v)
			}
			return
		}
		text, err := marshal(v, "")
		if err != nil {
			text = fmt.Append(nil, v)
		}
		flat[path] = string(text)
	}
	walk("config", config)
	return flat
}

// writeManifest writes the manifest with the files that sums lists.
func writeManifest(w io.Writer, r record, sums *sumTable) error {
	head, err := marshal(r, "  ")
	if err != nil {
		return err
	}
	b := bufio.NewWriterSize(w, 1<<16)
	b.Write(bytes.TrimSuffix(head, []byte("\n}")))
	b.WriteString(",\n  \"files\": [")
	names := kinds(r.Labels)
	separator := "\n"
	for i := range r.Count {
		state, list, err := sums.at(i)
		if err != nil {
			return err
		}
		if state != sumWhole {
			return fmt.Errorf("image %d is not there", r.Start+i)
		}
		for k, name := range names {
			fmt.Fprintf(b, "%s    {\"name\": %q, \"sha256\": %q}", separator, fileName(r.Start+i, name), hex.EncodeToString(list[k][:]))
			separator = ",\n"
		}
	}
	b.WriteString("\n  ]\n}\n")
	return b.Flush()
}

// listed is one file in a manifest.
type listed struct {
	Name   string `json:"name"`
	Size   int64  `json:"size,omitempty"` // in records of shards
	SHA256 string `json:"sha256"`
}

// errForeign says that a manifest.json is not one of ours.
var errForeign = errors.New("it is not a manifest of leaflitter")

// readManifest reads DIR/manifest.json, calling each for every file it lists. It
// holds one file at a time. With a nil each it stops where the files begin.
func readManifest(dir string, each func(listed) error) (record, error) {
	var r record
	path := filepath.Join(dir, manifestName)
	f, err := os.Open(path)
	if err != nil {
		return r, err
	}
	defer f.Close()
	d := json.NewDecoder(bufio.NewReaderSize(f, 1<<16))
	bad := func(err error) (record, error) {
		if errors.Is(err, io.EOF) {
			err = io.ErrUnexpectedEOF
		}
		return r, fmt.Errorf("%s cannot be read: %w", path, err)
	}
	if t, err := d.Token(); err != nil {
		return bad(err)
	} else if t != json.Delim('{') {
		return bad(errForeign)
	}
	fields := map[string]any{
		"format": &r.Format, "version": &r.Version, "model": &r.Model, "preset": &r.Preset, "seed": &r.Seed, "start": &r.Start,
		"count": &r.Count, "labels": &r.Labels, "png_level": &r.Level, "palette": &r.Palette, "config": &r.Config,
	}
	for d.More() {
		key, err := d.Token()
		if err != nil {
			return bad(err)
		}
		name, _ := key.(string)
		if name != "files" {
			target, ok := fields[name]
			if !ok {
				target = new(json.RawMessage)
			}
			if err := d.Decode(target); err != nil {
				return bad(err)
			}
			continue
		}
		if err := r.check(); err != nil {
			return bad(err)
		}
		if each == nil {
			return r, nil
		}
		if t, err := d.Token(); err != nil || t != json.Delim('[') {
			return bad(errors.Join(err, errors.New("its files are not a list")))
		}
		for d.More() {
			var l listed
			if err := d.Decode(&l); err != nil {
				return bad(err)
			}
			if err := each(l); err != nil {
				return r, err
			}
		}
		if _, err := d.Token(); err != nil {
			return bad(err)
		}
	}
	if _, err := d.Token(); err != nil {
		return bad(err)
	}
	if err := r.check(); err != nil {
		return bad(err)
	}
	return r, nil
}

// sameModel refuses to go on with what another model made.
func (r *record) sameModel(where string) error {
	return otherModel(where, r.model(), r.Version, "go on with that release, replace it with --overwrite, or choose another destination with -o")
}

// otherModel returns an error unless model is this program's. release recorded it.
func otherModel(where string, model int, release, remedy string) error {
	if model == render.ModelVersion {
		return nil
	}
	return fmt.Errorf("%s was made by model %d, which leaflitter %s renders, and this leaflitter renders model %d, whose images differ: %s",
		where, model, release, render.ModelVersion, remedy)
}

// check refuses a record that no job can have written.
func (r *record) check() error {
	if r.Format != formatName {
		return errForeign
	}
	if r.Count == 0 || r.Start > math.MaxUint64-r.Count {
		return fmt.Errorf("its range, %d images from %d, is impossible", r.Count, r.Start)
	}
	if r.Model < 0 {
		return fmt.Errorf("there is no model %d; models count from 1", r.Model)
	}
	return nil
}
