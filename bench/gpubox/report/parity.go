package report

import (
	"encoding/json"
	"fmt"
	"strings"

	"leaflitter/bench/gpubox/steps"
)

// comparison is what one step compared.
type comparison struct {
	name   string
	ended  bool // it printed what it found
	config int
	images int
	equal  int
	rows   []compared
}

// compare reads what a step found.
func (r *results) compare(o *steps.Outcome) comparison {
	c := comparison{name: strings.TrimPrefix(o.Name, Parity)}
	c.ended = r.decode(o.Name, &c.rows)
	c.config = len(c.rows)
	for _, row := range c.rows {
		for _, image := range row.Images {
			c.images++
			if image.Equal {
				c.equal++
			}
		}
	}
	return c
}

// comparisons returns what was compared, without the second attempts.
func (r *results) comparisons() (all []comparison) {
	for i := range r.Outcomes {
		if o := &r.Outcomes[i]; strings.HasPrefix(o.Name, Parity) && !strings.HasSuffix(o.Name, FMA) {
			all = append(all, r.compare(o))
		}
	}
	return all
}

// parityVerdict says whether the bytes are equal.
func (r *results) parityVerdict(p *page) {
	var presets, random, images, equal int
	var differ, missing []string
	for _, c := range r.comparisons() {
		images, equal = images+c.images, equal+c.equal
		switch {
		case !c.ended:
			missing = append(missing, c.name)
		case strings.HasPrefix(c.name, "random-"):
			random += c.config
		case c.name != "default":
			presets += c.config
		}
		if c.ended && c.equal < c.images {
			differ = append(differ, c.name)
		}
	}
	switch {
	case images == 0:
		p.line("\n**Bytes: not known.** No image was compared.")
	case equal == images:
		p.line("\n**Bytes: equal.** All %d images that were compared (%d presets, %d random configurations) are those of the CPU backend, in every stage and byte.", images, presets, random)
	default:
		p.line("\n**Bytes: DIFFERENT.** %d of %d images differ from the CPU backend's (%d presets, %d random configurations were compared): %s. %s",
			images-equal, images, presets, random, strings.Join(differ, ", "), r.mended(differ))
	}
	if missing != nil {
		p.line("Not compared: %s.", strings.Join(missing, ", "))
	}
}

// mended says whether products as fma mend what differs.
func (r *results) mended(differ []string) string {
	tried, mended := 0, 0
	for _, name := range differ {
		if o := r.outcome(Parity + name + FMA); o != nil {
			if c := r.compare(o); c.ended && c.images > 0 {
				tried++
				if c.equal == c.images {
					mended++
				}
			}
		}
	}
	switch {
	case tried == 0:
		return "Whether products as fma(a, b, -0.0) mend it is not known."
	case mended == tried:
		return fmt.Sprintf("Products as fma(a, b, -0.0) mend it: the compiler joins products and sums (all %d that were tried again are equal).", tried)
	case mended == 0:
		return fmt.Sprintf("Products as fma(a, b, -0.0) mend none of %d that were tried again: it is something else.", tried)
	}
	return fmt.Sprintf("Products as fma(a, b, -0.0) mend %d of %d that were tried again.", mended, tried)
}

func (r *results) probeVerdict(p *page) {
	var devices []Probed
	r.decode("probe", &devices)
	for _, d := range devices {
		var broken, other []string
		for _, x := range d.Probe {
			switch what := x.Name + prefixed(": ", x.Detail); {
			case x.Holds:
			case x.Needed:
				broken = append(broken, what)
			default:
				other = append(other, what)
			}
		}
		switch {
		case d.Problem != "":
			p.line("\n**Probe of device %d: not passed**, %s.", d.Index, d.Problem)
		case broken != nil:
			p.line("\n**Probe of device %d: NOT PASSED, compared all the same**: %s.", d.Index, strings.Join(broken, "; "))
		case d.Probe != nil:
			p.line("\n**Probe of device %d: passed.** All that equal bytes stand on holds (%d operations tried).", d.Index, len(d.Probe))
		}
		if other != nil {
			p.line("Not needed, and not so there: %s.", strings.Join(other, "; "))
		}
	}
	if o := r.outcome("probe"); o != nil && o.Failed() && len(devices) == 0 {
		p.line("\n**Probe: not known**, %s.", o.Problem)
	}
	switch o := r.outcome("layouts"); {
	case o == nil:
	case o.Failed():
		p.line("\n**Layouts: not passed**: %s.", o.Problem)
	case o.How == steps.Ended:
		p.line("\n**Layouts: passed.** Records lie in buffers as the driver expects them.")
	}
}

// parityTable lists the comparisons, and the words that differ.
func (r *results) parityTable(p *page) {
	all := r.comparisons()
	if all == nil {
		return
	}
	p.line("\n## The same bytes as the CPU backend")
	p.head("step", "configurations", "images", "equal", "first stage that differs", "with products as fma(a, b, -0.0)")
	for _, c := range all {
		if !c.ended {
			p.row(c.name, "", "", "", "not compared: "+r.outcome(Parity+c.name).Problem, "")
			continue
		}
		var first []string
		for _, row := range c.rows {
			for _, image := range row.Images {
				if !image.Equal {
					first = append(first, fmt.Sprintf("%s (%s, image %d)", image.First, row.Config, image.Index))
				}
			}
		}
		if len(first) > 3 {
			first = append(first[:3], fmt.Sprintf("and %d more", len(first)-3))
		}
		again := ""
		if o := r.outcome(Parity + c.name + FMA); o != nil {
			switch b := r.compare(o); {
			case !b.ended:
				again = "not known: " + o.Problem
			case b.equal == b.images:
				again = "equal"
			default:
				again = fmt.Sprintf("%d of %d differ", b.images-b.equal, b.images)
			}
		}
		p.row(c.name, fmt.Sprint(c.config), fmt.Sprint(c.images), fmt.Sprint(c.equal), strings.Join(first, "; "), again)
	}
	for _, c := range all {
		r.words(p, &c)
	}
}

// words lists the words that differ in the first image of a step that does.
func (r *results) words(p *page, c *comparison) {
	for _, row := range c.rows {
		for _, image := range row.Images {
			if image.Equal || image.Words == nil {
				continue
			}
			p.line("\nThe first words that differ in %s, image %d, %s:\n\n```", row.Config, image.Index, image.First)
			list, ok := image.Words.([]any)
			if !ok {
				list = []any{image.Words}
			}
			for _, w := range list {
				data, err := json.Marshal(w)
				if err != nil {
					continue
				}
				p.line("%s", data)
			}
			p.line("```")
			return
		}
	}
}
