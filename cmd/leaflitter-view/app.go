//go:build linux && cgo && egl && window

package main

import (
	"errors"
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
	a.win.Hide() // tables may still be in the making; nobody needs to see that
	a.work.leave()
	return nil
}

// firstSize is that of a window that shows the image pixel for pixel beside the panel,
// or, if it is small, enlarged.
func (a *app) firstSize() (w, h int) {
	im := a.state.Config.Image
	k := max(1, 640/max(im.Width, im.Height))
	return min(max(k*im.Width+40, 400)+view.PanelWidth, 1900), min(max(k*im.Height+40, view.PanelHeight), 1000)
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
		if errors.Is(err, gpu.ErrInexact) {
			err = fmt.Errorf("%w; --inexact goes on with images that may differ from the CPU backend's", err)
		}
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
