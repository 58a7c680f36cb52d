package view

import "leaflitter/scene"

// Cut returns the first n leaves of a scene: of stack number layer alone, or, with layer
// -1, of all stacks, front to back. last says how many leaves of each stack matter. What
// is returned is a scene of its own, in which pixels may stay open.
func Cut(s *scene.Scene, layer, n int, last []int) *scene.Scene {
	cut := *s
	cut.Stacks = make([]scene.Stack, len(s.Stacks))
	for i := range s.Stacks {
		take := 0
		if i < len(last) && (layer < 0 || layer == i) {
			take = min(n, last[i])
			n -= take
		}
		for s.Stacks[i].Full && len(s.Stacks[i].Leaves) < take {
			s.Extend(i)
		}
		cut.Stacks[i] = s.Stacks[i]
		cut.Stacks[i].Full = false
		cut.Stacks[i].Leaves = s.Stacks[i].Leaves[:take:take]
	}
	return &cut
}

// Known tells the state how many leaves of each stack matter.
func (s *State) Known(last []int) {
	s.Last = last
	if s.Step.Layer >= len(last) {
		s.Step.Layer = -1
	}
	s.Step.Leaf = min(s.Step.Leaf, s.total())
}
