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
		r, err := readRecord(ctx, k.job.Store, number)
		if errors.Is(err, fs.ErrNotExist) {
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
				k.damaged.Add(1)
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

// ShardReport is what VerifyShards found.
type ShardReport struct {
	Shards   uint64 // of the dataset
	Finished uint64 // of these, with a record
	Report          // of the files that records list
}

// OK reports whether the dataset is complete and every file whole.
func (r ShardReport) OK() bool { return r.Finished == r.Shards && r.Report.OK() }

// VerifyShards reads every file that the records of a dataset's shards list.
func VerifyShards(ctx context.Context, st store.Store) (ShardReport, error) {
	m, err := readShardsRecord(ctx, st)
	if err != nil {
		return ShardReport{}, err
	}
	report := ShardReport{Shards: m.Shards}
	var mu sync.Mutex
	err = parallel(ctx, m.Shards, func(ctx context.Context, i uint64) error {
		r, err := readRecord(ctx, st, i)
		if errors.Is(err, fs.ErrNotExist) {
			return nil
		}
		if err != nil {
			return err
		}
		buf := make([]byte, 1<<17)
		var found Report
		for _, l := range r.Files {
			v, err := checkListed(ctx, st, l, buf)
			if err != nil {
				return err
			}
			found.note(l.Name, v)
		}
		mu.Lock()
		defer mu.Unlock()
		report.Finished++
		report.Files += found.Files
		report.Whole += found.Whole
		report.Missing += found.Missing
		report.Damaged += found.Damaged
		if len(report.Names) < mostNames {
			report.Names = append(report.Names, found.Names...)
		}
		return nil
	})
	slices.Sort(report.Names)
	return report, err
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
