package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestParseTask(t *testing.T) {
	slurm := func(id, count, first, last, step string) map[string]string {
		return map[string]string{"SLURM_ARRAY_TASK_ID": id, "SLURM_ARRAY_TASK_COUNT": count, "SLURM_ARRAY_TASK_MIN": first,
			"SLURM_ARRAY_TASK_MAX": last, "SLURM_ARRAY_TASK_STEP": step}
	}
	for _, c := range []struct {
		text string
		env  map[string]string
		i, n uint64
		want string // in what is said, or in the error
	}{
		{"0/1", nil, 0, 1, "task 0 of 1"},
		{"11/12", nil, 11, 12, "task 11 of 12"},
		{"12/12", nil, 0, 0, "I from 0 to N-1"},
		{"-1/12", nil, 0, 0, "I from 0 to N-1"},
		{"3", nil, 0, 0, "I from 0 to N-1"},
		{"a/b", nil, 0, 0, "I from 0 to N-1"},
		{"1/2/3", nil, 0, 0, "I from 0 to N-1"},
		{"auto", nil, 0, 0, "none of SLURM_ARRAY_TASK_ID, JOB_COMPLETION_INDEX and RANK is set"},
		{"auto", slurm("5", "12", "0", "11", "1"), 5, 12, "task 5 of 12 (from SLURM_ARRAY_TASK_ID)"},
		{"auto", slurm("1", "4", "1", "4", "1"), 0, 4, "task 0 of 4"},
		{"auto", slurm("12", "3", "4", "12", "4"), 2, 3, "task 2 of 3"},
		{"auto", slurm("3", "3", "1", "8", "1"), 0, 0, "the numbers must be one range"}, // --array=1,3,8
		{"auto", slurm("9", "3", "0", "2", "1"), 0, 0, "the numbers must be one range"},
		{"auto", slurm("x", "3", "0", "2", "1"), 0, 0, `SLURM_ARRAY_TASK_ID is "x"`},
		{"auto", map[string]string{"SLURM_ARRAY_TASK_ID": "3"}, 0, 0, "SLURM_ARRAY_TASK_COUNT is not"},
		{"auto", map[string]string{"JOB_COMPLETION_INDEX": "0", "JOB_COMPLETIONS": "5"}, 0, 5, "(from JOB_COMPLETION_INDEX)"},
		{"auto", map[string]string{"JOB_COMPLETION_INDEX": "2"}, 0, 0, "set JOB_COMPLETIONS"},
		{"auto", map[string]string{"RANK": "3", "WORLD_SIZE": "8"}, 3, 8, "(from RANK)"},
		{"auto", map[string]string{"RANK": "8", "WORLD_SIZE": "8"}, 0, 0, "the numbers must be one range"},
		// A Slurm array that starts torchrun: the array's elements are the tasks.
		{"auto", map[string]string{"SLURM_ARRAY_TASK_ID": "1", "SLURM_ARRAY_TASK_COUNT": "2", "RANK": "3", "WORLD_SIZE": "8"}, 1, 2, "SLURM"},
	} {
		i, n, said, err := parseTask(c.text, func(name string) string { return c.env[name] })
		if err != nil {
			said = err.Error()
		}
		if i != c.i || n != c.n || !strings.Contains(said, c.want) || (err != nil) != (c.n == 0) {
			t.Errorf("%s with %v: %d/%d, %s", c.text, c.env, i, n, said)
		}
	}
}

// Tasks of real processes make what one process makes; verify sees what is missing.
func TestTasks(t *testing.T) {
	dir := t.TempDir()
	args := with("--format", "webdataset", "--shards", "5", "--shard-size", "3")
	must(t, dir, append(args, "-o", "whole")...)
	must(t, dir, append(args, "-o", "parts", "--task", "1/2")...)
	code, out, errs := leaflitter(t, dir, "verify", "parts")
	if code != 1 || !strings.Contains(errs, "3 of 5 shards are not there") || out != "" {
		t.Errorf("exit %d: %s", code, errs)
	}
	for _, index := range []string{"0", "1"} {
		cmd := command(dir, append(args, "-o", "parts", "--task", "auto")...)
		cmd.Env = append(cmd.Env, "JOB_COMPLETION_INDEX="+index, "JOB_COMPLETIONS=2")
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Fatalf("%v: %s", err, out)
		}
	}
	same(t, "tasks", tree(t, filepath.Join(dir, "whole")), tree(t, filepath.Join(dir, "parts")))
	if _, _, errs := leaflitter(t, dir, "verify", "parts", "--deep", "--sample", "4", "--backend", "cpu"); !strings.Contains(errs, "4 images made again, all bytes equal") || !strings.Contains(errs, "parts is whole") {
		t.Errorf("verify: %s", errs)
	}
}

// verify --deep sees a dataset whose files and records were changed together, and
// refuses what it cannot make again.
func TestVerifyDeep(t *testing.T) {
	dir := t.TempDir()
	must(t, dir, with("-o", "a", "--count", "3")...)
	must(t, dir, with("-o", "b", "--count", "3", "--format", "npy")...)
	for _, where := range []string{"a", "b"} {
		if code, _, errs := leaflitter(t, dir, "verify", where, "--deep", "--backend", "cpu"); code != 0 || !strings.Contains(errs, "3 images made again") {
			t.Errorf("%s: exit %d: %s", where, code, errs)
		}
	}
	edit := func(file, old, new string) {
		path := filepath.Join(dir, file)
		data, err := os.ReadFile(path)
		if err != nil || !strings.Contains(string(data), old) {
			t.Fatalf("%v: %s has no %s", err, file, old)
		}
		os.WriteFile(path, []byte(strings.Replace(string(data), old, new, 1)), 0o666)
	}
	// Records of shards are of one job: another seed is seen without --deep.
	edit("b/manifest.json", `"seed": 5`, `"seed": 6`)
	if code, _, errs := leaflitter(t, dir, "verify", "b", "--deep", "--backend", "cpu"); code != 1 || !strings.Contains(errs, "1 damaged (.leaflitter/000000.json)") {
		t.Errorf("another seed: exit %d: %s", code, errs)
	}
	edit("a/manifest.json", `"seed": 5`, `"seed": 6`)
	if code, _, errs := leaflitter(t, dir, "verify", "a", "--deep", "--backend", "cpu"); code != 1 || !strings.Contains(errs, "3 of 3 images, made again, differ") {
		t.Errorf("another seed: exit %d: %s", code, errs)
	}
	edit("a/manifest.json", `"seed": 6`, `"seed": 5`)
	edit("a/manifest.json", `"version": "`, `"version": "9`)
	if code, _, errs := leaflitter(t, dir, "verify", "a", "--deep"); code != 0 || !strings.Contains(errs, "all bytes equal") {
		t.Errorf("another release, the same model: exit %d: %s", code, errs)
	}
	edit("a/manifest.json", `"model": `, `"model": 9`)
	if code, _, errs := leaflitter(t, dir, "verify", "a", "--deep"); code != 1 || !strings.Contains(errs, "leave --deep out") {
		t.Errorf("another model: exit %d: %s", code, errs)
	}
	edit("a/manifest.json", `"model": 9`, `"model": `)
	edit("a/manifest.json", `"hash": "`, `"hash": "f`)
	if code, _, errs := leaflitter(t, dir, "verify", "a", "--deep"); code != 1 || !strings.Contains(errs, "made with other palettes") {
		t.Errorf("other palettes: exit %d: %s", code, errs)
	}
	for where, want := range map[string]string{"nowhere": "nowhere", ".": "manifest.json"} {
		if code, _, errs := leaflitter(t, dir, "verify", where); code != 1 || !strings.Contains(errs, want) || strings.Count(errs, "\n") != 1 {
			t.Errorf("%s: exit %d: %s", where, code, errs)
		}
	}
}
