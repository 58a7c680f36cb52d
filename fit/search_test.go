package fit

import (
	"context"
	"errors"
	"math"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"leaflitter/scene"
)

// toy has its smallest figure at r_min 4, contrast 0.5 and slopes [1, 3].
func toy(_ context.Context, c *scene.Config) (float64, error) {
	square := func(x float64) float64 { return x * x }
	in := c.Paint.Noise.Slopes[0]
	return square(math.Log(c.Leaves.RMin/4)) + square(c.Paint.Contrast-0.5) + square(in[0]-1) + square(in[1]-3), nil
}

func toySearch(t *testing.T, path string) *Search {
	t.Helper()
	settings := []Setting{{"seed", "1"}}
	j, err := OpenJournal(path, settings)
	if err != nil {
		if j, err = NewJournal(path, settings); err != nil {
			t.Fatal(err)
		}
	}
	t.Cleanup(func() { j.Close() })
	return &Search{
		Space: space(t, scene.Default(), "leaves.r_min", "paint.contrast", "paint.noise.slopes"), Figure: toy, Journal: j, Seed: 1, Limit: time.Hour,
		Better: func(Evaluation) error { return nil }, Progress: func(*Outcome, float64) {},
	}
}

func run(t *testing.T, s *Search) *Outcome {
	t.Helper()
	o, err := s.Run(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	return o
}

func TestToy(t *testing.T) {
	o := run(t, toySearch(t, filepath.Join(t.TempDir(), "journal")))
	if o.Best.Value > 1e-3 || o.Start.Value < 1 {
		t.Errorf("from %v to %v at %v after %d", o.Start.Value, o.Best.Value, o.Best.X, o.Count)
	}
	if o.Why != "nothing is left to find near the best" {
		t.Errorf("it ended because %s", o.Why)
	}
}

var seconds = regexp.MustCompile(`"seconds":[0-9.e-]*`)

// journal is what a journal holds but for times.
func journal(t *testing.T, path string) string {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return seconds.ReplaceAllString(string(data), "")
}

// A search that is interrupted anywhere, even within a line of its journal, and resumed ends as an undisturbed one, and
// measures nothing twice.
func TestResume(t *testing.T) {
	dir := t.TempDir()
	whole, broken := filepath.Join(dir, "whole"), filepath.Join(dir, "broken")
	want := run(t, toySearch(t, whole))
	for turn := 0; ; turn++ {
		s := toySearch(t, broken)
		ctx, cancel := context.WithCancel(context.Background())
		measured := 0
		s.Figure = func(ctx context.Context, c *scene.Config) (float64, error) {
			if measured++; measured > 17+turn {
				cancel()
				return 0, ctx.Err()
			}
			return toy(ctx, c)
		}
		var told Evaluation
		s.Better = func(e Evaluation) error { told = e; return nil }
		got, err := s.Run(ctx)
		cancel()
		if err != nil {
			t.Fatal(err)
		}
		if told.Value != got.Best.Value {
			t.Errorf("the best is %v, and %v was handed out", got.Best.Value, told.Value)
		}
		if got.Why != "stopped" {
			if got.Best.Value != want.Best.Value || got.Count != want.Count || got.Why != want.Why {
				t.Errorf("%d candidates, best %v at %v; undisturbed %d, %v", got.Count, got.Best.Value, got.Best.X, want.Count, want.Best.Value)
			}
			break
		}
		// What a kill may leave.
		f, err := os.OpenFile(broken, os.O_APPEND|os.O_WRONLY, 0)
		if err != nil {
			t.Fatal(err)
		}
		f.WriteString(`{"x":[1,2`)
		f.Close()
	}
	if journal(t, whole) != journal(t, broken) {
		t.Error("the journals differ")
	}
}

func TestLimits(t *testing.T) {
	s := toySearch(t, filepath.Join(t.TempDir(), "a"))
	s.Most = 10
	if o := run(t, s); o.Count != 10 {
		t.Errorf("%d candidates, not 10", o.Count)
	}
	s = toySearch(t, filepath.Join(t.TempDir(), "b"))
	s.Limit = 60 * time.Millisecond
	s.Figure = func(ctx context.Context, c *scene.Config) (float64, error) {
		time.Sleep(10 * time.Millisecond)
		return toy(ctx, c)
	}
	if o := run(t, s); o.Count > 8 || o.Why != "the time is up" {
		t.Errorf("%d candidates, %s", o.Count, o.Why)
	}
}

// Contradictions turn the search away and stop nothing; a figure that cannot be had stops it.
func TestContradictions(t *testing.T) {
	s := toySearch(t, filepath.Join(t.TempDir(), "a"))
	s.Space = space(t, changed(t, "leaves.r_max=12"), "leaves.r_min", "leaves.r_max")
	s.Figure = func(_ context.Context, c *scene.Config) (float64, error) {
		if c.Leaves.RMin > c.Leaves.RMax {
			t.Error("a configuration that contradicts itself was measured")
		}
		return -math.Log(c.Leaves.RMin), nil
	}
	s.Most = 200
	if o := run(t, s); o.Best.X[0] > o.Best.X[1] {
		t.Errorf("the best is %v", o.Best.X)
	}
	if !strings.Contains(journal(t, s.Journal.file.Name()), "1000000000") {
		t.Error("nothing was refused")
	}
	s = toySearch(t, filepath.Join(t.TempDir(), "b"))
	broken := errors.New("the device is gone")
	s.Figure = func(context.Context, *scene.Config) (float64, error) { return 0, broken }
	if _, err := s.Run(context.Background()); !errors.Is(err, broken) {
		t.Errorf("a search without figures: %v", err)
	}
}

func TestJournalErrors(t *testing.T) {
	path := filepath.Join(t.TempDir(), "journal")
	if _, err := OpenJournal(path, nil); err == nil || !strings.Contains(err.Error(), "leave --resume out") {
		t.Errorf("no journal: %v", err)
	}
	s := toySearch(t, path)
	s.Most = 5
	run(t, s)
	for _, other := range [][]Setting{{{"seed", "2"}}, {}, {{"seed", "1"}, {"images", "3"}}} {
		if _, err := OpenJournal(path, other); err == nil || !strings.Contains(err.Error(), "other settings (") {
			t.Errorf("settings %v: %v", other, err)
		}
	}
	data, _ := os.ReadFile(path)
	lines := strings.SplitAfter(string(data), "\n")
	os.WriteFile(path, []byte(lines[0]+lines[1]+"{]\n"+lines[3]), 0o644)
	if _, err := OpenJournal(path, []Setting{{"seed", "1"}}); err == nil || !strings.Contains(err.Error(), "line 3") {
		t.Errorf("a damaged line: %v", err)
	}
	os.WriteFile(path, []byte(lines[0]+lines[2]), 0o644)
	if _, err := toySearch(t, path).Run(context.Background()); err == nil || !strings.Contains(err.Error(), "other candidates") {
		t.Errorf("another walk: %v", err)
	}
	os.WriteFile(path, []byte("hello\n"), 0o644)
	if _, err := OpenJournal(path, nil); err == nil || !strings.Contains(err.Error(), "no journal of leaflitter fit") {
		t.Errorf("another file: %v", err)
	}
	os.WriteFile(path, nil, 0o644)
	if _, err := OpenJournal(path, nil); err == nil {
		t.Error("an empty file is taken for a journal")
	}
}
