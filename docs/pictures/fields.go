package main

import (
	"encoding/json"
	"fmt"
	"reflect"
	"strings"

	"leaflitter/scene"
)

// fields are the fields of a configuration that are not yet in a table.
type fields struct {
	rows  map[string]string
	order []string
}

func newFields() *fields {
	f := &fields{rows: map[string]string{}}
	f.walk(reflect.ValueOf(scene.Default()), "")
	return f
}

// walk notes the table row of each field below v.
func (f *fields) walk(v reflect.Value, path string) {
	for i := range v.NumField() {
		t, value := v.Type().Field(i), v.Field(i)
		if t.Tag.Get("yaml") == "-" { // Laws
			continue
		}
		name := strings.TrimPrefix(path+"."+t.Tag.Get("yaml"), ".")
		if value.Kind() == reflect.Struct {
			f.walk(value, name)
			continue
		}
		usual, domain := "", strings.ReplaceAll(t.Tag.Get("enum"), ",", ", ")
		if t.Tag.Get("min") != "" {
			domain = t.Tag.Get("min") + " to " + t.Tag.Get("max")
		}
		if layers, ok := value.Interface().([]scene.Layer); ok {
			// A list of groups: one row for each of their fields, the defaults front to back.
			for k := range reflect.TypeFor[scene.Layer]().NumField() {
				t := reflect.TypeFor[scene.Layer]().Field(k)
				var usual []string
				for _, l := range layers {
					usual = append(usual, text(reflect.ValueOf(l).Field(k)))
				}
				domain := ""
				if t.Tag.Get("min") != "" {
					domain = t.Tag.Get("min") + " to " + t.Tag.Get("max")
				}
				f.add(name+"."+t.Tag.Get("yaml"), strings.Join(usual, "; "), domain, t.Tag.Get("doc"))
			}
			continue
		}
		usual = text(value)
		f.add(name, usual, domain, t.Tag.Get("doc"))
	}
}

func (f *fields) add(name, usual, domain, doc string) {
	f.order = append(f.order, name)
	f.rows[name] = fmt.Sprintf("| %s | %s | %s | %s |\n", name, usual, domain, strings.ReplaceAll(doc, "|", "\\|"))
}

// text writes a value as one would set it.
func text(v reflect.Value) string {
	data, _ := json.Marshal(v.Interface()) // cannot fail: numbers, words and lists of them
	return strings.ReplaceAll(string(data), ",", ", ")
}

// table returns the rows of the named fields, or of all fields of the named groups.
func (f *fields) table(paths []string) (string, error) {
	out := "\n| field | default | range | meaning |\n|---|---|---|---|\n"
	for _, path := range paths {
		found := false
		for _, name := range f.order {
			if name != path && !strings.HasPrefix(name, path+".") || f.rows[name] == "" {
				continue
			}
			out += f.rows[name]
			f.rows[name] = ""
			found = true
		}
		if !found {
			return "", fmt.Errorf("there is no field %s, or it is in a table already", path)
		}
	}
	return out + "\n", nil
}

// missing reports a field that no table has.
func (f *fields) missing() error {
	for _, name := range f.order {
		if f.rows[name] != "" {
			return fmt.Errorf("no table has the field %s", name)
		}
	}
	return nil
}
