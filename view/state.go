package view

import (
	"fmt"
	"reflect"
	"slices"
	"strings"
	"time"

	"leaflitter/scene"
)

// What of an image is shown.
const (
	Image = iota
	ID
	Layer
	Depth
	Edge
	kinds
)

var kindNames = [kinds]string{"image", "leaf ids", "layers", "depth", "edges"}

// Base is a configuration to start from.
type Base struct {
	Name   string
	Config scene.Config
}

// Step is a look at the process: the first Leaf leaves of a layer, or of all layers.
type Step struct {
	On      bool
	Playing bool
	Layer   int // number of the stack, -1: all, front to back
	Leaf    int
}

// State is all that keys change.
type State struct {
	Config      scene.Config
	Seed, Index uint64
	Kind        int // Image to Edge
	Step        Step
	Hidden      bool // the panel
	Help        bool
	Exact       bool // a pixel of the image is one of the screen, whatever the window

	// What the program tells.
	Last    []int         // per stack: how many leaves matter; nil: not known yet
	Busy    string        // what is being waited for
	Problem string        // why the wish is not what is seen; one sentence
	Note    string        // what was done last
	Took    time.Duration // to render the image
	Device  string

	bases  []Base
	base   int
	row    int
	layer  int // that the rows of a layer are about
	typing bool
	typed  string
}

// New returns the state that shows image index of seed.
func New(start Base, seed, index uint64) *State {
	s := &State{Config: start.Config, Seed: seed, Index: index, Step: Step{Layer: -1}}
	for _, p := range scene.Presets() {
		s.bases = append(s.bases, Base{p.Name, p.Config})
	}
	s.base = slices.IndexFunc(s.bases, func(b Base) bool { return b.Name == start.Name })
	if s.base >= 0 {
		same := s.bases[s.base].Config
		same.Image = start.Config.Image
		if reflect.DeepEqual(same, start.Config) {
			return s
		}
		start.Name = "as started"
	}
	s.base++ // after the preset that it was made of
	s.bases = slices.Insert(s.bases, s.base, start)
	return s
}

// Wish is what should be on the screen.
type Wish struct {
	Config      scene.Config // not to be changed
	Seed, Index uint64
	Step        bool
	Layer, Leaf int // with Step
}

// Wish returns what should be on the screen now.
func (s *State) Wish() Wish {
	w := Wish{Config: s.Config, Seed: s.Seed, Index: s.Index}
	if s.Step.On {
		w.Step, w.Layer, w.Leaf = true, s.Step.Layer, s.Step.Leaf
	}
	return w
}

// Equal reports whether two wishes are the same pixels.
func (w *Wish) Equal(o *Wish) bool { return reflect.DeepEqual(w, o) }

// SameImage reports whether two wishes differ in the leaves drawn at most.
func (w *Wish) SameImage(o *Wish) bool {
	return w.Seed == o.Seed && w.Index == o.Index && reflect.DeepEqual(&w.Config, &o.Config)
}

// rebase starts from configuration n of the bases, with the present size.
func (s *State) rebase(n int) {
	size := s.Config.Image
	s.base = (n + len(s.bases)) % len(s.bases)
	s.Config = s.bases[s.base].Config
	s.Config.Image = size
	s.layer = min(s.layer, len(s.Config.Layers)-1)
	s.Step.Layer = -1
}

// baseName names where the configuration comes from.
func (s *State) baseName() string {
	b := &s.bases[s.base]
	same := b.Config
	same.Image = s.Config.Image
	if reflect.DeepEqual(same, s.Config) {
		return b.Name
	}
	return b.Name + " *"
}

// total is how many leaves there are to step through.
func (s *State) total() int {
	sum := 0
	for i, n := range s.Last {
		if s.Step.Layer < 0 || s.Step.Layer == i {
			sum += n
		}
	}
	return sum
}

// stepTo shows the first n leaves.
func (s *State) stepTo(n int) {
	if !s.Step.On {
		s.Step.On = true
	}
	s.Step.Leaf = max(n, 0)
	if s.Last != nil {
		s.Step.Leaf = min(s.Step.Leaf, s.total())
	}
}

// Tick goes on with the process while it plays, by so many thirtieths of a second: leaf
// by leaf at first, faster later, since what is still open shrinks.
func (s *State) Tick(ticks int) {
	if !s.Step.Playing || s.Last == nil {
		return
	}
	for range ticks {
		s.stepTo(s.Step.Leaf + max(1, s.Step.Leaf/40))
	}
	if s.Step.Leaf == s.total() {
		s.Step.Playing = false
	}
}

// Refused is what the panel says of an error: its first line.
func (s *State) Refused(err error) {
	s.Problem, _, _ = strings.Cut(err.Error(), "\n")
	s.Step.Playing = false
}

// Title is the window's.
func (s *State) Title() string {
	t := fmt.Sprintf("leaflitter: %s, image %d of seed %d", s.baseName(), s.Index, s.Seed)
	if s.Kind != Image {
		t += ", " + kindNames[s.Kind]
	}
	return t
}
