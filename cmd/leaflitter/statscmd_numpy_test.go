package main

import (
	"bytes"
	"context"
	"encoding/json"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"leaflitter/dataset"
	"leaflitter/palette"
)

// agree compares a report with what NumPy and SciPy make of the same two directories,
// from the definitions, and wants 1 % everywhere. Distances by chance do not count:
// they are distances of halves.
func agree(t *testing.T, r map[string]any, dir, set, against string) {
	t.Helper()
	script, err := filepath.Abs("../../stats/testdata/independent.py")
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command("/usr/bin/python3", script, set, against)
	cmd.Dir = dir
	var errs bytes.Buffer
	cmd.Stderr = &errs
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("/usr/bin/python3 with NumPy, SciPy and OpenCV is needed (packages python3-numpy, python3-scipy, python3-opencv): %v: %s", err, errs.String())
	}
	var want map[string]float64
	if err := json.Unmarshal(out, &want); err != nil {
		t.Fatal(err)
	}
	worst, where := 0.0, ""
	for name, v := range want {
		got, ok := numberAt(r, name)
		if !ok {
			t.Errorf("%s is not in the report", name)
			continue
		}
		off := math.Abs(got - v)
		if off > 0.01*math.Abs(v)+1e-12 {
			t.Errorf("%s is %.8g, %.8g by NumPy", name, got, v)
		}
		if v != 0 && off/math.Abs(v) > worst {
			worst, where = off/math.Abs(v), name
		}
	}
	t.Logf("%d numbers, the worst off by %.2g of itself: %s", len(want), worst, where)
	for _, d := range r["distances"].([]any) {
		d := d.(map[string]any)
		if _, ok := want["distances."+d["name"].(string)]; !ok && d["value"] != nil {
			t.Errorf("NumPy knows nothing of %s", d["name"])
		}
	}
	if len(want) < 120 {
		t.Errorf("only %d numbers were compared", len(want))
	}
}

// Every number and every distance agrees with an independent computation.
func TestStatsIndependent(t *testing.T) {
	dir := t.TempDir()
	for _, p := range []string{"dead-leaves", "dead-leaves-pp"} {
		must(t, dir, "generate", "-o", p, "--preset", p, "--count", "11", "--size", "283x201", "--labels", "id", "--seed", "4", "--quiet")
	}
	agree(t, statsReport(t, dir, "dead-leaves", "--against", "dead-leaves-pp"), dir, "dead-leaves", "dead-leaves-pp")

	// Photographs, where there are some, are an extra. Decoders of JPEG differ by a few
	// grey levels where they enlarge the chroma, so both sides get the decoded pixels.
	photos := "../../../shared/photos/train"
	if _, err := os.Stat(photos); err != nil {
		t.Logf("no photographs in %s: compared on generated images alone", photos)
		return
	}
	list, _, err := palette.ListPhotos(context.Background(), photos)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Mkdir(filepath.Join(dir, "photos"), 0o777); err != nil {
		t.Fatal(err)
	}
	var enc dataset.Encoder
	for i := 0; i < len(list); i += len(list)/20 + 1 {
		pix, w, h, err := list[i].Pixels(context.Background(), nil, func(int64) {})
		if err != nil {
			t.Fatal(err)
		}
		name := strings.ReplaceAll(strings.TrimSuffix(list[i].Path, ".jpg"), "/", "-") + ".png"
		if err := os.WriteFile(filepath.Join(dir, "photos", name), enc.Encode(nil, dataset.RGBPicture(w, h, pix)), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	agree(t, statsReport(t, dir, "dead-leaves-pp", "--against", "photos"), dir, "dead-leaves-pp", "photos")
}
