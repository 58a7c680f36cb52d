package fit

import (
	"runtime"
	"testing"

	"leaflitter/cpu"
	"leaflitter/palette"
	"leaflitter/render"
	"leaflitter/scene"
)

// maker makes images on the CPU with the built-in colours.
func maker(images, side int, seed uint64, threads int) *Maker {
	open := func(m *render.Model, seed uint64) (render.Renderer, int, error) {
		return render.Renderer{Placer: m.Placer(seed), Backend: cpu.New(m, threads), Threads: threads}, 4 * threads, nil
	}
	return &Maker{Open: open, Palettes: palette.Builtin(), Seed: seed, Images: images, Side: side}
}

// changed is the default preset with assignments.
func changed(t *testing.T, assignments ...string) scene.Config {
	t.Helper()
	c := scene.Default()
	for _, a := range assignments {
		if err := scene.Set(&c, a); err != nil {
			t.Fatal(err)
		}
	}
	return c
}

func space(t *testing.T, c scene.Config, globs ...string) *Space {
	t.Helper()
	s, err := NewSpace(c, globs)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

var cores = runtime.GOMAXPROCS(0)
