package bank

import (
	"slices"
	"testing"

	"leaflitter/scene"
)

// grid returns a square lattice: every cell is four points on one circle.
func grid(n int) (p []point) {
	for i := range n {
		for j := range n {
			p = append(p, point{int64(i * 100), int64(j * 100)})
		}
	}
	return p
}

func scattered(n int, seed uint32) (p []point) {
	draw := scene.NewStream(scene.Key{Seed: 99, Leaf: seed, Purpose: scene.PurposeBank})
	for len(p) < n {
		q := point{int64(draw.Intn(2*outlineGrid+1)) - outlineGrid, int64(draw.Intn(2*outlineGrid+1)) - outlineGrid}
		if !slices.Contains(p, q) {
			p = append(p, q)
		}
	}
	return p
}

func shuffled(p []point, seed uint32) []point {
	draw := scene.NewStream(scene.Key{Seed: 97, Leaf: seed, Purpose: scene.PurposeBank})
	p = slices.Clone(p)
	for i := len(p) - 1; i > 0; i-- {
		j := draw.Intn(uint32(i + 1))
		p[i], p[j] = p[j], p[i]
	}
	return p
}

// No point lies inside the circle of any triangle; the triangles cover the
// convex hull once (Euler's count and the sum of areas); neighbours are those
// that share an edge.
func TestDelaunay(t *testing.T) {
	// Twelve points on one circle, and its centre: 5, 12, 13.
	circle := []point{
		{13, 0}, {12, 5}, {5, 12}, {0, 13}, {-5, 12}, {-12, 5},
		{-13, 0}, {-12, -5}, {-5, -12}, {0, -13}, {5, -12}, {12, -5},
	}
	corners := []point{
		{-outlineGrid, -outlineGrid}, {outlineGrid, -outlineGrid},
		{outlineGrid, outlineGrid}, {-outlineGrid, outlineGrid},
	}
	sets := map[string][]point{
		"three": {{0, 0}, {0, 9}, {9, 0}}, "scattered 4": scattered(4, 1), "scattered 60": scattered(60, 2),
		"scattered 300": scattered(300, 3), "centre dense": radial(400, 1),
		"lattice": grid(9), "line and a point": {{0, 0}, {10, 0}, {20, 0}, {30, 0}, {-10, 0}, {7, 9}},
		"circle": circle, "circle and centre": append([]point{{0, 0}}, circle...),
		"extremes": append(corners, scattered(40, 4)...),
	}
	for seed := range uint32(20) {
		sets["shuffled lattice "+string('a'+rune(seed))] = shuffled(grid(7), seed)
		sets["shuffled circle "+string('a'+rune(seed))] = shuffled(circle, seed)
		sets["crowded "+string('a'+rune(seed))] = shuffled(grid(20), seed)[:30]
	}
	for name, p := range sets {
		checkDelaunay(t, name, p)
	}
	if tris, _ := delaunay([]point{{0, 0}, {5, 5}, {9, 9}}); tris != nil {
		t.Error("points on a line have a triangulation")
	}
	if tris, _ := delaunay([]point{{0, 0}}); tris != nil {
		t.Error("one point has a triangulation")
	}
}

func checkDelaunay(t *testing.T, name string, p []point) {
	t.Helper()
	tris, next := delaunay(p)
	area := int64(0)
	owner := map[[2]int32]int32{}
	for i, tr := range tris {
		a, b, c := p[tr[0]], p[tr[1]], p[tr[2]]
		if turn(a, b, c) <= 0 {
			t.Fatalf("%s: triangle %v does not turn left", name, tr)
		}
		area += turn(a, b, c)
		for j, q := range p {
			if inCircle(a, b, c, q) > 0 {
				t.Fatalf("%s: point %d lies in the circle of %v", name, j, tr)
			}
		}
		for k := range 3 {
			e := [2]int32{tr[k], tr[(k+1)%3]}
			if _, ok := owner[e]; ok {
				t.Fatalf("%s: two triangles on one side of %v", name, e)
			}
			owner[e] = int32(i)
		}
	}
	hull, border := int64(0), 0
	for e, i := range owner {
		j, inner := owner[[2]int32{e[1], e[0]}]
		if !inner {
			j = -1
		}
		if got := next[i][slices.Index(tris[i][:], e[0])]; got != j {
			t.Errorf("%s: across %v lies %d, want %d", name, e, got, j)
		}
		if inner {
			continue
		}
		border++
		a, b := p[e[0]], p[e[1]]
		hull += a.x*b.y - a.y*b.x
		for _, q := range p {
			if turn(a, b, q) < 0 {
				t.Errorf("%s: border edge %v is not on the convex hull", name, e)
			}
		}
	}
	if want := 2*len(p) - 2 - border; len(tris) != want {
		t.Errorf("%s: %d triangles, want %d", name, len(tris), want)
	}
	if hull != area {
		t.Errorf("%s: triangles cover %d, convex hull %d", name, area, hull)
	}
}

// The most points that an outline may have.
func BenchmarkDelaunay2000(b *testing.B) {
	p := radial(2000, 1)
	for b.Loop() {
		delaunay(p)
	}
}
