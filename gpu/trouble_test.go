//go:build linux && cgo && egl

package gpu

import (
	"os"
	"os/exec"
	"runtime"
	"slices"
	"strings"
	"syscall"
	"testing"

	"leaflitter/cpu"
	"leaflitter/render"
	"leaflitter/scene"
)

// small is a backend on the first device, its scenes, and what the CPU backend
// makes of them.
func small(t *testing.T, size int, say func(string)) (*Backend, func() []*scene.Scene, []*render.Image) {
	t.Helper()
	p, _ := scene.PresetByName("dead-leaves")
	cfg := p.Config
	cfg.Image = scene.Image{Width: size, Height: size}
	m := render.NewModel(&cfg, nil, nil)
	placer := m.Placer(1)
	all, err := Devices()
	if err != nil {
		t.Fatal(err)
	}
	g, err := New(m, all[:1], Options{Say: say})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { g.Close() })
	scenes := func() (s []*scene.Scene) {
		for i := range uint64(5) {
			s = append(s, placer.Scene(i))
		}
		return s
	}
	want := blank(g, 5)
	if err := cpu.New(m, 0).Render(t.Context(), scenes(), want); err != nil {
		t.Fatal(err)
	}
	return g, scenes, want
}

func blank(g *Backend, n int) (images []*render.Image) {
	for range n {
		images = append(images, render.NewImage(g.model.Config, render.Labels{}))
	}
	return images
}

func equal(a, b []*render.Image) bool {
	return slices.EqualFunc(a, b, func(x, y *render.Image) bool { return slices.Equal(x.Pix, y.Pix) })
}

// A context that goes away is replaced, and the images are whole.
func TestLostContextIsReplaced(t *testing.T) {
	var said []string
	g, scenes, want := small(t, 100, func(s string) { said = append(said, s) })
	lose := func() {
		d := g.devices[0]
		if err := d.p.do(d.p.ctx.Release); err != nil {
			t.Fatal(err)
		}
	}
	for range 2 {
		lose()
		got := blank(g, 5)
		if err := g.Render(t.Context(), scenes(), got); err != nil {
			t.Fatal(err)
		}
		if !equal(got, want) {
			t.Error("the images differ")
		}
	}
	if len(said) != 2 || !strings.Contains(said[0], "context was lost") {
		t.Errorf("said %q", said)
	}
	// The device is gone from EGL's list: one sentence.
	lose()
	g.devices[0].Index = 99
	err := g.Render(t.Context(), scenes(), blank(g, 5))
	if err == nil || !strings.Contains(err.Error(), "context was lost") || !strings.Contains(err.Error(), "no new context") || strings.Contains(err.Error(), "\n") {
		t.Errorf("error %v", err)
	}
}

// Bins that have no room for all their leaves leave the rest to the whole list.
func TestFullBins(t *testing.T) {
	defer func(lists, from int) { mostLists, fineFrom = lists, from }(mostLists, fineFrom)
	mostLists = 2000
	for _, fineFrom = range []int{1 << 30, 1} {
		fullBins(t)
	}
}

func fullBins(t *testing.T) {
	g, scenes, want := small(t, 400, nil)
	got := blank(g, 5)
	if err := g.Render(t.Context(), scenes(), got); err != nil {
		t.Fatal(err)
	}
	if !equal(got, want) {
		t.Error("the images differ")
	}
	var jobs []job
	for i, s := range scenes() {
		s.Extend(0)
		some, err := bands(s, got[i], g.devices[0].p.limits.block, 1<<30)
		if err != nil {
			t.Fatal(err)
		}
		jobs = append(jobs, some...)
	}
	// Both kinds of bins have room for some leaves and not for all.
	if l := layOut(jobs); l.fine != (fineFrom == 1) || l.fine && (l.room < 1 || l.room > 10) || l.coarseRoom < 1 || l.coarseRoom > 50 {
		t.Errorf("room for %d and %d leaves a bin: wrong for this test", l.room, l.coarseRoom)
	}
}

// A process whose address space is nearly used up gets errors from the driver, not
// from a mock. The child renders with what is left.
func TestOutOfDeviceMemory(t *testing.T) {
	if os.Getenv("LEAFLITTER_TEST_STARVE") == "1" {
		starve(t)
		return
	}
	cmd := exec.Command(os.Args[0], "-test.run=^TestOutOfDeviceMemory$", "-test.v")
	cmd.Env = append(os.Environ(), "LEAFLITTER_TEST_STARVE=1")
	out, err := cmd.CombinedOutput()
	if err != nil || !strings.Contains(string(out), "out of memory") {
		t.Errorf("%v\n%s", err, out)
	}
}

func starve(t *testing.T) {
	g, scenes, want := small(t, 1000, func(s string) { t.Log(s) })
	got := blank(g, 5)
	// Address space that Go keeps for its own use.
	ballast := make([]byte, 300<<20)
	for i := range ballast {
		ballast[i] = 1
	}
	runtime.KeepAlive(ballast)
	ballast = nil
	runtime.GC()
	d := g.devices[0]
	d.pixels = 64 << 20 // all five at once
	err := d.p.do(func() error {
		// From here on the driver finds little more.
		var use syscall.Rlimit
		if err := syscall.Getrlimit(syscall.RLIMIT_AS, &use); err != nil {
			return err
		}
		data, err := os.ReadFile("/proc/self/statm")
		if err != nil {
			return err
		}
		pages := uint64(0)
		for _, c := range data {
			if c < '0' || c > '9' {
				break
			}
			pages = pages*10 + uint64(c-'0')
		}
		use.Cur = pages*uint64(os.Getpagesize()) + 60<<20
		return syscall.Setrlimit(syscall.RLIMIT_AS, &use)
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := g.Render(t.Context(), scenes(), got); err != nil {
		t.Log("refused: ", err)
		if !strings.Contains(err.Error(), "out of memory") || strings.Contains(err.Error(), "\n") {
			t.Errorf("error %v", err)
		}
		return
	}
	if !equal(got, want) {
		t.Error("the images differ")
	}
}
