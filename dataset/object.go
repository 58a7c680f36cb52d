package dataset

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"hash"

	"leaflitter/store"
)

// object is a file of a shard on its way to the store: it counts and hashes.
type object struct {
	name string
	w    store.Writer
	hash hash.Hash
	size int64
}

func newObject(ctx context.Context, st store.Store, name string) (*object, error) {
	w, err := st.Create(ctx, name)
	return &object{name: name, w: w, hash: sha256.New()}, err
}

func (o *object) Write(p []byte) (int, error) {
	n, err := o.w.Write(p)
	o.hash.Write(p[:n])
	o.size += int64(n)
	return n, err
}

// objects are the files of a shard, of which each takes one member of every sample.
type objects []*object

func (list objects) abort() {
	for _, o := range list {
		o.w.Abort()
	}
}

func (list objects) commit() error {
	for _, o := range list {
		if err := o.w.Commit(); err != nil {
			return err
		}
	}
	return nil
}

func (list objects) end() ([]listed, error) { return list.listing(), nil }

func (list objects) listing() (files []listed) {
	for _, o := range list {
		files = append(files, listed{Name: o.name, Size: o.size, SHA256: hex.EncodeToString(o.hash.Sum(nil))})
	}
	return files
}

// create begins the files of a shard, one a member.
func (f *files) create(ctx context.Context, number uint64, ext string) (list objects, err error) {
	for _, m := range f.enc.members {
		o, err := newObject(ctx, f.job.Store, shardFile(m.folder(), number, ext))
		if err != nil {
			list.abort()
			return nil, err
		}
		list = append(list, o)
	}
	return list, nil
}
