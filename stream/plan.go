package stream

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"math"
	"strconv"
	"strings"
)

// consecutive returns the function that fills a batch with the next indices; it
// returns io.EOF after the last.
func (job *Job) consecutive() func(*batch) error {
	next, left := job.Start, uint64(math.MaxUint64)
	if job.Count > 0 {
		left = job.Count
	}
	ended := false
	return func(b *batch) error {
		b.indices = b.indices[:0]
		for len(b.indices) < job.Batch && left > 0 && !ended {
			b.indices = append(b.indices, next)
			left--
			ended = next > math.MaxUint64-job.Stride // no index follows
			next += job.Stride
		}
		if len(b.indices) == 0 {
			return io.EOF
		}
		b.key = b.indices[0]
		return nil
	}
}

// maxLine is more than MaxBatch indices of 20 digits and some blanks take, in bytes.
const maxLine = MaxBatch * 24

// requested returns the function that fills a batch with the indices of the next line
// of Requests; it returns io.EOF after the last.
func (job *Job) requested() func(*batch) error {
	lines := bufio.NewReaderSize(job.Requests, maxLine)
	most := job.MostImages()
	number := uint64(0)
	return func(b *batch) error {
		b.indices = b.indices[:0]
		wrong := func(what string) error {
			return fmt.Errorf("line %d of the requests (counted from 0) %s: a line holds 1 to %d image indices, whole numbers from 0 to %d, separated by blanks",
				number, what, most, uint64(math.MaxUint64))
		}
		line, err := lines.ReadSlice('\n')
		switch {
		case errors.Is(err, bufio.ErrBufferFull):
			return wrong(fmt.Sprintf("is longer than %d bytes", maxLine))
		case err == io.EOF && len(line) == 0:
			return io.EOF
		case err != nil && err != io.EOF:
			return fmt.Errorf("line %d of the requests cannot be read: %w", number, err)
		}
		for word := range strings.FieldsSeq(string(line)) {
			index, err := strconv.ParseUint(word, 10, 64)
			if err != nil {
				return wrong(fmt.Sprintf("holds %q", word[:min(len(word), 32)]))
			}
			if len(b.indices) == most {
				return wrong("holds more")
			}
			b.indices = append(b.indices, index)
		}
		if len(b.indices) == 0 {
			return wrong("is empty")
		}
		b.key = number
		number++
		return nil
	}
}
