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

// lap is the time that a step of a batch took.
type lap struct {
	step string
	took time.Duration
}

// read returns the time up to each mark since the one before, once the device has
// passed all of them.
func (c *clock) read() (laps []lap) {
	if c == nil {
		return nil
	}
	last := uint64(0)
	for i, q := range c.queries {
		var now uint64
		gl.GetQueryObjectui64v(q, gl.QUERY_RESULT, &now)
		if i > 0 {
			laps = append(laps, lap{c.names[i], time.Duration(now - last)})
		}
		last = now
	}
	gl.DeleteQueries(int32(len(c.queries)), &c.queries[0])
	return laps
}
