package dataset

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"leaflitter/render"
)

func TestRefuseNonEmpty(t *testing.T) {
	dir := t.TempDir()
	write(t, dir, "holiday.jpg", "mine")
	write(t, dir, "000001.png", "mine too")
	before := snapshot(t, dir)
	for _, flags := range [][2]bool{{}, {true, false}, {false, true}} {
		job := testJob(dir, 3, render.Labels{})
		job.Resume, job.Overwrite = flags[0], flags[1]
		_, err := Generate(context.Background(), job)
		wantError(t, err, dir, "no dataset of leaflitter", "-o")
		sameFiles(t, "refused", snapshot(t, dir), before)
	}
	// Someone else's manifest.json makes no dataset of it.
	write(t, dir, manifestName, `{"name": "app", "files": []}`)
	before = snapshot(t, dir)
	job := testJob(dir, 3, render.Labels{})
	job.Overwrite = true
	_, err := Generate(context.Background(), job)
	wantError(t, err, "no dataset of leaflitter")
	sameFiles(t, "refused", snapshot(t, dir), before)
}

func TestRefuseWithoutFlag(t *testing.T) {
	job := testJob(filepath.Join(t.TempDir(), "d"), 5, render.Labels{})
	journalOf(t, job, 2)
	before := snapshot(t, job.Dir)
	_, err := Generate(context.Background(), job)
	wantError(t, err, job.Dir, "unfinished", "--resume", "--overwrite")
	sameFiles(t, "refused", snapshot(t, job.Dir), before)
	job.Resume = true
	mustGenerate(t, job)
	job.Resume = false
	before = snapshot(t, job.Dir)
	_, err = Generate(context.Background(), job)
	wantError(t, err, job.Dir, "finished", "--resume", "--overwrite")
	sameFiles(t, "refused", snapshot(t, job.Dir), before)
}

func TestResumeRepairs(t *testing.T) {
	l := render.Labels{ID: true}
	want := undisturbed(t, testJob("", 12, l))
	for _, finished := range []bool{false, true} {
		job := testJob(filepath.Join(t.TempDir(), "d"), 12, l)
		if finished {
			mustGenerate(t, job)
		} else {
			journalOf(t, job, 8)
		}
		if err := os.Remove(filepath.Join(job.Dir, "000001.id.png")); err != nil {
			t.Fatal(err)
		}
		write(t, job.Dir, "000002.png", want["000002.png"][:40])         // truncated
		write(t, job.Dir, "000003.png", "x"+want["000003.png"][1:])      // damaged
		write(t, job.Dir, "000004.id.png", want["000004.id.png"]+"more") // longer
		write(t, job.Dir, tempPrefix+"000009.png", "left over")
		write(t, job.Dir, "notes.txt", "mine")
		if !finished {
			write(t, job.Dir, "000009.png", "in no journal line")
		}
		job.Resume = true
		r := mustGenerate(t, job)
		verified, written := uint64(4), uint64(8)
		if finished {
			verified, written = 8, 4
		}
		if r.Missing != 1 || r.Damaged != 3 || r.Verified != verified || r.Written != written || r.Complete {
			t.Errorf("finished %v: %+v", finished, r)
		}
		want["notes.txt"] = "mine"
		sameFiles(t, "repaired", snapshot(t, job.Dir), want)
		if r := mustGenerate(t, job); !r.Complete || r.Verified != 12 {
			t.Errorf("resuming what is complete: %+v", r)
		}
		sameFiles(t, "verified", snapshot(t, job.Dir), want)
	}
}

func TestResumeEmpty(t *testing.T) {
	job := testJob(filepath.Join(t.TempDir(), "d"), 4, render.Labels{})
	want := undisturbed(t, job)
	job.Resume = true
	mustGenerate(t, job)
	sameFiles(t, "--resume of nothing", snapshot(t, job.Dir), want)

	// A job killed before its journal's first line was whole.
	for _, journal := range []string{"", `{"format":"leaflit`} {
		job.Dir = t.TempDir()
		write(t, job.Dir, journalName, journal)
		mustGenerate(t, job)
		sameFiles(t, "killed at the start", snapshot(t, job.Dir), want)
	}
}

func TestResumeTornJournal(t *testing.T) {
	job := testJob(filepath.Join(t.TempDir(), "d"), 9, render.Labels{Edge: true})
	want := undisturbed(t, job)
	journalOf(t, job, 6)
	journal := snapshot(t, job.Dir)[journalName]
	files := snapshot(t, job.Dir)
	head := strings.Index(journal, "\n") + 1
	job.Resume = true
	for cut := head; cut < len(journal); cut += 61 {
		job.Dir = t.TempDir()
		for name, data := range files {
			write(t, job.Dir, name, data)
		}
		write(t, job.Dir, journalName, journal[:cut])
		mustGenerate(t, job)
		sameFiles(t, "torn journal", snapshot(t, job.Dir), want)
	}
	// Nonsense in the middle costs its images and a warning.
	job.Dir = t.TempDir()
	for name, data := range files {
		write(t, job.Dir, name, data)
	}
	lines := strings.SplitAfter(journal, "\n")
	lines[2] = "\x00\x00\x00 what\n"
	write(t, job.Dir, journalName, strings.Join(lines, ""))
	warned := ""
	job.Warn = func(text string) { warned = text }
	if r := mustGenerate(t, job); r.Verified != 5 {
		t.Errorf("%+v", r)
	}
	if !strings.Contains(warned, "1 lines") {
		t.Errorf("warning: %q", warned)
	}
	sameFiles(t, "nonsense in the journal", snapshot(t, job.Dir), want)
}

// TestResumeTwice: a torn end leaves no trace in the journal that goes on.
func TestResumeTwice(t *testing.T) {
	job := testJob(filepath.Join(t.TempDir(), "d"), 9, render.Labels{})
	want := undisturbed(t, job)
	journalOf(t, job, 3)
	torn := snapshot(t, job.Dir)[journalName] + strings.Repeat("0123456789abcdef", 100)
	write(t, job.Dir, journalName, torn)
	job.Resume = true
	journalOf(t, job, 6)
	job.Warn = func(text string) { t.Errorf("warning: %s", text) }
	if r := mustGenerate(t, job); r.Verified != 6 || r.Written != 3 {
		t.Errorf("%+v", r)
	}
	sameFiles(t, "resumed twice", snapshot(t, job.Dir), want)
}

func TestResumeMismatch(t *testing.T) {
	for _, finished := range []bool{false, true} {
		base := testJob(filepath.Join(t.TempDir(), "d"), 5, render.Labels{Depth: true})
		if finished {
			mustGenerate(t, base)
		} else {
			journalOf(t, base, 2)
		}
		before := snapshot(t, base.Dir)
		for want, change := range map[string]func(*Job){
			"seed is 18446744073709551615 there, 2": func(j *Job) { j.Header.Seed = 2 },
			`hash is "abc" there, "abd"`:            func(j *Job) { j.Header.PaletteHash = "abd" },
			"config.leaves.alpha is 3 there, 2.5": func(j *Job) {
				j.Header.Config = map[string]any{"leaves": map[string]any{"alpha": 2.5, "r_min": 10}, "layers": []int{1, 2}}
			},
			"config.layers is [1,2] there, absent": func(j *Job) {
				j.Header.Config = map[string]any{"leaves": map[string]any{"alpha": 3, "r_min": 10}}
			},
			"labels is depth":             func(j *Job) { j.Labels.ID = true },
			"start is 0 there, 1":         func(j *Job) { j.Start = 1 },
			"count is 5 there, 4 ":        func(j *Job) { j.Count = 4 },
			"the PNG level is 1 there, 0": func(j *Job) { j.Level = Stored },
			"the PNG level is 1 there, 9": func(j *Job) { j.Level = 9 },
		} {
			job := base
			job.Resume = true
			change(&job)
			job.NewImage = fakeImage(16, 9, job.Labels)
			_, err := Generate(context.Background(), job)
			wantError(t, err, base.Dir, "cannot be resumed", want, "--overwrite")
			sameFiles(t, want, snapshot(t, base.Dir), before)
		}
		// Names and the program's version are informational, and the recorded ones stay.
		job := base
		job.Resume = true
		job.Header.Version, job.Header.Preset, job.Header.PaletteName = "v2", "", "elsewhere"
		mustGenerate(t, job)
		sameFiles(t, "other names", snapshot(t, base.Dir), undisturbed(t, base))
	}
}

func TestExtend(t *testing.T) {
	l := render.Labels{Layer: true}
	want := undisturbed(t, testJob("", 20, l))
	for _, finished := range []bool{false, true} {
		job := testJob(filepath.Join(t.TempDir(), "d"), 8, l)
		if finished {
			mustGenerate(t, job)
		} else {
			journalOf(t, job, 5)
		}
		job.Count, job.Resume = 20, true
		journalOf(t, job, 13) // interrupted again
		if r := mustGenerate(t, job); r.Verified < 8 {
			t.Errorf("%+v", r)
		}
		sameFiles(t, "extended", snapshot(t, job.Dir), want)
	}
	// What is in the way of the new images and not ours stays.
	job := testJob(filepath.Join(t.TempDir(), "d"), 3, l)
	mustGenerate(t, job)
	write(t, job.Dir, "000004.png", "mine")
	before := snapshot(t, job.Dir)
	job.Count, job.Resume = 6, true
	_, err := Generate(context.Background(), job)
	wantError(t, err, "000004.png", "in the way")
	sameFiles(t, "refused", snapshot(t, job.Dir), before)
}

func TestOverwrite(t *testing.T) {
	for _, finished := range []bool{false, true} {
		job := testJob(filepath.Join(t.TempDir(), "d"), 9, allLabels)
		if finished {
			mustGenerate(t, job)
		} else {
			journalOf(t, job, 6)
		}
		next := testJob(job.Dir, 4, render.Labels{})
		next.Header.Seed, next.Overwrite = 5, true
		want := undisturbed(t, next)
		// Not ours: no index, other index, no label of ours.
		for _, name := range []string{"notes.txt", "123456.png", "00001.png", "000001.mask.png", "000001.png.bak"} {
			write(t, job.Dir, name, "mine")
			want[name] = "mine"
		}
		mustGenerate(t, next)
		sameFiles(t, "overwritten", snapshot(t, job.Dir), want)

		// A foreign file with a name that this job needs.
		next.Start = 123450
		next.Count = 20
		before := snapshot(t, job.Dir)
		_, err := Generate(context.Background(), next)
		wantError(t, err, "123456.png", "in the way")
		sameFiles(t, "refused", snapshot(t, job.Dir), before)
	}
}

// TestResumeOtherBuild: an image that does not render to its recorded bytes any
// more is an error, not a silent mixture.
func TestResumeOtherBuild(t *testing.T) {
	job := testJob(filepath.Join(t.TempDir(), "d"), 4, render.Labels{})
	mustGenerate(t, job)
	if err := os.Remove(filepath.Join(job.Dir, "000002.png")); err != nil {
		t.Fatal(err)
	}
	job.Resume = true
	job.NewImage = fakeImage(9, 16, render.Labels{})
	_, err := Generate(context.Background(), job)
	wantError(t, err, "000002.png", "another build", "--overwrite")
}

func TestLock(t *testing.T) {
	job := testJob(filepath.Join(t.TempDir(), "d"), 4, render.Labels{})
	want := undisturbed(t, job)
	started, release := make(chan bool, 9), make(chan bool)
	job.Source = fake{hook: func([]uint64) error { started <- true; <-release; return nil }}
	done := make(chan error, 1)
	go func() { _, err := Generate(context.Background(), job); done <- err }()
	<-started
	for _, flags := range [][2]bool{{true, false}, {false, true}} {
		second := job
		second.Resume, second.Overwrite = flags[0], flags[1]
		_, err := Generate(context.Background(), second)
		wantError(t, err, job.Dir, "another leaflitter process")
	}
	close(release)
	select {
	case err := <-done:
		if err != nil {
			t.Fatal(err)
		}
	case <-time.After(time.Minute):
		t.Fatal("the first job hangs")
	}
	sameFiles(t, "locked", snapshot(t, job.Dir), want)
}

func TestVerify(t *testing.T) {
	job := testJob(filepath.Join(t.TempDir(), "d"), 6, render.Labels{ID: true})
	ctx := context.Background()
	_, err := Verify(ctx, job.Dir)
	wantError(t, err, job.Dir)
	journalOf(t, job, 2)
	_, err = Verify(ctx, job.Dir)
	wantError(t, err, "unfinished", "--resume")
	job.Resume = true
	mustGenerate(t, job)
	r, err := Verify(ctx, job.Dir)
	if err != nil || !r.OK() || r.Files != 12 {
		t.Fatalf("%+v, %v", r, err)
	}
	write(t, job.Dir, "000003.png", "x")
	os.Remove(filepath.Join(job.Dir, "000005.id.png"))
	r, err = Verify(ctx, job.Dir)
	if err != nil || r.OK() || r.Missing != 1 || r.Damaged != 1 || r.Whole != 10 || strings.Join(r.Names, " ") != "000003.png 000005.id.png" {
		t.Fatalf("%+v, %v", r, err)
	}
	manifest := snapshot(t, job.Dir)[manifestName]
	for what, bad := range map[string]string{
		"torn":   manifest[:len(manifest)/2],
		"empty":  "",
		"short":  strings.Replace(manifest, `    {"name": "000000.png"`, `    {"name": "../x"`, 1),
		"number": "7",
		"fewer":  strings.Replace(manifest, `"count": 6`, `"count": 7`, 1),
	} {
		write(t, job.Dir, manifestName, bad)
		if _, err := Verify(ctx, job.Dir); err == nil {
			t.Errorf("%s manifest: no error", what)
		} else {
			wantError(t, err, manifestName)
		}
	}
	// Resume mends a manifest whose head is whole.
	write(t, job.Dir, manifestName, manifest[:len(manifest)-200])
	mustGenerate(t, job)
	if got := snapshot(t, job.Dir)[manifestName]; got != manifest {
		t.Error("the manifest was not mended")
	}
}

// A job killed at its very start leaves an empty journal, perhaps a temporary
// file, and what else was there: that may be resumed, and not be overrun.
func TestResumeAtTheVeryStart(t *testing.T) {
	want := undisturbed(t, testJob("", 4, render.Labels{}))
	for _, others := range [][]string{{}, {tempPrefix + "sums"}, {tempPrefix + "sums", "notes.txt"}} {
		job := testJob(t.TempDir(), 4, render.Labels{})
		write(t, job.Dir, journalName, "")
		for _, name := range others {
			write(t, job.Dir, name, "x")
		}
		if len(others) == 2 {
			_, err := Generate(context.Background(), job)
			wantError(t, err, job.Dir, "unfinished", "--resume", "--overwrite")
			job.Resume = true
		}
		mustGenerate(t, job)
		got := snapshot(t, job.Dir)
		delete(got, "notes.txt")
		sameFiles(t, "after the very start", got, want)
	}
}
