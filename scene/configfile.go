package scene

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"reflect"
	"strings"
	"unicode/utf8"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/parser"
	"github.com/goccy/go-yaml/token"
)

// maxConfigBytes bounds what is read. A configuration with comments has 8 KiB;
// the parser takes time that grows with the square of the size, seconds at 1 MiB.
const maxConfigBytes = 64 << 10

var errTooLarge = fmt.Errorf("larger than %d KiB; a configuration has about 8", maxConfigBytes>>10)

// Load reads a YAML file over base; see Parse.
func Load(path string, base Config) (Config, error) {
	info, err := os.Stat(path)
	if err != nil {
		return base, fmt.Errorf("cannot read the configuration %s: %w", path, reason(err))
	}
	if !info.Mode().IsRegular() || info.Size() > maxConfigBytes {
		return base, fmt.Errorf("%s is no configuration: expected a YAML file of at most %d KiB", path, maxConfigBytes>>10)
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
// base; a list replaces the whole list. A text that begins with preset: NAME is
// read over that preset instead. Unknown fields, wrong types, numbers out of
// range and contradictions are errors of the form name:line: path: problem, one
// a line.
func Parse(name string, data []byte, base Config) (Config, error) {
	if len(data) > maxConfigBytes {
		return base, fmt.Errorf("%s: %w", name, errTooLarge)
	}
	data = bytes.TrimPrefix(data, []byte("\ufeff")) // some editors begin with a byte-order mark
	if !utf8.Valid(data) {
		return base, fmt.Errorf("%s: is no UTF-8 text; a configuration is YAML", name)
	}
	if err := tooDeep(data); err != nil {
		return base, fmt.Errorf("%s: %w", name, err)
	}
	file, err := parser.ParseBytes(data, 0)
	if err != nil {
		return base, yamlError(name, err)
	}
	body, err := bodyOf(file)
	if err != nil {
		return base, fmt.Errorf("%s: %w", name, err)
	}
	if body, base, err = startPreset(name, body, base); err != nil {
		return base, err
	}
	c := base.clone()
	if body != nil {
		var k checker
		body = k.check(reflect.TypeFor[Config](), "", body, "")
		if k.problems != nil {
			return base, k.errors(name)
		}
		if err := yaml.NodeToValue(body, &c, yaml.Strict()); err != nil {
			return base, yamlError(name, err)
		}
		k.apply(&c)
	}
	if err := Check(&c); err != nil {
		return base, locate(name, file, err)
	}
	return c, nil
}

// bodyOf returns the one document of a file, nil if it is empty.
func bodyOf(file *ast.File) (body ast.Node, err error) {
	for _, doc := range file.Docs {
		if doc.Body == nil || doc.Body.Type() == ast.DirectiveType || doc.Body.Type() == ast.CommentType {
			continue
		}
		if body != nil {
			return nil, errors.New("holds several YAML documents; give one")
		}
		body = doc.Body
	}
	return body, nil
}

// startPreset takes preset: NAME off the head of a document and returns that
// preset as the base.
func startPreset(name string, body ast.Node, base Config) (ast.Node, Config, error) {
	values, _ := fieldsOf(body)
	if len(values) == 0 || values[0].Key.GetToken().Value != "preset" {
		return body, base, nil
	}
	word := shorten(values[0].Value)
	if s, ok := values[0].Value.(*ast.StringNode); ok {
		word = s.Value
	}
	p, ok := PresetByName(word)
	if !ok {
		return body, base, fmt.Errorf("%s:%d: preset: %w", name, values[0].Key.GetToken().Position.Line, UnknownPreset(word))
	}
	if len(values) == 1 {
		return nil, p.Config, nil
	}
	body.(*ast.MappingNode).Values = values[1:]
	return body, p.Config, nil
}

// errors returns the problems as one error, each line name:line: path: problem.
func (c *checker) errors(name string) error {
	var errs []error
	for _, p := range c.problems {
		if len(errs) == mostProblems {
			errs = append(errs, fmt.Errorf("%s: and more of the kind", name))
			break
		}
		at, text := name, strings.TrimPrefix(p.Error(), ": ")
		if p.line > 0 {
			at = fmt.Sprintf("%s:%d", name, p.line)
		}
		errs = append(errs, fmt.Errorf("%s: %s", at, text))
	}
	return errors.Join(errs...)
}

// tooDeep refuses nesting that a configuration never needs and that a parser
// may choke on.
func tooDeep(data []byte) error {
	depth := 0
	for line := range bytes.Lines(data) {
		if len(line)-len(bytes.TrimLeft(line, " -?:\t")) > 200 {
			return errors.New("indented by more than 200 columns; a configuration needs 8")
		}
		for _, b := range line {
			switch b {
			case '[', '{':
				depth++
			case ']', '}':
				depth = max(0, depth-1)
			}
			if depth > 16 {
				return errors.New("nested deeper than 16 brackets; a configuration needs 4")
			}
		}
	}
	return nil
}

// clone copies c so that decoding into the copy changes no shared list.
func (c *Config) clone() Config {
	d := *c
	d.Laws = append([]Law(nil), c.Laws...)
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
		if len(out) == mostProblems {
			out = append(out, fmt.Errorf("%s: and more of the kind", name))
			break
		}
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

// find returns the place of a field in the file, or of the nearest group around
// it that the file names.
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
