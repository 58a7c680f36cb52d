package dataset

import (
	"context"

	"leaflitter/store"
)

// npyFormat writes one array a member and shard, N x H x W x C (labels N x H x W), to
// be mapped into memory.
type npyFormat struct{ files }

func newNPYFormat(f files) shardFormat { return &npyFormat{f} }

type npyWriter struct{ objects }

func (n *npyFormat) begin(ctx context.Context, s shard) (shardWriter, error) {
	list, err := n.create(ctx, s.number, "npy")
	if err != nil {
		return nil, err
	}
	for i, o := range list {
		if _, err := o.Write(n.header(i, s)); err != nil {
			list.abort()
			return nil, err
		}
	}
	return npyWriter{list}, nil
}

func (n *npyFormat) header(i int, s shard) []byte {
	m := &n.enc.members[i]
	return AppendNPYHeader(nil, m.descr, append([]int{int(s.count)}, m.shape()...)...)
}

func (w npyWriter) put(_ uint64, files []File) error {
	for i, o := range w.objects {
		if _, err := o.Write(files[i].Data); err != nil {
			return err
		}
	}
	return nil
}

func (n *npyFormat) names(s shard) []string { return n.shardFiles(s.number, "npy") }

func (n *npyFormat) shardOf(name string) (uint64, bool) { return n.parseShardFile(name, "npy") }

func (n *npyFormat) read(ctx context.Context, st store.Store, index uint64) ([][]byte, error) {
	s := n.job.shardOf(index)
	var list [][]byte
	for i, m := range n.enc.members {
		size := int64(m.size())
		offset := int64(len(n.header(i, s))) + int64(index-s.first)*size
		data, err := readRange(ctx, st, shardFile(m.folder(), s.number, "npy"), offset, size)
		if err != nil {
			return nil, err
		}
		list = append(list, data)
	}
	return list, nil
}
