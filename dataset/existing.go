package dataset

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"slices"

	"leaflitter/render"
	"leaflitter/store"
)

// Existing is a dataset that is there: what its manifest says, to check it and to make
// its images again.
type Existing struct {
	Header      // Config is its json.RawMessage
	Start       uint64
	Count       uint64
	Labels      render.Labels
	ShardSize   uint64 // 0: one folder
	Format      string
	Description string // "webdataset, 40 shards of 1000 images"

	records // of its shards; of a folder, what says how its files are named
}

// SameModel returns an error unless this program renders the model that made the dataset.
// The error ends in the remedy.
func (e *Existing) SameModel(remedy string) error {
	return otherModel(e.store.String(), e.Model, e.Version, remedy)
}

// OpenExisting reads the manifest of a dataset.
func OpenExisting(ctx context.Context, st store.Store) (*Existing, error) {
	r, err := readShardsRecord(ctx, st)
	e := &Existing{}
	switch {
	case err == nil:
		e.ShardSize = r.ShardSize
		e.Description = fmt.Sprintf("%s, %d images in %d shards", r.Files, r.Count, r.Shards)
	case errors.Is(err, errForeign) && !store.IsURL(st.String()):
		folder, err := readManifest(st.String(), nil)
		if err != nil {
			return nil, err
		}
		// Names depend on no size.
		r = shardsRecord{record: folder, Files: "png", ShardSize: folder.Count, Shards: 1, Height: 1, Width: 1, Channels: 1}
		e.Description = fmt.Sprintf("a folder of %d images", r.Count)
	case errors.Is(err, errForeign):
		return nil, fmt.Errorf("%s of %s cannot be read: %w", manifestName, st, err)
	case errors.Is(err, fs.ErrNotExist) && !store.IsURL(st.String()):
		return nil, noManifest(st.String())
	case errors.Is(err, fs.ErrNotExist):
		return nil, fmt.Errorf("%s holds no dataset of leaflitter: there is no %s", st, manifestName)
	default:
		return nil, err
	}
	e.records = records{store: st, id: r.identity()}
	if e.job, e.form, err = r.layout(); err != nil {
		return nil, fmt.Errorf("%s of %s cannot be understood: %w", manifestName, st, err)
	}
	e.Header, e.Start, e.Count, e.Labels, e.Format = e.job.Header, r.Start, r.Count, e.job.Labels, r.Files
	return e, nil
}

// Verify reads every file that is recorded and compares it with its SHA-256. The error
// is for what cannot be checked; see the report for the files.
func (e *Existing) Verify(ctx context.Context) (ShardReport, error) {
	if e.ShardSize == 0 {
		r, err := Verify(ctx, e.store.String())
		return ShardReport{Report: r}, err
	}
	return e.records.verify(ctx)
}

// Sample makes n images of the dataset again (all, if it has fewer; only those of
// finished shards), chosen by random, and returns the indices of those whose files
// differ, ascending.
func (e *Existing) Sample(ctx context.Context, source render.Source, newImage func() *render.Image, batch int, n uint64, random *rand.Rand) (sampled uint64, differ []uint64, err error) {
	j := *e.job
	j.NewImage, j.spare = newImage, nil
	form, err := newFormat(&j)
	if err != nil {
		return 0, nil, err
	}
	indices, err := e.choose(ctx, n, random)
	if err != nil {
		return 0, nil, err
	}
	enc := form.encoding().encoder()
	var images []*render.Image
	for part := range slices.Chunk(indices, max(batch, 1)) {
		for len(images) < len(part) {
			images = append(images, newImage())
		}
		if err := source.Render(ctx, part, images[:len(part)]); err != nil {
			return sampled, differ, err
		}
		for i, index := range part {
			files, _, err := enc.encode(index, images[i])
			if err != nil {
				return sampled, differ, err
			}
			there, err := form.read(ctx, e.store, index)
			if err != nil {
				return sampled, differ, err
			}
			for k := range files {
				if !bytes.Equal(files[k].Data, there[k]) {
					differ = append(differ, index)
					break
				}
			}
			sampled++
		}
	}
	return sampled, differ, nil
}

// choose returns n different indices of images in finished shards, ascending.
func (e *Existing) choose(ctx context.Context, n uint64, random *rand.Rand) ([]uint64, error) {
	finished := map[uint64]bool{}
	whole := func(index uint64) (bool, error) {
		if e.ShardSize == 0 {
			return true, nil
		}
		number := e.job.shardOf(index).number
		is, known := finished[number]
		if !known {
			_, err := e.records.read(ctx, e.job.shard(number))
			if err != nil && !unfinished(err) {
				return false, err
			}
			is = err == nil
			finished[number] = is
		}
		return is, nil
	}
	var list []uint64
	take := func(index uint64) error {
		ok, err := whole(index)
		if ok {
			list = append(list, index)
		}
		return err
	}
	if n >= e.Count {
		for i := range e.Count {
			if err := take(e.Start + i); err != nil {
				return nil, err
			}
		}
		return list, nil
	}
	tried := map[uint64]bool{}
	for uint64(len(list)) < n && uint64(len(tried)) < min(e.Count, 100*n) {
		index := e.Start + random.Uint64N(e.Count)
		if tried[index] {
			continue
		}
		tried[index] = true
		if err := take(index); err != nil {
			return nil, err
		}
	}
	slices.Sort(list)
	return list, nil
}

// ConfigJSON is the configuration as the manifest has it.
func (e *Existing) ConfigJSON() []byte { return []byte(e.Header.Config.(json.RawMessage)) }
