package render

import (
	"strings"
	"testing"
	"time"
)

// The table adds up, compares the host with its threads and a device with the clock,
// and names what is busiest.
func TestStatsTable(t *testing.T) {
	s := &Stats{}
	s.Add(Host, "encode", 1500*time.Millisecond)
	s.Add(Host, "encode", 500*time.Millisecond)
	s.Add(0, "cover", 600*time.Millisecond)
	s.Add(0, "shade", 300*time.Millisecond)
	s.Add(1, "cover", 100*time.Millisecond)
	table := s.Table(10, time.Second, 4)
	for _, want := range []string{
		"encode                           200000.0       2.00    50.0%",
		"device 0: cover                   60000.0       0.60    60.0%",
		"4 host threads, all steps        200000.0       2.00    50.0%",
		"device 0, all steps               90000.0       0.90    90.0%",
		"device 1, all steps               10000.0       0.10    10.0%",
		"10 images in 1.00 s, 10.0 a second; busiest: device 0, 90 % of the time",
	} {
		if !strings.Contains(table, want+"\n") {
			t.Errorf("the table lacks %q:\n%s", want, table)
		}
	}
	if s.Total(0, "shade") != 300*time.Millisecond || s.Total(1, "shade") != 0 {
		t.Error("totals")
	}
	var none *Stats
	none.Add(Host, "x", 1)
	none.Time(Host, "x")()
	if none.Table(1, 1, 1) != "" || s.Table(0, time.Second, 1) != "" {
		t.Error("a table of nothing")
	}
}
