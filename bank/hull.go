package bank

import (
	"math"
	"slices"
)

// mesh is a triangulation from which triangles are taken away.
type mesh struct {
	p      []point
	tris   []triangle
	next   []beside
	gone   []bool
	border []bool // per point: on the outer boundary or on a hole's
	limit  int64  // squared length over which a border edge opens its triangle
}

// newMesh takes over a Delaunay triangulation of p; ratio is Polygon.HullRatio.
func newMesh(p []point, tris []triangle, next []beside, ratio float64) *mesh {
	m := &mesh{p: p, tris: tris, next: next, gone: make([]bool, len(tris)), border: make([]bool, len(p))}
	lo, hi := math.Inf(1), 0.0
	for i, t := range tris {
		for k := range 3 {
			if next[i][k] < 0 {
				m.border[t[k]], m.border[t[(k+1)%3]] = true, true
			}
			length := math.Sqrt(float64(m.length(i, k)))
			lo, hi = min(lo, length), max(hi, length)
		}
	}
	limit := lo + float64(ratio*(hi-lo))
	m.limit = int64(math.Floor(float64(limit * limit)))
	return m
}

// length returns the squared length of edge k of triangle i.
func (m *mesh) length(i, k int) int64 {
	a, b := m.p[m.tris[i][k]], m.p[m.tris[i][(k+1)%3]]
	return (a.x-b.x)*(a.x-b.x) + (a.y-b.y)*(a.y-b.y)
}

// open returns the number of border edges of triangle i and, if there is just
// one, its number.
func (m *mesh) open(i int) (count, edge int) {
	for k, j := range m.next[i] {
		if j < 0 {
			count, edge = count+1, k
		}
	}
	return count, edge
}

// remove takes triangle i away and returns the neighbours it exposes.
func (m *mesh) remove(i int) (exposed []int) {
	m.gone[i] = true
	for _, v := range m.tris[i] {
		m.border[v] = true
	}
	for _, j := range m.next[i] {
		if j < 0 {
			continue
		}
		for k := range m.next[j] {
			if m.next[j][k] == int32(i) {
				m.next[j][k] = -1
			}
		}
		exposed = append(exposed, int(j))
	}
	return exposed
}

// erode removes triangles behind border edges, longest edge first, while that
// edge exceeds the limit: starting from the given triangles, going inwards. A
// triangle goes only if it has one border edge and its opposite corner is not
// on the boundary, so that the shape stays in one piece.
func (m *mesh) erode(start []int) {
	queue := slices.Clone(start)
	for len(queue) > 0 {
		best, longest := -1, m.limit
		live := queue[:0]
		for _, i := range queue {
			count, k := m.open(i)
			if m.gone[i] || count != 1 || m.border[m.tris[i][(k+2)%3]] {
				continue // it can never become removable again
			}
			live = append(live, i)
			if l := m.length(i, k); l > longest {
				best, longest = i, l
			}
		}
		queue = live
		if best < 0 {
			return
		}
		for _, j := range m.remove(best) {
			if !slices.Contains(queue, j) {
				queue = append(queue, j)
			}
		}
	}
}

// ratioHull carves the concave hull out of a triangulation, with holes if
// asked: the ratio hull of GEOS's ConcaveHull.
func (m *mesh) ratioHull(holes bool) {
	var start []int
	for i := range m.tris {
		if n, _ := m.open(i); n > 0 {
			start = append(start, i)
		}
	}
	m.erode(start)
	if !holes {
		return
	}
	type candidate struct {
		tri  int
		size int64
	}
	var inner []candidate
	for i := range m.tris {
		size := max(m.length(i, 0), m.length(i, 1), m.length(i, 2))
		if !m.gone[i] && size > m.limit && !m.touches(i) {
			inner = append(inner, candidate{i, size})
		}
	}
	slices.SortStableFunc(inner, func(a, b candidate) int { return int(b.size - a.size) })
	for _, c := range inner {
		if !m.gone[c.tri] && !m.touches(c.tri) {
			m.erode(m.remove(c.tri))
		}
	}
}

func (m *mesh) touches(i int) bool {
	t := m.tris[i]
	return m.border[t[0]] || m.border[t[1]] || m.border[t[2]]
}

// boundary returns the edges of the remaining shape, inside on their left.
func (m *mesh) boundary() (edges [][2]point) {
	for i, t := range m.tris {
		for k := range 3 {
			if !m.gone[i] && m.next[i][k] < 0 {
				edges = append(edges, [2]point{m.p[t[k]], m.p[t[(k+1)%3]]})
			}
		}
	}
	return edges
}
