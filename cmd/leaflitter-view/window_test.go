//go:build linux && cgo && egl && window

package main

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"leaflitter/view"
)

// The window may have any size, be hidden and come back; the context may go and is made
// anew, until that is hopeless.
func TestWindow(t *testing.T) {
	d := newDesk(t)
	r := begin(t, d, "--preset", "dead-leaves", "--size", "100x80", "--set", "develop.grey=true")
	im := r.image(nil)
	r.shows(d, "the image, grey", im, view.Image)
	for _, size := range [][2]string{{"1", "1"}, {"431", "90"}, {"999", "777"}, {"80", "60"}, {"640", "480"}} {
		d.do("windowsize", "--sync", d.window, size[0], size[1])
		r.shows(d, fmt.Sprint("at ", size), im, view.Image)
	}
	d.do("windowunmap", "--sync", d.window)
	d.do("windowmap", "--sync", d.window)
	d.focus()
	r.shows(d, "back again", im, view.Image)
	d.press("Tab")
	r.hidden = true
	r.shows(d, "without the panel", im, view.Image)
	d.press("h", "Escape")
	r.shows(d, "after the help", im, view.Image)
	for n := range 4 {
		last := d.window
		d.press("BackSpace")
		if n == 3 {
			break
		}
		d.find(last)
		r.shows(d, "in a new context", im, view.Image)
	}
	if code, errs := d.end(); code != 1 || !strings.Contains(errs, "the OpenGL context was lost 4 times") || strings.Count(errs, "\n") != 1 {
		t.Errorf("exit %d: %s", code, errs)
	}
}

// Minimised by a window manager it has no pixels to draw; restored it is as before.
func TestMinimise(t *testing.T) {
	d := newDesk(t)
	rules := filepath.Join(d.dir, "twmrc")
	text := "RandomPlacement\nNoTitle\nBorderWidth 0\nNoIconManagers\n"
	for _, of := range []string{"Title", "Resize", "Menu", "Icon", "IconManager"} {
		text += of + "Font \"fixed\"\n" // the server has no other
	}
	if err := os.WriteFile(rules, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	manager := exec.Command("twm", "-f", rules)
	manager.Env = append(os.Environ(), "DISPLAY="+d.display, "LC_ALL=C")
	if err := manager.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { manager.Process.Kill(); manager.Wait() })
	r := begin(t, d, "--preset", "dead-leaves", "--size", "100x80")
	im := r.image(nil)
	r.shows(d, "the image", im, view.Image)
	for range 2 {
		d.do("windowminimize", d.window)
		d.eventually("a window that is gone", func() bool {
			return !slices.Contains(strings.Fields(d.try("search", "--onlyvisible", "--name", ".")), d.window)
		})
		time.Sleep(200 * time.Millisecond)
		d.do("windowmap", d.window)
		d.find("")
		r.shows(d, "restored", im, view.Image)
	}
	d.press("2")
	r.shows(d, "its ids", im, view.ID)
}

// What is saved is what leaflitter generate writes, and its YAML makes it again.
func TestSave(t *testing.T) {
	d := newDesk(t)
	r := begin(t, d, everything...)
	d.press("n", "r", "2", "Home", "s") // whatever is seen, the whole image is saved
	name := filepath.Join(d.dir, "leaflitter-1-1")
	d.eventually("files", func() bool {
		_, err := os.Stat(name + ".yaml")
		return err == nil
	})
	exe := filepath.Join(t.TempDir(), "leaflitter")
	build := exec.Command("go", "build", "-o", exe, "leaflitter/cmd/leaflitter")
	build.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	generate := func(args ...string) []byte {
		t.Helper()
		cmd := exec.Command(exe, append([]string{"generate", "-o", "out", "--overwrite", "--backend", "cpu", "--seed", "1", "--start", "1", "--count", "1"}, args...)...)
		cmd.Dir = d.dir
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Fatalf("%v\n%s", err, out)
		}
		data, err := os.ReadFile(filepath.Join(d.dir, "out", "000001.png"))
		if err != nil {
			t.Fatal(err)
		}
		return data
	}
	saved, err := os.ReadFile(name + ".png")
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(saved, generate(everything...)) {
		t.Error("the PNG differs from that of leaflitter generate")
	}
	if !bytes.Equal(saved, generate("--config", name+".yaml")) {
		t.Error("the YAML does not make the PNG again")
	}
	text, err := os.ReadFile(name + ".yaml")
	if want := "leaflitter generate -o DIR --config leaflitter-1-1.yaml --seed 1 --start 1 --count 1\n"; err != nil || !strings.Contains(string(text), want) {
		t.Errorf("the YAML does not say %q: %v", want, err)
	}
	d.press("1", "End")
	r.seed, r.index, r.exact = 1, 1, false
	r.shows(d, "the image after it was saved", r.image(nil), view.Image)
	if err := d.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	if code, errs := d.end(); code != 0 || errs != "" {
		t.Errorf("asked to end: exit %d: %s", code, errs)
	}
}

// Without a display, or with a wrong flag: one sentence.
func TestRefusals(t *testing.T) {
	for _, c := range []struct {
		display string
		args    []string
		code    int
		want    string
	}{
		{"", nil, 1, "there is no display"},
		{":987", nil, 1, `display ":987"`},
		{"", []string{"--preset", "none"}, 2, "no such preset"},
		{"", []string{"--size", "0"}, 2, "--size 0"},
		{"", []string{"--set", "leaves.r_min=900"}, 2, "exceeds leaves.r_max"},
		{"", []string{"--output", "nowhere"}, 2, "no directory"},
		{"", []string{"--bad"}, 2, "unknown flag --bad"},
	} {
		cmd := viewer(c.display, t.TempDir(), c.args...)
		var errs bytes.Buffer
		cmd.Stderr = &errs
		cmd.Run()
		if code := cmd.ProcessState.ExitCode(); code != c.code || !strings.Contains(errs.String(), c.want) || strings.Count(errs.String(), "\n") != 1 {
			t.Errorf("display %q, %q: exit %d: %s", c.display, c.args, code, errs.String())
		}
	}
}
