package main

import (
	"context"
	"fmt"
	"runtime"
	"slices"
	"time"

	"gonum.org/v1/gonum/dsp/fourier"

	"leaflitter/cpu"
	"leaflitter/dataset"
	"leaflitter/render"
	"leaflitter/scene"
)

// unit is one complex 512 x 512 transform: rows, a transposition, rows.
type unit struct {
	fft  *fourier.CmplxFFT
	x, t []complex128
}

func newUnit() *unit {
	u := &unit{fft: fourier.NewCmplxFFT(512), x: make([]complex128, 512*512), t: make([]complex128, 512*512)}
	for i := range u.x {
		u.x[i] = complex(float64(i*7919%1009)/1009, 0)
	}
	return u
}

func (u *unit) run() time.Duration {
	copy(u.t, u.x)
	start := time.Now()
	for range 2 {
		for y := range 512 {
			row := u.t[y*512 : (y+1)*512]
			u.fft.Coefficients(row, row)
		}
		const block = 16
		for y0 := 0; y0 < 512; y0 += block {
			for x0 := y0; x0 < 512; x0 += block {
				for y := y0; y < y0+block; y++ {
					for x := max(x0, y+1); x < x0+block; x++ {
						u.t[y*512+x], u.t[x*512+y] = u.t[x*512+y], u.t[y*512+x]
					}
				}
			}
		}
	}
	return time.Since(start)
}

// subject is one configuration being timed.
type subject struct {
	name    string
	cfg     scene.Config
	images  int // a round
	png     bool
	bar     func(units map[string]float64) (string, bool)
	source  render.Renderer
	image   *render.Image
	encoder dataset.Encoder
	buf     []byte
	ms      []float64
	units   []float64
}

func (s *subject) open() {
	m := render.NewModel(&s.cfg, nil, nil)
	s.source = render.Renderer{Placer: m.Placer(1), Backend: cpu.New(m, 1)}
	s.image = render.NewImage(&s.cfg, render.Labels{})
	// Build every table that the timed images read: a long run pays once.
	s.round()
}

func (s *subject) round() time.Duration {
	start := time.Now()
	for i := range uint64(s.images) {
		if err := s.source.Render(context.Background(), []uint64{i}, []*render.Image{s.image}); err != nil {
			fail(err)
		}
		if s.png {
			s.buf = s.encoder.Encode(s.buf[:0], dataset.ImagePicture(s.image))
		}
	}
	return time.Since(start) / time.Duration(s.images)
}

func atMost(name string, bound float64) func(map[string]float64) (string, bool) {
	return func(u map[string]float64) (string, bool) {
		return fmt.Sprintf("≤ %g units", bound), u[name] <= bound
	}
}

// ratio bounds one subject's cost by another's.
func ratio(name, base string, bound float64) func(map[string]float64) (string, bool) {
	return func(u map[string]float64) (string, bool) {
		return fmt.Sprintf("≤ %g × %s (is %.2f)", bound, base, u[name]/u[base]), u[name] <= bound*u[base]
	}
}

func subjects() []*subject {
	preset := func(name string, change ...func(*scene.Config)) scene.Config {
		p, ok := scene.PresetByName(name)
		if !ok {
			fail(fmt.Errorf("no preset %q", name))
		}
		for _, c := range change {
			c(&p.Config)
		}
		return p.Config
	}
	size := func(n int) func(*scene.Config) {
		return func(c *scene.Config) { c.Image.Width, c.Image.Height = n, n }
	}
	return []*subject{
		{name: "dead-leaves-pp", cfg: preset("dead-leaves-pp"), images: 16, bar: atMost("dead-leaves-pp", 3.7)},
		{name: "dead-leaves-pp + PNG", cfg: preset("dead-leaves-pp"), images: 16, png: true, bar: ratio("dead-leaves-pp + PNG", "dead-leaves-pp", 1.3)},
		{name: "dead-leaves", cfg: preset("dead-leaves"), images: 32, bar: atMost("dead-leaves", 0.3)},
		{name: "dead-leaves + PNG", cfg: preset("dead-leaves"), images: 32, png: true, bar: ratio("dead-leaves + PNG", "dead-leaves", 1.3)},
		{name: "dead-leaves, r_min 1", cfg: preset("dead-leaves", func(c *scene.Config) { c.Leaves.RMin = 1 }), images: 8, bar: ratio("dead-leaves, r_min 1", "dead-leaves", 6)},
		{name: "dead-leaves, 2048 x 2048", cfg: preset("dead-leaves", size(2048)), images: 3, bar: ratio("dead-leaves, 2048 x 2048", "dead-leaves", 18)},
		{name: "dead-leaves-pp-2025", cfg: preset("dead-leaves-pp-2025"), images: 6},
		{name: "no-texture", cfg: preset("no-texture"), images: 16},
		{name: "no-depth", cfg: preset("no-depth"), images: 16},
	}
}

// measureUnits times every subject once a round on one core, the unit before each.
func (s *suite) measureUnits() error {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1)) // garbage collection included
	u := newUnit()
	all := subjects()
	for _, sub := range all {
		sub.open()
	}
	var unitMs []float64
	for range s.repeats {
		for _, sub := range all {
			before := u.run()
			took := sub.round()
			one := ms(min(before, u.run())) // an interrupted transform is no unit
			unitMs = append(unitMs, one)
			sub.ms = append(sub.ms, ms(took))
			sub.units = append(sub.units, ms(took)/one)
		}
	}
	s.UnitMs = spread(unitMs)
	medians := map[string]float64{}
	for _, sub := range all {
		medians[sub.name] = spread(sub.units).Median
	}
	for _, sub := range all {
		row := Row{Name: sub.name, Ms: spread(sub.ms), Units: spread(sub.units), Met: true}
		row.MPix = float64(sub.cfg.Image.Width*sub.cfg.Image.Height) / 1e3 / row.Ms.Median
		if sub.bar != nil {
			row.Bar, row.Met = sub.bar(medians)
		}
		s.Rows = append(s.Rows, row)
	}
	return nil
}

func spread(v []float64) Spread {
	v = slices.Sorted(slices.Values(v))
	at := func(q float64) float64 { return v[int(q*float64(len(v)-1)+0.5)] }
	return Spread{Median: at(0.5), Lo: at(0.25), Hi: at(0.75)}
}

func or(s, other string) string {
	if s == "" {
		return other
	}
	return s
}
