package stats

import (
	"bytes"
	"context"
	"encoding/json"
	"math"
	"strings"
	"testing"

	"leaflitter/stats/codelength"
)

// The gap is one of the report's distances, the same from any number of threads, in every form of it.
func TestCodeLength(t *testing.T) {
	measure := func(src Source, threads int) *Set {
		t.Helper()
		s, err := Measure(context.Background(), src, Options{Patch: 32, Threads: threads, CodeLength: true})
		if err != nil {
			t.Fatal(err)
		}
		return s
	}
	flat := &list{"dataset", generate(t, "dead-leaves", 72, 64, 12), nil}
	rich := &list{"photographs", generate(t, "dead-leaves-pp", 72, 64, 13), func(i int) error {
		if i == 5 {
			return &Unusable{"x", "is broken"}
		}
		return nil
	}}
	o := codelength.Options{Components: 2, Iterations: 2, Turns: 1}
	var want []byte
	for _, threads := range []int{1, 3} {
		a, b := measure(flat, threads), measure(rich, threads)
		if n := b.Patches(); n[0].Images() != 7 || n[1].Images() != 5 || n[0].Count() != 7*(codelength.PatchesWanted/13) {
			t.Errorf("patches of %d and %d images, %d", n[0].Images(), n[1].Images(), n[0].Count())
		}
		r, err := NewReport("test", a, b)
		if err != nil {
			t.Fatal(err)
		}
		o.Threads = threads
		if err := r.AddCodeLength(context.Background(), o); err != nil {
			t.Fatal(err)
		}
		got, err := json.Marshal(r)
		if err != nil {
			t.Fatal(err)
		}
		if want == nil {
			want = got
		} else if !bytes.Equal(got, want) {
			t.Error("other numbers from other threads")
		}
		last := r.Distances[len(r.Distances)-1]
		if last.Name != "codelength.gap" || last.Interval[0] >= last.Value || last.Interval[1] <= last.Value || !math.IsNaN(float64(last.Floor)) {
			t.Errorf("%+v", last)
		}
		var text, page bytes.Buffer
		if err := r.WriteTable(&text); err != nil {
			t.Fatal(err)
		}
		if err := r.WriteHTML(&page); err != nil {
			t.Fatal(err)
		}
		for form, have := range map[string]string{"table": text.String(), "HTML": page.String(), "JSON": string(got)} {
			parts := []string{"codelength.gap", "95 % interval", show(last.Interval[0])}
			if form == "JSON" {
				parts = []string{`"name":"codelength.gap"`, `"interval":[`, `"code_length":{"value":`}
			}
			for _, part := range parts {
				if !strings.Contains(have, part) {
					t.Errorf("%s lacks %s", form, part)
				}
			}
		}
	}
}

// Sets that were not measured for it, or are too small, have no code length.
func TestCodeLengthMissing(t *testing.T) {
	images := generate(t, "dead-leaves", 64, 64, 9)
	report := func(code bool) *Report {
		t.Helper()
		s, err := Measure(context.Background(), &list{"dataset", images, nil}, Options{Patch: 32, CodeLength: code})
		if err != nil {
			t.Fatal(err)
		}
		r, err := NewReport("test", s, s)
		if err != nil {
			t.Fatal(err)
		}
		return r
	}
	if err := report(false).AddCodeLength(context.Background(), codelength.Options{}); err == nil || !strings.Contains(err.Error(), "measured for it") {
		t.Error(err)
	}
	if err := report(true).AddCodeLength(context.Background(), codelength.Options{}); err == nil || !strings.Contains(err.Error(), "got 9") {
		t.Error(err)
	}
	// However many images: as many patches.
	for count, want := range map[uint64]float64{10: 4000, 3: 13333, 80000: 0.5} {
		if got := perImage(count); got != want {
			t.Errorf("%g patches of each of %d images", got, count)
		}
	}
}
