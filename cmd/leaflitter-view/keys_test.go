//go:build linux && cgo && egl && window

package main

import (
	"fmt"
	"image/color"
	"slices"
	"testing"
	"time"

	"leaflitter/scene"
	"leaflitter/view"
)

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
