package dataset

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"sync"
	"sync/atomic"
)

// shardSink is the sink of a ShardJob. It opens shards as their images are asked for and
// gives each shard's writer its samples in order; those that come early wait in memory,
// and Missing waits while too many do.
type shardSink struct {
	job      *ShardJob
	form     shardFormat
	records  records
	counters *counters

	made, found, repaired atomic.Uint64
	finished              []atomic.Bool           // own shards that are known to be finished, by position
	wrong                 map[uint64]*shardRecord // damaged shards by number: what they must become again

	mu      sync.Mutex
	room    sync.Cond // signalled when settled or stopped changes
	open    map[uint64]*openShard
	issued  uint64 // images that Missing gave
	settled uint64 // of these, those no longer in memory
}

func newShardSink(job *ShardJob, form shardFormat) *shardSink {
	k := &shardSink{
		job: job, form: form, records: records{job: job, form: form, store: job.Store},
		open: map[uint64]*openShard{}, wrong: map[uint64]*shardRecord{},
	}
	k.room.L = &k.mu
	if n := job.shards(); n > job.Task {
		k.finished = make([]atomic.Bool, (n-job.Task-1)/job.Tasks+1)
		job.total = uint64(len(k.finished)) * job.ShardSize
		if (n-1)%job.Tasks == job.Task { // the last one may be shorter
			job.total -= job.ShardSize - job.shard(n-1).count
		}
	}
	return k
}

// position returns where a shard stands among this process's.
func (k *shardSink) position(number uint64) (int, bool) {
	if number%k.job.Tasks != k.job.Task {
		return 0, false
	}
	return int(number / k.job.Tasks), true
}

// window is how many images may be in memory: as many as circulate, and as many again
// that are encoded and wait for an earlier one. More than a batch, or the collector
// would wait for an image that it has not sent off yet.
func (k *shardSink) window() uint64 { return 2 * uint64(k.job.most()) }

// Missing implements Sink.
func (k *shardSink) Missing(ctx context.Context, i uint64) (uint64, bool, error) {
	j := k.job
	for i-j.Start < j.Count {
		s := j.shardOf(i)
		at, ok := k.position(s.number)
		if !ok || k.finished[at].Load() {
			i = s.first + s.count
			continue
		}
		if i == s.first {
			whole, err := k.begin(ctx, s)
			if err != nil {
				return 0, false, err
			}
			if whole {
				i = s.first + s.count
				continue
			}
		}
		stop := context.AfterFunc(ctx, func() {
			k.mu.Lock() // or it could come between the look at ctx and Wait, and be lost
			defer k.mu.Unlock()
			k.room.Broadcast()
		})
		defer stop()
		k.mu.Lock()
		defer k.mu.Unlock()
		for k.issued-k.settled >= k.window() {
			if ctx.Err() != nil {
				return 0, false, context.Cause(ctx)
			}
			k.room.Wait()
		}
		k.issued++
		return i, true, nil
	}
	return 0, false, nil
}

// begin opens a shard, unless it is finished: whole.
func (k *shardSink) begin(ctx context.Context, s shard) (whole bool, err error) {
	if k.wrong[s.number] == nil {
		if whole, err = k.whole(ctx, s); err != nil {
			return false, err
		}
		if whole {
			at, _ := k.position(s.number)
			k.finished[at].Store(true)
			k.found.Add(1)
			k.counters.verified.Add(s.count)
			return true, nil
		}
	}
	o := &openShard{shard: s, next: s.first, early: map[uint64]Sample{}}
	if o.w, err = k.form.begin(ctx, s); err != nil {
		return false, err
	}
	if o.w == nil {
		o.alone = make([][]listed, s.count)
	}
	k.mu.Lock()
	k.open[s.number] = o
	k.mu.Unlock()
	return false, nil
}

// whole reports whether a shard is finished: its record is there, and its files have the
// sizes that it lists. Of a shard of many files in an object store only the record is
// looked at, since a request each would take longer than some shards take to make.
func (k *shardSink) whole(ctx context.Context, s shard) (bool, error) {
	r, err := k.records.read(ctx, s)
	if unfinished(err) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	for i, f := range r.Files {
		if i == fewFiles && k.job.remote() {
			break
		}
		size, err := k.job.Store.Size(ctx, f.Name)
		if errors.Is(err, fs.ErrNotExist) || err == nil && size != f.Size {
			return false, nil
		}
		if err != nil {
			return false, err
		}
	}
	return true, nil
}

const fewFiles = 16

// openShard is a shard that is being made.
type openShard struct {
	shard
	w    shardWriter // nil: every file stands alone
	lost bool        // another process finished it first: what comes is dropped; the writing goroutine's

	mu      sync.Mutex        // guards what follows
	writing bool              // a goroutine is giving samples to w
	next    uint64            // image that w wants
	early   map[uint64]Sample // copies
	alone   [][]listed        // without w: the files of each image
	done    uint64            // images in place
}

// admit reports whether the caller is to write s, which is then next; else s is kept
// for whoever comes to it.
func (o *openShard) admit(s Sample) bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.writing || s.Index != o.next {
		o.early[s.Index] = s.clone() // its bytes are the caller's again when Put returns
		return false
	}
	o.writing = true
	return true
}

// advance returns the sample after the one that was written, if it is there; else the
// caller has stopped writing.
func (o *openShard) advance() (s Sample, ok, complete bool) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.next++
	s, ok = o.early[o.next]
	delete(o.early, o.next)
	o.writing = ok
	return s, ok, o.next == o.first+o.count
}

// Put implements Sink.
func (k *shardSink) Put(ctx context.Context, s Sample) error {
	k.mu.Lock()
	o := k.open[k.job.shardOf(s.Index).number]
	k.mu.Unlock()
	if o.w == nil {
		return k.putAlone(ctx, o, s)
	}
	if !o.admit(s) {
		return nil
	}
	for {
		if !o.lost {
			if err := o.w.put(s.Index, s.Files); err != nil {
				if err = k.unlessWhole(ctx, o, err); err != nil {
					return err
				}
			}
		}
		k.settle()
		next, ok, complete := o.advance()
		if complete {
			return k.finish(ctx, o)
		}
		if !ok {
			return nil
		}
		s = next
	}
}

// putAlone stores a sample whose files stand alone.
func (k *shardSink) putAlone(ctx context.Context, o *openShard, s Sample) error {
	var list []listed
	for _, f := range s.Files {
		name := k.form.path(s.Index, f.Kind)
		l := listed{Name: name, Size: int64(len(f.Data)), SHA256: hex.EncodeToString(f.Sum[:])}
		if err := k.compare(o.shard, l); err != nil {
			return err
		}
		if err := k.job.Store.Put(ctx, name, f.Data); err != nil {
			return err
		}
		list = append(list, l)
	}
	k.settle()
	o.mu.Lock()
	o.alone[s.Index-o.first] = list
	o.done++
	complete := o.done == o.count
	o.mu.Unlock()
	if complete {
		return k.finish(ctx, o)
	}
	return nil
}

// unlessWhole is for a writer's error: when another process has finished the same shard
// and swept away what this one was writing, it is none, and the shard is lost to it. Not
// so when the shard is made again since it is damaged: its record was there before.
func (k *shardSink) unlessWhole(ctx context.Context, o *openShard, err error) error {
	if k.wrong[o.number] != nil {
		return err
	}
	if whole, e := k.whole(ctx, o.shard); e != nil || !whole {
		return err
	}
	o.lost = true
	return nil
}

// settle counts an image that is no longer in memory.
func (k *shardSink) settle() {
	k.mu.Lock()
	k.settled++
	k.mu.Unlock()
	k.room.Broadcast()
}

// finish makes a shard's files whole, then writes its record.
func (k *shardSink) finish(ctx context.Context, o *openShard) error {
	r := shardRecord{Job: k.records.id, Shard: o.number, First: o.first, Count: o.count, Files: slices.Concat(o.alone...)}
	if o.w != nil && !o.lost {
		var err error
		if r.Files, err = o.w.end(); err == nil {
			for _, f := range r.Files {
				if err := k.compare(o.shard, f); err != nil {
					return err
				}
			}
			err = o.w.commit()
		}
		if err != nil {
			if err = k.unlessWhole(ctx, o, err); err != nil {
				return err
			}
		}
	}
	if o.lost {
		o.w.abort()
		k.found.Add(1)
	} else {
		if err := writeDurably(ctx, k.job.Store, recordFolder+recordName(r.Shard), r); err != nil {
			return err
		}
		k.made.Add(1)
		if k.wrong[o.number] != nil {
			k.repaired.Add(1)
		}
	}
	at, _ := k.position(o.number)
	k.finished[at].Store(true)
	k.mu.Lock()
	delete(k.open, o.number)
	k.mu.Unlock()
	return nil
}

// compare refuses a file of a damaged shard that, made again, is not what was recorded.
func (k *shardSink) compare(s shard, made listed) error {
	r := k.wrong[s.number]
	if r == nil {
		return nil
	}
	for _, f := range r.Files {
		if f.Name == made.Name && f != made {
			return fmt.Errorf("%s of %s: made again, it is not the file whose SHA-256 was recorded: another build or other palettes "+
				"made it; run with --overwrite to make the whole dataset anew", made.Name, k.job.Store)
		}
	}
	return nil
}

// Finish implements Sink: nothing is left of what killed processes had begun of shards
// that are finished, whoever finished them.
func (k *shardSink) Finish(ctx context.Context) error {
	done := map[uint64]bool{}
	finished := func(number uint64) bool {
		whole, known := done[number]
		if !known {
			if at, ok := k.position(number); ok && k.finished[at].Load() {
				whole = true
			} else {
				_, err := k.records.read(ctx, k.job.shard(number))
				whole = err == nil
			}
			done[number] = whole
		}
		return whole
	}
	return k.job.Store.Sweep(ctx, func(name string) bool {
		if number, ok := recordNumber(name); ok && number < k.job.shards() {
			return finished(number)
		}
		if number, ok := k.form.shardOf(name); ok {
			return finished(number)
		}
		return k.job.describes(k.form, name)
	})
}

// Close implements Sink: shards that are not finished leave nothing.
func (k *shardSink) Close() error {
	k.mu.Lock()
	defer k.mu.Unlock()
	for _, o := range k.open {
		if o.w != nil {
			o.w.abort()
		}
	}
	k.open = nil
	return nil
}

// countWhole counts the finished shards of the dataset.
func (k *shardSink) countWhole(ctx context.Context) (n uint64, err error) {
	err = k.job.Store.Each(ctx, recordFolder, func(name string) error {
		if number, ok := recordNumber(name); ok && number < k.job.shards() {
			n++
		}
		return nil
	})
	return n, err
}
