package dataset

import (
	"fmt"
	"math"

	"leaflitter/render"
)

// Virtual is a webdataset that is made when it is read. Its members have sizes that are
// known beforehand (NPY, or PNG that is not compressed, and a JSON member of one size),
// so each byte of a shard has its place before anything is rendered. The bytes are
// those that GenerateShards writes with PNG level 0, or with NPY members.
type Virtual struct {
	form   *tarFormat
	sample int64 // bytes of a sample in its archive
}

// VirtualSample makes samples of a Virtual, keeping its buffers; one a goroutine.
type VirtualSample struct {
	v    *Virtual
	e    *encoder
	head []byte
}

// NewVirtual returns the virtual dataset of a job: of its settings that say what images
// are, Member and ShardSize count.
func NewVirtual(job ShardJob) (*Virtual, error) {
	job.Format, job.Level, job.Labels, job.Pair, job.Layout = "webdataset", Stored, render.Labels{}, nil, ""
	job.Start, job.Count, job.Tasks = 0, math.MaxInt64, 1
	form, err := newFormat(&job)
	if err != nil {
		return nil, err
	}
	v := &Virtual{form: form.(*tarFormat)}
	s := v.NewSample()
	data, err := s.archived(nil, 0, job.like())
	v.sample = int64(len(data))
	return v, err
}

// ShardSize is the images a shard.
func (v *Virtual) ShardSize() uint64 { return v.form.job.ShardSize }

// Shards is how many shards there are.
func (v *Virtual) Shards() uint64 { return v.form.job.Count / v.form.job.ShardSize }

// SampleBytes is the length of each sample in its archive.
func (v *Virtual) SampleBytes() int64 { return v.sample }

// ShardBytes is the length of each archive.
func (v *Virtual) ShardBytes() int64 {
	return v.sample*int64(v.ShardSize()) + int64(len(TarEnd()))
}

// NewSample returns what makes samples.
func (v *Virtual) NewSample() *VirtualSample {
	return &VirtualSample{v: v, e: v.form.encoding().encoder()}
}

// Archived appends the bytes of sample index, which shows im, as they stand in its
// archive: SampleBytes of them.
func (s *VirtualSample) Archived(dst []byte, index uint64, im *render.Image) ([]byte, error) {
	n := len(dst)
	dst, err := s.archived(dst, index, im)
	if err == nil && int64(len(dst)-n) != s.v.sample {
		err = fmt.Errorf("sample %d has %d bytes instead of %d", index, len(dst)-n, s.v.sample)
	}
	return dst, err
}

func (s *VirtualSample) archived(dst []byte, index uint64, im *render.Image) ([]byte, error) {
	files, _, err := s.e.encode(index, im)
	if err != nil {
		return dst, err
	}
	out := appender{dst}
	s.head, err = s.v.form.frame(&out, s.head, index, files)
	return out.out, err
}
