//go:build linux && cgo && egl && window

package main

import (
	"bytes"
	"fmt"
	"image/color"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"leaflitter/bank"
	"leaflitter/cpu"
	"leaflitter/palette"
	"leaflitter/render"
	"leaflitter/scene"
	"leaflitter/view"
)

// everything is a configuration that draws all that there is, with tables that are
// quick to build.
var everything = []string{
	"--size", "120x90", "--set", "leaves.r_min=4", "--set", "leaves.r_max=60", "--set", "paint.noise.largest_tile=64",
	"--set", "paint.flat_below=8", "--set", "outline.per_image=[mix]",
}

// reference is what the CPU backend makes of what the viewer should show.
type reference struct {
	t           *testing.T
	cfg         scene.Config
	seed, index uint64
	exact       bool // the window shows pixel for pixel
	hidden      bool // without the panel
	banks       map[string]*bank.Bank
}

func (r *reference) placed() (*scene.Scene, *cpu.Backend) {
	key := fmt.Sprint(r.cfg.DrawsPolygons(), r.cfg.Leaves, r.cfg.Outline.Polygon, r.cfg.Paint.Noise.Spectrum)
	if r.banks[key] == nil {
		r.banks[key] = bank.New(&r.cfg)
	}
	b, set := r.banks[key], palette.Builtin()
	if !r.cfg.Properties.Colour {
		set = palette.Uniform()
	}
	cfg := r.cfg
	return scene.NewPlacer(&cfg, b.OutlineClasses(), len(set.Palettes), r.seed).Scene(r.index), cpu.New(&cfg, b, set, 0)
}

// image renders what cut leaves of the scene; nil: all of it.
func (r *reference) image(cut func(s *scene.Scene)) *render.Image {
	r.t.Helper()
	s, backend := r.placed()
	if cut != nil {
		cut(s)
	}
	im := render.NewImage(&r.cfg, render.Labels{ID: true, Layer: true, Depth: true, Edge: true})
	if err := backend.Render(r.t.Context(), []*scene.Scene{s}, []*render.Image{im}); err != nil {
		r.t.Fatal(err)
	}
	return im
}

// pixel is what a view shows of pixel p, as docs/viewer.md says.
func pixel(im *render.Image, kind, p int) [3]uint8 {
	grey := func(v uint8) [3]uint8 { return [3]uint8{v, v, v} }
	switch kind {
	case view.ID:
		return view.IDColour(im.ID[p])
	case view.Layer:
		return view.LayerColour(im.Layer[p])
	case view.Depth:
		return grey(uint8(im.Depth[p] >> 8))
	case view.Edge:
		return grey(im.Edge[p])
	}
	if im.Channels == 1 {
		return grey(im.Pix[p])
	}
	return [3]uint8(im.Pix[3*p : 3*p+3])
}

// differs compares the screen with an image and returns what differs, or nothing.
func (r *reference) differs(d *desk, im *render.Image, kind int) string {
	d.t.Helper()
	s, w, h := d.screen()
	panel := view.PanelWidth
	if r.hidden || 3*panel > 2*w {
		panel = 0
	}
	at := view.Place(w, h, panel, im.Width, im.Height, r.exact)
	wrong := 0
	for y := range at.H {
		for x := range at.W {
			want := pixel(im, kind, y*im.Height/at.H*im.Width+x*im.Width/at.W)
			if at.X+x >= 0 && at.Y+y >= 0 && at.X+x < w-panel && at.Y+y < h && s.(shifted).at(at.X+x, at.Y+y) != want {
				wrong++
			}
		}
	}
	if wrong > 0 {
		return fmt.Sprintf("%d of %d pixels in %+v of %d x %d", wrong, at.W*at.H, at, w, h)
	}
	return ""
}

// shows waits until the window shows an image.
func (r *reference) shows(d *desk, what string, im *render.Image, kind int) {
	d.t.Helper()
	why := ""
	for start := time.Now(); time.Since(start) < 30*time.Second; {
		if why = r.differs(d, im, kind); why == "" {
			return
		}
		select {
		case <-d.ended:
			d.t.Fatalf("%s: the viewer ended: %s", what, d.errs.String())
		default:
		}
	}
	d.t.Fatalf("%s: what the window shows is not what the CPU backend renders: %s differ\n%s", what, why, d.errs.String())
}

func begin(t *testing.T, d *desk, args ...string) *reference {
	t.Helper()
	cfg, err := (&flags{}).parsed(args)
	if err != nil {
		t.Fatal(err)
	}
	d.start(args...)
	return &reference{t: t, cfg: cfg, banks: map[string]*bank.Bank{}}
}

// red counts the pixels of the panel in the colour of problems.
func (d *desk) red() (n int) {
	s, w, h := d.screen()
	for y := range h {
		for x := w - view.PanelWidth; x < w; x++ {
			if s.(shifted).at(x, y) == [3]uint8{255, 120, 105} {
				n++
			}
		}
	}
	return n
}

// Keys change what is shown, and what is shown is always what the CPU backend renders.
func TestKeys(t *testing.T) {
	d := newDesk(t)
	r := begin(t, d, everything...)
	r.shows(d, "enlarged", r.image(nil), view.Image)
	wrong := r.image(nil)
	if wrong.Pix[len(wrong.Pix)-1] ^= 1; r.differs(d, wrong, view.Image) == "" {
		t.Fatal("one wrong bit is not noticed")
	}
	d.press("z")
	r.exact = true
	r.shows(d, "pixel for pixel", r.image(nil), view.Image)
	for _, kind := range []int{view.ID, view.Layer, view.Depth, view.Edge} {
		d.press(fmt.Sprint(kind + 1))
		r.shows(d, fmt.Sprint("labels ", kind), r.image(nil), kind)
	}
	d.press("1", "shift+n", "p", "r")
	r.index, r.seed = 9, 1
	r.shows(d, "image 9 of seed 1", r.image(nil), view.Image)

	// A row is chosen and changed; a number is typed.
	d.press("Down", "Down", "Down", "Right", "Right")
	r.cfg.Leaves.RMin = 6
	r.shows(d, "r_min 6", r.image(nil), view.Image)
	before := r.image(nil)
	d.press("Return", "6", "1", "Return")
	d.eventually("word of the mistake", func() bool { return d.red() > 50 })
	r.shows(d, "the last image that was good", before, view.Image)
	d.press("Return", "1", "0", "period", "5", "Return")
	r.cfg.Leaves.RMin = 10.5
	r.shows(d, "r_min 10.5", r.image(nil), view.Image)
	if n := d.red(); n > 0 {
		t.Errorf("the mistake is still shown: %d red pixels", n)
	}

	// The ablations, each alone and some together.
	on := &r.cfg.Properties
	for _, p := range []struct {
		key string
		of  *bool
		off bool
	}{
		{"d", &on.Depth, true}, {"c", &on.Colour, false}, {"g", &on.Geometry, true}, {"a", &on.Gradient, true},
		{"w", &on.Warp, false}, {"e", &on.Perspective, true}, {"t", &on.Texture, false},
	} {
		d.press(p.key)
		*p.of = !*p.of
		r.shows(d, "property "+p.key, r.image(nil), view.Image)
		if !p.off {
			d.press(p.key)
			*p.of = !*p.of
			r.shows(d, "property "+p.key+" again", r.image(nil), view.Image)
		}
	}
	d.press("x", "m")
	r.cfg = mustBase("dead-leaves", 120, 90)
	r.shows(d, "the next preset", r.image(nil), view.Image)
	d.press("q")
	if code, errs := d.end(); code != 0 || errs != "" {
		t.Errorf("exit %d: %s", code, errs)
	}
}

func mustBase(preset string, w, h int) scene.Config {
	p, ok := scene.PresetByName(preset)
	if !ok {
		panic(preset)
	}
	p.Config.Image = scene.Image{Width: w, Height: h}
	return p.Config
}

// The process: after k leaves the window shows what the CPU backend renders of the first
// k, and their ids are those ids of the whole image that do not exceed k.
func TestProcess(t *testing.T) {
	d := newDesk(t)
	r := begin(t, d, append(everything, "--set", "properties.texture=false", "--set", "properties.geometry=false")...)
	d.press("z")
	r.exact = true
	whole := r.image(nil)
	r.shows(d, "the image", whole, view.Image)
	// first leaves k leaves of all stacks, or of one.
	first := func(k, only int) func(s *scene.Scene) {
		return func(s *scene.Scene) {
			left := k
			for i := range s.Stacks {
				st := &s.Stacks[i]
				for st.Full && len(st.Leaves) < left {
					s.Extend(i)
				}
				take := min(left, len(st.Leaves))
				if only >= 0 && i != only {
					take = 0
				}
				st.Leaves, st.Full = st.Leaves[:take], false
				left -= take
			}
		}
	}
	step := func(what string, k, only int, keys ...string) {
		t.Helper()
		if keys != nil {
			d.press(keys...)
		}
		r.shows(d, what, r.image(first(k, only)), view.Image)
	}
	step("no leaf", 0, -1, "Home")
	step("one leaf", 1, -1, "period")
	step("22 leaves", 22, -1, "period", "greater", "greater")
	step("11 leaves", 11, -1, "less", "comma")
	s, _ := r.placed()
	for range 10 {
		d.press("greater", "greater", "greater", "greater", "greater", "greater", "greater", "greater", "greater", "greater")
	}
	const k = 11 + 1000
	if in := len(s.Stacks[0].Leaves) + len(s.Stacks[1].Leaves); in > k-20 || slices.Max(whole.ID) < k {
		t.Fatalf("%d leaves in partial layers and %d in all: wrong for this test", in, slices.Max(whole.ID))
	}
	step("1011 leaves", k, -1)
	d.press("2")
	ids := *whole
	ids.ID = slices.Clone(whole.ID)
	for i, id := range ids.ID {
		if id > k {
			ids.ID[i] = 0
		}
	}
	r.shows(d, "ids of 1011 leaves", &ids, view.ID)
	d.press("1", "Home", "l", "l") // the second layer alone
	step("15 leaves of the middle layer", 15, 1, "greater", "period", "period", "period", "period", "period")
	d.press("l", "l")
	r.shows(d, "15 leaves of all", r.image(first(15, -1)), view.Image)
	d.press("End")
	r.shows(d, "all leaves", whole, view.Image)

	// Played, it moves on by itself, until it is paused.
	d.press("space")
	d.eventually("leaves", func() bool {
		return r.differs(d, r.image(first(0, -1)), view.Image) != "" && r.differs(d, whole, view.Image) != ""
	})
	d.press("space")
	time.Sleep(300 * time.Millisecond)
	still := d.pixels()
	time.Sleep(300 * time.Millisecond)
	if !slices.Equal(still, d.pixels()) {
		t.Error("it moves though it is paused")
	}
	d.press("Escape")
	r.shows(d, "all leaves again", whole, view.Image)
}

// pixels are those of the window.
func (d *desk) pixels() (all []color.Color) {
	s, w, h := d.screen()
	for y := range h {
		for x := range w {
			all = append(all, s.At(x, y))
		}
	}
	return all
}

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
