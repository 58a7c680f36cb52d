package dataset

import (
	"context"
	"fmt"
	"io"
	"math"
	"slices"
	"strconv"
	"strings"

	"leaflitter/store"
)

// shardFormat is one way of writing shards: what files a shard consists of and what is in
// them.
type shardFormat interface {
	// encoding is what it wants of each sample.
	encoding() *encoding
	// begin returns what the samples of a shard are given to in order; nil if each of
	// their files is a file of the store by itself, named by path.
	begin(ctx context.Context, s shard) (shardWriter, error)
	path(index uint64, kind string) string
	// extra are the names and contents of files that describe the whole dataset.
	extra() []extraFile
	// names are the files of a shard, in the order in which its record lists them.
	names(s shard) []string
	// shardOf returns the number of the shard that a file belongs to; false if the
	// dataset has no such file.
	shardOf(name string) (uint64, bool)
	// check reports what the format cannot write.
	check() error
	// read returns the files of one sample as they stand in the store.
	read(ctx context.Context, st store.Store, index uint64) ([][]byte, error)
}

// shardWriter writes the files of one shard.
type shardWriter interface {
	put(index uint64, files []File) error
	// end writes what comes after the last sample and lists the files.
	end() ([]listed, error)
	// commit makes the files whole under their names.
	commit() error
	// abort leaves nothing of files that are not whole.
	abort()
}

type extraFile struct {
	name  string
	write func(w io.Writer) error
}

// formats is the registry: a new format is one file and one line here.
var formats = []struct {
	name, about string
	layouts     []string // the first is the default
	make        func(f files) shardFormat
}{
	{"png", "one PNG file an image; layout basicsr: in folders GT, LQ, ..., with meta_info.txt", []string{"flat", "basicsr"}, newPNGFormat},
	{"webdataset", "tar archives of PNG or NPY members with a JSON member each", []string{""}, newTarFormat},
	{"npy", "one N x H x W x C uint8 array a shard", []string{""}, newNPYFormat},
	{"hdf5", "patches: a C x H x W dataset an image; array: one chunked N x H x W x C dataset", []string{"patches", "array"}, newHDF5Format},
}

// Formats lists the names of the formats, the default first.
func Formats() []string {
	var list []string
	for _, f := range formats {
		list = append(list, f.name)
	}
	return list
}

// CheckFormat reports what is wrong with the format, layout, member, pairs and shard size
// of a job.
func (j *ShardJob) CheckFormat() error {
	if j.ShardSize == 0 || j.ShardSize > math.MaxUint32 || (j.Count-1)/j.ShardSize+1 > maxShards {
		return fmt.Errorf("--shard-size %d: give 1 to %d, so that %d images are at most %d shards", j.ShardSize, uint32(math.MaxUint32), j.Count, maxShards)
	}
	form, err := newFormat(j)
	if err == nil {
		err = form.check()
	}
	if err != nil || j.Pair == nil {
		return err
	}
	im := j.like()
	return j.Pair.Check(im.Width, im.Height)
}

func newFormat(j *ShardJob) (shardFormat, error) {
	for _, f := range formats {
		if f.name != j.Format {
			continue
		}
		if j.Layout == "" {
			j.Layout = f.layouts[0]
		}
		if !slices.Contains(f.layouts, j.Layout) {
			if f.layouts[0] == "" {
				return nil, fmt.Errorf("--layout %s: format %s has one layout only; leave --layout out", j.Layout, j.Format)
			}
			return nil, fmt.Errorf("--layout %s: format %s has the layouts %s", j.Layout, j.Format, strings.Join(f.layouts, ", "))
		}
		switch {
		case j.Member != "" && j.Format != "webdataset":
			return nil, fmt.Errorf("--member %s: only the format webdataset has a choice of members; leave it out", j.Member)
		case j.Member != "" && j.Member != "png" && j.Member != "npy":
			return nil, fmt.Errorf("--member %s: give png or npy", j.Member)
		case j.Pair != nil && j.Pair.Float() && (j.Format == "png" || j.Format == "webdataset" && j.Member != "npy"):
			return nil, fmt.Errorf("--pairs %s: PNG files hold no float32; take --format npy, hdf5, or webdataset with --member npy", j.Pair)
		}
		hash, err := configHash(&j.Header)
		if err != nil {
			return nil, err
		}
		base := files{j, encoding{
			members: members(j.like(), j.Labels, j.Pair), pair: j.Pair, level: j.Level, header: &j.Header, config: hash,
		}}
		return f.make(base), nil
	}
	return nil, fmt.Errorf("--format %s: give one of %s", j.Format, strings.Join(Formats(), ", "))
}

// files is what all formats share.
type files struct {
	job *ShardJob
	enc encoding
}

func (f *files) encoding() *encoding                { return &f.enc }
func (f *files) extra() []extraFile                 { return nil }
func (f *files) check() error                       { return nil }
func (f *files) path(index uint64, k string) string { panic("dataset: no file of its own") }

// shardFile is the name of a shard's file: 000012.tar, or GT/000012.npy.
func shardFile(folder string, number uint64, ext string) string {
	return inFolder(folder, fmt.Sprintf("%06d.%s", number, ext))
}

func inFolder(folder, name string) string {
	if folder == "" {
		return name
	}
	return folder + "/" + name
}

// folder is where the arrays of a member go, and its PNG files in layout basicsr: the
// images of a dataset without pairs stand alone, so that a loader finds nothing else
// beside them.
func (m *member) folder() string {
	switch m.kind {
	case "gt", "lq":
		return strings.ToUpper(m.kind)
	}
	return m.kind
}

// shardFiles are the names of a shard that has a file of each member.
func (f *files) shardFiles(number uint64, ext string) (list []string) {
	for _, m := range f.enc.members {
		list = append(list, shardFile(m.folder(), number, ext))
	}
	return list
}

// parseShardFile undoes shardFiles.
func (f *files) parseShardFile(name, ext string) (uint64, bool) {
	for _, m := range f.enc.members {
		rest, ok := strings.CutPrefix(name, inFolder(m.folder(), ""))
		digits, ok2 := strings.CutSuffix(rest, "."+ext)
		n, err := strconv.ParseUint(digits, 10, 64)
		if ok && ok2 && err == nil && n < f.job.shards() && shardFile(m.folder(), n, ext) == name {
			return n, true
		}
	}
	return 0, false
}

// readRange reads a part of a file.
func readRange(ctx context.Context, st store.Store, name string, offset, length int64) ([]byte, error) {
	r, err := st.Open(ctx, name, offset, length)
	if err != nil {
		return nil, err
	}
	defer r.Close()
	data, err := io.ReadAll(r)
	if err == nil && length >= 0 && int64(len(data)) != length {
		err = fmt.Errorf("%s of %s ends too early", name, st)
	}
	return data, err
}
