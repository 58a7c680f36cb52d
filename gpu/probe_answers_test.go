//go:build linux && cgo && egl

package gpu

import (
	"slices"
	"testing"
)

// Every row, the tally, the second phase and mapped memory are looked at: one wrong word
// makes one primitive fail, by its name.
func TestJudgeSeesEveryWord(t *testing.T) {
	o := probeOperands()
	words := make([]uint32, probeRows*probeThreads)
	for row, a := range answers {
		for i := range probeThreads {
			words[row*probeThreads+i] = a.want(&o, i)
		}
	}
	for i := range secondPhaseOf * probeThreads {
		row, i := i/probeThreads, i%probeThreads
		words[(secondPhase+row)*probeThreads+i] = words[(reversedRow+row)*probeThreads+probeThreads-1-i] ^ 0x5a5a5a5a
	}
	good := tally{Groups: secondPhaseOf, One: 1, Two: 1, Bits: 0xffffffff, Winners: 1, Taken: 7}
	for i := range probeThreads {
		good.Sum += probeGroups * o.word(8, i)
		good.Most = max(good.Most, o.word(8, i))
	}
	failed := func(words, mapped []uint32, sum tally) (names []string) {
		for _, p := range judge(&o, words, mapped, sum) {
			if !p.Holds {
				names = append(names, p.Name)
			}
		}
		return names
	}
	if names := failed(words, words, good); names != nil {
		t.Fatalf("what is right fails: %q", names)
	}
	const phase = "a dispatch that reads what the last one wrote, with as many workgroups as that wrote"
	for i := 0; i < len(words); i += 51 { // five words a row, the first and the last
		wrong := slices.Clone(words)
		wrong[i] ^= 1
		names := failed(wrong, wrong, good)
		var want []string
		if row := i / probeThreads; row < len(answers) {
			want = append(want, answers[row].name)
			if row >= reversedRow && row < reversedRow+secondPhaseOf {
				want = append(want, phase)
			}
		} else {
			want = append(want, phase)
		}
		if !slices.Equal(names, want) {
			t.Fatalf("word %d: %q fails, want %q", i, names, want)
		}
		if names := failed(words, wrong, good); !slices.Equal(names, []string{"mapped memory read after a fence"}) {
			t.Fatalf("mapped word %d: %q fails", i, names)
		}
	}
	for i, change := range []func(s *tally){
		func(s *tally) { s.Groups++ }, func(s *tally) { s.One++ }, func(s *tally) { s.Two++ }, func(s *tally) { s.Sum++ },
		func(s *tally) { s.Bits-- }, func(s *tally) { s.Most-- }, func(s *tally) { s.Winners++ }, func(s *tally) { s.Taken = 0 },
	} {
		bad := good
		change(&bad)
		if names := failed(words, words, bad); !slices.Equal(names, []string{"atomics of all workgroups"}) {
			t.Errorf("tally %d: %q fails", i, names)
		}
	}
}
