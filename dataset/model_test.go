package dataset

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"leaflitter/render"
	"leaflitter/store"
)

// remade rewrites the model of a dataset's manifest or journal; 0 takes it out, as
// release 0.1.0 wrote them.
func remade(t *testing.T, file string, model int) {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	line := regexp.MustCompile(`"model": ?\d+,\s*`)
	if !line.Match(text) {
		t.Fatalf("%s records no model: %s", file, text)
	}
	replacement := ""
	if model != 0 {
		replacement = fmt.Sprintf(`"model":%d,`, model)
	}
	if err := os.WriteFile(file, line.ReplaceAll(text, []byte(replacement)), 0o666); err != nil {
		t.Fatal(err)
	}
}

// What another model made is not gone on with, in a sentence that says which release
// would; what the same model of another release made is.
func TestOtherModel(t *testing.T) {
	for _, model := range []int{0, render.ModelVersion + 1} {
		made := fmt.Sprintf("made by model %d, which leaflitter v1 <test> renders", max(model, 1))
		ours := fmt.Sprintf("renders model %d,", render.ModelVersion)
		for _, finished := range []bool{false, true} {
			job := testJob(filepath.Join(t.TempDir(), "d"), 5, render.Labels{})
			file := filepath.Join(job.Dir, manifestName)
			if finished {
				mustGenerate(t, job)
			} else {
				journalOf(t, job, 2)
				file = filepath.Join(job.Dir, journalName)
			}
			remade(t, file, model)
			before := snapshot(t, job.Dir)
			job.Resume = true
			_, err := Generate(context.Background(), job)
			wantError(t, err, job.Dir, made, ours, "that release", "--overwrite")
			sameFiles(t, "refused", snapshot(t, job.Dir), before)
			if finished {
				if r, err := Verify(context.Background(), job.Dir); err != nil || !r.OK() {
					t.Errorf("verify: %+v, %v", r, err)
				}
			}
			job.Resume, job.Overwrite = false, true
			mustGenerate(t, job)
			sameFiles(t, "replaced", snapshot(t, job.Dir), undisturbed(t, job))
		}
	}
}

func TestOtherModelShards(t *testing.T) {
	dir := t.TempDir()
	st, err := store.Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	job := shardJob(st, "webdataset", 6, 3)
	job.Task, job.Tasks = 0, 2
	mustShards(t, job)

	if tar := treeOf(t, dir)["000000.tar"]; strings.Count(tar, fmt.Sprintf(`"model":%d`, render.ModelVersion)) != 3 {
		t.Error("not each image's JSON names the model")
	}

	// Another release of the same model goes on.
	job.Task, job.Header.Version = 1, "v2"
	mustShards(t, job)
	e, err := OpenExisting(t.Context(), st)
	if err != nil {
		t.Fatal(err)
	}
	if r, err := e.Verify(t.Context()); err != nil || !r.OK() || r.Finished != 2 {
		t.Errorf("verify: %+v, %v", r, err)
	}
	if e.Model != render.ModelVersion || e.Version != "v1 <test>" || e.SameModel("") != nil {
		t.Errorf("model %d, version %q, %v", e.Model, e.Version, e.SameModel(""))
	}

	remade(t, filepath.Join(dir, manifestName), render.ModelVersion+1)
	before := treeOf(t, dir)
	_, err = GenerateShards(t.Context(), job)
	wantError(t, err, dir, fmt.Sprintf("made by model %d, which leaflitter v1 <test> renders", render.ModelVersion+1), "-o")
	sameFiles(t, "refused", treeOf(t, dir), before)
	if e, err = OpenExisting(t.Context(), st); err != nil {
		t.Fatal(err)
	}
	wantError(t, e.SameModel("try"), dir, fmt.Sprintf("renders model %d, whose images differ: try", render.ModelVersion))
}

func TestImpossibleModel(t *testing.T) {
	folder := testJob(filepath.Join(t.TempDir(), "d"), 3, render.Labels{})
	mustGenerate(t, folder)
	dir := t.TempDir()
	st, err := store.Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	shards := shardJob(st, "npy", 4, 2)
	mustShards(t, shards)
	remade(t, filepath.Join(folder.Dir, manifestName), -5)
	remade(t, filepath.Join(dir, manifestName), -5)
	_, err = Verify(t.Context(), folder.Dir)
	wantError(t, err, folder.Dir, "no model -5")
	_, err = OpenExisting(t.Context(), st)
	wantError(t, err, dir, "no model -5")
}
