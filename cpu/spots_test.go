package cpu

import (
	"math"
	"testing"

	"leaflitter/bank"
	"leaflitter/palette"
	"leaflitter/scene"
)

// spotMaps draws n maps of spots of one size, unstretched or drawn out along x by stretch, and calls each
// with the map as a function of px.
func spotMaps(n int, change func(c *scene.Spots), each func(s *spots, at func(x, y float64) float64)) {
	cfg := scene.Default()
	cfg.Paint.Spots.Odds = 1
	change(&cfg.Paint.Spots)
	p := painter{cfg: &cfg, bank: bank.New(&scene.Config{Paint: cfg.Paint}), scale: 1, lab: true}
	for i := range n {
		draw := scene.NewStream(scene.Key{Seed: 11, Image: uint64(i), Purpose: scene.PurposePaint})
		s := p.spots(&draw)
		each(&s, func(x, y float64) float64 { return float64(s.at(p.bank, float32(x), float32(y), 1)) })
	}
}

// The field under the logistic is standard normal with the correlation exp(-d^2 / 4 size^2) of white noise
// smoothed by a Gaussian (Abrahamsen 1997, section 3.1); along a stripe d is divided by the stretch.
func TestSpotsAreASmoothGaussianField(t *testing.T) {
	const size, stretch = 6, 4
	var sum, square, across, along, fourth float64
	n := 0
	spotMaps(300, func(c *scene.Spots) {
		c.Size, c.StretchOdds, c.Stretch = scene.Interval{size, size}, 1, scene.Interval{stretch, stretch}
		c.Threshold, c.Slope = scene.Interval{0, 0}, scene.Interval{0.1, 0.1}
	}, func(s *spots, at func(x, y float64) float64) {
		// Nearly linear there: v = 4 (m - 1/2) / slope.
		field := func(x, y float64) float64 { return 4 * (at(x, y) - 0.5) / 0.1 }
		length := math.Hypot(float64(s.yx), float64(s.yy))
		ax, ay := float64(s.yx)/length, float64(s.yy)/length // unit vector across the stripe
		for k := range 60 {
			x, y := float64(k%8)*97+13, float64(k/8)*103+29
			v := field(x, y)
			sum += v
			square += v * v
			fourth += v * v * v * v
			across += v * field(x+size*ax, y+size*ay)
			along += v * field(x-size*stretch*ay, y+size*stretch*ax)
			n++
		}
	})
	mean, variance := sum/float64(n), square/float64(n)
	if math.Abs(mean) > 0.03 || math.Abs(variance-1) > 0.04 || math.Abs(fourth/float64(n)/variance/variance-3) > 0.25 {
		t.Errorf("mean %.3f, variance %.3f, kurtosis %.2f; want 0, 1, 3", mean, variance, fourth/float64(n)/variance/variance)
	}
	// The bend stretches the plane here and presses it there, which lowers both a little.
	want := math.Exp(-0.25)
	if a, b := across/float64(n)/variance, along/float64(n)/variance; math.Abs(a-want) > 0.06 || math.Abs(b-want) > 0.06 {
		t.Errorf("correlation at the size %.3f across, %.3f along; want %.3f", a, b, want)
	}
}

// Over many places a steep map is on with the probability that a normal variable passes the threshold, and
// what fades for want of pixels fades to the mean.
func TestSpotsCoverTheirShare(t *testing.T) {
	for _, threshold := range []float64{-1, 0, 0.7} {
		sum, n, off := 0.0, 0, 0.0
		spotMaps(400, func(c *scene.Spots) {
			c.Size, c.Threshold, c.Slope = scene.Interval{8, 8}, scene.Interval{threshold, threshold}, scene.Interval{20, 20}
		}, func(s *spots, at func(x, y float64) float64) {
			for k := range 40 {
				sum += at(float64(k%7)*131, float64(k/7)*127)
				n++
			}
			off = max(off, math.Abs(float64(s.mean)-math.Erfc(threshold/math.Sqrt2)/2))
			if m := s.at(nil, 3, 5, 16); m != s.mean {
				t.Fatalf("a map of 8 px shows %v to a pixel of 16, not its mean %v", m, s.mean)
			}
		})
		want := math.Erfc(threshold/math.Sqrt2) / 2
		if got := sum / float64(n); math.Abs(got-want) > 0.015 || off > 0.05 {
			t.Errorf("threshold %v: on in %.3f of all places, its mean %.3f off; a normal variable passes with %.3f", threshold, got, off, want)
		}
	}
}

// No edge is much narrower than a pixel, however steep the slope.
func TestSpotsHaveSoftEdges(t *testing.T) {
	steps, hard := 0, 0
	spotMaps(100, func(c *scene.Spots) {
		c.Size, c.StretchOdds, c.Slope = scene.Interval{1.5, 20}, 0, scene.Interval{100, 100}
	}, func(s *spots, at func(x, y float64) float64) {
		for k := range 400 {
			x, y := float64(k%20)*31, float64(k/20)*37
			if d := math.Abs(at(x+1, y) - at(x, y)); d > 0.1 {
				steps++
				if d > 0.9 {
					hard++
				}
			}
		}
	})
	if steps < 1000 || hard > steps/50 {
		t.Errorf("%d of %d steps between neighbours are nearly whole", hard, steps)
	}
}

// The warp field repeats after 128 texels along both axes, and the map does not.
func TestSpotsDoNotRepeat(t *testing.T) {
	const size = 2
	for _, lag := range [][2]float64{{1, 0}, {0, 1}, {1, 1}, {0.8, 0.6}, {-0.6, 0.8}} {
		var product, square float64
		spotMaps(200, func(c *scene.Spots) {
			c.Size, c.StretchOdds, c.Threshold, c.Slope = scene.Interval{size, size}, 0, scene.Interval{0, 0}, scene.Interval{20, 20}
		}, func(s *spots, at func(x, y float64) float64) {
			// A lattice vector of either component, in px.
			det := float64(s.xx)*float64(s.yy) - float64(s.xy)*float64(s.yx)
			u, v := lag[0]*bank.WarpSize, lag[1]*bank.WarpSize
			dx, dy := (u*float64(s.yy)-v*float64(s.xy))/det, (v*float64(s.xx)-u*float64(s.yx))/det
			for k := range 100 {
				x, y := float64(k%10)*17, float64(k/10)*19
				a, b := at(x, y)-0.5, at(x+dx, y+dy)-0.5
				product += a * b
				square += a * a
			}
		})
		if r := product / square; math.Abs(r) > 0.15 {
			t.Errorf("correlation %.2f at the lattice vector %v", r, lag)
		}
	}
}

// Noise that is drawn out changes more slowly along its direction, as many times as it says.
func TestStretchDrawsNoiseOut(t *testing.T) {
	cfg := scene.Default()
	n := &cfg.Paint.Noise
	n.StretchOdds, n.Stretch, n.Slopes = 1, scene.Interval{4, 4}, []scene.Interval{{1.5, 1.5}}
	m := bank.New(&cfg)
	p := painter{cfg: &cfg, bank: m, palette: &palette.Uniform().Palettes[0], scale: 1, contrast: 1}
	leaf := scene.Leaf{R: 120, A: 120, B: 120}
	var along, across float64
	for i := range 60 {
		draw := scene.NewStream(scene.Key{Seed: 4, Image: uint64(i), Purpose: scene.PurposePaint})
		on := paint{leaf: &leaf, extent: leaf.Extent(), kind: paintNoise}
		on.part[0] = p.noise(&draw, &on, false)
		on.stretch = p.stretch(&draw)
		if !on.stretch.on {
			t.Fatal("not stretched")
		}
		on.part[0].mean, on.part[0].chol = vec3{}, [6]float32{1, 0, 1, 0, 0, 1}
		at := func(x, y float64) float64 {
			return float64(on.part[0].at(on.stretch.of(textured{float32(x), float32(y), 1, false})).x)
		}
		cos, sin := float64(on.stretch.yy), -float64(on.stretch.yx)
		for k := range 200 {
			x, y := float64(k%20)*9-90, float64(k/20)*17-80
			v := at(x, y)
			along += sq(at(x+16*cos, y+16*sin) - v)
			across += sq(at(x-4*sin, y+4*cos) - v)
		}
	}
	if r := along / across; r < 0.9 || r > 1.1 {
		t.Errorf("16 px along change %.2f times as much as 4 px across; want as much", r)
	}
}

func sq(x float64) float64 { return x * x }

func TestExp2(t *testing.T) {
	for i := range 4000 {
		x := float32(i) / 100
		if r := float64(exp2(x)) / math.Exp2(float64(x)); math.Abs(r-1) > 2e-7*1.5 {
			t.Fatalf("exp2(%v) is %v times too large", x, r)
		}
	}
}
