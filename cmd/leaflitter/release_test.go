package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"leaflitter/render"
)

// Datasets that release 0.1.0 made (testdata/release-0.1.0), which recorded no model, are
// read and verified, and neither gone on with nor made again.
func TestRelease010(t *testing.T) {
	for where, rest := range map[string][]string{
		"png":    {"--count", "2"},
		"shards": {"--format", "webdataset", "--shards", "1", "--shard-size", "2"},
	} {
		dir := t.TempDir()
		if err := os.CopyFS(filepath.Join(dir, where), os.DirFS(filepath.Join("testdata", "release-0.1.0", where))); err != nil {
			t.Fatal(err)
		}
		before := tree(t, dir)
		if code, _, errs := leaflitter(t, dir, "verify", where); code != 0 || !strings.Contains(errs, "made by leaflitter 0.1.0 with model 1\n") || !strings.Contains(errs, "is whole") {
			t.Errorf("%s: verify: exit %d: %s", where, code, errs)
		}
		refused := func(args ...string) {
			t.Helper()
			code, _, errs := leaflitter(t, dir, args...)
			want := fmt.Sprintf("made by model 1, which leaflitter 0.1.0 renders, and this leaflitter renders model %d", render.ModelVersion)
			if code != 1 || !strings.Contains(errs, want) || strings.Contains(errs, "what was recorded") { // before it reads all files
				t.Errorf("%s: exit %d: %s", args, code, errs)
			}
			same(t, "refused", before, tree(t, dir))
		}
		refused("verify", where, "--deep", "--backend", "cpu")
		refused(append([]string{"generate", "-o", where, "--preset", "dead-leaves", "--size", "16", "--resume"}, rest...)...)
	}
}

// The version names the program and its model.
func TestVersion(t *testing.T) {
	if got, want := must(t, t.TempDir(), "version"), fmt.Sprintf("leaflitter %s (model %d)\n", version, render.ModelVersion); got != want {
		t.Errorf("%q, want %q", got, want)
	}
}
