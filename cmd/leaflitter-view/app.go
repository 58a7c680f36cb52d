//go:build linux && cgo && egl && window

package main

import (
	"fmt"
	"image"
	"os"
	"os/signal"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/go-gl/gl/v4.5-core/gl"
	"github.com/go-gl/glfw/v3.3/glfw"

	"leaflitter/gpu"
	"leaflitter/gpu/window"
	"leaflitter/palette"
	"leaflitter/scene"
	"leaflitter/view"
)

// app is the viewer. Its methods belong on the main thread; OpenGL is called on the
// screen's thread, and a worker renders.
type app struct {
	state   *view.State
	set     *palette.Set
	output  string
	colours string
	options gpu.Options

	win     *window.Window
	screen  *gpu.Screen
	canvas  *canvas
	work    *worker
	asked   *view.Wish // last wish that the worker was given
	pending time.Time  // since when it is waited for; zero: it is not
	status  string
	ticked  time.Time
	dirty   bool // the window does not show what it should
	quit    bool
	lost    []time.Time // when contexts were
	help    *image.RGBA
	title   string
	keyHook func(a *app, key string) // a test's
}

// hook is what tests put into an app's keyHook.
var hook func(a *app, key string)

// taken makes the window's context what package gpu takes over.
type taken struct{ *window.Window }

func (c taken) MakeCurrent() (err error) {
	defer caught(&err)
	c.Window.MakeCurrent()
	glfw.SwapInterval(1)
	return nil
}

func (c taken) Release() (err error) {
	defer caught(&err)
	c.Window.Release()
	return nil
}

// Close does nothing: the context goes with its window, which the main thread closes.
func (taken) Close() {}

// caught turns GLFW's panics into errors.
func caught(err *error) {
	if r := recover(); r != nil {
		*err = fmt.Errorf("GLFW fails: %v", r)
	}
}

// run opens the window and stays until it is closed.
func (a *app) run() error {
	a.keyHook = hook
	stop := make(chan os.Signal, 1)
	signal.Notify(stop, os.Interrupt, syscall.SIGTERM)
	defer signal.Stop(stop)
	var stopped atomic.Bool
	go func() {
		<-stop
		stopped.Store(true)
		window.Wake()
	}()
	w, h := a.firstSize()
	if err := a.open(w, h); err != nil {
		return err
	}
	defer a.shut()
	for !a.quit && !a.win.ShouldClose() && !stopped.Load() {
		a.wait()
		err := a.turn()
		if gpu.IsLost(err) {
			err = a.rebuild()
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// firstSize is that of a window that shows the image pixel for pixel, beside the panel.
func (a *app) firstSize() (w, h int) {
	im := a.state.Config.Image
	return min(max(im.Width, 320)+view.PanelWidth, 1900), min(max(im.Height, view.PanelHeight), 1000)
}

// open opens a window with all that draws in it.
func (a *app) open(w, h int) error {
	win, err := window.Open(window.Options{Title: "leaflitter", Width: w, Height: h, Visible: true, Debug: a.options.Debug})
	if err != nil {
		return err
	}
	a.win = win
	if a.screen, err = gpu.OpenScreen(taken{win}, window.ProcAddr, a.options); err != nil {
		win.Close()
		a.win = nil
		return err
	}
	err = a.screen.Do(func(*gpu.Picture) (err error) {
		a.state.Device = gl.GoStr(gl.GetString(gl.RENDERER))
		a.canvas, err = newCanvas()
		return err
	})
	a.work = startWorker(a.screen, a.set, a.output, a.colours)
	a.listen()
	a.dirty, a.asked, a.help, a.title = true, nil, nil, ""
	if err != nil {
		a.shut()
	}
	return err
}

// shut closes what open opened.
func (a *app) shut() {
	if a.win == nil {
		return
	}
	a.work.end()
	a.screen.Close()
	a.win.Close()
	a.win = nil
}

// rebuild opens a new window in place of one whose context was lost. A driver that
// loses them again and again is not worth waiting for.
func (a *app) rebuild() error {
	const most, within = 3, 20 * time.Second
	a.lost = append(a.lost, time.Now())
	if n := len(a.lost); n > most && time.Since(a.lost[n-1-most]) < within {
		return fmt.Errorf("the OpenGL context was lost %d times in %v (the driver reset or removed the device); start the viewer again when the device is well, or see images with leaflitter generate --backend cpu", most+1, within)
	}
	w, h := a.win.GetSize()
	x, y := a.win.GetPos()
	a.shut()
	if err := a.open(w, h); err != nil {
		return fmt.Errorf("the OpenGL context was lost, and there is no new one: %w", err)
	}
	a.win.SetPos(x, y)
	a.state.Note = "the OpenGL context was lost; this is a new one"
	return nil
}

func (a *app) listen() {
	a.win.SetKeyCallback(func(_ *glfw.Window, key glfw.Key, scancode int, action glfw.Action, mods glfw.ModifierKey) {
		if action == glfw.Release || mods&(glfw.ModControl|glfw.ModAlt|glfw.ModSuper) != 0 {
			return
		}
		name := keyName(key, scancode)
		if name == "" {
			return
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
		a.state.Tick()
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
	case n.err != nil:
		a.state.Refused(n.err)
	default:
		a.state.Took = n.took
		a.state.Known(n.last)
	}
	if n.done == a.asked {
		a.pending, a.state.Busy = time.Time{}, ""
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
