package dataset

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
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

// readShardsRecord reads the manifest of a sharded dataset.
func readShardsRecord(ctx context.Context, st store.Store) (r shardsRecord, err error) {
	data, err := readRange(ctx, st, manifestName, 0, -1)
	if err != nil {
		return r, err
	}
	if err := json.Unmarshal(data, &r); err != nil || r.Format != shardsFormatName {
		return r, errForeign
	}
	if r.Count == 0 || r.ShardSize == 0 || r.Start > r.Start+r.Count || (r.Count-1)/r.ShardSize+1 != r.Shards {
		return r, fmt.Errorf("%s of %s says what is impossible: %d images in %d shards of %d", manifestName, st, r.Count, r.Shards, r.ShardSize)
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
	j.Header = Header{Version: r.Version, Preset: r.Preset, PaletteName: r.Palette.Name, PaletteHash: r.Palette.Hash, Seed: r.Seed, Config: r.Config}
	return j, nil
}

func (j *ShardJob) remote() bool { return store.IsURL(j.Store.String()) }

// prepare makes the destination ready, or refuses it and leaves it as it was.
func (k *shardSink) prepare(ctx context.Context) error {
	j, st := k.job, k.job.Store
	want, err := j.record()
	if err != nil {
		return err
	}
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
			return k.describe(ctx, want)
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
		return k.describe(ctx, want)
	case !j.Resume && !j.joined:
		return fmt.Errorf("%s holds a dataset: add --resume to verify and finish it, --overwrite to replace it, "+
			"or choose another destination with -o", st)
	}
	if list := differences(there.flat(), want.flat()); len(list) > 0 {
		return fmt.Errorf("%s was made otherwise: %s; give the same settings, or choose another destination with -o",
			st, strings.Join(list, "; "))
	}
	return k.describeRest(ctx)
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
// the rest.
func (k *shardSink) describe(ctx context.Context, r shardsRecord) error {
	if err := k.describeRest(ctx); err != nil {
		return err
	}
	text, err := marshal(r, "  ")
	if err != nil {
		return err
	}
	return k.job.Store.Put(ctx, manifestName, append(text, '\n'))
}

func (k *shardSink) describeRest(ctx context.Context) error {
	for _, e := range k.form.extra() {
		if _, err := k.job.Store.Size(ctx, e.name); err == nil {
			continue
		}
		w, err := k.job.Store.Create(ctx, e.name)
		if err != nil {
			return err
		}
		defer w.Abort()
		if err := e.write(w); err != nil {
			return err
		}
		if err := w.Commit(); err != nil {
			return err
		}
	}
	return nil
}

// remove deletes a dataset: its records first, so that no shard seems finished whose
// files are going, and its manifest last.
func (k *shardSink) remove(ctx context.Context, there shardsRecord) error {
	old, err := there.job()
	if err != nil {
		return err
	}
	old.NewImage = func() *render.Image { return &render.Image{Width: 1, Height: 1, Channels: 1} } // names do not depend on it
	form, err := newFormat(&old)
	if err != nil {
		return err
	}
	st := k.job.Store
	for _, ours := range []func(name string) bool{
		func(name string) bool { _, ok := recordNumber(name); return ok },
		func(name string) bool { _, ok := form.shardOf(name); return ok },
		func(name string) bool { return name != manifestName && old.describes(form, name) },
	} {
		var names []string // removing while listing may hide some
		if err := st.Each(ctx, "", func(name string) error {
			if ours(name) {
				names = append(names, name)
			}
			return nil
		}); err != nil {
			return err
		}
		for _, name := range names {
			if err := st.Remove(ctx, name); err != nil {
				return err
			}
		}
	}
	if err := st.Sweep(ctx, func(string) bool { return true }); err != nil {
		return err
	}
	return st.Remove(ctx, manifestName)
}
