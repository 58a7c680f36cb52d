//go:build linux && cgo && egl && window

package main

import (
	"strings"
	"time"

	"github.com/go-gl/glfw/v3.3/glfw"

	"leaflitter/gpu"
	"leaflitter/gpu/window"
	"leaflitter/scene"
	"leaflitter/view"
)

func (a *app) listen() {
	a.win.SetKeyCallback(func(_ *glfw.Window, key glfw.Key, scancode int, action glfw.Action, mods glfw.ModifierKey) {
		if action == glfw.Release || mods&(glfw.ModControl|glfw.ModAlt|glfw.ModSuper) != 0 {
			return
		}
		name := keyName(key, scancode)
		if name == "" || action == glfw.Repeat && !strings.Contains(" N P . , Up Down Left Right Backspace ", " "+name+" ") {
			return // a switch that is held is pressed once
		}
		a.dirty = true
		switch a.state.Press(name, mods&glfw.ModShift != 0) {
		case view.Save:
			a.save()
		case view.Quit:
			a.quit = true
		}
		if a.keyHook != nil {
			a.keyHook(a, name)
		}
	})
	a.win.SetFramebufferSizeCallback(func(*glfw.Window, int, int) { a.dirty = true })
	a.win.SetRefreshCallback(func(*glfw.Window) { a.dirty = true })
	a.win.SetIconifyCallback(func(*glfw.Window, bool) { a.dirty = true })
}

// The process plays this often, and a wait is worth a word after so long.
const (
	tick    = 33 * time.Millisecond
	patient = 200 * time.Millisecond
)

// wait waits for keys, for the worker, or until something is due.
func (a *app) wait() {
	switch {
	case a.state.Step.Playing:
		window.Wait(tick.Seconds() / 2)
	case !a.pending.IsZero() && a.state.Busy == "":
		window.Wait(patient.Seconds())
	default:
		window.Wait(1)
	}
}

// turn does all that is due.
func (a *app) turn() error {
	for _, n := range a.work.hear() {
		if gpu.IsLost(n.err) {
			return n.err
		}
		a.take(&n)
	}
	if a.state.Step.Playing && a.pending.IsZero() && time.Since(a.ticked) >= tick {
		a.state.Tick(int(min(time.Since(a.ticked)/tick, 8)))
		a.ticked, a.dirty = time.Now(), true
	}
	a.ask()
	if !a.pending.IsZero() && time.Since(a.pending) >= patient && a.state.Busy != a.status {
		a.state.Busy, a.dirty = a.status, true
	}
	if a.dirty {
		return a.draw()
	}
	return nil
}

// take acts on what the worker says.
func (a *app) take(n *news) {
	a.dirty = true
	switch {
	case n.status != "":
		a.status = n.status
		return
	case n.done == nil && n.err != nil:
		a.state.Note = n.err.Error()
		return
	case n.done == nil:
		a.state.Note = "saved " + n.saved + ".png and .yaml"
		return
	}
	if n.err == nil && n.done.SameImage(a.asked) {
		a.state.Took = n.took
		a.state.Known(n.last)
	}
	if n.done == a.asked { // and not one that was given up meanwhile
		a.pending, a.state.Busy = time.Time{}, ""
		if n.err != nil {
			a.state.Refused(n.err)
		}
	}
}

// ask hands the worker what should be on the screen, if it is something new.
func (a *app) ask() {
	wish := a.state.Wish()
	if a.asked != nil && a.asked.Equal(&wish) {
		return
	}
	if a.asked == nil || !a.asked.SameImage(&wish) {
		a.state.Last = nil
	}
	a.asked, a.dirty, a.state.Problem = &wish, true, ""
	if err := scene.Check(&wish.Config); err != nil {
		a.state.Refused(err)
		a.pending, a.state.Busy = time.Time{}, ""
		return
	}
	if a.pending.IsZero() {
		a.pending, a.status = time.Now(), "rendering..."
	}
	a.work.want(&wish)
}

func (a *app) save() {
	wish := a.state.Wish()
	wish.Step, wish.Layer, wish.Leaf = false, 0, 0
	if err := scene.Check(&wish.Config); err != nil {
		a.state.Note = "nothing is saved: the configuration is refused"
		return
	}
	a.state.Note = "saving..."
	a.work.save(&wish)
}

// draw brings the window up to date. A window without pixels is left alone.
func (a *app) draw() error {
	w, h := a.win.Size()
	if w < 1 || h < 1 || a.win.GetAttrib(glfw.Iconified) == glfw.True {
		return nil
	}
	if t := a.state.Title(); t != a.title {
		a.win.SetTitle(t)
		a.title = t
	}
	f := a.frame(w, h)
	a.dirty = false
	return a.screen.Do(func(p *gpu.Picture) (err error) {
		defer caught(&err)
		f.at = view.Place(w, h, f.panelWidth(), p.Width, p.Height, a.state.Exact)
		a.canvas.draw(f, p)
		a.win.SwapBuffers()
		return nil
	})
}

// frame is what the window shows, but for the image's place.
func (a *app) frame(w, h int) *frame {
	x, _ := a.win.GetContentScale()
	scale := max(float64(x), 1)
	f := &frame{width: w, height: h, kind: a.state.Kind}
	if wide := a.state.PanelAt(w, scale); wide > 0 {
		f.panel = a.state.Panel(wide, h, scale)
	}
	if a.state.Help {
		if a.help == nil {
			a.help = view.HelpPage(scale)
		}
		f.help = a.help
	}
	return f
}

func (f *frame) panelWidth() int {
	if f.panel == nil {
		return 0
	}
	return f.panel.Rect.Dx()
}
