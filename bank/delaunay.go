package bank

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

// delaunay returns the Delaunay triangulation of distinct points: Bowyer's and
// Watson's insertion, with ghost triangles between each hull edge and a point at
// infinity, so that the hull is the convex hull. nil if all points are on a line.
func delaunay(p []point) []triangle {
	third := 2
	for third < len(p) && turn(p[0], p[1], p[third]) == 0 {
		third++
	}
	if third >= len(p) {
		return nil
	}
	a, b, c := int32(0), int32(1), int32(third)
	if turn(p[a], p[b], p[c]) < 0 {
		b, c = c, b
	}
	tris := []triangle{{a, b, c}, {b, a, outside}, {c, b, outside}, {a, c, outside}}
	var hole [][2]int32
	for i := range p {
		if i < 2 || i == third {
			continue
		}
		hole = hole[:0]
		kept := tris[:0]
		for _, t := range tris {
			if !conflicts(p, t, p[i]) {
				kept = append(kept, t)
				continue
			}
			for k := range 3 {
				hole = append(hole, [2]int32{t[k], t[(k+1)%3]})
			}
		}
		tris = kept
	edges:
		for k, e := range hole {
			for j, o := range hole {
				if j != k && o[0] == e[1] && o[1] == e[0] {
					continue edges // inside the hole
				}
			}
			tris = append(tris, ghostLast(triangle{e[0], e[1], int32(i)}))
		}
	}
	real := tris[:0]
	for _, t := range tris {
		if t[2] != outside {
			real = append(real, t)
		}
	}
	return real
}

func ghostLast(t triangle) triangle {
	for t[0] == outside || t[1] == outside {
		t = triangle{t[1], t[2], t[0]}
	}
	return t
}

// conflicts reports whether q lies inside the circle of t; a ghost's circle is
// the half plane beyond its edge, with the edge itself.
func conflicts(p []point, t triangle, q point) bool {
	a, b := p[t[0]], p[t[1]]
	if t[2] != outside {
		return inCircle(a, b, p[t[2]], q) > 0
	}
	side := turn(a, b, q)
	if side != 0 {
		return side > 0
	}
	return (q.x-a.x)*(q.x-b.x)+(q.y-a.y)*(q.y-b.y) < 0
}
