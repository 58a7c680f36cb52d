//go:build linux && cgo && egl

package gpu_test

import (
	"fmt"
	"os"
	"runtime"
	"testing"

	"leaflitter/gpu"
	"leaflitter/render"
	"leaflitter/scene"
)

// Two thousand images take the memory of the first few batches.
func TestSteadyMemory(t *testing.T) {
	p := newPair(t, preset(t, "dead-leaves-pp", 16, 16), gpu.Options{})
	const batch = 20
	var images []*render.Image
	for range batch {
		images = append(images, render.NewImage(&p.cfg, everyLabel))
	}
	early := 0
	for from := 0; from < 2000; from += batch {
		var scenes []*scene.Scene
		for i := range batch {
			scenes = append(scenes, p.placer.Scene(uint64(from+i)))
		}
		if err := p.gpu.Render(t.Context(), scenes, images); err != nil {
			t.Fatal(err)
		}
		if from == 400 {
			early = resident(t)
		}
	}
	if late := resident(t); late > early+early/20+(8<<20) {
		t.Errorf("%d MiB resident after 400 images, %d after 2000", early>>20, late>>20)
	} else {
		t.Logf("%d MiB resident after 400 images, %d after 2000", early>>20, late>>20)
	}
}

// resident returns the bytes of memory that the process holds.
func resident(t *testing.T) int {
	t.Helper()
	runtime.GC()
	data, err := os.ReadFile("/proc/self/statm")
	if err != nil {
		t.Fatal(err)
	}
	var size, pages int
	if _, err := fmt.Sscan(string(data), &size, &pages); err != nil {
		t.Fatal(err)
	}
	return pages * os.Getpagesize()
}
