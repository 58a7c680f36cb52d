package report

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"leaflitter/bench/gpubox/steps"
)

// results are what a directory holds.
type results struct {
	steps.Progress
	About
	dir string
}

// Write writes report.md and report.json into a directory of results, from what else is
// there.
func Write(dir string) error {
	r := results{dir: dir}
	var err error
	if r.Progress, err = steps.Load(dir); err != nil {
		return err
	}
	if data, err := os.ReadFile(filepath.Join(dir, AboutFile)); err == nil {
		json.Unmarshal(data, &r.About) // without it the report lacks its heading only
	}
	if err := steps.WriteWhole(filepath.Join(dir, "report.md"), []byte(r.markdown())); err != nil {
		return fmt.Errorf("report.md: %w", err)
	}
	data, err := json.Marshal(r.all())
	if err != nil {
		return err
	}
	if err := steps.WriteWhole(filepath.Join(dir, "report.json"), append(data, '\n')); err != nil {
		return fmt.Errorf("report.json: %w", err)
	}
	return nil
}

// all is everything, for programs.
func (r *results) all() any {
	type step struct {
		steps.Outcome
		Result any `json:"result,omitempty"`
	}
	list := []step{}
	for _, o := range r.Outcomes {
		s := step{Outcome: o}
		out := bytes.TrimSpace(r.output(o.Name))
		lines := bytes.Split(out, []byte("\n"))
		switch {
		case json.Valid(out):
			s.Result = json.RawMessage(out)
		case len(out) > 0 && !slices.ContainsFunc(lines, func(l []byte) bool { return !json.Valid(l) }):
			var each []json.RawMessage
			for _, l := range lines {
				each = append(each, l)
			}
			s.Result = each
		}
		list = append(list, s)
	}
	return struct {
		About
		Running string   `json:"running,omitempty"`
		Waiting []string `json:"waiting,omitempty"`
		Steps   []step   `json:"steps"`
	}{r.About, r.Running, r.Waiting, list}
}

// output is what a step printed.
func (r *results) output(step string) []byte {
	data, err := os.ReadFile(filepath.Join(r.dir, step+".out"))
	if err != nil {
		return nil
	}
	return data
}

// decode reads a step's JSON, if it ran and printed any.
func (r *results) decode(step string, v any) bool {
	data := r.output(step)
	return len(data) > 0 && json.Unmarshal(data, v) == nil
}

// outcome returns how a step ended.
func (r *results) outcome(step string) *steps.Outcome {
	for i := range r.Outcomes {
		if r.Outcomes[i].Name == step {
			return &r.Outcomes[i]
		}
	}
	return nil
}

// lastWords is the end of what a step wrote to standard error.
func (r *results) lastWords(step string) string {
	data, err := os.ReadFile(filepath.Join(r.dir, step+".err"))
	if err != nil {
		return ""
	}
	lines := strings.Split(strings.TrimSpace(string(data)), "\n")
	line := lines[len(lines)-1]
	if len(line) > 300 {
		line = line[:300] + " …"
	}
	return line
}
