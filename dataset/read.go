package dataset

import (
	"archive/tar"
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"image"
	"image/png"
	"io"
	"io/fs"
	"slices"
	"strings"

	"leaflitter/render"
	"leaflitter/store"
)

// Holds reports whether a directory or bucket holds a dataset of leaflitter, finished
// or not. Directories without one may hold photographs.
func Holds(ctx context.Context, st store.Store) (bool, error) {
	for _, name := range []string{manifestName, journalName} {
		_, err := st.Size(ctx, name)
		switch {
		case errors.Is(err, fs.ErrNotExist):
			continue
		case err != nil:
			return false, err
		case name == journalName || store.IsURL(st.String()):
			return true, nil
		}
		if _, err := readShardsRecord(ctx, st); !errors.Is(err, errForeign) {
			return true, nil // or it is damaged, which OpenExisting will say
		}
		_, err = readManifest(st.String(), nil)
		return !errors.Is(err, errForeign), nil
	}
	return false, nil
}

// Each calls emit once for every image of the dataset, in the order of their indices,
// with a function that reads it: into im.Pix (of a pair the high-quality image) and, if
// the dataset has that label, im.ID, both made anew. newImage makes an image of the
// dataset's configuration. load may be called from any goroutine, once, also after
// emit has returned. Every shard must be finished.
func (e *Existing) Each(ctx context.Context, newImage func() *render.Image, emit func(index uint64, load func(im *render.Image) error) error) error {
	j := *e.job
	j.NewImage, j.spare = newImage, nil
	form, err := newFormat(&j)
	if err != nil {
		return err
	}
	d := decoder{e.store, form.encoding()}
	tars, archived := form.(*tarFormat)
	for first := uint64(0); first < e.Count; {
		s := shard{0, e.Start, e.Count}
		if e.ShardSize > 0 {
			s = j.shardOf(e.Start + first)
			if _, err := e.records.read(ctx, s); unfinished(err) {
				return fmt.Errorf("shard %d of %s is not finished: run its generate command again, with --resume, to finish it", s.number, e.store)
			} else if err != nil {
				return err
			}
		}
		if archived {
			err = tars.walk(ctx, e.store, s, func(index uint64, files [][]byte) error {
				return emit(index, func(im *render.Image) error { return d.decode(im, index, files) })
			})
		} else {
			for index := s.first; index-s.first < s.count && err == nil; index++ {
				err = emit(index, func(im *render.Image) error {
					files, err := form.read(ctx, e.store, index)
					if errors.Is(err, fs.ErrNotExist) {
						return fmt.Errorf("image %d of %s is not there: run its generate command again, with --resume, to make it", index, e.store)
					}
					if err != nil {
						return err
					}
					return d.decode(im, index, files)
				})
			}
		}
		if err != nil {
			return err
		}
		first += s.count
	}
	return nil
}

// walk reads an archive from end to end, calling each with every sample's files.
func (t *tarFormat) walk(ctx context.Context, st store.Store, s shard, each func(index uint64, files [][]byte) error) error {
	name := shardFile("", s.number, "tar")
	damaged := func(err error) error {
		return fmt.Errorf("%s of %s cannot be read (%w): run its generate command again, with --resume, to mend it", name, st, err)
	}
	r, err := st.Open(ctx, name, 0, -1)
	if err != nil {
		return damaged(err)
	}
	defer r.Close()
	kinds := t.enc.kinds()
	archive := tar.NewReader(r)
	for index := s.first; index-s.first < s.count; index++ {
		files := make([][]byte, len(kinds))
		for range kinds {
			h, err := archive.Next()
			if err != nil {
				return damaged(err)
			}
			kind, ok := strings.CutPrefix(h.Name, longName(index)+".")
			i := slices.Index(kinds, kind)
			if !ok || i < 0 || files[i] != nil {
				return damaged(fmt.Errorf("it holds %s in the place of image %d", h.Name, index))
			}
			if files[i], err = io.ReadAll(archive); err != nil {
				return damaged(err)
			}
		}
		if err := each(index, files); err != nil {
			return err
		}
	}
	return nil
}

// decoder turns the files of a sample back into numbers.
type decoder struct {
	store store.Store
	enc   *encoding
}

func (d *decoder) decode(im *render.Image, index uint64, files [][]byte) error {
	for i := range d.enc.members {
		m := &d.enc.members[i]
		if i > 0 && m.kind != "id" {
			continue
		}
		data, err := d.numbers(m, files[i])
		if err != nil {
			return fmt.Errorf("%q of image %d of %s is damaged (%w): run its generate command again, with --resume, to mend it",
				d.enc.kinds()[i], index, d.store, err)
		}
		if i == 0 {
			im.Width, im.Height, im.Channels, im.Pix = m.width, m.height, m.channels, data
			continue
		}
		im.ID = make([]uint32, m.width*m.height)
		for k := range im.ID {
			im.ID[k] = binary.LittleEndian.Uint32(data[4*k:])
		}
	}
	return nil
}

// numbers is the array of a member, H x W x C, little-endian.
func (d *decoder) numbers(m *member, data []byte) ([]byte, error) {
	switch {
	case d.enc.png:
		img, err := png.Decode(bytes.NewReader(data))
		if err != nil {
			return nil, err
		}
		if b := img.Bounds(); b.Dx() != m.width || b.Dy() != m.height {
			return nil, fmt.Errorf("it has %d x %d pixels instead of %d x %d", b.Dx(), b.Dy(), m.width, m.height)
		}
		return unpack(m, img)
	case d.enc.npy:
		head := AppendNPYHeader(nil, m.descr, m.shape()...)
		rest, ok := bytes.CutPrefix(data, head)
		if !ok {
			return nil, errors.New("its header is not the one that was written")
		}
		data = rest
	}
	if len(data) != m.size() {
		return nil, fmt.Errorf("it has %d bytes instead of %d", len(data), m.size())
	}
	if !d.enc.planar || m.channels < 2 {
		return data, nil
	}
	n := len(data) / m.channels
	out := make([]byte, len(data)) // of bytes: only labels are wider, and they have no channels
	for c := range m.channels {
		for i, v := range data[c*n : (c+1)*n] {
			out[i*m.channels+c] = v
		}
	}
	return out, nil
}

// unpack undoes Picture for a decoded PNG.
func unpack(m *member, img image.Image) ([]byte, error) {
	n := m.width * m.height
	switch p := img.(type) {
	case *image.RGBA: // what image/png makes of 8-bit RGB
		if m.channels == 3 {
			out := make([]byte, 3*n)
			for i := range n {
				copy(out[3*i:3*i+3], p.Pix[4*i:4*i+3])
			}
			return out, nil
		}
	case *image.Gray:
		if m.descr == uint8s && m.channels < 2 {
			return p.Pix, nil
		}
	case *image.Gray16:
		if m.descr == uint32s {
			out := make([]byte, 4*n)
			for i := range n {
				out[4*i], out[4*i+1] = p.Pix[2*i+1], p.Pix[2*i]
			}
			return out, nil
		}
	case *image.NRGBA:
		if m.descr == uint32s {
			return p.Pix, nil
		}
	}
	return nil, fmt.Errorf("its pixels are %T, which leaflitter does not write there", img)
}
