package bank

import (
	"cmp"
	"slices"
)

// point is a point on the integer grid of +-outlineGrid, on which every
// predicate below is exact in 64 bits.
type point struct{ x, y int64 }

const outlineGrid = 4096

// outside stands for the point at infinity of a ghost triangle.
const outside = -1

// turn is positive if a, b, c turn left, 0 if they lie on a line.
func turn(a, b, c point) int64 { return (b.x-a.x)*(c.y-a.y) - (b.y-a.y)*(c.x-a.x) }

// inCircle is positive if d lies inside the circle through a, b, c (which turn
// left). Differences have 14 bits, so the determinant has fewer than 60.
func inCircle(a, b, c, d point) int64 {
	ax, ay, bx, by, cx, cy := a.x-d.x, a.y-d.y, b.x-d.x, b.y-d.y, c.x-d.x, c.y-d.y
	return (ax*ax+ay*ay)*(bx*cy-by*cx) - (bx*bx+by*by)*(ax*cy-ay*cx) + (cx*cx+cy*cy)*(ax*by-ay*bx)
}

// triangle holds three point numbers, turning left.
type triangle [3]int32

// beside holds a triangle's neighbours: across the edge from corner k to k+1,
// or -1 where there is none.
type beside [3]int32

// delaunay returns the Delaunay triangulation of distinct points: Bowyer's and
// Watson's insertion (1981), with ghost triangles between each hull edge and a
// point at infinity, so that the hull is the convex hull. nil if all points are
// on a line.
//
// Triangles are listed in the order they were made, those made together in the
// order of the edges that they grew from. Where four points lie on one circle the
// order of the points decides, and where ratioHull finds two equal lengths the
// order of the list does: both are part of what an outline is.
func delaunay(p []point) ([]triangle, []beside) {
	third := 2
	for third < len(p) && turn(p[0], p[1], p[third]) == 0 {
		third++
	}
	if third >= len(p) {
		return nil, nil
	}
	a, b, c := int32(0), int32(1), int32(third)
	if turn(p[a], p[b], p[c]) < 0 {
		b, c = c, b
	}
	d := &insertion{
		p:    p,
		tris: make([]triangle, 0, 2*len(p)),
		next: make([]beside, 0, 2*len(p)),
		made: make([]int32, 0, 2*len(p)),
		from: make([]int32, len(p)+1),
	}
	d.add(triangle{a, b, c}, beside{1, 2, 3})
	d.add(triangle{b, a, outside}, beside{0, 3, 2})
	d.add(triangle{c, b, outside}, beside{0, 1, 3})
	d.add(triangle{a, c, outside}, beside{0, 2, 1})
	for i := range p {
		if i >= 2 && i != third {
			d.insert(int32(i))
		}
	}
	return d.real()
}

// insertion is a triangulation that grows by one point at a time.
type insertion struct {
	p    []point
	tris []triangle // ghosts have their point at infinity last
	next []beside
	made []int32 // per triangle: when, counted in triangles
	n    int32   // triangles made so far
	last int32   // a triangle to start the walk from

	cavity []int32 // triangles to replace; made[t] is negative meanwhile
	rim    []rimEdge
	from   []int32 // per point + 1: the new triangle whose edge on the rim starts there
}

// rimEdge is an edge of the cavity, the cavity on its left.
type rimEdge struct{ a, b, across int32 }

func (d *insertion) add(t triangle, n beside) {
	d.tris, d.next, d.made = append(d.tris, t), append(d.next, n), append(d.made, d.n)
	d.n++
}

// conflicts reports whether q lies inside the circle of triangle t; a ghost's
// circle is the half plane beyond its edge, with the edge itself.
func (d *insertion) conflicts(t int32, q point) bool {
	v := &d.tris[t]
	a, b := d.p[v[0]], d.p[v[1]]
	if v[2] != outside {
		return inCircle(a, b, d.p[v[2]], q) > 0
	}
	side := turn(a, b, q)
	if side != 0 {
		return side > 0
	}
	return (q.x-a.x)*(q.x-b.x)+(q.y-a.y)*(q.y-b.y) < 0
}

// locate returns a triangle in whose circle q lies. It walks across any edge that
// has q on its other side, which ends in every Delaunay triangulation: at the
// triangle that holds q, or at the ghost of an edge that sees q.
func (d *insertion) locate(q point) int32 {
	t := d.last
	if d.tris[t][2] == outside {
		t = d.next[t][0]
	}
walk:
	for d.tris[t][2] != outside {
		v := &d.tris[t]
		a, b, c := d.p[v[0]], d.p[v[1]], d.p[v[2]]
		switch {
		case turn(a, b, q) < 0:
			t = d.next[t][0]
		case turn(b, c, q) < 0:
			t = d.next[t][1]
		case turn(c, a, q) < 0:
			t = d.next[t][2]
		default:
			break walk
		}
	}
	return t
}

// insert replaces the triangles whose circle holds point i by the fan from i to
// their outline.
func (d *insertion) insert(i int32) {
	q := d.p[i]
	start := d.locate(q)
	d.cavity = append(d.cavity[:0], start)
	d.made[start] = ^d.made[start]
	for k := 0; k < len(d.cavity); k++ {
		for _, o := range d.next[d.cavity[k]] {
			if d.made[o] >= 0 && d.conflicts(o, q) {
				d.made[o] = ^d.made[o]
				d.cavity = append(d.cavity, o)
			}
		}
	}
	slices.SortFunc(d.cavity, func(s, t int32) int { return cmp.Compare(d.made[t], d.made[s]) })
	d.rim = d.rim[:0]
	for _, t := range d.cavity {
		for k, o := range d.next[t] {
			if d.made[o] >= 0 {
				d.rim = append(d.rim, rimEdge{d.tris[t][k], d.tris[t][(k+1)%3], o})
			}
		}
	}

	// A cavity of k triangles has k + 2 edges: its places are used again.
	free := d.cavity
	for _, e := range d.rim {
		t := int32(len(d.tris))
		if len(free) > 0 {
			t, free = free[0], free[1:]
			d.made[t] = d.n
			d.n++
		} else {
			d.add(triangle{}, beside{})
		}
		d.tris[t], d.next[t] = triangle{e.a, e.b, i}, beside{e.across, -1, -1}
		d.from[e.a+1] = t
		for k, v := range d.tris[e.across] {
			if v == e.b && d.tris[e.across][(k+1)%3] == e.a {
				d.next[e.across][k] = t
			}
		}
	}
	for _, e := range d.rim {
		t, after := d.from[e.a+1], d.from[e.b+1]
		d.next[t][1], d.next[after][2] = after, t
	}
	for _, e := range d.rim {
		d.ghostLast(d.from[e.a+1])
	}
	d.last = d.from[d.rim[0].a+1]
}

func (d *insertion) ghostLast(t int32) {
	for v := &d.tris[t]; v[0] == outside || v[1] == outside; {
		n := &d.next[t]
		*v, *n = triangle{v[1], v[2], v[0]}, beside{n[1], n[2], n[0]}
	}
}

// real returns the triangles but for the ghosts, in the order they were made.
func (d *insertion) real() ([]triangle, []beside) {
	order := make([]int32, 0, len(d.tris))
	for t := range d.tris {
		if d.tris[t][2] != outside {
			order = append(order, int32(t))
		}
	}
	slices.SortFunc(order, func(s, t int32) int { return cmp.Compare(d.made[s], d.made[t]) })
	place := make([]int32, len(d.tris))
	for t := range place {
		place[t] = -1
	}
	for i, t := range order {
		place[t] = int32(i)
	}
	tris, next := make([]triangle, len(order)), make([]beside, len(order))
	for i, t := range order {
		tris[i] = d.tris[t]
		for k, o := range d.next[t] {
			next[i][k] = place[o]
		}
	}
	return tris, next
}
