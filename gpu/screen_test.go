//go:build linux && cgo && egl

package gpu

import (
	"slices"
	"strings"
	"testing"
	"unsafe"

	"leaflitter/bank"
	"leaflitter/cpu"
	"leaflitter/gpu/egl"
	"leaflitter/render"
	"leaflitter/scene"
	"leaflitter/shaders/shadertest"
)

func openScreen(t *testing.T) *Screen {
	t.Helper()
	found, err := listed()
	if err != nil {
		t.Fatal(err)
	}
	c, err := found[0].Open(false)
	if err != nil {
		t.Fatal(err)
	}
	s, err := OpenScreen(c, egl.ProcAddr, Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Close)
	return s
}

// A window's device is probed too.
func TestScreenIsProbed(t *testing.T) {
	found, err := listed()
	if err != nil {
		t.Fatal(err)
	}
	c, err := found[0].Open(false)
	if err != nil {
		t.Fatal(err)
	}
	files := shadertest.Edited(t, shadertest.Edit{File: "probe.comp", From: "put(15u, x >> n)", To: "put(15u, x << n)"})
	s, err := OpenScreen(c, egl.ProcAddr, Options{Shaders: files})
	if err == nil {
		s.Close()
	}
	if err == nil || !strings.Contains(err.Error(), "the window's context cannot run the shaders") || !strings.Contains(err.Error(), "shift to the right (") {
		t.Errorf("error %v", err)
	}
}

// words reads what the last picture's buffers hold.
func (s *Screen) words(t *testing.T, n, labels int) (pix, label []uint32) {
	t.Helper()
	pix, label = make([]uint32, n), make([]uint32, labels)
	if err := s.Do(func(p *Picture) error { get(&p.pix, pix); get(&p.labels, label); return nil }); err != nil {
		t.Fatal(err)
	}
	return pix, label
}

// One configuration after another, with what they have in common kept: what stays on
// the device is what the CPU backend renders.
func TestScreen(t *testing.T) {
	s := openScreen(t)
	base := scene.Default()
	base.Image = scene.Image{Width: 97, Height: 61}
	base.Leaves.RMin, base.Leaves.RMax, base.Paint.FlatBelow, base.Paint.Noise.LargestTile = 4, 60, 8, 64
	var last *bank.Bank
	for i, change := range []func(c *scene.Config){
		func(c *scene.Config) {},
		func(c *scene.Config) { c.Paint.Weights.Sin = 3 }, // the same tables
		func(c *scene.Config) { c.Properties.Geometry, c.Properties.Texture = false, false },
		func(c *scene.Config) { c.Properties.Depth = false },
		func(c *scene.Config) { c.Leaves.RMin = 3 }, // other outlines
		func(c *scene.Config) { c.Paint.Noise.Slopes = []scene.Interval{{1, 2}} },
		func(c *scene.Config) { c.Paint.Noise.Spectrum = "axes" },
		func(c *scene.Config) { c.Develop.Grey, c.Develop.Supersample, c.Blur.Kind = true, 2, "lens" },
		func(c *scene.Config) { c.Layers = slices.Concat(c.Layers[:1], c.Layers[2:]) },
		func(c *scene.Config) {},
	} {
		cfg := base
		change(&cfg)
		b := last
		if i != 1 {
			b = bank.New(&cfg)
		}
		last = b
		m := render.NewModel(&cfg, b, nil)
		if err := s.Configure(m); err != nil {
			t.Fatal(i, err)
		}
		placer := m.Placer(5)
		all := render.Labels{ID: true, Layer: true, Depth: true, Edge: true}
		want := render.NewImage(&cfg, all)
		if err := cpu.New(m, 0).Render(t.Context(), []*scene.Scene{placer.Scene(2)}, []*render.Image{want}); err != nil {
			t.Fatal(err)
		}
		p, err := s.Render(t.Context(), placer.Scene(2), all)
		if err != nil {
			t.Fatal(i, err)
		}
		n := len(want.ID)
		pix, label := s.words(t, (len(want.Pix)+3)/4, int(p.Starts[3])+(n+3)/4)
		as := func(start int) unsafe.Pointer { return unsafe.Pointer(&label[p.Starts[start]]) }
		if !slices.Equal(unsafe.Slice((*uint8)(unsafe.Pointer(&pix[0])), len(want.Pix)), want.Pix) {
			t.Error(i, "pixels differ")
		}
		if !slices.Equal(unsafe.Slice((*uint32)(as(0)), n), want.ID) || !slices.Equal(unsafe.Slice((*uint8)(as(1)), n), want.Layer) ||
			!slices.Equal(unsafe.Slice((*uint16)(as(2)), n), want.Depth) || !slices.Equal(unsafe.Slice((*uint8)(as(3)), n), want.Edge) {
			t.Error(i, "labels differ")
		}
		sum, most := 0, int(slices.Max(want.ID))
		for _, n := range p.Last {
			sum += n
		}
		if sum < most || sum > 4*most { // those of the margin matter too
			t.Errorf("%d: %d leaves are said to matter, the last that shows in the image is %d", i, sum, most)
		}
		// Another image is read, and the picture stays.
		read := render.NewImage(&cfg, render.Labels{})
		if err := cpu.New(m, 0).Render(t.Context(), []*scene.Scene{placer.Scene(3)}, []*render.Image{want}); err != nil {
			t.Fatal(err)
		}
		if err := s.Read(t.Context(), placer.Scene(3), read); err != nil || !slices.Equal(read.Pix, want.Pix) {
			t.Error(i, "what is read differs", err)
		}
		if again, _ := s.words(t, len(pix), 0); !slices.Equal(again, pix) {
			t.Error(i, "the picture did not stay")
		}
	}
}

// A compileError leaves the picture; a lost context says so.
func TestScreenTrouble(t *testing.T) {
	s := openScreen(t)
	p, _ := scene.PresetByName("dead-leaves")
	cfg := p.Config
	cfg.Image = scene.Image{Width: 40, Height: 40}
	m := render.NewModel(&cfg, nil, nil)
	placer := m.Placer(1)
	if _, err := s.Render(t.Context(), placer.Scene(0), render.Labels{}); err == nil {
		t.Error("it renders without a configuration")
	}
	if err := s.Configure(m); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Render(t.Context(), placer.Scene(0), render.Labels{}); err != nil {
		t.Fatal(err)
	}
	before, _ := s.words(t, 1200, 0)
	large := cfg
	large.Image = scene.Image{Width: 16384, Height: 8000}
	tooLarge := render.NewModel(&large, m.Bank, nil)
	if err := s.Configure(tooLarge); err != nil {
		t.Fatal(err)
	}
	_, err := s.Render(t.Context(), tooLarge.Placer(1).Scene(0), render.Labels{})
	if err == nil || !strings.Contains(err.Error(), "too large to be shown in one piece") {
		t.Errorf("a huge image: %v", err)
	}
	if after, _ := s.words(t, 1200, 0); !slices.Equal(before, after) {
		t.Error("the picture did not stay")
	}
	if err := s.Configure(m); err != nil {
		t.Fatal(err)
	}
	if err := s.do(s.ctx.Release); err != nil {
		t.Fatal(err)
	}
	if err := s.Do(func(*Picture) error { return nil }); !IsLost(err) {
		t.Errorf("drawing without a context: %v", err)
	}
	if _, err := s.Render(t.Context(), placer.Scene(0), render.Labels{}); !IsLost(err) {
		t.Errorf("rendering without a context: %v", err)
	}
}
