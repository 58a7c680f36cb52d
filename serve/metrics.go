package serve

import (
	"fmt"
	"io"
	"time"

	"github.com/VictoriaMetrics/metrics"
)

// meters are what /metrics tells, in Prometheus' text format.
type meters struct {
	set      *metrics.Set
	rendered *metrics.Counter
	sent     *metrics.Counter
	inFlight *metrics.Counter
	seconds  map[string]*metrics.PrometheusHistogram
}

func newMeters(c *cache, engines func() int) *meters {
	s := metrics.NewSet()
	m := &meters{set: s,
		rendered: s.NewCounter("leaflitter_images_rendered_total"),
		sent:     s.NewCounter("leaflitter_response_bytes_total"),
		inFlight: s.NewCounter("leaflitter_requests_in_flight"),
		seconds:  map[string]*metrics.PrometheusHistogram{},
	}
	for _, kind := range []string{"shard", "image", "other"} {
		m.seconds[kind] = s.NewPrometheusHistogram(fmt.Sprintf(`leaflitter_request_seconds{kind=%q}`, kind))
	}
	s.NewGauge("leaflitter_cache_bytes", func() float64 { _, _, used := c.counts(); return float64(used) })
	s.NewGauge("leaflitter_cache_lookups_total", func() float64 { n, _, _ := c.counts(); return float64(n) })
	s.NewGauge("leaflitter_cache_hits_total", func() float64 { _, n, _ := c.counts(); return float64(n) })
	s.NewGauge("leaflitter_sizes_open", func() float64 { return float64(engines()) })
	return m
}

// answered counts a request.
func (m *meters) answered(kind string, status int, bytes int64, took time.Duration) {
	m.set.GetOrCreateCounter(fmt.Sprintf(`leaflitter_requests_total{kind=%q,status="%d"}`, kind, status)).Inc()
	m.sent.AddInt64(bytes)
	m.seconds[kind].Update(took.Seconds())
}

func (m *meters) write(w io.Writer) {
	m.set.WritePrometheus(w)
	metrics.WriteProcessMetrics(w)
}
