package dataset

import (
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math"
	"slices"
	"strings"

	"leaflitter/degrade"
	"leaflitter/render"
	"leaflitter/store"
)

const shardsFormatName = "leaflitter shards 1"

// shardsRecord is the manifest of a sharded dataset.
type shardsRecord struct {
	record
	ConfigHash string `json:"config_sha256"`
	Files      string `json:"files"` // the format of shards
	Layout     string `json:"layout,omitempty"`
	Member     string `json:"member,omitempty"`
	Pair       string `json:"pairs,omitempty"`
	Height     int    `json:"height"`
	Width      int    `json:"width"`
	Channels   int    `json:"channels"`
	ShardSize  uint64 `json:"shard_size"`
	Shards     uint64 `json:"shards"`
}

func (j *ShardJob) record() (shardsRecord, error) {
	r, err := j.Job.record()
	if err != nil {
		return shardsRecord{}, err
	}
	r.Format = shardsFormatName
	s := shardsRecord{record: r, Files: j.Format, Layout: j.Layout, Member: j.Member, ShardSize: j.ShardSize, Shards: j.shards()}
	s.Height, s.Width, s.Channels = j.like().Height, j.like().Width, j.like().Channels
	if j.Format == "webdataset" && s.Member == "" {
		s.Member = "png"
	}
	if j.Pair != nil {
		s.Pair = j.Pair.String()
	}
	s.ConfigHash, err = configHash(&j.Header)
	return s, err
}

// flat maps the path of each value that matters to its JSON.
func (r shardsRecord) flat() map[string]string {
	flat := r.record.flat()
	for key, value := range map[string]string{
		"the format": r.Files, "the layout": r.Layout, "the member": r.Member, "pairs": r.Pair,
		"the shard size": fmt.Sprint(r.ShardSize), "count": fmt.Sprint(r.Count),
	} {
		if value != "" {
			flat[key] = value
		}
	}
	return flat
}

// readShardsRecord reads the manifest of a sharded dataset, which is small whatever the
// dataset: of a folder's, which may be large, it reads the beginning.
func readShardsRecord(ctx context.Context, st store.Store) (r shardsRecord, err error) {
	f, err := st.Open(ctx, manifestName, 0, -1)
	if err != nil {
		return r, err
	}
	defer f.Close()
	data, err := io.ReadAll(io.LimitReader(f, 1<<20))
	if err != nil {
		return r, fmt.Errorf("%s of %s cannot be read: %w", manifestName, st, err)
	}
	if err := json.Unmarshal(data, &r); err != nil || r.Format != shardsFormatName {
		return r, errForeign
	}
	if r.Count == 0 || r.ShardSize == 0 || r.ShardSize > math.MaxUint32 || r.Start > math.MaxUint64-r.Count || r.Shards > maxShards || (r.Count-1)/r.ShardSize+1 != r.Shards ||
		min(r.Height, r.Width, r.Channels) < 1 || max(r.Height, r.Width) > 1<<24 || r.Channels > 3 {
		return r, fmt.Errorf("%s of %s says what is impossible: %d images in %d shards of %d", manifestName, st, r.Count, r.Shards, r.ShardSize)
	}
	if r.Model < 0 {
		return r, fmt.Errorf("%s of %s says what is impossible: there is no model %d; models count from 1", manifestName, st, r.Model)
	}
	return r, nil
}

// job returns the job that a manifest describes, without what makes images and takes
// them.
func (r *shardsRecord) job() (ShardJob, error) {
	j := ShardJob{Format: r.Files, Layout: r.Layout, Member: r.Member, ShardSize: r.ShardSize, Tasks: 1}
	j.Start, j.Count = r.Start, r.Count
	for _, l := range r.Labels {
		switch l {
		case "id":
			j.Labels.ID = true
		case "layer":
			j.Labels.Layer = true
		case "depth":
			j.Labels.Depth = true
		case "edge":
			j.Labels.Edge = true
		}
	}
	if r.Level != nil {
		level, err := LevelOf(*r.Level)
		if err != nil {
			return j, err
		}
		j.Level = level
	}
	if r.Pair != "" {
		pair, err := degrade.Parse(r.Pair)
		if err != nil {
			return j, err
		}
		j.Pair = &pair
	}
	j.Header = Header{Version: r.Version, Model: r.model(), Preset: r.Preset, PaletteName: r.Palette.Name, PaletteHash: r.Palette.Hash, Seed: r.Seed, Config: r.Config}
	return j, nil
}

// layout returns the job and the format that say which files the dataset has.
func (r *shardsRecord) layout() (*ShardJob, shardFormat, error) {
	j, err := r.job()
	if err != nil {
		return nil, nil, err
	}
	j.NewImage = func() *render.Image { return &render.Image{Height: r.Height, Width: r.Width, Channels: r.Channels} }
	form, err := newFormat(&j)
	return &j, form, err
}

func (j *ShardJob) remote() bool { return store.IsURL(j.Store.String()) }

// prepare makes the destination ready, or refuses it and leaves it as it was.
func (k *shardSink) prepare(ctx context.Context) error {
	j, st := k.job, k.job.Store
	want, err := j.record()
	if err != nil {
		return err
	}
	k.records.id = want.identity()
	there, err := readShardsRecord(ctx, st)
	if errors.Is(err, fs.ErrNotExist) {
		other, err2 := k.firstOther(ctx)
		if err2 != nil {
			return err2
		}
		// Another task may have begun meanwhile.
		if there, err = readShardsRecord(ctx, st); errors.Is(err, fs.ErrNotExist) {
			if other != "" {
				return fmt.Errorf("%s is not empty (there is %s) and holds no sharded dataset of leaflitter, which replaces nothing it did not write: "+
					"choose an empty or new destination with -o", st, other)
			}
			return k.describe(ctx, want, false)
		}
	}
	if errors.Is(err, errForeign) {
		return fmt.Errorf("%s of %s is no manifest of a sharded dataset: choose another destination with -o", manifestName, st)
	}
	if err != nil {
		return err
	}
	switch {
	case j.Overwrite:
		if err := k.remove(ctx, there); err != nil {
			return err
		}
		return k.describe(ctx, want, true)
	case !j.Resume && !j.joined:
		return fmt.Errorf("%s holds a dataset: add --resume to verify and finish it, --overwrite to replace it, "+
			"or choose another destination with -o", st)
	}
	if err := there.sameModel(st.String()); err != nil {
		return err
	}
	if list := differences(there.flat(), want.flat()); len(list) > 0 {
		return fmt.Errorf("%s was made otherwise: %s; give the same settings, or choose another destination with -o",
			st, strings.Join(list, "; "))
	}
	return k.describeRest(ctx, true)
}

// firstOther names a file in the store that is not one of the job's administration.
func (k *shardSink) firstOther(ctx context.Context) (other string, err error) {
	found := errors.New("found")
	err = k.job.Store.Each(ctx, "", func(name string) error {
		if strings.HasPrefix(name, recordFolder) || k.job.describes(k.form, name) {
			return nil
		}
		other = name
		return found
	})
	if errors.Is(err, found) {
		err = nil
	}
	return other, err
}

// describes reports whether a file describes the whole dataset.
func (j *ShardJob) describes(form shardFormat, name string) bool {
	return name == manifestName || slices.ContainsFunc(form.extra(), func(e extraFile) bool { return e.name == name })
}

// describe writes what describes the dataset, the manifest last: whoever finds it finds
// the rest. Of two that begin at the same instant with different settings, the one whose
// manifest does not stay stops.
func (k *shardSink) describe(ctx context.Context, r shardsRecord, ours bool) error {
	if err := k.describeRest(ctx, ours); err != nil {
		return err
	}
	if err := writeDurably(ctx, k.job.Store, manifestName, r); err != nil {
		return err
	}
	there, err := readShardsRecord(ctx, k.job.Store)
	if err != nil {
		return err
	}
	if there.identity() != r.identity() {
		return fmt.Errorf("another process has just begun a dataset of other settings in %s: choose another destination with -o", k.job.Store)
	}
	return nil
}

// describeRest writes the files beside the manifest that are not there as they must be.
// What is there and differs is replaced if the dataset is ours.
func (k *shardSink) describeRest(ctx context.Context, ours bool) error {
	for _, e := range k.form.extra() {
		want, err := e.listing()
		if err != nil {
			return err
		}
		found, err := checkListed(ctx, k.job.Store, want, make([]byte, 1<<17))
		switch {
		case err != nil:
			return err
		case found == fileWhole:
			continue
		case found == fileDamaged && !ours:
			return fmt.Errorf("%s of %s is in the way and leaflitter did not write it for this dataset: move it or choose another destination with -o", e.name, k.job.Store)
		}
		if err := k.write(ctx, e); err != nil {
			return err
		}
	}
	return nil
}

func (k *shardSink) write(ctx context.Context, e extraFile) error {
	w, err := k.job.Store.Create(ctx, e.name)
	if err != nil {
		return err
	}
	defer w.Abort()
	if err := e.write(w); err != nil {
		return err
	}
	return w.Commit()
}

// listing is what the file must be.
func (e *extraFile) listing() (listed, error) {
	o := object{name: e.name, w: nowhere{}, hash: sha256.New()}
	err := e.write(&o)
	return objects{&o}.listing()[0], err
}

// nowhere takes what is only counted and hashed.
type nowhere struct{ io.Writer }

func (nowhere) Write(p []byte) (int, error) { return len(p), nil }
func (nowhere) Commit() error               { return nil }
func (nowhere) Abort()                      {}

// remove deletes a dataset, but for its manifest, which the new one's replaces: its records
// first, so that no shard seems finished whose files are going. A file that the new
// dataset would write and the old one cannot have is refused before anything is deleted.
func (k *shardSink) remove(ctx context.Context, there shardsRecord) error {
	old, form, err := there.layout()
	if err != nil {
		return err
	}
	st := k.job.Store
	record := func(name string) bool { number, ok := recordNumber(name); return ok && number < old.shards() }
	file := func(name string) bool { _, ok := form.shardOf(name); return ok }
	rest := func(name string) bool { return name != manifestName && old.describes(form, name) }
	var lists [3][]string // removing while listing may hide some
	err = st.Each(ctx, "", func(name string) error {
		switch {
		case record(name):
			lists[0] = append(lists[0], name)
		case file(name):
			lists[1] = append(lists[1], name)
		case rest(name):
			lists[2] = append(lists[2], name)
		case name == manifestName:
		default:
			number, isRecord := recordNumber(name)
			_, isFile := k.form.shardOf(name)
			if isFile || isRecord && number < k.job.shards() || k.job.describes(k.form, name) {
				return fmt.Errorf("%s of %s is in the way and leaflitter did not write it: move it or choose another destination with -o", name, st)
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	for _, name := range slices.Concat(lists[:]...) {
		if err := st.Remove(ctx, name); err != nil {
			return err
		}
	}
	return st.Sweep(ctx, func(name string) bool { return record(name) || file(name) || rest(name) || name == manifestName })
}
