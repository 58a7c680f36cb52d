package main

import (
	"strings"
	"testing"
	"time"

	"leaflitter/dataset"
)

// The rate counts what this run made, not what it found.
func TestMeter(t *testing.T) {
	m := meter{start: time.Now().Add(-10 * time.Second)}
	for _, c := range []struct {
		p    dataset.Progress
		want string
	}{
		{dataset.Progress{Total: 1000}, "starting"},
		{dataset.Progress{Total: 1000, Done: 500, Verified: 500}, "verifying"},
		{dataset.Progress{Total: 1000, Done: 700, Verified: 500}, "20.0 images/s, 15s left"},
		{dataset.Progress{Total: 1000, Done: 200}, "20.0 images/s, 40s left"},
		{dataset.Progress{Total: 1000, Done: 1000, Verified: 500}, ", 0s left"},
	} {
		m.note(c.p)
		if got := m.text(); !strings.HasSuffix(got, c.want) {
			t.Errorf("%+v: %q, want %q", c.p, got, c.want)
		}
	}
}
