package cpu

import (
	"context"
	"fmt"
	"testing"

	"leaflitter/bank"
	"leaflitter/render"
	"leaflitter/scene"
)

// One benchmark a stage, one thread, the same eight images each; run them with
// GOMAXPROCS=1 -count 10 and compare with benchstat.

// staged is a canvas on its way through the stages.
type staged struct {
	r     render.Renderer
	b     *Backend
	t     team
	c     canvas
	im    *render.Image
	scene *scene.Scene
	known [benchImages]*scene.Scene // with all leaves that they need
}

// place makes the scene of an image, with all leaves.
func (s *staged) place(index uint64) {
	fresh := s.known[index] == nil
	if fresh {
		s.known[index] = s.r.Placer.Scene(index)
	}
	s.scene = s.known[index]
	plan := render.NewPlan(s.scene)
	s.c.width, s.c.height, s.c.margin = plan.Width, plan.Height, plan.Margin*plan.Scale
	if fresh {
		s.c.coverAll(s.t, s.b, s.scene)
	}
}

func (s *staged) cover(index uint64) {
	s.place(index)
	s.c.coverAll(s.t, s.b, s.scene)
}

const benchImages = 8

// stage times fn for each image after prepare, and reports output pixels.
func stage(b *testing.B, prepare, fn func(s *staged, index uint64)) {
	for _, preset := range []string{"dead-leaves", "dead-leaves-pp"} {
		for _, rmin := range []float64{10, 1} {
			b.Run(fmt.Sprintf("%s/rmin=%g", preset, rmin), func(b *testing.B) {
				cfg := small(preset, 512, 512)
				cfg.Leaves.RMin = rmin
				s := &staged{r: open(&cfg, 1, 1), t: team{context.Background(), 1}, im: render.NewImage(&cfg, render.Labels{})}
				s.b = s.r.Backend.(*Backend)
				for i := range uint64(benchImages) { // builds noise tiles, makes memory warm
					prepare(s, i)
					fn(s, i)
				}
				b.ResetTimer()
				for i := range b.N {
					index := uint64(i % benchImages)
					b.StopTimer()
					prepare(s, index)
					b.StartTimer()
					fn(s, index)
				}
				b.ReportMetric(float64(cfg.Image.Width*cfg.Image.Height)*float64(b.N)/b.Elapsed().Seconds(), "pixels/s")
			})
		}
	}
}

// BenchmarkPlace places as many leaves as the image needs.
func BenchmarkPlace(b *testing.B) {
	stage(b, (*staged).place, func(s *staged, index uint64) {
		fresh, last := s.r.Placer.Scene(index), s.back()
		for len(fresh.Stacks[last].Leaves) < len(s.scene.Stacks[last].Leaves) {
			fresh.Extend(last)
		}
	})
}

// BenchmarkCover covers with leaves that are placed already.
func BenchmarkCover(b *testing.B) {
	stage(b, (*staged).place, func(s *staged, _ uint64) { s.c.coverAll(s.t, s.b, s.scene) })
}

func BenchmarkPaint(b *testing.B) {
	stage(b, (*staged).cover, func(s *staged, _ uint64) {
		for i := range s.scene.Stacks {
			s.c.paintStack(s.t, s.b, s.scene, i)
		}
	})
}

// The stages from shade on are timed on the backmost stack.
func (s *staged) back() int { return len(s.scene.Stacks) - 1 }

func (s *staged) paint(index uint64) {
	s.cover(index)
	s.c.paintStack(s.t, s.b, s.scene, s.back())
	s.c.layer = grow(s.c.layer, s.c.width*s.c.height)
}

func BenchmarkShade(b *testing.B) {
	stage(b, (*staged).paint, func(s *staged, _ uint64) { s.c.shadeStack(s.t, s.b, s.scene, s.back(), true) })
}

// BenchmarkBlur blurs by sigma 3 whatever the image drew.
func BenchmarkBlur(b *testing.B) {
	k := bank.NewBlur("gaussian", 3)
	stage(b, func(s *staged, index uint64) {
		s.paint(index)
		s.c.shadeStack(s.t, s.b, s.scene, s.back(), false)
	}, func(s *staged, _ uint64) { s.c.blurStack(s.t, &k) })
}

func BenchmarkCompose(b *testing.B) {
	stage(b, func(s *staged, index uint64) {
		s.paint(index)
		s.c.shadeStack(s.t, s.b, s.scene, s.back(), true)
		s.c.back = append(s.c.back[:0], s.c.layer...)
		for i := range s.c.layer { // half of it half transparent
			if i&1 == 0 {
				s.c.layer[i] = s.c.layer[i] >> 1 & 0x7fff_7fff_7fff_7fff
			}
		}
	}, func(s *staged, _ uint64) { compose(s.c.back, s.c.layer, s.c.width, 0, s.c.height) })
}

func BenchmarkDevelop(b *testing.B) {
	stage(b, func(s *staged, index uint64) {
		s.paint(index)
		s.c.shadeStack(s.t, s.b, s.scene, s.back(), true)
	}, func(s *staged, _ uint64) {
		m := s.c.margin
		for y := range s.im.Height {
			quantiseRow(s.im, s.c.layer[(y+m)*s.c.width+m:], y)
		}
	})
}

// BenchmarkImage is all stages, over sizes: pixels/s should not depend on them.
func BenchmarkImage(b *testing.B) {
	for _, preset := range []string{"dead-leaves", "dead-leaves-pp"} {
		for _, n := range []int{256, 512, 1024, 2048, 4096} {
			b.Run(fmt.Sprintf("%s/side=%d", preset, n), func(b *testing.B) {
				cfg := small(preset, n, n)
				r, im := open(&cfg, 1, 1), render.NewImage(&cfg, render.Labels{})
				draw := func() { // always the same two: images differ in their blurs
					for index := range uint64(2) {
						if err := r.Render(context.Background(), []uint64{index}, []*render.Image{im}); err != nil {
							b.Fatal(err)
						}
					}
				}
				draw()
				for b.Loop() {
					draw()
				}
				b.ReportMetric(2*float64(n)*float64(n)*float64(b.N)/b.Elapsed().Seconds(), "pixels/s")
			})
		}
	}
}
