package hdf5

// Which of the two kinds of B-tree a node belongs to.
const (
	groupKind = 0
	chunkKind = 1
)

// tree is a B-tree of version 1 whose nodes are full, except the last of each level.
// Its levels lie one after another, the root first, so every address is arithmetic.
type tree struct {
	leaves   int     // what the lowest nodes point to: symbol nodes or chunks
	fan      int     // the most children of a node
	keySize  int     // bytes
	nodeSize int64   // bytes; nodes that are not full have room all the same
	levels   []level // level 0, the lowest, first
}

// level is the nodes at one height of a tree.
type level struct {
	at    int64 // of the first node
	nodes int
	span  int // leaves below a full child of a node of this level
}

const nodeHeaderSize = 24

// newTree returns the tree of the given number of leaves (at least 1) that starts at
// the address at.
func newTree(at int64, leaves, fan, keySize int) tree {
	t := tree{leaves: leaves, fan: fan, keySize: keySize}
	t.nodeSize = nodeHeaderSize + int64(fan)*8 + int64(fan+1)*int64(keySize)
	for children, span := leaves, 1; ; span *= fan {
		children = (children + fan - 1) / fan
		t.levels = append(t.levels, level{nodes: children, span: span})
		if children == 1 {
			break
		}
	}
	for i := len(t.levels) - 1; i >= 0; i-- {
		t.levels[i].at = at
		at += int64(t.levels[i].nodes) * t.nodeSize
	}
	return t
}

// root returns the address of the root.
func (t *tree) root() int64 { return t.levels[len(t.levels)-1].at }

// end returns the address after the tree.
func (t *tree) end() int64 { return t.levels[0].at + int64(t.levels[0].nodes)*t.nodeSize }

// write writes all nodes. leaf returns the address of a leaf; key writes the key
// between leaves i-1 and i, 0 ≤ i ≤ leaves.
func (t *tree) write(s *stream, kind byte, leaf func(i int) int64, key func(i int)) {
	for l := len(t.levels) - 1; l >= 0; l-- {
		lev := t.levels[l]
		node := func(i int) int64 { return lev.at + int64(i)*t.nodeSize }
		children, child := t.leaves, leaf
		if l > 0 {
			below := t.levels[l-1]
			children, child = below.nodes, func(i int) int64 { return below.at + int64(i)*t.nodeSize }
		}
		for n := range lev.nodes {
			left, right := int64(undefined), int64(undefined)
			if n > 0 {
				left = node(n - 1)
			}
			if n < lev.nodes-1 {
				right = node(n + 1)
			}
			from := n * t.fan
			to := min(from+t.fan, children)
			s.text("TREE")
			s.bytes(kind, byte(l))
			s.u16(to - from)
			s.u64(left)
			s.u64(right)
			for c := from; c < to; c++ {
				key(c * lev.span)
				s.u64(child(c))
			}
			key(min(to*lev.span, t.leaves))
			s.padTo(node(n + 1))
		}
	}
}
