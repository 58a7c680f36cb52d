package scene

import (
	"fmt"
	"reflect"
)

// Diff returns the assignments, as Set reads them, that turn base into c; nil if they
// are equal. Lists are assigned whole.
func Diff(base, c *Config) []string {
	d := differ{base: base, c: c}
	d.diff(reflect.ValueOf(base).Elem(), reflect.ValueOf(c).Elem(), "")
	return d.out
}

type differ struct {
	base, c *Config
	out     []string
}

func (d *differ) diff(a, b reflect.Value, path string) {
	if b.Kind() == reflect.Struct {
		for i, f := range tagged(b.Type()) {
			d.diff(a.Field(i), b.Field(i), join(path, f.Tag.Get("yaml")))
		}
		return
	}
	if before, now := mustJSON(a, path, d.base), mustJSON(b, path, d.c); before != now {
		d.out = append(d.out, fmt.Sprintf("%s=%s", path, now))
	}
}
