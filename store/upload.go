package store

import (
	"bytes"
	"context"
	"time"

	"github.com/minio/minio-go/v7"
)

// stopping is how long a job that was stopped waits for the server's answers.
const stopping = 5 * time.Second

// upload is an object that is being written: parts of a multipart upload, of which one
// is on its way while the next is filled. What fits one part is put at once.
type upload struct {
	s     *s3
	ctx   context.Context
	name  string
	id    string // of the upload; empty: not begun
	fill  []byte // the part being filled
	spare []byte
	sent  []minio.CompletePart
	n     int64
	busy  chan error // the part on its way; nil: none
	done  bool
}

func (s *s3) Create(ctx context.Context, name string) (Writer, error) {
	return &upload{s: s, ctx: ctx, name: name}, nil
}

func (u *upload) Write(p []byte) (int, error) {
	n := len(p)
	for len(p) > 0 {
		room := min(u.part()-len(u.fill), len(p))
		u.fill, p = append(u.fill, p[:room]...), p[room:]
		if len(u.fill) == u.part() {
			if err := u.send(); err != nil {
				return 0, err
			}
		}
	}
	u.n += int64(n)
	return n, nil
}

// part is the size of the next part. An upload has at most 10,000: they double every
// thousand, so that they suffice for the 5 TB that an object may have.
func (u *upload) part() int { return firstPart << (len(u.sent) / 1000) }

// wait waits for the part on its way.
func (u *upload) wait() error {
	if u.busy == nil {
		return nil
	}
	err := <-u.busy
	u.busy = nil
	return u.s.explain(u.name, err)
}

// send starts sending what is filled. The client retries with backoff, from memory.
func (u *upload) send() error {
	if err := u.wait(); err != nil {
		return err
	}
	if u.id == "" {
		if err := u.begin(); err != nil {
			return err
		}
	}
	data, number := u.fill, len(u.sent)+1
	u.fill, u.spare = u.spare[:0], data
	u.sent = append(u.sent, minio.CompletePart{PartNumber: number})
	u.busy = make(chan error, 1)
	go func(busy chan<- error, etag *string) {
		part, err := u.s.core.PutObjectPart(u.ctx, u.s.bucket, u.s.key(u.name), u.id, number, bytes.NewReader(data), int64(len(data)), minio.PutObjectPartOptions{})
		*etag = part.ETag
		busy <- err
	}(u.busy, &u.sent[number-1].ETag)
	return nil
}

// begin makes the upload. When the job is stopped meanwhile, the answer is still waited
// for: the server may have made the upload already, and nobody can abort one without its id.
func (u *upload) begin() error {
	if err := u.ctx.Err(); err != nil {
		return err
	}
	ctx, cancel := context.WithCancel(context.WithoutCancel(u.ctx))
	defer cancel()
	stop := context.AfterFunc(u.ctx, func() { time.AfterFunc(stopping, cancel) })
	defer stop()
	id, err := u.s.core.NewMultipartUpload(ctx, u.s.bucket, u.s.key(u.name), minio.PutObjectOptions{})
	if err != nil {
		return u.s.explain(u.name, err)
	}
	u.id = id
	return u.ctx.Err()
}

func (u *upload) Commit() error {
	if u.id == "" {
		u.done = true
		return u.s.Put(u.ctx, u.name, u.fill)
	}
	if len(u.fill) > 0 {
		if err := u.send(); err != nil {
			return err
		}
	}
	if err := u.wait(); err != nil {
		return err
	}
	_, err := u.s.core.CompleteMultipartUpload(u.ctx, u.s.bucket, u.s.key(u.name), u.id, u.sent, minio.PutObjectOptions{})
	if err != nil && gone(err) {
		// An earlier try had succeeded and its answer was lost, or another process
		// made the same object and swept our upload away.
		if size, e := u.s.Size(u.ctx, u.name); e == nil && size == u.n {
			err = nil
		}
	}
	u.done = err == nil
	return u.s.explain(u.name, err)
}

func (u *upload) Abort() {
	if u.done || u.id == "" {
		return
	}
	u.done = true
	u.wait() // its context has ended, or it ends by itself
	// Also when the job was stopped, but not for long: what stays is swept later.
	ctx, cancel := context.WithTimeout(context.WithoutCancel(u.ctx), stopping)
	defer cancel()
	u.s.core.AbortMultipartUpload(ctx, u.s.bucket, u.s.key(u.name), u.id)
}
