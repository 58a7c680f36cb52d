package scene

import (
	"math"
	"testing"
)

// The quantile function inverts the integral of r^e.
func TestPowerLawQuantile(t *testing.T) {
	for _, e := range []float64{-5, -3, -2.5, -2, -1, -0.3, 0, 2} {
		p := newPowerLaw(e, 2, 300)
		for _, u := range []float64{1e-9, 0.1, 0.5, 0.9, 1 - 1e-9} {
			r := p.at(u)
			sum, total := 0.0, 0.0
			const n = 20000
			for i := range n { // midpoint rule on a log scale
				x := 2 * math.Pow(150, (float64(i)+0.5)/n)
				w := math.Pow(x, e) * x
				total += w
				if x < r {
					sum += w
				}
			}
			if math.Abs(sum/total-u) > 1e-3 {
				t.Errorf("e = %g: share below quantile of %g is %g", e, u, sum/total)
			}
		}
	}
	if p := newPowerLaw(-3, 7, 7); p.at(0.3) != 7 {
		t.Error("a single radius is not itself")
	}
}

// Every leaf that hit returns reaches the grown window, and none is farther
// than its reach.
func TestHitsReachTheWindow(t *testing.T) {
	for _, outline := range []string{"disk", "rectangle", "polygon", "mix"} {
		c := Default()
		c.Image.Width, c.Image.Height = 300, 80
		w := newWindow(&c, outline, 5)
		outside := 0
		for i := range uint32(20000) {
			key := Key{Leaf: i, Purpose: PurposePlace}
			x, y, r := w.hit(key.words(0))
			dx := max(w.x0-x, 0, x-w.x0-w.w)
			dy := max(w.y0-y, 0, y-w.y0-w.h)
			if d := math.Hypot(dx, dy); d > w.rho*r*(1+1e-12) {
				t.Fatalf("%s: leaf of radius %g lies %g outside, rho %g", outline, r, d, w.rho)
			} else if d > 0 {
				outside++
			}
			if r < c.Leaves.RMin || r > c.Leaves.RMax {
				t.Fatalf("%s: radius %g", outline, r)
			}
		}
		if outside < 1000 {
			t.Errorf("%s: only %d of 20000 centres outside: no margin?", outline, outside)
		}
	}
}

// A scene's leaves do not depend on how they are asked for.
func TestLeavesDependOnIndexAlone(t *testing.T) {
	c := Default()
	p := NewPlacer(&c, []OutlineClass{{RMin: 1, RMax: 1000, Count: 9, Size: 64, MeanArea: 1}}, 3, 42)
	a, b := p.Scene(7), p.Scene(7)
	p.Scene(8)
	for range 3 {
		a.Extend(2)
	}
	p.place(b, &b.Stacks[2], 1000)
	for i, l := range b.Stacks[2].Leaves {
		if a.Stacks[2].Leaves[i] != l {
			t.Fatalf("leaf %d: %+v or %+v", i, a.Stacks[2].Leaves[i], l)
		}
	}
	if len(a.Stacks[0].Leaves) != len(b.Stacks[0].Leaves) || len(a.Stacks[0].Leaves) == 0 {
		t.Errorf("foreground: %d and %d leaves", len(a.Stacks[0].Leaves), len(b.Stacks[0].Leaves))
	}
	if other := p.Scene(8).Stacks[0].Leaves; len(other) > 0 && other[0] == a.Stacks[0].Leaves[0] {
		t.Error("images 7 and 8 begin with the same leaf")
	}
}

// Areas are pi r^2 and the extents hold what they promise.
func TestShapes(t *testing.T) {
	c := Default()
	c.Outline.PerImage = []string{"mix"}
	p := NewPlacer(&c, []OutlineClass{{RMin: 1, RMax: 1000, First: 5, Count: 9, Size: 67, MeanArea: 1}}, 3, 1)
	s := p.Scene(0)
	for range 10 {
		s.Extend(2)
	}
	count := map[Kind]int{}
	for _, l := range s.Stacks[2].Leaves {
		count[l.Kind()]++
		area := math.Pi * float64(l.R) * float64(l.R)
		switch l.Kind() {
		case Rect:
			if got := 4 * float64(l.A) * float64(l.B); math.Abs(got/area-1) > 1e-5 {
				t.Fatalf("rectangle area %g, want %g", got, area)
			}
			if a := l.B / l.A; a < 0.4999 || a > 1.0001 {
				t.Fatalf("aspect %g", a)
			}
			if l.Bound() < float32(math.Hypot(float64(l.A), float64(l.B))) {
				t.Fatal("rectangle reaches beyond its bound")
			}
		case Poly:
			if l.Tile() < 5 || l.Tile() >= 14 {
				t.Fatalf("tile %d", l.Tile())
			}
			if got := l.A * 2 * l.B; math.Abs(float64(got)-64) > 1e-3 {
				t.Fatalf("the tile spans %g texels, want 64", got)
			}
		}
		if n := l.Cos*l.Cos + l.Sin*l.Sin; math.Abs(float64(n)-1) > 1e-6 {
			t.Fatalf("rotation of length %g", n)
		}
	}
	third := float64(len(s.Stacks[2].Leaves)) / 3
	for k := Disk; k <= Poly; k++ {
		if d := float64(count[k]) - third; math.Abs(d) > 5*math.Sqrt(third*2/3) {
			t.Errorf("kind %d: %d of %d leaves", k, count[k], len(s.Stacks[2].Leaves))
		}
	}
}

// No point of a leaf is farther from its centre along any direction than its extent says,
// and the extent is no larger than it must be by much.
func TestExtent(t *testing.T) {
	for i := range 200 {
		aspect := float32(i+1) / 200
		leaf := Leaf{A: 30, B: 30 * aspect, Shape: uint32(Rect)}
		corner := math.Hypot(float64(leaf.A), float64(leaf.B))
		if got := float64(leaf.Extent()); got < corner*(1-1e-7) || got > 1.09*corner {
			t.Errorf("a rectangle of 60 x %g, whose corners are %g away, has the extent %g", 2*leaf.B, corner, got)
		}
	}
	if disk := (Leaf{A: 900, B: 30}); disk.Extent() != 30 {
		t.Errorf("a disk of radius 30 has the extent %g", disk.Extent())
	}
}
