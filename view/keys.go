package view

import "unicode"

// Action is what a key asks the program for, beside a new state.
type Action int

// Actions.
const (
	Nothing Action = iota
	Save
	Quit
)

// Keys lists the keys for the help and docs/viewer.md: key, and what it does.
var Keys = [][2]string{
	{"N, P", "next, previous image (with Shift: ten)"},
	{"M", "next preset (Shift: the one before)"},
	{"R", "another seed: the next one (Shift: the one before)"},
	{"Up, Down", "choose a row of the panel"},
	{"Left, Right", "change it (Shift: more)"},
	{"Enter", "type a number, or switch on and off"},
	{"1 2 3 4 5", "see image, leaf ids, layers, depth, edges"},
	{"G T A D C E W", "switch geometry, texture, gradient, depth, colour, perspective, warp"},
	{"Space", "play the dead leaves process; pause"},
	{". and ,", "a leaf further, a leaf back (Shift: ten)"},
	{"Home, End", "no leaf yet; all leaves, and out of the process"},
	{"L", "step through all layers, or through one"},
	{"S", "save the image and its YAML"},
	{"X", "back to the preset as it was"},
	{"Z", "fit the window, or pixel for pixel"},
	{"Tab", "hide and show the panel"},
	{"H, F1", "this help"},
	{"Esc", "leave typing, help, process"},
	{"Q", "quit"},
}

// hints are the keys of rows.
var hints = func() map[string]string {
	all := map[string]string{"image": "N P", "seed": "R", "preset": "M"}
	for key, name := range properties {
		all[name] = key
	}
	return all
}()

var properties = map[string]string{
	"G": "geometry", "T": "texture", "A": "gradient", "D": "depth", "C": "colour", "E": "perspective", "W": "warp",
}

// Press changes the state by a key, named as in Keys; letters are in upper case.
func (s *State) Press(key string, shift bool) Action {
	if s.typing {
		s.typingKey(key)
		return Nothing
	}
	s.Note = ""
	by := 1
	if shift {
		by = -1
	}
	turn := func(name string, by int, far bool) { rows[rowOf(name)].change(s, by, far) }
	switch key {
	case "N":
		turn("image", 1, shift)
	case "P":
		turn("image", -1, shift)
	case "M":
		turn("preset", by, false)
	case "R":
		turn("seed", by, false)
	case "Up", "Down":
		move := 1
		if key == "Up" {
			move = -1
		}
		s.row = (s.row + move + len(rows)) % len(rows)
	case "Left":
		rows[s.row].change(s, -1, shift)
	case "Right":
		rows[s.row].change(s, 1, shift)
	case "Enter":
		if r := &rows[s.row]; r.typed != nil {
			s.typing, s.typed = true, ""
		} else {
			r.change(s, 1, false)
		}
	case "1", "2", "3", "4", "5":
		s.Kind = int(key[0] - '1')
	case "Space", ".", ",", "Home", "End", "L":
		s.process(key, shift)
	case "S":
		return Save
	case "X":
		s.rebase(s.base)
	case "Z":
		s.Exact = !s.Exact
	case "Tab":
		s.Hidden = !s.Hidden
	case "H", "F1":
		s.Help = !s.Help
	case "Esc":
		if s.Help {
			s.Help = false
		} else {
			s.Step = Step{Layer: s.Step.Layer}
		}
	case "Q":
		return Quit
	default:
		if name := properties[key]; name != "" {
			turn(name, 1, false)
		}
	}
	return Nothing
}

// process handles the keys that step through the leaves.
func (s *State) process(key string, shift bool) {
	by := 1
	if shift {
		by = 10
	}
	switch key {
	case "Space":
		if !s.Step.On || s.Last != nil && s.Step.Leaf == s.total() {
			s.stepTo(0)
			s.Step.Playing = true
		} else {
			s.Step.Playing = !s.Step.Playing
		}
	case ".":
		s.Step.Playing = false
		s.stepTo(s.Step.Leaf + by)
	case ",":
		s.Step.Playing = false
		if !s.Step.On {
			s.Step.Leaf = s.total()
		}
		s.stepTo(s.Step.Leaf - by)
	case "Home":
		s.Step.Playing = false
		s.stepTo(0)
	case "End":
		s.Step = Step{Layer: s.Step.Layer}
	case "L":
		stacks := len(s.Last)
		if stacks == 0 {
			stacks = 1
		}
		if s.Step.Layer++; s.Step.Layer >= stacks {
			s.Step.Layer = -1
		}
		if s.Step.On {
			s.stepTo(s.Step.Leaf)
		}
	}
}

// typingKey handles the keys of a number that is being typed.
func (s *State) typingKey(key string) {
	switch {
	case key == "Esc":
		s.typing = false
	case key == "Enter":
		s.typing = false
		if s.typed == "" {
			return
		}
		if err := rows[s.row].typed(s, s.typed); err != nil {
			s.Note = err.Error()
		}
	case key == "Backspace":
		s.typed = s.typed[:max(len(s.typed)-1, 0)]
	case len(key) == 1 && (unicode.IsDigit(rune(key[0])) || key == ".") && len(s.typed) < 20:
		s.typed += key
	}
}
