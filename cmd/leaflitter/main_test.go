package main

import (
	"bytes"
	"crypto/sha256"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"io/fs"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// The tests run the real command: this binary, told by the environment to be it.
func TestMain(m *testing.M) {
	if os.Getenv("LEAFLITTER_TEST_COMMAND") == "1" {
		os.Exit(run(os.Args[1:], os.Stdout, os.Stderr))
	}
	os.Exit(m.Run())
}

func command(dir string, args ...string) *exec.Cmd {
	exe, err := os.Executable()
	if err != nil {
		panic(err)
	}
	cmd := exec.Command(exe, args...)
	cmd.Dir = dir
	// What these processes cache is not the user's: go test removes its directory.
	cmd.Env = append(os.Environ(), "LEAFLITTER_TEST_COMMAND=1", "XDG_CACHE_HOME="+filepath.Join(filepath.Dir(exe), "cache"))
	return cmd
}

// leaflitter runs the command and returns its exit code and output.
func leaflitter(t *testing.T, dir string, args ...string) (code int, stdout, stderr string) {
	t.Helper()
	cmd := command(dir, args...)
	var out, errs bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &errs
	err := cmd.Run()
	if _, ok := err.(*exec.ExitError); err != nil && !ok {
		t.Fatal(err)
	}
	return cmd.ProcessState.ExitCode(), out.String(), errs.String()
}

// must runs the command and wants success.
func must(t *testing.T, dir string, args ...string) string {
	t.Helper()
	code, out, errs := leaflitter(t, dir, args...)
	if code != 0 {
		t.Fatalf("leaflitter %s: exit %d: %s", strings.Join(args, " "), code, errs)
	}
	return out
}

// tree maps each file below dir to its hash.
func tree(t *testing.T, dir string) map[string]string {
	t.Helper()
	out := map[string]string{}
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		data, err := os.ReadFile(path)
		rel, _ := filepath.Rel(dir, path)
		out[rel] = fmt.Sprintf("%x", sha256.Sum256(data))
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func same(t *testing.T, what string, a, b map[string]string) {
	t.Helper()
	for name := range a {
		if a[name] != b[name] {
			t.Errorf("%s: %s differs or is missing", what, name)
		}
	}
	for name := range b {
		if _, ok := a[name]; !ok {
			t.Errorf("%s: %s is one too many", what, name)
		}
	}
}

var quick = []string{"generate", "--size", "64", "--seed", "5", "--quiet"}

func with(args ...string) []string { return append(append([]string(nil), quick...), args...) }

// The same command gives the same bytes; threads and ranges do not show.
func TestSameBytes(t *testing.T) {
	dir := t.TempDir()
	must(t, dir, with("-o", "a", "--count", "16", "--labels", "id,layer,depth,edge")...)
	must(t, dir, with("-o", "b", "--count", "16", "--labels", "id,layer,depth,edge", "--threads", "1")...)
	a := tree(t, filepath.Join(dir, "a"))
	same(t, "threads", a, tree(t, filepath.Join(dir, "b")))
	if len(a) != 16*5+1 {
		t.Errorf("%d files", len(a))
	}
	must(t, dir, with("-o", "c", "--start", "7", "--count", "1", "--labels", "id,layer,depth,edge")...)
	for name, hash := range tree(t, filepath.Join(dir, "c")) {
		if name != "manifest.json" && a[name] != hash {
			t.Errorf("image 7 alone: %s differs", name)
		}
	}
}

// Killed at random instants and resumed, a run ends with the bytes of an
// undisturbed one.
func TestResumeAfterKill(t *testing.T) {
	dir := t.TempDir()
	args := []string{"--count", "40", "--preset", "dead-leaves", "--labels", "id"}
	start := time.Now()
	must(t, dir, with(append(args, "-o", "whole")...)...)
	whole := time.Since(start)
	want := tree(t, filepath.Join(dir, "whole"))
	kills := 0
	rng := rand.New(rand.NewPCG(1, 2))
	for try := 0; kills < 20; try++ {
		if try > 200 {
			t.Fatal("the command is too quick to be killed")
		}
		cmd := command(dir, with(append(args, "-o", "killed", "--resume")...)...)
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		time.Sleep(time.Duration(rng.Float64() * float64(whole)))
		cmd.Process.Kill()
		if cmd.Wait() != nil {
			kills++
		}
		if try%5 == 4 { // begin again now and then, so that every phase is hit
			must(t, dir, with(append(args, "-o", "killed", "--resume")...)...)
			same(t, "after kills", want, tree(t, filepath.Join(dir, "killed")))
			os.RemoveAll(filepath.Join(dir, "killed"))
		}
	}
	must(t, dir, with(append(args, "-o", "killed", "--resume")...)...)
	same(t, "after kills", want, tree(t, filepath.Join(dir, "killed")))
}

// Ctrl-C stops within a second, says how to go on, and leaves whole files.
func TestInterrupt(t *testing.T) {
	dir := t.TempDir()
	cmd := command(dir, "generate", "-o", "x", "--count", "5000", "--size", "256")
	var errs bytes.Buffer
	cmd.Stderr = &errs
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	for i := 0; i < 400; i++ {
		time.Sleep(50 * time.Millisecond)
		if m, _ := filepath.Glob(filepath.Join(dir, "x", "0*.png")); len(m) > 3 {
			break
		}
	}
	cmd.Process.Signal(syscall.SIGINT)
	start := time.Now()
	cmd.Wait()
	if took := time.Since(start); took > 3*time.Second { // the bar is 1 s; CI machines stall
		t.Errorf("took %v to stop", took)
	}
	if code := cmd.ProcessState.ExitCode(); code != 1 || !strings.Contains(errs.String(), "--resume") {
		t.Errorf("exit %d: %s", code, errs.String())
	}
	names, _ := filepath.Glob(filepath.Join(dir, "x", "*"))
	for _, n := range names {
		f, err := os.Open(n)
		if err != nil {
			t.Fatal(err)
		}
		if filepath.Ext(n) == ".png" {
			if _, err := png.Decode(f); err != nil {
				t.Errorf("%s: %v", n, err)
			}
		}
		f.Close()
	}
}

func TestColours(t *testing.T) {
	dir := t.TempDir()
	photos := filepath.Join(dir, "photos")
	os.Mkdir(photos, 0o755)
	for i := range 3 {
		im := image.NewRGBA(image.Rect(0, 0, 80, 60))
		for k := range 80 * 60 {
			im.Set(k%80, k/80, color.RGBA{uint8(200 - k%50), uint8(30 * i), uint8(k % 7), 255})
		}
		f, _ := os.Create(filepath.Join(photos, fmt.Sprintf("%d.png", i)))
		png.Encode(f, im)
		f.Close()
	}
	must(t, dir, "palette", "build", "photos", "-o", "p.pal")
	must(t, dir, "palette", "show", "p.pal", "-o", "p.png")
	must(t, dir, "palette", "show", "-o", "builtin.png")
	must(t, dir, with("-o", "a", "--count", "2", "--photos", "photos")...)
	must(t, dir, with("-o", "b", "--count", "2", "--palette", "p.pal")...)
	a, b := tree(t, filepath.Join(dir, "a")), tree(t, filepath.Join(dir, "b"))
	if a["000001.png"] != b["000001.png"] {
		t.Error("a palette file gives other images than its photographs")
	}
	must(t, dir, with("-o", "c", "--count", "2")...)
	if tree(t, filepath.Join(dir, "c"))["000001.png"] == a["000001.png"] {
		t.Error("photographs make no difference")
	}
	must(t, dir, with("-o", "d", "--count", "1", "--preset", "no-colour")...)
	must(t, dir, "sheet", "a", "-o", "sheet.png", "--columns", "2", "--thumb", "32")
	f, err := os.Open(filepath.Join(dir, "sheet.png"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if im, err := png.Decode(f); err != nil || im.Bounds().Dx() < 64 {
		t.Errorf("sheet: %v", err)
	}
}

func TestConfigCommands(t *testing.T) {
	dir := t.TempDir()
	shown := must(t, dir, "config", "show", "--preset", "dead-leaves", "--set", "leaves.r_min=2", "--size", "100x50")
	if err := os.WriteFile(filepath.Join(dir, "c.yaml"), []byte(shown), 0o644); err != nil {
		t.Fatal(err)
	}
	if out := must(t, dir, "config", "check", "c.yaml"); !strings.Contains(out, "c.yaml: valid") {
		t.Errorf("check: %s", out)
	}
	if again := must(t, dir, "config", "show", "--config", "c.yaml"); again != shown {
		t.Error("a shown configuration shows differently")
	}
	if out := must(t, dir, "config", "schema"); !strings.Contains(out, `"r_min"`) {
		t.Error("schema lacks r_min")
	}
	if out := must(t, dir, "presets"); strings.Count(out, "\n") < 10 {
		t.Error(out)
	}
	if out := must(t, dir, "version"); !strings.Contains(out, version) {
		t.Error(out)
	}
	for _, args := range [][]string{{}, {"--help"}, {"generate", "--help"}, {"palette", "build", "--help"}, {"config", "show", "--help"}} {
		if out := must(t, dir, args...); !strings.Contains(out, "Usage: leaflitter") {
			t.Errorf("%v: %s", args, out)
		}
	}
}
