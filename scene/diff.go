package scene

import (
	"fmt"
	"reflect"
)

// Diff returns the assignments, as Set reads them, that turn base into c; nil if they
// are equal. Lists are assigned whole.
func Diff(base, c *Config) []string {
	return diff(reflect.ValueOf(base).Elem(), reflect.ValueOf(c).Elem(), "", nil)
}

func diff(a, b reflect.Value, path string, out []string) []string {
	if b.Kind() == reflect.Struct {
		for i := range b.NumField() {
			out = diff(a.Field(i), b.Field(i), join(path, b.Type().Field(i).Tag.Get("yaml")), out)
		}
		return out
	}
	if reflect.DeepEqual(a.Interface(), b.Interface()) {
		return out
	}
	return append(out, fmt.Sprintf("%s=%s", path, mustJSON(b)))
}
