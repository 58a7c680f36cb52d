package view

import (
	"fmt"
	"image/color"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"leaflitter/render"
	"leaflitter/scene"
)

func start() *State { return New(Base{"dead-leaves-pp", scene.Default()}, 7, 3) }

func press(s *State, keys ...string) {
	for _, k := range keys {
		name, shift := strings.CutPrefix(k, "+")
		s.Press(name, shift)
	}
}

// Every row changes the image both ways and comes back, and what it makes of the
// default is a configuration that is accepted or refused in a sentence.
func TestRows(t *testing.T) {
	for i := range rows {
		s := start()
		s.row = i
		if rows[i].name == "edit layer" {
			press(s, "Right")
			if s.layer != 1 {
				t.Error("no other layer")
			}
			continue
		}
		before := s.Wish()
		s.Press("Right", false)
		right := s.Wish()
		if right.Equal(&before) {
			t.Errorf("%s: Right changes nothing", rows[i].name)
		}
		s.Press("Left", false)
		if back := s.Wish(); !back.Equal(&before) && rows[i].name != "outline" {
			t.Errorf("%s: Left does not undo Right", rows[i].name)
		}
		for _, far := range []bool{false, true} {
			s := start()
			s.row = i
			s.Press("Left", far)
			left := s.Wish()
			if left.Equal(&before) {
				t.Errorf("%s: Left changes nothing", rows[i].name)
			}
			for _, w := range []Wish{right, left} {
				if err := scene.Check(&w.Config); err != nil && strings.Contains(err.Error(), "\n") {
					t.Errorf("%s: %v", rows[i].name, err)
				}
			}
		}
	}
	if !reflect.DeepEqual(scene.Default(), start().Config) {
		t.Error("the default was changed")
	}
}

// For any number of layers the configuration is good, and three are the default's.
func TestSpread(t *testing.T) {
	for n := 1; n <= 9; n++ {
		c := scene.Default()
		c.Layers = spread(n)
		if err := scene.Check(&c); err != nil || len(c.Layers) != n {
			t.Errorf("%d layers: %v", n, err)
		}
	}
}

func TestTyping(t *testing.T) {
	s := start()
	press(s, "Down", "Enter", "4", "2", "9", "Backspace", "N", "Enter")
	if s.Seed != 42 || s.Index != 3 {
		t.Errorf("seed %d, image %d", s.Seed, s.Index)
	}
	press(s, "Enter", "5", "Esc", "N")
	if s.Seed != 42 || s.Index != 4 {
		t.Errorf("seed %d, image %d", s.Seed, s.Index)
	}
	press(s, "Enter", "1", ".", "5", "Enter")
	if s.Seed != 42 || !strings.Contains(s.Note, `"1.5" is no whole number`) {
		t.Errorf("seed %d, %q", s.Seed, s.Note)
	}
	press(s, "+P", "P")
	if s.Index != 0 {
		t.Errorf("image %d: there is none before 0", s.Index)
	}
}

// Presets keep the size; X takes back what was changed; what the program was started
// with is one of them.
func TestPresets(t *testing.T) {
	c := scene.Default()
	c.Leaves.RMin, c.Image.Width = 5, 99
	s := New(Base{"dead-leaves-pp", c}, 0, 0)
	press(s, "+M")
	if s.Config.Leaves.RMin != 10 || s.Config.Image.Width != 99 || s.baseName() != "dead-leaves-pp" {
		t.Errorf("%s: %+v", s.baseName(), s.Config.Leaves)
	}
	press(s, "G", "M", "G")
	if s.Config.Leaves.RMin != 5 || s.baseName() != "as started *" {
		t.Errorf("%s: %+v", s.baseName(), s.Config.Leaves)
	}
	press(s, "X")
	if !reflect.DeepEqual(s.Config, c) {
		t.Error("X does not take back")
	}
	for range len(s.bases) {
		press(s, "M")
		if err := scene.Check(&s.Config); err != nil {
			t.Error(err)
		}
	}
	if !reflect.DeepEqual(s.Config, c) {
		t.Error("the presets do not come round")
	}
}

func TestProcess(t *testing.T) {
	s := start()
	press(s, ".", ".") // before it is known how many there are
	s.Known([]int{5, 30, 200})
	at := func(what string, on bool, layer, leaf int) {
		t.Helper()
		if s.Step.On != on || s.Step.Layer != layer || s.Step.Leaf != leaf {
			t.Errorf("%s: %+v", what, s.Step)
		}
	}
	at("two leaves", true, -1, 2)
	press(s, "+.", ",")
	at("11 leaves", true, -1, 11)
	press(s, "L")
	at("the first layer", true, 0, 5)
	press(s, "Home", ",")
	at("none", true, 0, 0)
	press(s, "End")
	at("all", false, 0, 0)
	press(s, "L", "L", "L", ",")
	at("back from all", true, -1, 234)
	press(s, "Home", "Space")
	for n := 0; s.Step.Playing; n++ {
		before := s.Step.Leaf
		s.Tick(2)
		if s.Step.Leaf <= before || n > 200 {
			t.Fatalf("it stands at %d", s.Step.Leaf)
		}
	}
	at("played", true, -1, 235)
	press(s, "L", "L", "L")
	s.Known([]int{9})
	at("fewer layers", true, -1, 5)
	w, o := s.Wish(), start().Wish()
	if !w.SameImage(&o) || w.Equal(&o) {
		t.Error("the same image, other leaves")
	}
}

func TestPlace(t *testing.T) {
	for _, c := range []struct {
		w, h, panel, iw, ih int
		exact               bool
		want                Rect
	}{
		{812, 680, 300, 512, 512, false, Rect{0, 84, 512, 512}},
		{812, 680, 300, 100, 50, false, Rect{6, 215, 500, 250}},
		{812, 680, 300, 100, 50, true, Rect{206, 315, 100, 50}},
		{400, 680, 0, 512, 1024, false, Rect{30, 0, 340, 680}},
		{400, 300, 0, 1000, 10, false, Rect{0, 148, 400, 4}},
		{400, 300, 0, 500, 301, true, Rect{-50, -1, 500, 301}},
		{0, 0, 0, 10, 10, false, Rect{}},
		{300, 200, 300, 10, 10, true, Rect{}},
		{1, 1, 0, 5000, 1, false, Rect{0, 0, 1, 1}},
	} {
		if got := Place(c.w, c.h, c.panel, c.iw, c.ih, c.exact); got != c.want {
			t.Errorf("%+v: %+v", c, got)
		}
	}
}

// The chosen row and the word of a mistake are seen however low the window is.
func TestPanel(t *testing.T) {
	s := start()
	s.Refused(fmt.Errorf("leaves.r_min: 600 exceeds leaves.r_max = 500; lower one\nand more"))
	if strings.Contains(s.Problem, "more") {
		t.Error("more than one sentence")
	}
	s.row = len(rows) - 1
	for _, size := range [][3]int{{300, 680, 1}, {300, 200, 1}, {600, 500, 2}, {1, 1, 1}, {300, 5, 1}} {
		im := s.Panel(size[0], size[1], float64(size[2]))
		if size[1] < 100 {
			continue // it need not be legible
		}
		for name, c := range map[string]color.RGBA{"chosen row": marked, "mistake": red} {
			n := 0
			for y := range size[1] {
				for x := range size[0] {
					if im.RGBAAt(x, y) == c {
						n++
					}
				}
			}
			if n < 50 {
				t.Errorf("%v: %d pixels of the %s", size, n, name)
			}
		}
	}
	if im := HelpPage(1); im.Rect.Empty() {
		t.Error("no help")
	}
}

// The document lists the keys as the help does.
func TestKeysDocumented(t *testing.T) {
	doc, err := os.ReadFile("../docs/viewer.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, k := range Keys {
		if !strings.Contains(string(doc), fmt.Sprintf("| %s | %s |\n", k[0], k[1])) {
			t.Errorf("docs/viewer.md lacks %q", k)
		}
	}
}

// Saving replaces nothing, says why it cannot, and saves the same image once.
func TestFiles(t *testing.T) {
	dir := t.TempDir()
	w := start().Wish()
	w.Config.Image = scene.Image{Width: 4, Height: 3}
	im := render.NewImage(&w.Config, render.Labels{})
	other := w
	other.Config.Leaves.RMin = 9
	for i, c := range []struct {
		wish *Wish
		want string
	}{{&w, "leaflitter-7-3"}, {&w, "leaflitter-7-3"}, {&other, "leaflitter-7-3-2"}, {&w, "leaflitter-7-3"}} {
		name, err := Files(dir, c.wish, im, "")
		if err != nil || name != c.want {
			t.Errorf("%d: %s, %v", i, name, err)
		}
	}
	list, err := filepath.Glob(filepath.Join(dir, "*"))
	if err != nil || len(list) != 4 {
		t.Errorf("%d files: %v", len(list), list)
	}
	got, err := scene.Load(filepath.Join(dir, "leaflitter-7-3-2.yaml"), scene.Default())
	if err != nil || !reflect.DeepEqual(got, other.Config) {
		t.Errorf("the YAML: %v", err)
	}
	if _, err := Files(filepath.Join(dir, "none"), &w, im, ""); err == nil || strings.Contains(err.Error(), "\n") {
		t.Errorf("no directory: %v", err)
	}
}

// A row shows what the image drew for a law, a key changes that and leaves a plain value, and the panel
// lists the draws.
func TestLaws(t *testing.T) {
	c, err := scene.Parse("laws.yaml", []byte("leaves: {r_min: {uniform: [2, 30]}}\nlayers: [{name: a, cover: {uniform: [0.2, 0.4]}}, {name: b, cover: 1}]\nproperties: {warp: {choice: [true, false]}}"), scene.Default())
	if err != nil {
		t.Fatal(err)
	}
	s := New(Base{"laws", c}, 7, 3)
	drawn := s.drawn()
	if len(drawn.Config.Laws) != 0 || len(s.Config.Laws) != 3 {
		t.Fatal("the drawn state has laws, or the state lost its own")
	}
	s.row = rowOf("r_min")
	if want := fmt.Sprintf("%.6g", drawn.Config.Leaves.RMin); rows[s.row].value(s.drawn()) != want {
		t.Errorf("the row shows %s, and the image drew %s", rows[s.row].value(s.drawn()), want)
	}
	press(s, "Right")
	if got := s.Config.Leaves.RMin; got != tidy(drawn.Config.Leaves.RMin+1) || len(s.Config.Laws) != 2 {
		t.Errorf("Right made r_min %v of %v, and laws %v", got, drawn.Config.Leaves.RMin, s.Config.Laws)
	}
	s.row = rowOf("  cover")
	press(s, "Right")
	if got := s.Config.Layers[0].Cover; len(s.Config.Laws) != 1 || got == c.Layers[0].Cover || c.Law("layers[0].cover") == nil {
		t.Errorf("Right made the cover %v, laws %v; the start has %v", got, s.Config.Laws, c.Laws)
	}
	before := s.Panel(300, 900, 1)
	s.Config.Laws = nil
	if reflect.DeepEqual(before.Pix, s.Panel(300, 900, 1).Pix) {
		t.Error("the panel does not tell what was drawn")
	}
}
