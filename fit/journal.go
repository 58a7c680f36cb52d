package fit

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
)

// Evaluation is what a candidate was found to be worth.
type Evaluation struct {
	X       []float64 `json:"x"`     // the numbers, in the order of the space
	Value   float64   `json:"value"` // Refused where the configuration contradicts itself
	Seconds float64   `json:"seconds"`
}

// Refused is the figure of a configuration that makes no sense: worse than any, so that a search turns away.
const Refused = 1e9

// Setting is something that the figures of a journal depend on.
type Setting struct{ Name, Value string }

// Journal holds every figure of a search in order, a line each, after a line of settings. A search that goes on is told
// from it what it had found, takes the same steps, and so arrives where it was.
type Journal struct {
	file    *os.File
	path    string
	figures bool         // it holds some
	past    []Evaluation // not yet told
	// Spent is the time that the figures took, those of earlier runs too.
	Spent float64
}

type heading struct {
	Format   string
	Settings []Setting
}

const journalFormat = "leaflitter fit journal 1"

// NewJournal begins a journal, in place of any of that name.
func NewJournal(path string, settings []Setting) (*Journal, error) {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_TRUNC|os.O_WRONLY, 0o644)
	if err != nil {
		return nil, fmt.Errorf("cannot write the journal %s: %w; choose a directory that exists and is writable", path, cause(err))
	}
	j := &Journal{file: f, path: path}
	return j, j.write(heading{journalFormat, settings})
}

// OpenJournal goes on with a journal that was begun with the same settings. What a kill left of a line is dropped.
func OpenJournal(path string, settings []Setting) (*Journal, error) {
	data, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("there is no journal %s to resume; leave --resume out", path)
	}
	if err != nil {
		return nil, fmt.Errorf("cannot read the journal %s: %w", path, cause(err))
	}
	data = data[:bytes.LastIndexByte(data, '\n')+1]
	lines := bytes.SplitAfter(data, []byte("\n"))
	var h heading
	if json.Unmarshal(lines[0], &h) != nil || h.Format != journalFormat {
		return nil, fmt.Errorf("%s is no journal of leaflitter fit; give --overwrite to begin anew", path)
	}
	if name := differs(h.Settings, settings); name != "" {
		return nil, fmt.Errorf("the search of %s was begun with other settings (%s); resume with the same, or give --overwrite to begin anew", path, name)
	}
	j := &Journal{path: path}
	for i, line := range lines[1 : len(lines)-1] {
		var e Evaluation
		if err := json.Unmarshal(line, &e); err != nil {
			return nil, fmt.Errorf("line %d of the journal %s is damaged; cut it and what follows it off, or give --overwrite to begin anew", i+2, path)
		}
		j.past = append(j.past, e)
		j.Spent += e.Seconds
		j.figures = true
	}
	if j.file, err = os.OpenFile(path, os.O_WRONLY, 0o644); err == nil {
		if err = j.file.Truncate(int64(len(data))); err == nil {
			_, err = j.file.Seek(0, 2)
		}
	}
	if err != nil {
		return nil, fmt.Errorf("cannot write the journal %s: %w", path, cause(err))
	}
	return j, nil
}

// differs names the first setting that is not the same in both, "" if all are.
func differs(a, b []Setting) string {
	for i := range max(len(a), len(b)) {
		switch {
		case i >= len(b):
			return a[i].Name
		case i >= len(a) || a[i] != b[i]:
			return b[i].Name
		}
	}
	return ""
}

func cause(err error) error {
	var p *fs.PathError
	if errors.As(err, &p) {
		return p.Err
	}
	return err
}

// next returns the figure that follows in an earlier run, nil where that ended.
func (j *Journal) next(x []float64) (*Evaluation, error) {
	if len(j.past) == 0 {
		return nil, nil
	}
	e := j.past[0]
	j.past = j.past[1:]
	same := len(e.X) == len(x)
	for i := 0; same && i < len(x); i++ {
		same = e.X[i] == x[i]
	}
	if !same {
		return nil, errors.New("the journal holds other candidates than this program tries, so another version or processor wrote it; give --overwrite to begin anew")
	}
	return &e, nil
}

// add writes a figure.
func (j *Journal) add(e *Evaluation) error {
	j.Spent += e.Seconds
	j.figures = true
	return j.write(e)
}

func (j *Journal) write(v any) error {
	line, err := json.Marshal(v)
	if err == nil {
		_, err = j.file.Write(append(line, '\n')) // one call, so that a kill leaves whole lines and one part at most
	}
	if err != nil {
		return fmt.Errorf("cannot write the journal: %w", cause(err))
	}
	return nil
}

// Close closes the file, and removes it if it holds no figure: there is nothing to go on from.
func (j *Journal) Close() error {
	err := j.file.Close()
	if !j.figures {
		os.Remove(j.path)
	}
	return err
}
