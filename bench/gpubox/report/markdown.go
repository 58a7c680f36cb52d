package report

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"leaflitter/bench/gpubox/steps"
	"leaflitter/gpu"
)

// page is Markdown that grows.
type page struct{ strings.Builder }

func (p *page) line(format string, args ...any) { fmt.Fprintf(p, format+"\n", args...) }

// row writes a line of a table.
func (p *page) row(cells ...string) {
	for i, c := range cells {
		cells[i] = strings.ReplaceAll(strings.ReplaceAll(c, "|", "\\|"), "\n", " ")
	}
	p.line("| %s |", strings.Join(cells, " | "))
}

// head begins a table.
func (p *page) head(cells ...string) {
	p.line("")
	p.row(cells...)
	p.line("%s|", strings.Repeat("|---", len(cells)))
}

func (r *results) markdown() string {
	var p page
	title := map[string]string{"prove": "Are the bytes equal on this GPU?", "measure": "How fast is this GPU?"}[r.Part]
	if title == "" {
		title = "A run of gpubox"
	}
	p.line("# %s\n", title)
	p.line("leaflitter %s, %s. Made by `make gpubox` and `bench/gpubox.sh %s`.\n", or(r.Commit, "of an unknown commit"), or(r.Date, "no date"), r.Part)
	r.machine(&p)
	r.unfinished(&p)
	rows := r.rows()
	if r.Part != "measure" {
		r.parityVerdict(&p)
		r.probeVerdict(&p)
		r.programVerdict(&p)
	}
	r.speedVerdict(&p, rows)
	r.failures(&p)
	if r.Part != "measure" {
		r.parityTable(&p)
		r.programTable(&p)
	}
	if len(rows) > 0 {
		r.throughput(&p, rows)
	}
	for _, o := range r.Outcomes {
		if text := strings.TrimSpace(string(r.output(o.Name))); o.Section != "" && text != "" {
			p.line("\n## %s\n\n%s", o.Section, text)
		}
	}
	r.stepTable(&p)
	return p.String()
}

func or(a, b string) string {
	if a == "" {
		return b
	}
	return a
}

// machine says what the machine is.
func (r *results) machine(p *page) {
	var m Machine
	if r.decode("machine", &m) {
		for _, g := range m.GPUs {
			p.line("* %s, %s, driver %s, PCIe up to generation %s, x%s, clock up to %s, %s", g.Name, g.Memory, g.Driver, g.Link, g.Lanes, g.Clock, g.Power)
		}
		p.line("* %d cores of %s, %.0f GB, %s, Linux %s, %s", m.Cores, m.Processor, m.MemoryGB, or(m.System, "Linux"), m.Kernel, m.Libc)
	}
	var found []gpu.Device
	if !r.decode("devices-again", &found) && !r.decode("devices", &found) {
		p.line("* the OpenGL devices are not known")
	}
	for _, d := range found {
		what := "hardware"
		if d.Software {
			what = "**software: this is a rehearsal, not a GPU**"
		}
		p.line("* device %d: %s, OpenGL %s, %s%s", d.Index, d.Renderer, d.Version, what, prefixed(", **not usable**: ", d.Problem))
	}
	var d Driver
	if r.decode("driver", &d) {
		p.line("* the EGL file of NVIDIA's driver: %s", d.Found)
	}
}

func prefixed(prefix, s string) string {
	if s == "" {
		return ""
	}
	return prefix + s
}

// unfinished says what was under way.
func (r *results) unfinished(p *page) {
	if r.Running != "" {
		p.line("\n**Not finished**: %s was running when this was written%s.", r.Running, prefixed(", not yet begun were: ", strings.Join(r.Waiting, ", ")))
	}
	parts, err := filepath.Glob(filepath.Join(r.dir, "*.part"))
	if err != nil || r.Running == "" {
		return
	}
	for _, part := range parts {
		if info, err := os.Stat(part); err == nil && info.Size() > 0 && strings.HasPrefix(filepath.Base(part), r.Running+".") {
			p.line("\nIt had written %d bytes to %s.", info.Size(), filepath.Base(part))
		}
	}
}

// failures lists what was not fine.
func (r *results) failures(p *page) {
	var reasons []string
	left := map[string][]string{} // by reason
	failed := 0
	for _, o := range r.Outcomes {
		switch {
		case o.How == steps.LeftOut:
			if left[o.Problem] == nil {
				reasons = append(reasons, o.Problem)
			}
			left[o.Problem] = append(left[o.Problem], o.Name)
		case o.Failed():
			if failed++; failed == 1 {
				p.line("\nNot fine:\n")
			}
			p.line("* %s: %s%s", o.Name, o.Problem, prefixed(". It said: ", r.lastWords(o.Name)))
		}
	}
	if failed == 0 && r.Running == "" && reasons == nil {
		p.line("\nEvery step was fine.")
	}
	for _, reason := range reasons {
		p.line("\nLeft out, %s: %s.", reason, strings.Join(left[reason], ", "))
	}
}

// stepTable lists all steps.
func (r *results) stepTable(p *page) {
	p.line("\n## Steps")
	p.head("step", "seconds", "limit, s", "outcome")
	whole := 0.0
	for _, o := range r.Outcomes {
		whole += o.Seconds
		p.row(o.Name, fmt.Sprintf("%.1f", o.Seconds), fmt.Sprintf("%.0f", o.Limit), or(o.Problem, "fine"))
	}
	p.line("\n%.0f seconds in all.", whole)
}
