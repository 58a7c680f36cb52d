//go:build linux && cgo && egl

package gpu

import (
	"time"

	"github.com/go-gl/gl/v4.5-core/gl"
)

// clock notes when the device passes marks, by timestamp queries (elapsed-time
// queries read 0 on llvmpipe).
type clock struct {
	names   []string
	queries []uint32
}

func (c *clock) mark(name string) {
	if c == nil {
		return
	}
	var q uint32
	gl.GenQueries(1, &q)
	gl.QueryCounter(q, gl.TIMESTAMP)
	c.names, c.queries = append(c.names, name), append(c.queries, q)
}

// read returns the time up to each mark since the one before, summed by name, once
// the device has passed all of them.
func (c *clock) read() map[string]time.Duration {
	if c == nil {
		return nil
	}
	out := map[string]time.Duration{}
	last := uint64(0)
	for i, q := range c.queries {
		var now uint64
		gl.GetQueryObjectui64v(q, gl.QUERY_RESULT, &now)
		if i > 0 {
			out[c.names[i]] += time.Duration(now - last)
		}
		last = now
	}
	gl.DeleteQueries(int32(len(c.queries)), &c.queries[0])
	return out
}
