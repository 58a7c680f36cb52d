package dataset

import (
	"archive/tar"
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"leaflitter/store"
)

// tarFormat writes what the webdataset package reads: the members of a sample are
// named by its index, stand together, and are sorted by name.
type tarFormat struct {
	files
	order []int // of a sample's files in the archive
}

func newTarFormat(f files) shardFormat {
	f.enc.png, f.enc.npy, f.enc.json = f.job.Member != "npy", f.job.Member == "npy", true
	kinds := f.enc.kinds()
	t := &tarFormat{files: f}
	for i := range kinds {
		t.order = append(t.order, i)
	}
	slices.SortFunc(t.order, func(a, b int) int { return strings.Compare(kinds[a], kinds[b]) })
	return t
}

type tarWriter struct {
	*tarFormat
	objects
	head []byte
}

func (t *tarFormat) begin(ctx context.Context, s shard) (shardWriter, error) {
	o, err := newObject(ctx, t.job.Store, shardFile("", s.number, "tar"))
	if err != nil {
		return nil, err
	}
	return &tarWriter{tarFormat: t, objects: objects{o}}, nil
}

func (w *tarWriter) put(index uint64, files []File) (err error) {
	w.head, err = w.frame(w.objects[0], w.head, index, files)
	return err
}

// frame writes a sample as it stands in an archive; head is a buffer.
func (t *tarFormat) frame(out io.Writer, head []byte, index uint64, files []File) ([]byte, error) {
	for _, i := range t.order {
		f := files[i]
		var err error
		if head, err = AppendTarHeader(head[:0], longName(index)+"."+f.Kind, int64(len(f.Data))); err != nil {
			return head, err
		}
		for _, part := range [][]byte{head, f.Data, TarPadding(int64(len(f.Data)))} {
			if _, err := out.Write(part); err != nil {
				return head, err
			}
		}
	}
	return head, nil
}

func (w *tarWriter) end() ([]listed, error) {
	if _, err := w.objects[0].Write(TarEnd()); err != nil {
		return nil, err
	}
	return w.objects.end()
}

func (t *tarFormat) names(s shard) []string { return []string{shardFile("", s.number, "tar")} }

func (t *tarFormat) shardOf(name string) (uint64, bool) {
	plain := files{job: t.job, enc: encoding{members: []member{{}}}} // an archive has no folder
	return plain.parseShardFile(name, "tar")
}

func (t *tarFormat) read(ctx context.Context, st store.Store, index uint64) ([][]byte, error) {
	name := shardFile("", t.job.shardOf(index).number, "tar")
	r, err := st.Open(ctx, name, 0, -1)
	if err != nil {
		return nil, err
	}
	defer r.Close()
	kinds := t.enc.kinds()
	list, found := make([][]byte, len(kinds)), 0
	for archive := tar.NewReader(r); found < len(kinds); {
		h, err := archive.Next()
		if errors.Is(err, io.EOF) {
			return nil, fmt.Errorf("%s of %s does not hold image %d", name, st, index)
		}
		if err != nil {
			return nil, fmt.Errorf("%s of %s cannot be read: %w", name, st, err)
		}
		kind, ok := strings.CutPrefix(h.Name, longName(index)+".")
		i := slices.Index(kinds, kind)
		if !ok || i < 0 {
			continue
		}
		if list[i], err = io.ReadAll(archive); err != nil {
			return nil, fmt.Errorf("%s of %s cannot be read: %w", name, st, err)
		}
		found++
	}
	return list, nil
}
