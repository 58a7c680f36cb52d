package main

import (
	"bytes"
	"image"
	"image/png"
	"os"
	"path/filepath"
	"strings"
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
	write("preset.yaml", "preset: flot\n")
	write("nameless.yaml", "layers:\n  - {cover: 1}\n")
	write("octal.yaml", "image:\n  width: 064\n")
	write("large.yaml", strings.Repeat("# much ado\n", 7000))
	write("deep.yaml", strings.Repeat("[", 500))
	write("latin1.yaml", "# caf\xe9\n")
	write("wrongplace.yaml", "r_min: 3\n")
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

	str := func(args ...string) []string { return append([]string{"stream", "--size", "64"}, args...) }
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
		{"unknown preset, a close one", gen("--preset", "dead-leafs"), 2, "(did you mean dead-leaves?)"},
		{"unknown command, a close one", []string{"generat"}, 2, `did you mean "generate"`},
		{"config without a command", []string{"config"}, 2, "expected one of"},
		{"empty preset", gen("--preset", ""), 2, "--preset is empty"},
		{"empty config", gen("--config", ""), 2, "--config is empty"},
		{"empty photos", gen("--photos", ""), 2, "--photos is empty; give a value or leave it out"},
		{"empty palette", gen("--palette", ""), 2, "--palette is empty"},
		{"empty output", []string{"generate", "-o", ""}, 2, "--output is empty"},
		{"output without value", []string{"generate", "-o"}, 2, "--output: its value is missing; see leaflitter generate --help"},
		{"seed negative, apart", gen("--seed", "-1"), 2, `--seed: expected a whole number from 0 to 18446744073709551615 but got "-1"; see`},
		{"seed a fraction", gen("--seed", "1.5"), 2, "expected a whole number from 0"},
		{"size zero wide", gen("--size", "0x64"), 2, "each from 1 to 16384"},
		{"size negative", gen("--size=-64"), 2, "each from 1 to 16384"},
		{"set elsewhere", gen("--set", "r_min=3"), 2, "(did you mean leaves.r_min?)"},
		{"set octal", gen("--set", "image.width=064"), 2, "would be read as octal"},
		{"set no layers", gen("--set", "layers=[]"), 2, "layers: holds 0 layers; give 1 to 255"},
		{"set a word of a list", gen("--set", "outline.per_image=[disc]"), 2, `"disc" is not known; choose one of disk`},
		{"set infinity", gen("--set", "leaves.r_max=.inf"), 2, "leaves.r_max: +Inf is out of range"},
		{"set no weights", gen("--set", "paint.weights.sin=0", "--set", "paint.weights.noise=0", "--set", "paint.weights.mix=0"), 2, "paint.weights: are all 0"},
		{"set supersample", gen("--size", "9000x10", "--set", "develop.supersample=2"), 2, "exceeds 16384 rendered pixels a side"},
		{"config preset", gen("--config", "preset.yaml"), 2, "preset.yaml:1: preset: no such preset"},
		{"config nameless layer", gen("--config", "nameless.yaml"), 2, "nameless.yaml:2: layers[0].name: is missing"},
		{"config octal", gen("--config", "octal.yaml"), 2, "octal.yaml:2: image.width: 064 would be read as octal"},
		{"config large", gen("--config", "large.yaml"), 2, "large.yaml is no configuration: expected a YAML file of at most 64 KiB"},
		{"config deep", gen("--config", "deep.yaml"), 2, "nested deeper than 16"},
		{"config not UTF-8", gen("--config", "latin1.yaml"), 2, "latin1.yaml: is no UTF-8 text"},
		{"config wrong place", gen("--config", "wrongplace.yaml"), 2, `wrongplace.yaml:1: unknown field "r_min"`},
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
		{"png level negative", gen("--png-level=-1"), 2, "--png-level -1 is out of range; give 0"},
		{"png level too high", gen("--png-level", "10"), 2, "to 9"},
		{"format unknown", gen("--format", "zip"), 2, "--format zip: give one of png, webdataset, npy, hdf5"},
		{"layout unknown", gen("--format", "hdf5", "--layout", "basicsr"), 2, "format hdf5 has the layouts patches, array"},
		{"layout needless", gen("--format", "npy", "--layout", "flat"), 2, "one layout only"},
		{"member needless", gen("--format", "npy", "--member", "png"), 2, "only the format webdataset has a choice of members"},
		{"member unknown", gen("--format", "webdataset", "--member", "jpg"), 2, "--member jpg: give png or npy"},
		{"pairs unknown", gen("--pairs", "sr:x5"), 2, "--pairs sr:x5: give sr:x2, sr:x3, sr:x4"},
		{"pairs do not divide", gen("--pairs", "sr:x3"), 2, "--pairs sr:x3: 3 does not divide the size 64x64"},
		{"pairs of floats as PNG", gen("--pairs", "noise:gaussian:25:float"), 2, "PNG files hold no float32"},
		{"shard size 0", gen("--shard-size", "0"), 2, "--shard-size 0 is out of range; give 1 to"},
		{"shards 0", gen("--shards", "0"), 2, "--shards 0 is out of range"},
		{"shards too many", gen("--shards", "18446744073709551615", "--shard-size", "1000"), 2, "out of range"},
		{"shards and count", gen("--shards", "2", "--count", "3"), 2, "can't be used together"},
		{"task out of range", gen("--task", "3/3"), 2, "--task 3/3: give I/N, I from 0 to N-1"},
		{"task auto without a scheduler", gen("--task", "auto"), 2, "none of SLURM_ARRAY_TASK_ID"},
		{"task and overwrite", gen("--task", "0/3", "--overwrite"), 2, "remove the dataset first"},
		{"destination of another kind", with("-o", "ftp://a/b"), 2, "give a directory, or s3://BUCKET/PREFIX"},
		{"verify nothing", []string{"verify", "full"}, 1, "has no manifest.json"},
		{"verify missing", []string{"verify", "nowhere"}, 1, "nowhere"},
		{"verify sample", []string{"verify", "done", "--sample", "0"}, 2, "--sample 0 is out of range"},
		{"sharded onto a directory", with("-o", "full", "--format", "npy"), 1, "replaces nothing it did not write"},
		{"sharded onto a folder of images", with("-o", "done", "--format", "npy"), 1, "is no manifest of a sharded dataset"},
		{"sharded onto a file", with("-o", "notpalette", "--format", "npy"), 1, "is a file, not a directory"},
		{"threads too many", gen("--threads", "5000"), 2, "give 1 to 1024"},
		{"backend unknown", gen("--backend", "tpu"), 2, "auto"},
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
		{"stream batch 0", str("--batch", "0"), 2, "--batch 0 is out of range; give 1 to 4096"},
		{"stream batch too large", str("--batch", "4097"), 2, "--batch 4097 is out of range"},
		{"stream batch negative", str("--batch=-1"), 2, "--batch -1 is out of range"},
		{"stream batch needs too much memory", str("--size", "8192", "--batch", "100"), 2, "--batch 100 of 8192 x 8192 pixels would need more than 4 GiB; give at most 21"},
		{"stream stride 0", str("--stride", "0"), 2, "--stride 0 is out of range; give 1 or more"},
		{"stream overflows", str("--start", "18446744073709551600", "--stride", "8", "--count", "3"), 2, "exceeds the last image index"},
		{"stream start a word", str("--start", "x"), 2, "--start"},
		{"stream unknown label", str("--labels", "colour"), 2, `no label "colour"`},
		{"stream unknown preset", str("--preset", "dead-leafs"), 2, "no such preset"},
		{"stream threads", str("--threads", "5000"), 2, "give 1 to 1024"},
		{"stream requests and start", str("--requests", "--start", "0"), 2, "can't be used together"},
		{"stream requests and count", str("--requests", "--count", "3"), 2, "can't be used together"},
		{"stream requests and batch", str("--requests", "--batch", "3"), 2, "can't be used together"},
		{"stream requests and stride", str("--requests", "--stride", "3"), 2, "can't be used together"},
		{"stream device of the cpu", str("--backend", "cpu", "--device", "0"), 2, "the CPU backend has no devices"},
		{"stream palette missing", str("--palette", "none.pal"), 1, "none.pal"},
		{"palette build missing", []string{"palette", "build", "nowhere", "-o", "new.pal"}, 1, "nowhere"},
		{"palette build nothing", []string{"palette", "build", "full", "-o", "new.pal"}, 1, "full"},
		{"palette build onto a directory", []string{"palette", "build", "small", "-o", "full"}, 1, "cannot write full: it exists and is no regular file"},
		{"palette build below nothing", []string{"palette", "build", "small", "-o", "nowhere/x.pal"}, 1, "cannot write nowhere/x.pal"},
		{"palette show onto a directory", []string{"palette", "show", "-o", "full"}, 1, "cannot write full"},
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
