package main

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"
	"time"
)

// fitArgs is a quick search for the images of seed 9 in photos, which has two halves of about 20.
func fitArgs(more ...string) []string {
	return append([]string{"fit", "photos", "--backend", "cpu", "--images", "24", "--fields", "paint.contrast,leaves.r_min", "-o", "fitted.yaml"}, more...)
}

func fitDir(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	must(t, dir, "generate", "-o", "photos", "--quiet", "--backend", "cpu", "--count", "40", "--size", "128", "--seed", "9", "--set", "paint.contrast=0.5")
	return dir
}

func readFile(t *testing.T, dir, name string) string {
	t.Helper()
	data, err := os.ReadFile(filepath.Join(dir, name))
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

// A search writes a configuration that reads back and a page; interrupted by a signal it has written the best so far, and resumed it ends
// as an undisturbed one.
func TestFit(t *testing.T) {
	dir := fitDir(t)
	must(t, dir, fitArgs("--candidates", "14", "--threads", "1")...)
	whole := readFile(t, dir, "fitted.yaml")
	if !strings.HasPrefix(whole, "preset: dead-leaves-pp\n") || !strings.Contains(whole, "contrast: ") || strings.Contains(whole, "image") {
		t.Errorf("fitted.yaml holds\n%s", whole)
	}
	must(t, dir, "config", "check", "fitted.yaml")
	if page := readFile(t, dir, "fitted.html"); !strings.Contains(page, "14 candidates") || !strings.Contains(page, "are few") || !strings.Contains(page, "paint.contrast") {
		t.Error("the page lacks something")
	}
	times := regexp.MustCompile(`"seconds":[^}]*`)
	want := times.ReplaceAllString(readFile(t, dir, "fitted.journal"), "")

	// Again with another number of threads, interrupted after a few candidates, and gone on with.
	cmd := command(dir, fitArgs("--overwrite", "--candidates", "14", "--threads", "3")...)
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	for end := time.Now().Add(5 * time.Minute); ; time.Sleep(5 * time.Millisecond) {
		data, _ := os.ReadFile(filepath.Join(dir, "fitted.journal"))
		if n := strings.Count(string(data), "\n"); n > 3 && n < 14 {
			break
		}
		if time.Now().After(end) {
			t.Fatal("no candidate was tried")
		}
	}
	cmd.Process.Signal(syscall.SIGINT)
	time.Sleep(300 * time.Millisecond)
	cmd.Process.Signal(syscall.SIGINT) // nobody waits for the page
	cmd.Wait()
	must(t, dir, "config", "check", "fitted.yaml")
	if code, _, errs := leaflitter(t, dir, fitArgs("--resume", "--candidates", "14", "--seed", "3")...); code == 0 || !strings.Contains(errs, "other settings (seed)") {
		t.Errorf("resumed with another seed: exit %d, %s", code, errs)
	}
	must(t, dir, fitArgs("--resume", "--candidates", "14")...)
	if got := readFile(t, dir, "fitted.yaml"); got != whole {
		t.Errorf("interrupted and resumed it is\n%sand undisturbed\n%s", got, whole)
	}
	if got := times.ReplaceAllString(readFile(t, dir, "fitted.journal"), ""); got != want {
		t.Error("the journals differ")
	}
}

// What cannot be done is said in a sentence, and nothing is written.
func TestFitErrors(t *testing.T) {
	dir := fitDir(t)
	os.Mkdir(filepath.Join(dir, "empty"), 0o755)
	os.Mkdir(filepath.Join(dir, "there"), 0o755)
	os.WriteFile(filepath.Join(dir, "there", "fitted.yaml"), []byte("x"), 0o644)
	must(t, dir, "generate", "-o", "small", "--quiet", "--backend", "cpu", "--count", "40", "--size", "64", "--preset", "dead-leaves")
	before := len(tree(t, dir))
	for _, c := range []struct {
		args []string
		code int
		want string
	}{
		{[]string{"fit", "empty", "-o", "x.yaml"}, 1, "holds no photographs"},
		{[]string{"fit", "missing", "-o", "x.yaml"}, 1, "does not exist"},
		{[]string{"fit", "small", "-o", "x.yaml"}, 1, "less than the 128 a side"},
		{[]string{"fit", "photos", "-o", "x.yaml", "--fields", "leaves.rmin"}, 2, "did you mean leaves.r_min?"},
		{[]string{"fit", "photos", "-o", "x.yaml", "--fields", ","}, 2, "nothing to vary"},
		{[]string{"fit", "photos", "-o", "x.yaml", "--fields", "image.width"}, 2, "cannot vary"},
		{[]string{"fit", "photos", "-o", "x.yaml", "--minutes", "0"}, 2, "give a number over 0"},
		{[]string{"fit", "photos", "-o", "x.yaml", "--minutes", "NaN"}, 2, "give a number over 0"},
		{[]string{"fit", "photos", "-o", "x.yaml", "--candidates=-1"}, 2, "give 1 or more"},
		{[]string{"fit", "photos", "-o", "x.yaml", "--images", "2"}, 2, "out of range"},
		{[]string{"fit", "photos", "-o", "x.yaml", "--side", "64"}, 2, "out of range"},
		{[]string{"fit", "photos", "-o", "x.yaml", "--start", "dead-leaf"}, 2, "did you mean dead-leaves?"},
		{[]string{"fit", "photos", "-o", "x.yaml", "--resume"}, 1, "leave --resume out"},
		{[]string{"fit", "photos", "-o", "there/fitted.yaml"}, 1, "give --resume to go on"},
		{[]string{"fit", "photos", "-o", "nowhere/x.yaml"}, 1, "is no directory"},
		{[]string{"fit", "photos", "-o", "x.html"}, 2, "give a name such as fitted.yaml"},
		{[]string{"fit", "photos", "-o", "x.yaml", "--palette", "missing"}, 1, "missing"},
		{[]string{"fit", "photos"}, 2, "output"},
	} {
		code, out, errs := leaflitter(t, dir, append(c.args, "--backend", "cpu")...)
		if code != c.code || !strings.Contains(errs, c.want) || out != "" {
			t.Errorf("%s: exit %d, %s%s; want %d, %q", strings.Join(c.args, " "), code, out, errs, c.code, c.want)
		}
	}
	if after := len(tree(t, dir)); after != before {
		t.Errorf("%d files were written", after-before)
	}
}
