package scene

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"reflect"
	"regexp"
	"strings"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/parser"
	"github.com/goccy/go-yaml/token"
)

// maxConfigBytes bounds what is read: a configuration is a few kilobytes.
const maxConfigBytes = 1 << 20

// Load reads a YAML file over base; see Parse.
func Load(path string, base Config) (Config, error) {
	info, err := os.Stat(path)
	if err != nil {
		return base, fmt.Errorf("cannot read the configuration %s: %w", path, reason(err))
	}
	if !info.Mode().IsRegular() || info.Size() > maxConfigBytes {
		return base, fmt.Errorf("%s is no configuration: expected a YAML file of at most 1 MiB", path)
	}
	data, err := os.ReadFile(path)
	if err != nil {
		return base, fmt.Errorf("cannot read the configuration %s: %w", path, reason(err))
	}
	return Parse(path, data, base)
}

// reason drops the path that os errors repeat.
func reason(err error) error {
	var p *os.PathError
	if errors.As(err, &p) {
		return p.Err
	}
	return err
}

// Parse decodes YAML over base: what the text does not name keeps its value in
// base; a list replaces the whole list. Unknown fields, wrong types, numbers out
// of range and contradictions are errors of the form name:line: path: problem,
// one a line.
func Parse(name string, data []byte, base Config) (Config, error) {
	if len(data) > maxConfigBytes {
		return base, fmt.Errorf("%s: larger than 1 MiB; a configuration is a few kilobytes", name)
	}
	if err := tooDeep(data); err != nil {
		return base, fmt.Errorf("%s: %w", name, err)
	}
	c := base.clone()
	file, err := parser.ParseBytes(data, 0)
	if err != nil {
		return base, yamlError(name, err)
	}
	if len(file.Docs) > 1 {
		return base, fmt.Errorf("%s: holds %d YAML documents; give one", name, len(file.Docs))
	}
	for _, doc := range file.Docs {
		if errs := checkNode(reflect.TypeFor[Config](), doc.Body, name, ""); errs != nil {
			return base, errors.Join(errs...)
		}
	}
	if len(bytes.TrimSpace(data)) > 0 {
		if err := yaml.NewDecoder(bytes.NewReader(data), yaml.Strict()).Decode(&c); err != nil && err.Error() != "EOF" {
			return base, yamlError(name, err)
		}
	}
	if err := Check(&c); err != nil {
		return base, locate(name, file, err)
	}
	return c, nil
}

// tooDeep refuses what a configuration never needs and a parser may choke on:
// aliases and deep nesting.
func tooDeep(data []byte) error {
	depth, most := 0, 0
	for _, line := range bytes.Split(data, []byte("\n")) {
		indent := len(line) - len(bytes.TrimLeft(line, " -\t"))
		most = max(most, indent/1)
		for _, b := range line {
			switch b {
			case '[', '{':
				depth++
			case ']', '}':
				depth = max(0, depth-1)
			}
			if depth > 16 {
				return errors.New("nested deeper than 16 brackets; a configuration needs 3")
			}
		}
	}
	if most > 200 {
		return errors.New("indented by more than 200 columns; a configuration needs 8")
	}
	if regexp.MustCompile(`(?m)(^|[\s:\[,{-])[&*][A-Za-z0-9_]`).Match(data) {
		return errors.New("anchors and aliases (& and *) are not read; write the value out")
	}
	return nil
}

// clone copies c so that decoding into the copy changes no shared list.
func (c *Config) clone() Config {
	d := *c
	d.Layers = append([]Layer(nil), c.Layers...)
	d.Outline.PerImage = append([]string(nil), c.Outline.PerImage...)
	d.Paint.Noise.Slopes = append([]Interval(nil), c.Paint.Noise.Slopes...)
	return d
}

// yamlError turns the parser's message and excerpt into one line with its
// position.
func yamlError(name string, err error) error {
	var at yaml.Error
	if errors.As(err, &at) {
		text := strings.TrimSpace(at.GetMessage())
		if field, ok := strings.CutPrefix(text, "unknown field "); ok {
			text = "unknown field " + field + "; `leaflitter config show` lists all fields"
		}
		if tk := at.GetToken(); tk != nil && tk.Position != nil {
			return fmt.Errorf("%s:%d: %s", name, tk.Position.Line, text)
		}
		return fmt.Errorf("%s: %s", name, text)
	}
	line, _, _ := strings.Cut(err.Error(), "\n")
	return fmt.Errorf("%s: %s", name, line)
}

// locate puts the line of each problem's field, if the file names it or an
// enclosing one, before the problem.
func locate(name string, file *ast.File, err error) error {
	joined, ok := err.(interface{ Unwrap() []error })
	if !ok {
		return err
	}
	var out []error
	for _, e := range joined.Unwrap() {
		p, ok := e.(Problem)
		if !ok {
			out = append(out, e)
			continue
		}
		if tk := find(file, p.Path); tk != nil {
			out = append(out, fmt.Errorf("%s:%d: %w", name, tk.Position.Line, p))
		} else {
			out = append(out, fmt.Errorf("%s: %w", name, p))
		}
	}
	return errors.Join(out...)
}

func find(file *ast.File, path string) *token.Token {
	for path != "" {
		if p, err := yaml.PathString("$." + path); err == nil {
			if node, err := p.FilterFile(file); err == nil && node != nil && node.GetToken() != nil {
				return node.GetToken()
			}
		}
		cut := strings.LastIndexAny(path, ".[")
		if cut < 0 {
			return nil
		}
		path = path[:cut]
	}
	return nil
}
