package dataset

import (
	"context"
	"fmt"

	"leaflitter/hdf5"
	"leaflitter/store"
)

// hdf5Format writes one file a member and shard. Layout patches is what the published
// training code reads: one dataset an image, C x H x W, named by its index. Layout array
// is one chunked dataset "images", N x H x W x C, named after the member in the files
// of others.
type hdf5Format struct {
	files
	array bool
}

func newHDF5Format(f files) shardFormat {
	f.enc.planar = f.job.Layout == "patches"
	return &hdf5Format{f, f.job.Layout == "array"}
}

var hdf5Types = map[string]hdf5.Type{uint8s: hdf5.Uint8, uint16s: hdf5.Uint16, uint32s: hdf5.Uint32, float32s: hdf5.Float32}

// file is the geometry of the file of member i.
func (h *hdf5Format) file(i int, s shard) (*hdf5.File, error) {
	m := &h.enc.members[i]
	if !h.array {
		return hdf5.NewPatches(hdf5Types[m.descr], s.first, int(s.count), max(1, m.channels), m.height, m.width)
	}
	name := m.kind
	if name == "" {
		name = "images"
	}
	return hdf5.NewArray(hdf5Types[m.descr], name, append([]int{int(s.count)}, m.shape()...)...)
}

type hdf5Writer struct {
	objects
	writers []*hdf5.Writer
}

func (h *hdf5Format) begin(ctx context.Context, s shard) (shardWriter, error) {
	list, err := h.create(ctx, s.number, "h5")
	if err != nil {
		return nil, err
	}
	w := hdf5Writer{objects: list}
	for i, o := range list {
		f, err := h.file(i, s)
		if err != nil {
			list.abort()
			return nil, err
		}
		w.writers = append(w.writers, f.NewWriter(o))
	}
	return w, nil
}

func (w hdf5Writer) put(_ uint64, files []File) error {
	for i, f := range w.writers {
		if err := f.WriteItem(files[i].Data); err != nil {
			return err
		}
	}
	return nil
}

func (w hdf5Writer) end() ([]listed, error) {
	for _, f := range w.writers {
		if err := f.Close(); err != nil {
			return nil, err
		}
	}
	return w.objects.end()
}

func (h *hdf5Format) names(s shard) []string { return h.shardFiles(s.number, "h5") }

// check builds the geometry of the largest shard.
func (h *hdf5Format) check() error {
	for i := range h.enc.members {
		if _, err := h.file(i, h.job.shard(0)); err != nil {
			return fmt.Errorf("--shard-size %d: %w", h.job.ShardSize, err)
		}
	}
	return nil
}

func (h *hdf5Format) shardOf(name string) (uint64, bool) { return h.parseShardFile(name, "h5") }

func (h *hdf5Format) read(ctx context.Context, st store.Store, index uint64) ([][]byte, error) {
	s := h.job.shardOf(index)
	var list [][]byte
	for i, m := range h.enc.members {
		f, err := h.file(i, s)
		if err != nil {
			return nil, err
		}
		data, err := readRange(ctx, st, shardFile(m.folder(), s.number, "h5"), f.Offset(int(index-s.first)), int64(f.ItemSize()))
		if err != nil {
			return nil, err
		}
		list = append(list, data)
	}
	return list, nil
}
