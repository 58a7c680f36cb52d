package steps

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

// Load reads how far the run is, or was when it was killed, whose results are in dir.
func Load(dir string) (Progress, error) {
	var p Progress
	data, err := os.ReadFile(filepath.Join(dir, "steps.json"))
	if errors.Is(err, fs.ErrNotExist) {
		return p, fmt.Errorf("%s holds no steps.json; give the directory that a run wrote to", dir)
	}
	if err == nil {
		err = json.Unmarshal(data, &p)
	}
	if err != nil {
		return p, fmt.Errorf("steps.json cannot be read: %w", err)
	}
	if p.Running == "" {
		return p, nil
	}
	// Killed between a step's outcome and steps.json.
	var o Outcome
	if data, err := os.ReadFile(filepath.Join(dir, p.Running+".outcome.json")); err == nil && json.Unmarshal(data, &o) == nil {
		p.Outcomes, p.Running = append(p.Outcomes, o), ""
	}
	return p, nil
}
