//go:build linux && cgo && egl && window

package main

import (
	"bufio"
	"bytes"
	"fmt"
	"image"
	_ "image/png"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/alecthomas/kong"
	"github.com/go-gl/glfw/v3.3/glfw"

	"leaflitter/gpu"
	"leaflitter/scene"
)

// The tests run the real program, this binary told by the environment to be it, on a
// real X server, press keys through the server and look at its screen.
func TestMain(m *testing.M) {
	if os.Getenv("LEAFLITTER_TEST_VIEW") == "1" {
		hook = func(a *app, key string) {
			if key == "Backspace" { // does nothing else: the context goes away
				a.screen.Do(func(*gpu.Picture) error { glfw.DetachCurrentContext(); return nil })
			}
		}
		os.Exit(run(os.Args[1:], os.Stdout, os.Stderr))
	}
	os.Exit(m.Run())
}

// viewer returns the program, to be run on a display.
func viewer(display, dir string, args ...string) *exec.Cmd {
	exe, err := os.Executable()
	if err != nil {
		panic(err)
	}
	cmd := exec.Command(exe, args...)
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "LEAFLITTER_TEST_VIEW=1", "DISPLAY="+display, "WAYLAND_DISPLAY=", "XDG_CACHE_HOME="+filepath.Join(filepath.Dir(exe), "cache"))
	return cmd
}

// desk is an X server with a viewer on it.
type desk struct {
	t       *testing.T
	display string
	window  string // its number
	cmd     *exec.Cmd
	errs    bytes.Buffer
	ended   chan error
	dir     string // where it saves
}

var displays atomic.Uint32

// freeDisplay is one that no other server takes: those that are killed leave locks behind, and
// two servers that look for a free number at the same instant may find the same.
func freeDisplay() string {
	return fmt.Sprintf(":%d", 1000+os.Getpid()%2000*16+int(displays.Add(1)%16))
}

// newDesk starts an X server.
func newDesk(t *testing.T) *desk {
	t.Helper()
	for _, tool := range []string{"Xvfb", "xdotool", "import", "twm"} {
		if _, err := exec.LookPath(tool); err != nil {
			t.Fatalf("the viewer's tests need %s (Debian and Ubuntu: apt-get install xvfb xdotool imagemagick twm)", tool)
		}
	}
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	// Without -noreset it starts anew when its last client leaves, such as a tool that looks for
	// a window not yet there, and turns away who comes meanwhile.
	server := exec.Command("Xvfb", freeDisplay(), "-displayfd", "3", "-screen", "0", "1100x800x24", "-nolisten", "tcp", "-noreset")
	server.ExtraFiles = []*os.File{w}
	if err := server.Start(); err != nil {
		t.Fatal(err)
	}
	w.Close()
	t.Cleanup(func() { server.Process.Kill(); server.Wait() })
	number, err := bufio.NewReader(r).ReadString('\n')
	if err != nil {
		t.Fatalf("Xvfb gives no display: %v", err)
	}
	return &desk{t: t, display: ":" + strings.TrimSpace(number), dir: t.TempDir()}
}

// start starts the viewer and waits for its window.
func (d *desk) start(args ...string) {
	d.t.Helper()
	d.cmd = viewer(d.display, d.dir, args...)
	d.cmd.Stderr = &d.errs
	if err := d.cmd.Start(); err != nil {
		d.t.Fatal(err)
	}
	d.ended = make(chan error, 1)
	go func() { d.ended <- d.cmd.Wait() }()
	d.t.Cleanup(func() { d.cmd.Process.Kill() })
	d.find("")
}

// find waits for a window other than the last one, and gives it the keys.
func (d *desk) find(last string) {
	d.t.Helper()
	d.eventually("a window", func() bool {
		d.window = ""
		for _, w := range strings.Fields(d.try("search", "--onlyvisible", "--name", "^leaflitter")) {
			if w != last {
				d.window = w
			}
		}
		return d.window != ""
	})
	d.focus()
}

func (d *desk) focus() {
	d.t.Helper()
	d.eventually("the focus", func() bool {
		d.try("windowfocus", d.window)
		return strings.TrimSpace(d.try("getwindowfocus")) == d.window
	})
}

// do runs xdotool.
func (d *desk) do(args ...string) {
	d.t.Helper()
	if out, err := d.tool(args...).CombinedOutput(); err != nil {
		d.t.Fatalf("xdotool %q: %v\n%s", args, err, out)
	}
}

func (d *desk) try(args ...string) string {
	out, _ := d.tool(args...).Output()
	return string(out)
}

func (d *desk) tool(args ...string) *exec.Cmd {
	cmd := exec.Command("xdotool", args...)
	cmd.Env = append(os.Environ(), "DISPLAY="+d.display)
	return cmd
}

// press presses keys, named as in X, on the server's keyboard.
func (d *desk) press(keys ...string) {
	d.t.Helper()
	d.do(append([]string{"key", "--delay", "25"}, keys...)...)
}

// screen is a screenshot of the window, and its size.
func (d *desk) screen() (im image.Image, w, h int) {
	d.t.Helper()
	var x, y int
	for line := range strings.Lines(d.try("getwindowgeometry", "--shell", d.window)) {
		for name, to := range map[string]*int{"X": &x, "Y": &y, "WIDTH": &w, "HEIGHT": &h} {
			if v, ok := strings.CutPrefix(strings.TrimSpace(line), name+"="); ok {
				fmt.Sscan(v, to)
			}
		}
	}
	cmd := exec.Command("import", "-window", "root", "-define", "png:compression-level=1", "png24:-")
	cmd.Env = append(os.Environ(), "DISPLAY="+d.display)
	out, err := cmd.Output()
	if err != nil {
		d.t.Fatalf("import: %v", err)
	}
	root, _, err := image.Decode(bytes.NewReader(out))
	if err != nil {
		d.t.Fatal(err)
	}
	return shifted{root, x, y}, w, h
}

// shifted is an image whose origin is elsewhere.
type shifted struct {
	image.Image
	x, y int
}

func (s shifted) at(x, y int) [3]uint8 {
	r, g, b, _ := s.At(x+s.x, y+s.y).RGBA()
	return [3]uint8{uint8(r >> 8), uint8(g >> 8), uint8(b >> 8)}
}

// eventually waits for something to become so.
func (d *desk) eventually(what string, so func() bool) {
	d.t.Helper()
	for start := time.Now(); time.Since(start) < 30*time.Second; time.Sleep(30 * time.Millisecond) {
		if so() {
			return
		}
		select {
		case err := <-d.ended:
			d.ended <- err
			d.t.Fatalf("the viewer ended while waiting for %s: %v\n%s", what, err, d.errs.String())
		default:
		}
	}
	d.t.Fatalf("no %s in 30 s\n%s", what, d.errs.String())
}

// end waits for the viewer to end and returns its exit code and what it said.
func (d *desk) end() (int, string) {
	d.t.Helper()
	select {
	case <-d.ended:
	case <-time.After(20 * time.Second):
		d.t.Fatal("the viewer does not end")
	}
	return d.cmd.ProcessState.ExitCode(), d.errs.String()
}

// parsed returns the configuration that a command line asks for.
func (f *flags) parsed(args []string) (scene.Config, error) {
	p, err := kong.New(f)
	if err == nil {
		_, err = p.Parse(args)
	}
	if err != nil {
		return scene.Config{}, err
	}
	b, err := f.base()
	return b.Config, err
}
