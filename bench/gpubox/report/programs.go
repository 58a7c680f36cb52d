package report

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"leaflitter/bench/gpubox/steps"
)

// programs reads what became of each program, and how many there should be: 0 when that was
// not said.
func (r *results) programs() (all []Program, expected int) {
	for _, line := range bytes.Split(r.output("compile"), []byte("\n")) {
		var p struct {
			Planned
			Program
		}
		switch {
		case json.Unmarshal(line, &p) != nil:
		case p.Name == "":
			expected = max(expected, p.Expected)
		default: // the line on its beginning is replaced
			all = slices.DeleteFunc(all, func(b Program) bool { return b.Name == p.Name })
			all = append(all, p.Program)
		}
	}
	return all, expected
}

func (r *results) programVerdict(p *page) {
	all, expected := r.programs()
	if all == nil && expected == 0 {
		return
	}
	of := fmt.Sprint(expected)
	if o := r.outcome("compile"); expected == 0 && o != nil && o.How == steps.Ended {
		expected = len(all)
		of = fmt.Sprint(expected)
	} else if expected == 0 {
		of = "an unknown number"
	}
	ms, slowest, compiled := 0.0, Program{}, 0
	var problems []string
	bad := map[string][]string{} // by problem
	for _, c := range all {
		ms += c.Ms
		if c.Ms > slowest.Ms {
			slowest = c
		}
		switch problem := short(c.Problem); {
		case c.Begun:
			problem = "under way when the step ended"
			fallthrough
		case problem != "":
			if bad[problem] == nil {
				problems = append(problems, problem)
			}
			bad[problem] = append(bad[problem], c.Name)
		default:
			compiled++
		}
	}
	if compiled > 0 && compiled == expected {
		p.line("\n**Programs: all %d compiled**, in %.1f s; the slowest, %s, in %.1f s.", compiled, ms/1000, slowest.Name, slowest.Ms/1000)
		return
	}
	p.line("\n**Programs: %d of %s compiled**, %d hung.", compiled, of, hung(all))
	for _, problem := range problems {
		p.line("* %s: %s", problem, strings.Join(bad[problem], ", "))
	}
	if rest := expected - len(all); rest > 0 {
		p.line("* not tried: the rest, %d", rest)
	}
}

// hung counts the programs in which the compiler hung.
func hung(all []Program) (n int) {
	for _, c := range all {
		if c.Same == "" && strings.HasPrefix(c.Problem, "hung") {
			n++
		}
	}
	return n
}

func short(s string) string {
	if len(s) > 120 {
		s = s[:120] + " …"
	}
	return s
}

// programTable has a line a stage and a column a set of features.
func (r *results) programTable(p *page) {
	all, _ := r.programs()
	if all == nil {
		return
	}
	var sets, stages []string
	cell, made := map[string]string{}, map[string]string{}
	for _, c := range all {
		set, stage, _ := strings.Cut(c.Name, "/")
		if !slices.Contains(sets, set) {
			sets = append(sets, set)
		}
		if !slices.Contains(stages, stage) {
			stages = append(stages, stage)
		}
		before := fmt.Sprint(stage, c.Bytes)
		first, _, _ := strings.Cut(c.Same, "/")
		switch {
		case c.Begun:
			cell[c.Name] = "**under way when the step ended**"
		case c.Same != "":
			cell[c.Name] = "as " + first
		case c.Problem != "":
			cell[c.Name] = "**" + short(c.Problem) + "**"
		case c.Ms < 2 && made[before] != "": // made before in the same process, and not compiled
			cell[c.Name] = "as " + made[before]
		default:
			cell[c.Name] = fmt.Sprintf("%.0f ms, %d", c.Ms, c.Bytes)
			made[before] = set
		}
	}
	p.line("\n## Programs\n\nTime to compile and link, and bytes of the driver's program, by what it must be able to draw. \"as\" another: the source is the same, and was compiled once.")
	p.head(append([]string{"stage"}, sets...)...)
	for _, stage := range stages {
		cells := []string{stage}
		for _, set := range sets {
			cells = append(cells, cell[set+"/"+stage])
		}
		p.row(cells...)
	}
	for _, c := range all {
		if c.Log != "" {
			p.line("\nThe driver on %s: %s", c.Name, short(c.Log))
		}
	}
}
