//go:build linux && cgo && egl && window

package main

import (
	"fmt"
	"testing"
	"time"

	"leaflitter/bank"
	"leaflitter/cpu"
	"leaflitter/render"
	"leaflitter/scene"
	"leaflitter/view"
)

// everything is a configuration that draws all that there is, with tables that are
// quick to build.
var everything = []string{
	"--size", "120x90", "--set", "leaves.r_min=4", "--set", "leaves.r_max=60", "--set", "paint.noise.largest_tile=64",
	"--set", "paint.flat_below=8", "--set", "outline.per_image=[mix]",
}

// reference is what the CPU backend makes of what the viewer should show.
type reference struct {
	t           *testing.T
	cfg         scene.Config
	seed, index uint64
	exact       bool // the window shows pixel for pixel
	hidden      bool // without the panel
	banks       map[string]*bank.Bank
}

func (r *reference) placed() (*scene.Scene, *cpu.Backend) {
	key := fmt.Sprint(r.cfg.DrawsPolygons(), r.cfg.Leaves, r.cfg.Outline.Polygon, r.cfg.Paint.Noise.Spectrum)
	if r.banks[key] == nil {
		r.banks[key] = bank.New(&r.cfg)
	}
	cfg := r.cfg
	m := render.NewModel(&cfg, r.banks[key], nil)
	return m.Placer(r.seed).Scene(r.index), cpu.New(m, 0)
}

// image renders what cut leaves of the scene; nil: all of it.
func (r *reference) image(cut func(s *scene.Scene)) *render.Image {
	r.t.Helper()
	s, backend := r.placed()
	if cut != nil {
		cut(s)
	}
	im := render.NewImage(&r.cfg, render.Labels{ID: true, Layer: true, Depth: true, Edge: true})
	if err := backend.Render(r.t.Context(), []*scene.Scene{s}, []*render.Image{im}); err != nil {
		r.t.Fatal(err)
	}
	return im
}

// pixel is what a view shows of pixel p, as docs/viewer.md says.
func pixel(im *render.Image, kind, p int) [3]uint8 {
	grey := func(v uint8) [3]uint8 { return [3]uint8{v, v, v} }
	switch kind {
	case view.ID:
		return view.IDColour(im.ID[p])
	case view.Layer:
		return view.LayerColour(im.Layer[p])
	case view.Depth:
		return grey(uint8(im.Depth[p] >> 8))
	case view.Edge:
		return grey(im.Edge[p])
	}
	if im.Channels == 1 {
		return grey(im.Pix[p])
	}
	return [3]uint8(im.Pix[3*p : 3*p+3])
}

// differs compares the screen with an image and returns what differs, or nothing.
func (r *reference) differs(d *desk, im *render.Image, kind int) string {
	d.t.Helper()
	s, w, h := d.screen()
	panel := view.PanelWidth
	if r.hidden || 3*panel > 2*w {
		panel = 0
	}
	at := view.Place(w, h, panel, im.Width, im.Height, r.exact)
	wrong := 0
	for y := range at.H {
		for x := range at.W {
			want := pixel(im, kind, y*im.Height/at.H*im.Width+x*im.Width/at.W)
			if at.X+x >= 0 && at.Y+y >= 0 && at.X+x < w-panel && at.Y+y < h && s.(shifted).at(at.X+x, at.Y+y) != want {
				wrong++
			}
		}
	}
	if wrong > 0 {
		return fmt.Sprintf("%d of %d pixels in %+v of %d x %d", wrong, at.W*at.H, at, w, h)
	}
	return ""
}

// shows waits until the window shows an image.
func (r *reference) shows(d *desk, what string, im *render.Image, kind int) {
	d.t.Helper()
	why := ""
	for start := time.Now(); time.Since(start) < 30*time.Second; {
		if why = r.differs(d, im, kind); why == "" {
			return
		}
		select {
		case <-d.ended:
			d.t.Fatalf("%s: the viewer ended: %s", what, d.errs.String())
		default:
		}
	}
	d.t.Fatalf("%s: what the window shows is not what the CPU backend renders: %s differ\n%s", what, why, d.errs.String())
}

func begin(t *testing.T, d *desk, args ...string) *reference {
	t.Helper()
	cfg, err := (&flags{}).parsed(args)
	if err != nil {
		t.Fatal(err)
	}
	d.start(args...)
	return &reference{t: t, cfg: cfg, banks: map[string]*bank.Bank{}}
}

// red counts the pixels of the panel in the colour of problems.
func (d *desk) red() (n int) {
	s, w, h := d.screen()
	for y := range h {
		for x := w - view.PanelWidth; x < w; x++ {
			if s.(shifted).at(x, y) == [3]uint8{255, 120, 105} {
				n++
			}
		}
	}
	return n
}
