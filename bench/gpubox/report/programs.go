package report

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"
)

// programs reads what became of each program.
func (r *results) programs() (all []Program) {
	for _, line := range bytes.Split(r.output("compile"), []byte("\n")) {
		var p Program
		if json.Unmarshal(line, &p) == nil && p.Name != "" {
			all = append(all, p)
		}
	}
	return all
}

func (r *results) programVerdict(p *page) {
	all := r.programs()
	if all == nil {
		return
	}
	ms, slowest := 0.0, Program{}
	var bad []string
	for _, c := range all {
		ms += c.Ms
		if c.Ms > slowest.Ms {
			slowest = c
		}
		if c.Problem != "" {
			bad = append(bad, fmt.Sprintf("%s (%s)", c.Name, short(c.Problem)))
		}
	}
	if bad == nil {
		p.line("\n**Programs: all %d compiled**, in %.1f s; the slowest, %s, in %.1f s.", len(all), ms/1000, slowest.Name, slowest.Ms/1000)
	} else {
		p.line("\n**Programs: %d of %d not compiled**: %s.", len(bad), len(all), strings.Join(bad, ", "))
	}
}

func short(s string) string {
	if len(s) > 120 {
		s = s[:120] + " …"
	}
	return s
}

// programTable has a line a stage and a column a set of features.
func (r *results) programTable(p *page) {
	all := r.programs()
	if all == nil {
		return
	}
	var sets, stages []string
	cell := map[string]string{}
	seen := map[string]bool{}
	for _, c := range all {
		set, stage, _ := strings.Cut(c.Name, "/")
		if !seen["set "+set] {
			seen["set "+set] = true
			sets = append(sets, set)
		}
		if !seen["stage "+stage] {
			seen["stage "+stage] = true
			stages = append(stages, stage)
		}
		cell[c.Name] = fmt.Sprintf("%.0f ms, %d", c.Ms, c.Bytes)
		if c.Problem != "" {
			cell[c.Name] = "**" + short(c.Problem) + "**"
		}
	}
	p.line("\n## Programs\n\nTime to compile and link, and bytes of the driver's program, by what it must be able to draw.")
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
