package serve

import (
	"context"
	"errors"
	"io"
	"sync/atomic"

	"leaflitter/dataset"
)

// shardReader is a shard as a file that is made where it is read: http.ServeContent
// seeks in it for ranges, and what is not read is not rendered.
type shardReader struct {
	ctx    context.Context
	engine *engine
	first  uint64 // image
	at     int64
	next   uint64                // image that a reader in sequence wants; then it is worth working ahead
	ahead  uint64                // images to ask for beyond it
	failed atomic.Pointer[error] // of several ranges a goroutine reads, for a moment longer than the request
}

func newShardReader(ctx context.Context, g *engine, number uint64) *shardReader {
	return &shardReader{ctx: ctx, engine: g, first: number * g.virtual.ShardSize(), next: 1<<64 - 1, ahead: uint64(g.Batch)}
}

func (r *shardReader) Seek(offset int64, whence int) (int64, error) {
	switch whence {
	case io.SeekCurrent:
		offset += r.at
	case io.SeekEnd:
		offset += r.engine.virtual.ShardBytes()
	}
	if offset < 0 {
		return 0, errors.New("serve: a seek before the beginning")
	}
	r.at = offset
	return offset, nil
}

func (r *shardReader) Read(p []byte) (int, error) {
	v := r.engine.virtual
	sample := uint64(r.at / v.SampleBytes())
	if sample >= v.ShardSize() {
		rest := r.at - v.SampleBytes()*int64(v.ShardSize())
		end := dataset.TarEnd()
		if rest >= int64(len(end)) {
			return 0, io.EOF
		}
		n := copy(p, end[rest:])
		r.at += int64(n)
		return n, nil
	}
	if sample == r.next {
		for i := sample + 1; i <= min(sample+r.ahead, v.ShardSize()-1); i++ {
			r.engine.ahead(key{r.engine.id, whatSample, r.first + i})
		}
	}
	files, err := r.engine.get(r.ctx, key{r.engine.id, whatSample, r.first + sample})
	if err != nil {
		r.failed.Store(&err)
		return 0, err
	}
	data := files[0]
	n := copy(p, data[r.at-int64(sample)*v.SampleBytes():])
	r.at += int64(n)
	if r.at == int64(sample+1)*v.SampleBytes() {
		r.next = sample + 1
	}
	return n, nil
}
