package main

import (
	"bytes"
	"fmt"
	"image"
	"image/png"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

// Every mistake ends in one clear sentence, the right exit code, and a
// directory that is what it was.
func TestBadInput(t *testing.T) {
	dir := t.TempDir()
	write := func(name, text string) {
		t.Helper()
		path := filepath.Join(dir, name)
		os.MkdirAll(filepath.Dir(path), 0o755)
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	write("unknown.yaml", "leaves:\n  r_min: 3\n  r_mox: 4\n")
	write("range.yaml", "# comment\nleaves:\n  alpha: 99\n")
	write("type.yaml", "image:\n  width: wide\n")
	write("whole.yaml", "image:\n  width: 12.5\n")
	write("contradiction.yaml", "leaves:\n  r_min: 50\n  r_max: 40\n")
	write("twice.yaml", "leaves: {alpha: 2}\nleaves: {alpha: 3}\n")
	write("syntax.yaml", "leaves: {alpha: 2\n")
	write("layers.yaml", "layers:\n  - {name: a, cover: 0.2}\n")
	write("alias.yaml", "a: &a [1]\nleaves: *a\n")
	write("binary.yaml", "\x00\x01\x02\xff")
	write("backwards.yaml", "paint:\n  warp:\n    sigma: [20, 10]\n")
	write("notpalette", "hello")
	write("full/keep.txt", "mine")
	write("numbered/000001.png", "not leaflitter's")
	write("empty/.keep", "")
	write("corrupt/a.jpg", "\xff\xd8\xff\xe0 nothing follows")
	write("truncated/000000.png", "\x89PNG\r\n\x1a\n")
	write("gif/a.gif", "GIF89a")
	must(t, dir, with("-o", "done", "--count", "2", "--preset", "dead-leaves")...)
	must(t, dir, "palette", "show", "-o", "somefile.png")
	small := new(bytes.Buffer)
	png.Encode(small, image.NewGray(image.Rect(0, 0, 4, 4)))
	write("small/a.png", small.String())
	if os.Getuid() != 0 {
		os.Mkdir(filepath.Join(dir, "locked"), 0o555)
	}

	gen := func(args ...string) []string { return with(append([]string{"-o", "new"}, args...)...) }
	cases := []struct {
		name string
		args []string
		code int
		want string // in the message
	}{
		{"no command", []string{"--bogus"}, 2, "unknown flag --bogus"},
		{"unknown command", []string{"render"}, 2, "unexpected argument render"},
		{"no output", []string{"generate"}, 2, "--output"},
		{"unknown flag", gen("--colour", "red"), 2, "unknown flag --colour"},
		{"stray argument", gen("extra"), 2, "unexpected argument extra"},
		{"unknown preset", gen("--preset", "dead-leafs"), 2, "no such preset; choose one of dead-leaves-pp"},
		{"preset and config", gen("--preset", "flat", "--config", "range.yaml"), 2, "can't be used together"},
		{"photos and palette", gen("--photos", "a", "--palette", "b"), 2, "can't be used together"},
		{"resume and overwrite", gen("--resume", "--overwrite"), 2, "can't be used together"},
		{"count 0", gen("--count", "0"), 2, "--count 0 is out of range"},
		{"count negative", gen("--count=-3"), 2, "--count"},
		{"count a word", gen("--count", "many"), 2, "--count"},
		{"count too large", gen("--count", "99999999999"), 2, "out of range"},
		{"start negative", gen("--start=-1"), 2, "--start"},
		{"start overflows", gen("--start", "18446744073709551615"), 2, "exceeds the last image index"},
		{"seed negative", gen("--seed=-1"), 2, "--seed"},
		{"seed too large", gen("--seed", "18446744073709551616"), 2, "--seed"},
		{"size 0", gen("--size", "0"), 2, "each from 1 to 16384"},
		{"size half", gen("--size", "512x"), 2, "--size 512x"},
		{"size a word", gen("--size", "big"), 2, "--size big"},
		{"size too large", gen("--size", "99999"), 2, "each from 1 to 16384"},
		{"size needs too much memory", gen("--size", "16384x16384"), 2, "would need about"},
		{"threads negative", gen("--threads=-2"), 2, "--threads -2 is out of range"},
		{"threads too many", gen("--threads", "5000"), 2, "give 1 to 1024"},
		{"backend gpu", gen("--backend", "gpu"), 2, "auto"},
		{"unknown label", gen("--labels", "id,colour"), 2, `no label "colour"; choose from id, layer, depth, edge`},
		{"empty label", gen("--labels", "id,"), 2, `no label ""`},
		{"set without value", gen("--set", "leaves.r_min"), 2, "give key=value"},
		{"set unknown", gen("--set", "leaves.r_mox=1"), 2, `no field "r_mox"; choose one of alpha, r_min`},
		{"set group", gen("--set", "leaves=1"), 2, "is a group"},
		{"set word", gen("--set", "leaves.r_min=x"), 2, "is no number"},
		{"set out of range", gen("--set", "leaves.r_min=0"), 2, "leaves.r_min: 0 is out of range; give a number from 0.5 to 4096"},
		{"set index", gen("--set", "layers.3.blur=0"), 2, "give 0 to 2"},
		{"set contradiction", gen("--set", "leaves.r_max=5"), 2, "exceeds leaves.r_max = 5"},
		{"set nan", gen("--set", "leaves.alpha=.nan"), 2, "NaN is out of range"},
		{"config missing", gen("--config", "none.yaml"), 2, "none.yaml: no such file"},
		{"config a directory", gen("--config", "full"), 2, "full is no configuration"},
		{"config unknown field", gen("--config", "unknown.yaml"), 2, `unknown.yaml:3: leaves: unknown field "r_mox"`},
		{"config out of range", gen("--config", "range.yaml"), 2, "range.yaml:3: leaves.alpha: 99 is out of range; give a number from 0 to 10"},
		{"config type", gen("--config", "type.yaml"), 2, `type.yaml:2: image.width: "wide" is no whole number`},
		{"config not whole", gen("--config", "whole.yaml"), 2, `whole.yaml:2: image.width: "12.5" is no whole number`},
		{"config contradiction", gen("--config", "contradiction.yaml"), 2, "contradiction.yaml:2: leaves.r_min: 50 exceeds"},
		{"config twice", gen("--config", "twice.yaml"), 2, "twice.yaml:2: "},
		{"config syntax", gen("--config", "syntax.yaml"), 2, "syntax.yaml:1: "},
		{"config layers", gen("--config", "layers.yaml"), 2, "layers.yaml:2: layers[0].cover"},
		{"config alias", gen("--config", "alias.yaml"), 2, "anchors and aliases"},
		{"config binary", gen("--config", "binary.yaml"), 2, "binary.yaml"},
		{"config backwards", gen("--config", "backwards.yaml"), 2, "backwards.yaml:3: paint.warp.sigma: [20, 10] runs backwards"},
		{"check", []string{"config", "check", "range.yaml", "unknown.yaml"}, 2, "unknown.yaml:3"},
		{"check nothing", []string{"config", "check"}, 2, "expected"},
		{"photos missing", gen("--photos", "nowhere"), 1, "nowhere"},
		{"photos a file", gen("--photos", "notpalette"), 1, "notpalette"},
		{"photos empty", gen("--photos", "empty"), 1, "empty"},
		{"photos corrupt", gen("--photos", "corrupt"), 1, "a.jpg"},
		{"photos too small", gen("--photos", "small"), 1, "a.png"},
		{"photos refused kind", gen("--photos", "gif"), 1, "a.gif"},
		{"photos without colour", gen("--preset", "no-colour", "--photos", "small"), 2, "properties.colour is off"},
		{"palette missing", gen("--palette", "none.pal"), 1, "none.pal"},
		{"palette garbage", gen("--palette", "notpalette"), 1, "notpalette"},
		{"palette a directory", gen("--palette", "full"), 1, "full"},
		{"directory not empty", with("-o", "full"), 1, "choose an empty or new directory"},
		{"directory of another run", with("-o", "done", "--count", "2", "--preset", "dead-leaves"), 1, "--resume"},
		{"overwrite spares foreign numbers", with("-o", "numbered", "--overwrite"), 1, "replaces nothing it did not write"},
		{"output a file", with("-o", "notpalette"), 1, "is a file, not a directory"},
		{"output below a file", with("-o", "notpalette/x"), 1, "notpalette/x"},
		{"resume other seed", with("-o", "done", "--count", "2", "--preset", "dead-leaves", "--resume", "--seed", "9"), 1, "seed"},
		{"resume other config", with("-o", "done", "--count", "2", "--resume"), 1, "config"},
		{"sheet of nothing", []string{"sheet", "full", "-o", "new.png"}, 1, "no images"},
		{"sheet missing", []string{"sheet", "nowhere", "-o", "new.png"}, 1, "nowhere"},
		{"sheet corrupt", []string{"sheet", "truncated", "-o", "new.png"}, 1, "000000.png"},
		{"sheet columns", []string{"sheet", "done", "-o", "new.png", "--columns", "0"}, 2, "from 1 to 64"},
		{"sheet thumb", []string{"sheet", "done", "-o", "new.png", "--thumb", "9"}, 2, "from 16 to 2048"},
		{"sheet onto a directory", []string{"sheet", "done", "-o", "full"}, 1, "full"},
		{"sheet nowhere", []string{"sheet", "done", "-o", "nowhere/new.png"}, 1, "nowhere/new.png"},
		{"palette build missing", []string{"palette", "build", "nowhere", "-o", "new.pal"}, 1, "nowhere"},
		{"palette build nothing", []string{"palette", "build", "full", "-o", "new.pal"}, 1, "full"},
		{"palette build no output", []string{"palette", "build", "full"}, 2, "--output"},
		{"palette show garbage", []string{"palette", "show", "notpalette", "-o", "new.png"}, 1, "notpalette"},
	}
	if os.Getuid() != 0 {
		cases = append(cases, struct {
			name string
			args []string
			code int
			want string
		}{"unwritable directory", with("-o", "locked/x"), 1, "locked/x"})
	}
	if len(cases) < 40 {
		t.Fatalf("%d cases", len(cases))
	}
	before := tree(t, dir)
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			code, out, errs := leaflitter(t, dir, c.args...)
			if code != c.code || !strings.Contains(errs, c.want) || !strings.HasPrefix(errs, "leaflitter: ") && !strings.Contains(errs, "\nleaflitter: ") {
				t.Errorf("exit %d, want %d; message %q, want %q", code, c.code, errs, c.want)
			}
			if strings.Contains(errs, "panic") || strings.Contains(errs, "goroutine") {
				t.Errorf("panicked: %s", errs)
			}
			_ = out
			after := tree(t, dir)
			same(t, "left behind", before, after)
			if entries, err := os.ReadDir(filepath.Join(dir, "new")); err == nil && len(entries) > 0 {
				t.Errorf("left %v", entries)
			}
		})
	}
}

// A full disk: what is whole stays, nothing half-written is left, and more room
// and --resume complete the run. A real file system of 1 MiB where mounting is
// allowed, else a limit on the size of files.
func TestFullDisk(t *testing.T) {
	dir := t.TempDir()
	disk := filepath.Join(dir, "disk")
	os.Mkdir(disk, 0o755)
	args := []string{"--count", "40", "--preset", "no-gradient", "--set", "outline.per_image=[disk]", "--size", "128", "-o", "disk/out"}
	if syscall.Mount("tmpfs", disk, "tmpfs", 0, "size=300k") == nil {
		defer syscall.Unmount(disk, 0)
		code, _, errs := leaflitter(t, dir, with(args...)...)
		if code != 1 || !strings.Contains(errs, "the disk is full") || !strings.Contains(errs, "--resume") {
			t.Fatalf("exit %d: %s", code, errs)
		}
		if temps, _ := filepath.Glob(filepath.Join(disk, "out", ".leaflitter-tmp-*")); len(temps) > 0 {
			t.Errorf("left %v", temps)
		}
		whole, _ := filepath.Glob(filepath.Join(disk, "out", "0*.png"))
		for _, name := range whole {
			f, _ := os.Open(name)
			if _, err := png.Decode(f); err != nil {
				t.Errorf("%s: %v", name, err)
			}
			f.Close()
		}
		if len(whole) == 0 || len(whole) >= 40 {
			t.Fatalf("%d whole files on the full disk", len(whole))
		}
		if err := syscall.Mount("tmpfs", disk, "tmpfs", syscall.MS_REMOUNT, "size=64m"); err != nil {
			t.Fatal(err)
		}
		must(t, dir, with(append(args, "--resume")...)...)
	} else {
		shell := fmt.Sprintf("ulimit -f 8; exec %s %s", os.Args[0], strings.Join(with(args...), " "))
		cmd := exec.Command("bash", "-c", shell)
		cmd.Dir, cmd.Env = dir, append(os.Environ(), "LEAFLITTER_TEST_COMMAND=1")
		out, err := cmd.CombinedOutput()
		if err == nil || !strings.Contains(string(out), "file-size limit") {
			t.Fatalf("%v: %s", err, out)
		}
		if temps, _ := filepath.Glob(filepath.Join(disk, "out", ".leaflitter-tmp-*")); len(temps) > 0 {
			t.Errorf("left %v", temps)
		}
		must(t, dir, with(append(args, "--resume")...)...)
	}
	must(t, dir, with(append(args[:len(args)-1], "whole")...)...)
	same(t, "after a full disk", tree(t, filepath.Join(dir, "whole")), tree(t, filepath.Join(disk, "out")))
}
