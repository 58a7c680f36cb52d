package main

import (
	"bytes"
	"encoding/json"
	"math"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

// report runs leaflitter stats --json.
func statsReport(t *testing.T, dir string, args ...string) map[string]any {
	t.Helper()
	out := must(t, dir, append([]string{"stats", "--json", "--quiet"}, args...)...)
	var r map[string]any
	if err := json.Unmarshal([]byte(out), &r); err != nil {
		t.Fatalf("%v in %.200s", err, out)
	}
	return r
}

// numberAt finds "set.colour.mean.0" or "distances.spectrum.slope" in a report.
func numberAt(r map[string]any, name string) (float64, bool) {
	if rest, ok := strings.CutPrefix(name, "distances."); ok {
		for _, d := range r["distances"].([]any) {
			if d := d.(map[string]any); d["name"] == rest {
				v, ok := d["value"].(float64)
				return v, ok
			}
		}
		return 0, false
	}
	var at any = r
	for part := range strings.SplitSeq(name, ".") {
		switch v := at.(type) {
		case map[string]any:
			at = v[part]
		case []any:
			i, err := strconv.Atoi(part)
			if err != nil || i >= len(v) {
				return 0, false
			}
			at = v[i]
		}
	}
	v, ok := at.(float64)
	return v, ok
}

// The numbers depend on the images: not on their format, the store, or threads.
func TestStatsFormats(t *testing.T) {
	dir := t.TempDir()
	base := []string{"generate", "--quiet", "--seed", "5", "--preset", "dead-leaves", "--size", "96x80", "--count", "7", "--labels", "id"}
	must(t, dir, append(base, "-o", "plain")...)
	measured := func(args ...string) string {
		r := statsReport(t, dir, append(args, "--patch", "64")...)
		set := r["set"].(map[string]any)
		delete(set, "where")
		text, err := json.Marshal(set)
		if err != nil {
			t.Fatal(err)
		}
		return string(text)
	}
	want := measured("plain")
	for _, threads := range []string{"1", "2", "7"} {
		if measured("plain", "--threads", threads) != want {
			t.Errorf("%s threads give other numbers", threads)
		}
	}
	for _, form := range []string{
		"--format png --shard-size 3", "--layout basicsr", "--pairs sr:x2", "--format webdataset --shard-size 3", "--format webdataset --member npy",
		"--format npy --shard-size 3", "--format hdf5 --shard-size 3", "--format hdf5 --layout array", "--format npy --pairs noise:gaussian:25",
	} {
		name := strings.NewReplacer(" ", "", "-", "", ":", "").Replace(form)
		must(t, dir, append(append(base, "-o", name), strings.Fields(form)...)...)
		if measured(name) != want {
			t.Errorf("%s gives other numbers", form)
		}
	}
	must(t, dir, append(base, "-o", "other", "--start", "1")...)
	if measured("other") == want {
		t.Error("other images give the same numbers")
	}

	// As photographs: the same pixels, without labels.
	if err := os.MkdirAll(filepath.Join(dir, "photos/below"), 0o777); err != nil {
		t.Fatal(err)
	}
	for i := range 7 {
		data, err := os.ReadFile(filepath.Join(dir, "plain", "00000"+strconv.Itoa(i)+".png"))
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, "photos/below", strconv.Itoa(i)+".png"), data, 0o666); err != nil {
			t.Fatal(err)
		}
	}
	photos := statsReport(t, dir, "photos", "--against", "plain", "--patch", "64")
	for _, d := range photos["distances"].([]any) {
		d := d.(map[string]any)
		if v := d["value"]; v != nil && math.Abs(v.(float64)) > 1e-5 { // frechet is a root of rounding errors
			t.Errorf("%v from the same pixels is %v", d["name"], v)
		} else if v == nil != strings.HasPrefix(d["name"].(string), "objects.") {
			t.Errorf("%v is %v", d["name"], v)
		}
	}

	// Grey, and numbers of leaves that need 32 bits.
	must(t, dir, append(base, "-o", "grey", "--set", "develop.grey=true", "--format", "npy")...)
	if v, ok := numberAt(statsReport(t, dir, "grey", "--patch", "64"), "set.colour.chroma"); !ok || v != 1 {
		t.Errorf("mean chroma of grey is %v, not the middle of the first bin", v)
	}
	must(t, dir, "generate", "--quiet", "-o", "tiny", "--size", "450", "--count", "1", "--preset", "dead-leaves", "--labels", "id", "--set", "leaves.r_min=0.5")
	ids, err := os.ReadFile(filepath.Join(dir, "tiny/000000.id.png"))
	if err != nil || ids[25] != 6 { // colour type
		t.Fatalf("%v: the numbers of leaves do not need 32 bits: place more", err)
	}
	if v, ok := numberAt(statsReport(t, dir, "tiny"), "set.objects.area_mean"); !ok || v < 2 || v > 50 {
		t.Errorf("leaves of radius 0.5 px and more have a mean area of %v px", v)
	}
}

func TestStatsS3(t *testing.T) {
	s := startObjectStore(t)
	s.must("generate", "--quiet", "--size", "64", "--count", "5", "--shard-size", "2", "--format", "webdataset", "-o", "s3://"+bucket+"/stats")
	if out := s.must("stats", "s3://"+bucket+"/stats", "--patch", "32"); !strings.Contains(out, "5 images, 64 x 64 px") {
		t.Error(out)
	}
	out, err := s.command("stats", "s3://"+bucket+"/nothing").CombinedOutput()
	if err == nil || !strings.Contains(string(out), "holds no dataset of leaflitter") {
		t.Errorf("%v: %s", err, out)
	}
}

// The report is one file that asks for nothing else, whole or absent.
func TestStatsHTML(t *testing.T) {
	dir := t.TempDir()
	must(t, dir, with("-o", "a", "--count", "3", "--labels", "id")...)
	must(t, dir, with("-o", "b", "--count", "3", "--start", "3")...)
	out := must(t, dir, "stats", "a", "--against", "b", "--patch", "32", "-o", "r.html")
	if !strings.Contains(out, "spectral slope") || !strings.Contains(out, "objects.area.w1") {
		t.Errorf("no table: %s", out)
	}
	data, err := os.ReadFile(filepath.Join(dir, "r.html"))
	if err != nil {
		t.Fatal(err)
	}
	text := string(data)
	for _, part := range []string{"<!DOCTYPE html>", "prefers-color-scheme: dark", "spectral slope", "colour.frechet", "</html>"} {
		if !strings.Contains(text, part) {
			t.Errorf("no %s in the report", part)
		}
	}
	if n := strings.Count(text, "<svg"); n != 13 {
		t.Errorf("%d plots", n)
	}
	for _, bad := range []string{`https?:`, `(?i)<script`, `(?i)<link`, `(?i)@import`, `url\(`, `ftp:`, `(src|href)="?[^"d#]`, `(src|href)="//`} {
		if found := regexp.MustCompile(bad).FindString(text); found != "" {
			t.Errorf("the report is not alone: %s", found)
		}
	}
	// An error leaves the report as it was.
	if code, _, _ := leaflitter(t, dir, "stats", "a", "--against", "b", "-o", "r.html"); code == 0 {
		t.Error("images of 64 px have no patches of 128")
	}
	again, err := os.ReadFile(filepath.Join(dir, "r.html"))
	if err != nil || !bytes.Equal(again, data) {
		t.Error("a failed run changed the report")
	}
	if left, _ := filepath.Glob(filepath.Join(dir, ".leaflitter-tmp-*")); left != nil {
		t.Errorf("left behind: %v", left)
	}
}

// What is wrong is named, with the remedy, before minutes of work where that can be.
func TestStatsRefuses(t *testing.T) {
	dir := t.TempDir()
	write := func(name, text string) {
		t.Helper()
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o777); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	cut := func(name string, size int64) {
		t.Helper()
		if err := os.Truncate(filepath.Join(dir, name), size); err != nil {
			t.Fatal(err)
		}
	}
	for _, name := range []string{"good", "damaged", "gone"} {
		must(t, dir, with("-o", name, "--count", "3")...)
	}
	cut("damaged/000001.png", 900)
	must(t, dir, with("-o", "tar", "--count", "6", "--shard-size", "2", "--format", "webdataset")...)
	must(t, dir, with("-o", "open", "--count", "6", "--shard-size", "2", "--format", "npy")...)
	cut("tar/000002.tar", 3000)
	for _, name := range []string{"gone/000002.png", "open/.leaflitter/000001.json"} {
		if err := os.Remove(filepath.Join(dir, name)); err != nil {
			t.Fatal(err)
		}
	}
	write("unfinished/.leaflitter-journal", "")
	write("text/a.txt", "no picture")
	write("broken/a.png", "no picture")
	write("file", "")
	if err := os.Mkdir(filepath.Join(dir, "empty"), 0o777); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		args string
		code int
		want string
	}{
		{"nothere", 1, "nothere does not exist; name a dataset of leaflitter"},
		{"good --against nothere", 1, "nothere does not exist"},
		{"file", 1, "file is a file; name a dataset"},
		{"empty", 1, "neither a dataset of leaflitter (there is no manifest.json) nor photographs"},
		{"text", 1, "neither a dataset"},
		{"broken", 1, "none of the 1 images of broken can be measured; the first: a.png holds no JPEG, PNG, TIFF or WebP data"},
		{"https://example.org/x", 1, "give a directory, or s3://BUCKET/PREFIX"},
		{"unfinished", 1, "finish it with generate --resume"},
		{"open --patch 32", 1, "shard 1 of open is not finished: run its generate command again, with --resume"},
		{"damaged --patch 32", 1, `"png" of image 1 of damaged is damaged`},
		{"gone --patch 32", 1, "image 2 of gone is not there: run its generate command again"},
		{"tar --patch 32", 1, "000002.tar of tar cannot be read"},
		{"good", 1, "image 0 of good has 64 x 64 pixels, less than the 128 a side of the spectrum's patches: give --patch a power of two from 32 to 64"},
		{"good --patch 100", 2, "give 32, 64, 128, 256 or 512"},
		{"good --patch 1024", 2, "give 32, 64, 128, 256 or 512"},
		{"good --patch 32 -o no/r.html", 1, "choose a directory that exists and is writable"},
		{"good --patch 32 -o empty", 1, "is no regular file"},
		{"good --threads 99999", 2, "--threads"},
		{"good --code-length", 2, "add --against"},
		{"good --against good --patch 32 --code-length", 1, "the code length needs 10 images or more of each set"},
		{"", 2, "set"},
	} {
		code, out, errs := leaflitter(t, dir, append([]string{"stats", "--quiet"}, strings.Fields(c.args)...)...)
		if code != c.code || !strings.Contains(errs, c.want) || out != "" || strings.Count(errs, "\n") != 1 {
			t.Errorf("stats %s: exit %d, %q on standard output, %s", c.args, code, out, errs)
		}
	}
	// A photograph that cannot be read is left out, and said.
	write("mixed/b.png", "no picture")
	data, err := os.ReadFile(filepath.Join(dir, "good/000000.png"))
	if err != nil {
		t.Fatal(err)
	}
	write("mixed/a.png", string(data))
	code, out, errs := leaflitter(t, dir, "stats", "mixed", "--patch", "32")
	if code != 0 || !strings.Contains(errs, "skipped 1 of 2 files") || !strings.Contains(errs, "b.png holds no JPEG") || !strings.Contains(out, "1 images, 64 x 64 px, 4 patches of 32 px, 1 skipped") {
		t.Errorf("exit %d: %s%s", code, out, errs)
	}
}
