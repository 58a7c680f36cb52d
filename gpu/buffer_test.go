//go:build linux && cgo && egl

package gpu

import (
	"testing"

	"github.com/go-gl/gl/v4.5-core/gl"

	"leaflitter/render"
	"leaflitter/scene"
)

// What the device alone uses cannot be mapped or moved, and is not made anew while
// batches of as many images vary.
func TestDeviceMemoryStays(t *testing.T) {
	p, _ := scene.PresetByName("dead-leaves-pp")
	cfg := p.Config
	cfg.Image = scene.Image{Width: 48, Height: 40}
	m := render.NewModel(&cfg, nil, nil)
	placer := m.Placer(1)
	all, err := Devices()
	if err != nil {
		t.Fatal(err)
	}
	g, err := New(m, all[:1], Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer g.Close()
	batch := func(from uint64) {
		t.Helper()
		var scenes []*scene.Scene
		for i := range uint64(6) {
			scenes = append(scenes, placer.Scene(from+i))
		}
		if err := g.Render(t.Context(), scenes, blank(g, len(scenes))); err != nil {
			t.Fatal(err)
		}
	}
	painter := g.devices[0].p
	names := func() (ids []uint32) {
		for _, b := range painter.work() {
			ids = append(ids, b.id)
		}
		return ids
	}
	for i := range uint64(10) { // the backend learns how much images need
		batch(6 * i)
	}
	before := names()
	for i := range uint64(20) {
		batch(100 + 6*i)
	}
	for i, id := range names() {
		if id != before[i] {
			t.Errorf("%s was made anew", painter.work()[i].name)
		}
	}
	err = painter.do(func() error {
		for _, b := range append(painter.work(), &painter.tables, &painter.outlines, &painter.pools[0]) {
			if b.id == 0 {
				continue
			}
			var immutable, flags int32
			gl.BindBuffer(gl.COPY_READ_BUFFER, b.id)
			gl.GetBufferParameteriv(gl.COPY_READ_BUFFER, gl.BUFFER_IMMUTABLE_STORAGE, &immutable)
			gl.GetBufferParameteriv(gl.COPY_READ_BUFFER, gl.BUFFER_STORAGE_FLAGS, &flags)
			if immutable == 0 || flags&(gl.MAP_READ_BIT|gl.MAP_WRITE_BIT|gl.MAP_PERSISTENT_BIT|gl.CLIENT_STORAGE_BIT) != 0 {
				t.Errorf("%s: immutable %d, flags %#x", b.name, immutable, flags)
			}
		}
		return check("asking about buffers")
	})
	if err != nil {
		t.Error(err)
	}
}
