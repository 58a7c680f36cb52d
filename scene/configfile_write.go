package scene

import (
	"encoding/json"
	"fmt"
	"math"
	"reflect"
	"strconv"
	"strings"
)

// Marshal writes the whole configuration as YAML, each field with its
// description, range and default as a comment. Parse reads it back to the same
// Config.
func Marshal(c *Config) []byte {
	var b strings.Builder
	d := Default()
	writer{&b, c}.group(reflect.ValueOf(c).Elem(), reflect.ValueOf(&d).Elem(), "", "", "")
	return []byte(b.String())
}

// writer writes a configuration as YAML.
type writer struct {
	*strings.Builder
	config *Config
}

// group writes the fields of v, which lies at path. usual holds the defaults, or is the zero
// Value where there are none. first begins the first line in place of indent.
func (b writer) group(v, usual reflect.Value, path, indent, first string) {
	for i, f := range tagged(v.Type()) {
		value, path := v.Field(i), join(path, f.Tag.Get("yaml"))
		lead := indent
		if i == 0 && first != "" {
			lead = first
		}
		fmt.Fprintf(b, "%s%s:", lead, f.Tag.Get("yaml"))
		comment := strings.Join(describe(f.Tag), "; ")
		if comment != "" {
			comment = "  # " + comment
		}
		switch {
		case value.Kind() == reflect.Struct:
			fmt.Fprintf(b, "%s\n", comment)
			b.group(value, usual.Field(i), path, indent+"  ", "")
		case value.Kind() == reflect.Slice && value.Type().Elem().Kind() == reflect.Struct:
			fmt.Fprintf(b, "%s\n", comment)
			for k := range value.Len() {
				b.group(value.Index(k), reflect.Value{}, fmt.Sprintf("%s[%d]", path, k), indent+"    ", indent+"  - ")
			}
		default:
			if usual.IsValid() {
				lead := "; "
				if comment == "" {
					lead = "  # "
				}
				comment += lead + "default " + flow(usual.Field(i), "", nil)
			}
			fmt.Fprintf(b, " %s%s\n", flow(value, path, b.config), comment)
		}
	}
}

// flow writes a value on one line: JSON, which is YAML, with blanks in lists. Where c (nil: none) has a
// law at path or within, it writes that.
func flow(v reflect.Value, path string, c *Config) string {
	if l := c.Law(path); l != nil {
		return l.flow()
	}
	if v.Kind() == reflect.Interface {
		v = v.Elem()
	}
	if v.Kind() == reflect.Slice || v.Kind() == reflect.Array {
		var parts []string
		for i := range v.Len() {
			parts = append(parts, flow(v.Index(i), fmt.Sprintf("%s[%d]", path, i), c))
		}
		return "[" + strings.Join(parts, ", ") + "]"
	}
	if v.Kind() == reflect.Float64 {
		return decimal(v.Float())
	}
	data, _ := json.Marshal(v.Interface()) // cannot fail: it is no float
	return string(data)
}

// decimal writes a number without an exponent: the YAML parser takes 1e-9 for a word.
func decimal(x float64) string { return strconv.FormatFloat(x, 'f', -1, 64) }

// describe returns what a field's tags say: what it is, and its range.
func describe(tag reflect.StructTag) (parts []string) {
	if doc := tag.Get("doc"); doc != "" {
		parts = append(parts, doc)
	}
	if tag.Get("min") != "" {
		parts = append(parts, tag.Get("min")+" to "+tag.Get("max"))
	}
	if tag.Get("enum") != "" {
		parts = append(parts, "one of "+strings.ReplaceAll(tag.Get("enum"), ",", ", "))
	}
	return parts
}

// MarshalJSON writes the configuration under its YAML names, in order.
func (c Config) MarshalJSON() ([]byte, error) {
	var b strings.Builder
	err := jsonOf(&b, reflect.ValueOf(c), "", &c)
	return []byte(b.String()), err
}

// jsonOf writes v; where c (nil: none) has a law at path or within, it writes that.
func jsonOf(b *strings.Builder, v reflect.Value, path string, c *Config) error {
	if v.Kind() == reflect.Interface {
		v = v.Elem()
	}
	switch l := c.Law(path); {
	case l != nil:
		text, err := l.MarshalJSON()
		b.Write(text)
		return err
	case v.Kind() == reflect.Struct:
		for i, f := range tagged(v.Type()) {
			name := f.Tag.Get("yaml")
			fmt.Fprintf(b, "%s%q:", string("{,"[min(i, 1)]), name)
			if err := jsonOf(b, v.Field(i), join(path, name), c); err != nil {
				return err
			}
		}
		b.WriteByte('}')
		return nil
	case v.Kind() == reflect.Slice || v.Kind() == reflect.Array:
		if v.Len() == 0 {
			b.WriteByte('[')
		}
		for i := range v.Len() {
			b.WriteByte("[,"[min(i, 1)])
			if err := jsonOf(b, v.Index(i), fmt.Sprintf("%s[%d]", path, i), c); err != nil {
				return err
			}
		}
		b.WriteByte(']')
		return nil
	}
	if v.Kind() == reflect.Float64 && !math.IsNaN(v.Float()) && !math.IsInf(v.Float(), 0) {
		b.WriteString(decimal(v.Float()))
		return nil
	}
	data, err := json.Marshal(v.Interface())
	b.Write(data)
	return err
}
