//go:build linux && cgo && egl

package main

import (
	"fmt"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"leaflitter/bench/gpubox/steps"
)

// In a short run the rows come before what takes minutes.
func TestMeasureShort(t *testing.T) {
	t.Parallel()
	for _, seconds := range []string{"120", "240"} {
		box, results := boxed(t), filepath.Join(t.TempDir(), "results")
		_, said, report := runBox(t, box, results, "equal", "measure", "-t", seconds)
		holds(t, "the report", report, "| floors | 0.0 |")
		if strings.Contains(said, "row-dead-leaves-512-64: left out") || strings.Count(said, "row-") < 30 || strings.Contains(said, "2048-4: left out") {
			t.Errorf("-t %s: %s", seconds, said)
		}
	}
}

// The reserves leave the rows a half of the time at least, and where that is little, training
// and the study, which cannot do with little, are not kept any.
func TestReserves(t *testing.T) {
	for _, c := range []struct {
		seconds int
		kept    string
	}{{120, "peers cuda-peer"}, {240, "peers cuda-peer training"}, {480, "peers cuda-peer training study"}} {
		b := &box{Runner: &steps.Runner{Deadline: time.Now().Add(time.Duration(c.seconds) * time.Second)}}
		sum, kept := time.Duration(0), []string{}
		for _, s := range b.extra() {
			if sum += s.Reserve; s.Reserve > 0 {
				kept = append(kept, s.Name)
			}
			if args := fmt.Sprint(s.Args); s.Name == "training" && !strings.Contains(args, "--seconds 6 --repeats 2 --precision bf16") {
				t.Errorf("training is %s", args)
			}
		}
		if sum > time.Duration(c.seconds)*time.Second*55/100 || strings.Join(kept, " ") != c.kept {
			t.Errorf("of %d s, %v are kept for %v", c.seconds, sum, kept)
		}
	}
}
