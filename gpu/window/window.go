//go:build window && cgo

package window

import (
	"errors"
	"fmt"
	"log"
	"os"
	"strings"
	"unsafe"

	"github.com/go-gl/glfw/v3.3/glfw"
)

// Options describe a window.
type Options struct {
	Title         string
	Width, Height int  // screen coordinates, at least 1
	Visible       bool // false: a context that can be drawn with and not be seen
	Debug         bool // a context that reports what the driver notices
}

// Window is a window with a context. All its methods but MakeCurrent and Release
// belong on the thread that opened it: the main thread, locked by an init
// function (runtime.LockOSThread), as GLFW demands.
type Window struct {
	// Window is GLFW's, for keys and callbacks.
	*glfw.Window
}

// Open opens a window with an OpenGL 4.4 core context. The error is one sentence
// that names what is missing. GLFW stays initialised until the process ends.
func Open(o Options) (w *Window, err error) {
	// Without a display glfw.Init returns nil, and the next call panics.
	if os.Getenv("DISPLAY") == "" && os.Getenv("WAYLAND_DISPLAY") == "" {
		return nil, errors.New("there is no display (neither DISPLAY nor WAYLAND_DISPLAY is set): run it in a desktop session, or under Xvfb (xvfb-run -a)")
	}
	if o.Width < 1 || o.Height < 1 {
		return nil, fmt.Errorf("a window of %d x %d cannot be opened; give at least 1 x 1", o.Width, o.Height)
	}
	defer func() {
		if r := recover(); r != nil {
			w, err = nil, fmt.Errorf("no window can be opened on display %q: %s", display(), oneLine(fmt.Sprint(r)))
		}
	}()
	// The bindings log some errors instead of returning them.
	var logged strings.Builder
	log.SetOutput(&logged)
	err = glfw.Init()
	log.SetOutput(os.Stderr)
	if err == nil && strings.Contains(logged.String(), "PlatformError") {
		_, why, _ := strings.Cut(logged.String(), "PlatformError: ")
		err = errors.New(why)
	}
	if err != nil {
		return nil, fmt.Errorf("no window can be opened on display %q: %s; check that the display is up and that this user may use it", display(), oneLine(err.Error()))
	}
	flag := func(b bool) int {
		if b {
			return glfw.True
		}
		return glfw.False
	}
	glfw.DefaultWindowHints()
	glfw.WindowHint(glfw.ContextVersionMajor, 4)
	glfw.WindowHint(glfw.OpenGLProfile, glfw.OpenGLCoreProfile)
	glfw.WindowHint(glfw.OpenGLForwardCompatible, glfw.True)
	glfw.WindowHint(glfw.Visible, flag(o.Visible))
	glfw.WindowHint(glfw.OpenGLDebugContext, flag(o.Debug))
	glfw.WindowHint(glfw.ContextRobustness, glfw.LoseContextOnReset) // where the driver can: else it is a hint in vain
	// Some drivers give just what is asked for, and 4.5 tells of resets.
	var made *glfw.Window
	for _, minor := range []int{5, 4} {
		glfw.WindowHint(glfw.ContextVersionMinor, minor)
		if made, err = glfw.CreateWindow(o.Width, o.Height, o.Title, nil, nil); err == nil {
			break
		}
	}
	if err != nil {
		return nil, fmt.Errorf("display %q gives no window with OpenGL 4.4: %s; install the graphics driver, or Mesa (Debian and Ubuntu: apt-get install libgl1-mesa-dri)", display(), oneLine(err.Error()))
	}
	return &Window{made}, nil
}

func display() string {
	if d := os.Getenv("WAYLAND_DISPLAY"); d != "" && os.Getenv("DISPLAY") == "" {
		return d
	}
	return os.Getenv("DISPLAY")
}

func oneLine(s string) string { return strings.Join(strings.Fields(s), " ") }

// MakeCurrent makes the window's context current on the calling OS thread.
func (w *Window) MakeCurrent() { w.Window.MakeContextCurrent() }

// Release makes no context current on the calling thread.
func (w *Window) Release() { glfw.DetachCurrentContext() }

// Size returns the size of the framebuffer in pixels.
func (w *Window) Size() (width, height int) { return w.GetFramebufferSize() }

// Close closes the window and frees its context.
func (w *Window) Close() { w.Destroy() }

// ProcAddr returns the address of an OpenGL function for the current context, nil if
// there is none.
func ProcAddr(name string) unsafe.Pointer { return glfw.GetProcAddress(name) }

// Poll handles what has happened since the last call.
func Poll() { glfw.PollEvents() }

// Wait is Poll once something has happened, or after the given number of seconds.
func Wait(seconds float64) { glfw.WaitEventsTimeout(seconds) }

// Wake ends a Wait. Any thread may call it.
func Wake() { glfw.PostEmptyEvent() }
