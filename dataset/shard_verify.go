package dataset

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"

	"leaflitter/store"
)

// checkListed compares a file of the store with what a record says of it.
func checkListed(ctx context.Context, st store.Store, l listed, buf []byte) (verdict, error) {
	r, err := st.Open(ctx, l.Name, 0, -1)
	if errors.Is(err, fs.ErrNotExist) {
		return fileMissing, nil
	}
	if err != nil {
		return fileDamaged, err
	}
	defer r.Close()
	h := sha256.New()
	n, err := io.CopyBuffer(h, struct{ io.Reader }{r}, buf)
	if err != nil {
		return fileDamaged, fmt.Errorf("%s of %s cannot be read: %w", l.Name, st, err)
	}
	if n != l.Size || hex.EncodeToString(h.Sum(nil)) != l.SHA256 {
		return fileDamaged, nil
	}
	return fileWhole, nil
}

// parallel calls do with 0 to n-1, from as many goroutines as there are processors, until
// one returns an error or ctx is done.
func parallel(ctx context.Context, n uint64, do func(ctx context.Context, i uint64) error) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	var next atomic.Uint64
	var wg sync.WaitGroup
	for range runtime.GOMAXPROCS(0) {
		wg.Go(func() {
			for i := next.Add(1) - 1; i < n && ctx.Err() == nil; i = next.Add(1) - 1 {
				if err := do(ctx, i); err != nil {
					cancel(err)
				}
			}
		})
	}
	wg.Wait()
	return context.Cause(ctx)
}

// verify reads this process's finished shards and marks the damaged ones for repair.
func (k *shardSink) verify(ctx context.Context) error {
	var mu sync.Mutex
	return parallel(ctx, uint64(len(k.finished)), func(ctx context.Context, i uint64) error {
		number, _ := k.job.own(i)
		r, err := k.records.read(ctx, k.job.shard(number))
		if unfinished(err) {
			return nil
		}
		if err != nil {
			return err
		}
		buf := make([]byte, 1<<17)
		for _, l := range r.Files {
			found, err := checkListed(ctx, k.job.Store, l, buf)
			if err != nil {
				return err
			}
			if found != fileWhole {
				mu.Lock()
				defer mu.Unlock()
				k.wrong[number] = &r
				return nil
			}
		}
		k.finished[i].Store(true)
		k.found.Add(1)
		k.counters.verified.Add(r.Count)
		return nil
	})
}

// ShardReport is what Existing.Verify found.
type ShardReport struct {
	Shards   uint64 // of the dataset
	Finished uint64 // of these, with a record that can be believed
	Report          // of the files that records list
}

// OK reports whether the dataset is complete and every file whole.
func (r ShardReport) OK() bool { return r.Finished == r.Shards && r.Report.OK() }

// verify reads every file that the records of a dataset's shards list, and those beside
// the manifest.
func (rs *records) verify(ctx context.Context) (ShardReport, error) {
	report := ShardReport{Shards: rs.job.shards()}
	var mu sync.Mutex
	check := func(ctx context.Context, list []listed) (found Report, err error) {
		buf := make([]byte, 1<<17)
		for _, l := range list {
			v, err := checkListed(ctx, rs.store, l, buf)
			if err != nil {
				return found, err
			}
			found.note(l.Name, v)
		}
		return found, nil
	}
	add := func(found Report) {
		mu.Lock()
		defer mu.Unlock()
		report.Files += found.Files
		report.Whole += found.Whole
		report.Missing += found.Missing
		report.Damaged += found.Damaged
		if len(report.Names) < mostNames {
			report.Names = append(report.Names, found.Names...)
		}
	}
	var finished atomic.Uint64
	err := parallel(ctx, report.Shards, func(ctx context.Context, i uint64) error {
		r, err := rs.read(ctx, rs.job.shard(i))
		switch {
		case errors.Is(err, fs.ErrNotExist):
			return nil
		case errors.Is(err, errRecord):
			var found Report
			found.note(recordFolder+recordName(i), fileDamaged)
			add(found)
			return nil
		case err != nil:
			return err
		}
		found, err := check(ctx, r.Files)
		if err != nil {
			return err
		}
		finished.Add(1)
		add(found)
		return nil
	})
	if err != nil {
		return report, err
	}
	report.Finished = finished.Load()
	for _, e := range rs.form.extra() {
		l, err := e.listing()
		if err != nil {
			return report, err
		}
		found, err := check(ctx, []listed{l})
		if err != nil {
			return report, err
		}
		add(found)
	}
	slices.Sort(report.Names)
	return report, nil
}

// note counts a file.
func (r *Report) note(name string, v verdict) {
	r.Files++
	switch v {
	case fileWhole:
		r.Whole++
	case fileMissing:
		r.Missing++
	case fileDamaged:
		r.Damaged++
	}
	if v != fileWhole && len(r.Names) < mostNames {
		r.Names = append(r.Names, name)
	}
}

const mostNames = 100
