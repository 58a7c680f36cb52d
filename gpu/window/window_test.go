//go:build window && cgo

package window

import (
	"bufio"
	"fmt"
	"io"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/go-gl/gl/v4.5-core/gl"
)

// GLFW wants the main thread; tests run on others. work holds what they want done.
var work = make(chan func())

func TestMain(m *testing.M) {
	runtime.LockOSThread()
	code := make(chan int)
	go func() { code <- m.Run() }()
	for {
		select {
		case f := <-work:
			f()
		case c := <-code:
			os.Exit(c)
		}
	}
}

func onMain(f func()) {
	done := make(chan bool)
	work <- func() { defer close(done); f() }
	<-done
}

// The order matters: GLFW stays with the first display that it reaches.
func TestWindow(t *testing.T) {
	refuse := func(display, want string) {
		t.Helper()
		t.Setenv("DISPLAY", display)
		t.Setenv("WAYLAND_DISPLAY", "")
		onMain(func() {
			w, err := Open(Options{Title: "t", Width: 10, Height: 10})
			if w != nil || err == nil || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "\n") {
				t.Errorf("display %q: %v", display, err)
			}
		})
	}
	refuse("", "there is no display")
	refuse(":987", `display ":987"`)

	t.Setenv("DISPLAY", xvfb(t))
	for _, visible := range []bool{false, true} {
		onMain(func() {
			w, err := Open(Options{Title: "leaves", Width: 120, Height: 80, Visible: visible, Debug: visible})
			if err != nil {
				t.Error(err)
				return
			}
			defer w.Close()
			w.MakeCurrent()
			defer w.Release()
			if err := gl.InitWithProcAddrFunc(ProcAddr); err != nil {
				t.Error(err)
				return
			}
			var major, minor int32
			gl.GetIntegerv(gl.MAJOR_VERSION, &major)
			gl.GetIntegerv(gl.MINOR_VERSION, &minor)
			if major*10+minor < 43 {
				t.Errorf("OpenGL %d.%d", major, minor)
			}
			if wide, high := w.Size(); wide != 120 || high != 80 {
				t.Errorf("%d x %d", wide, high)
			}
			gl.ClearColor(0, 1, 0, 1)
			gl.Clear(gl.COLOR_BUFFER_BIT)
			var pixel [4]uint8
			gl.ReadPixels(5, 5, 1, 1, gl.RGBA, gl.UNSIGNED_BYTE, gl.Ptr(&pixel[0]))
			if visible && pixel != [4]uint8{0, 255, 0, 255} {
				t.Errorf("pixel %v", pixel)
			}
			w.SwapBuffers()
			Poll()
			if w.ShouldClose() {
				t.Error("it wants to close")
			}
		})
	}
	onMain(func() {
		if _, err := Open(Options{Width: 0, Height: 5}); err == nil {
			t.Error("0 x 5 opened")
		}
	})
}

var displays atomic.Uint32

// freeDisplay is one that no other server takes: those that are killed leave locks behind, and
// two servers that look for a free number at the same instant may find the same.
func freeDisplay() string {
	return fmt.Sprintf(":%d", 1000+os.Getpid()%2000*16+int(displays.Add(1)%16))
}

// xvfb starts an X server without a screen and returns its display.
func xvfb(t *testing.T) string {
	t.Helper()
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	// Without -noreset it starts anew when its last client leaves, such as a tool that looks for
	// a window not yet there, and turns away who comes meanwhile.
	cmd := exec.Command("Xvfb", freeDisplay(), "-displayfd", "3", "-screen", "0", "640x480x24", "-nolisten", "tcp", "-noreset")
	cmd.ExtraFiles = []*os.File{w}
	if err := cmd.Start(); err != nil {
		t.Fatalf("the window tests need Xvfb (Debian and Ubuntu: apt-get install xvfb): %v", err)
	}
	w.Close()
	t.Cleanup(func() { cmd.Process.Kill(); cmd.Wait() })
	number, err := bufio.NewReader(r).ReadString('\n')
	if err != nil && err != io.EOF || number == "" {
		t.Fatalf("Xvfb gives no display: %v", err)
	}
	return ":" + strings.TrimSpace(number)
}
