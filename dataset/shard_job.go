package dataset

import (
	"context"
	"errors"
	"fmt"

	"leaflitter/degrade"
	"leaflitter/store"
)

// ShardJob is a job whose unit of work is a shard: ShardSize images that follow one
// another (fewer in the last), written to one file of the format, or to a few. Any
// number of processes may work on one dataset, each on its own shards or on the same
// ones; a shard that is finished is skipped.
//
// In the store, manifest.json says what the dataset is; it is there from the start. A
// shard is finished when its record is there, .leaflitter/000003.json, which lists the
// shard's files with sizes and SHA-256. Everything depends on the job alone, so that
// whoever finishes a shard leaves the same bytes.
type ShardJob struct {
	Job // Dir is not used

	Store     store.Store
	Format    string // a name of Formats
	Layout    string // of the format; empty: its first
	Member    string // webdataset: png (or empty) or npy
	Pair      *degrade.Pair
	ShardSize uint64

	// Every Tasks-th shard from number Task on is this process's. With Tasks 0 all are,
	// and nobody else is expected: a dataset that is there is refused unless Resume or
	// Overwrite says what to do with it.
	Task, Tasks uint64

	joined bool // Tasks was given
}

// maxShards is the most shards of a dataset: one bit of knowledge of each is kept in
// memory.
const maxShards = 10_000_000

// shard is one of a job's shards.
type shard struct {
	number       uint64
	first, count uint64 // images
}

func (j *ShardJob) shards() uint64 { return (j.Count-1)/j.ShardSize + 1 }

func (j *ShardJob) shard(number uint64) shard {
	before := number * j.ShardSize
	return shard{number, j.Start + before, min(j.ShardSize, j.Count-before)}
}

// shardOf returns the shard of an image of the job.
func (j *ShardJob) shardOf(index uint64) shard { return j.shard((index - j.Start) / j.ShardSize) }

// own lists this process's shards by position.
func (j *ShardJob) own(i uint64) (number uint64, ok bool) {
	number = j.Task + i*j.Tasks
	return number, number < j.shards()
}

func (j *ShardJob) check() error {
	j.Job.Dir = "-"
	if err := j.Job.check(); err != nil {
		return err
	}
	j.joined = j.Tasks > 0
	j.Tasks = max(j.Tasks, 1)
	switch {
	case j.Store == nil:
		return errors.New("a job needs a Store")
	case j.Task >= j.Tasks:
		return fmt.Errorf("task %d of %d is out of range: tasks count from 0", j.Task, j.Tasks)
	case j.Overwrite && j.joined:
		return errors.New("--overwrite with --task would let one delete what another has made: remove the dataset first, or use another destination")
	case j.Resume && j.Overwrite:
		return errors.New("--resume and --overwrite exclude each other: give one of them")
	}
	return j.CheckFormat()
}

// ShardResult is what a job did.
type ShardResult struct {
	Result         // in images, of this process's shards
	Made    uint64 // shards that this process made
	Found   uint64 // of its shards, those that were finished
	Whole   uint64 // shards of the dataset that are finished now
	Shards  uint64 // of the dataset
	Damaged uint64 // of those it made, the ones whose files had not matched their record
}

// GenerateShards runs the job. When ctx is done it stops soon, with an error that wraps
// ctx's; finished shards stay, and the same job run again ends with the bytes of an
// undisturbed run. With Resume it first reads the finished shards and makes those again
// that do not match their checksums.
func GenerateShards(ctx context.Context, job ShardJob) (ShardResult, error) {
	result := ShardResult{}
	if err := job.check(); err != nil {
		return result, err
	}
	job.defaults()
	result.Shards = job.shards()
	form, err := newFormat(&job)
	if err != nil {
		return result, err
	}
	sink := newShardSink(&job, form)
	defer sink.Close()
	if err := sink.prepare(ctx); err != nil {
		return result, stopped(ctx, err)
	}
	var c counters
	sink.counters = &c
	stop := job.report(&c)
	err = job.fillShards(ctx, sink, &c)
	stop()
	result.Result = c.result()
	result.Made, result.Found, result.Damaged = sink.made.Load(), sink.found.Load(), sink.repaired.Load()
	result.Complete = err == nil && result.Made == 0
	if err != nil {
		return result, stopped(ctx, err)
	}
	result.Whole, err = sink.countWhole(ctx)
	return result, stopped(ctx, err)
}

func (j *ShardJob) fillShards(ctx context.Context, sink *shardSink, c *counters) error {
	if j.Resume {
		if err := sink.verify(ctx); err != nil {
			return err
		}
	}
	if err := j.run(ctx, sink, sink.form.encoding(), c); err != nil {
		return err
	}
	return sink.Finish(ctx)
}

// stopped says how to go on when ctx ended the job.
func stopped(ctx context.Context, err error) error {
	if err != nil && ctx.Err() != nil && (errors.Is(err, ctx.Err()) || errors.Is(err, context.Cause(ctx))) {
		return fmt.Errorf("stopped; run the same command again to finish, whole shards are kept: %w", ctx.Err())
	}
	return err
}
