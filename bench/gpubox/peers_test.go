//go:build linux && cgo && egl

package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"leaflitter/bench/gpubox/report"
)

func TestPeers(t *testing.T) {
	dir := t.TempDir()
	out := filepath.Join(dir, "peers.json")
	if err := peers([]string{"-size", "32", "-repeats", "2", "-json", out, "-dump", filepath.Join(dir, "dump")}); err != nil {
		t.Fatal(err)
	}
	var r report.Peers
	data, err := os.ReadFile(out)
	if err == nil {
		err = json.Unmarshal(data, &r)
	}
	if err != nil || len(r.Rows) != 3 || r.Device == "" || r.Size != 32 {
		t.Fatalf("%+v, %v", r, err)
	}
	for _, row := range r.Rows {
		if !row.Equal || row.Error != "" || row.Leaves == 0 {
			t.Errorf("%+v", row)
		}
		for _, times := range [][]float64{row.Cover, row.CoverBatch, row.Brute, row.BruteBatch, row.CPU} {
			if len(times) != 2 || times[0] <= 0 || times[0] > times[1] {
				t.Errorf("times %v at r_min %g", times, row.RMin)
			}
		}
	}
	for _, c := range []struct{ flag, value, says string }{
		{"-repeats", "0", "give 1 to 1000"}, {"-batch", "65", "give 1 to 64"}, {"-device", "no-such", "no-such"},
		{"-json", filepath.Join(dir, "nowhere", "p.json"), "p.json cannot be written"}, {"-size", "0", "image"},
	} {
		if err := peers([]string{"-size", "32", "-repeats", "1", c.flag, c.value}); err == nil || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%s %s: %v", c.flag, c.value, err)
		}
	}
}

// A row that fails is in the report with its reason, and the next ones run.
func TestPeersGoOn(t *testing.T) {
	dir := t.TempDir()
	dump, out := filepath.Join(dir, "dump"), filepath.Join(dir, "peers.json")
	if err := os.Mkdir(dump, 0o777); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dump, "r_min-2"), nil, 0o666); err != nil { // in the way
		t.Fatal(err)
	}
	err := peers([]string{"-size", "32", "-repeats", "1", "-json", out, "-dump", dump})
	if err == nil || !strings.Contains(err.Error(), "r_min 2") || strings.Contains(err.Error(), "r_min 1:") {
		t.Fatal(err)
	}
	var r report.Peers
	data, err := os.ReadFile(out)
	if err == nil {
		err = json.Unmarshal(data, &r)
	}
	if err != nil || len(r.Rows) != 3 || r.Rows[1].Error == "" || !r.Rows[0].Equal || !r.Rows[2].Equal {
		t.Errorf("%+v, %v", r, err)
	}
}
