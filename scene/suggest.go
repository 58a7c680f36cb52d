package scene

import (
	"fmt"
	"reflect"
	"strings"
)

// Closest returns the word that was probably meant by a misspelt one, or "" if
// none is near.
func Closest(word string, words []string) string {
	best, found := len(word)/3+1, ""
	if len(word) > 64 {
		return ""
	}
	for _, w := range words {
		if d := distance(word, w); d <= best && (found == "" || d < best) {
			best, found = d, w
		}
	}
	return found
}

// distance is the number of letters to insert, drop, change or swap with their
// neighbour that turns a into b.
func distance(a, b string) int {
	var before, last, row []int
	for j := range len(b) + 1 {
		last = append(last, j)
	}
	for i := 1; i <= len(a); i++ {
		row = make([]int, len(b)+1)
		row[0] = i
		for j := 1; j <= len(b); j++ {
			change := last[j-1]
			if a[i-1] != b[j-1] {
				change++
			}
			row[j] = min(change, last[j]+1, row[j-1]+1)
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				row[j] = min(row[j], before[j-2]+1)
			}
		}
		before, last = last, row
	}
	return last[len(b)]
}

// meant ends a message about an unknown field of t: the field of that name
// elsewhere, or a similar one here.
func meant(t reflect.Type, path, name string) string {
	var elsewhere []string
	eachField(reflect.TypeFor[Config](), "", func(path string, f reflect.StructField) {
		if f.Tag.Get("yaml") == name {
			elsewhere = append(elsewhere, path)
		}
	})
	if len(elsewhere) > 0 && len(elsewhere) <= 4 {
		return " (did you mean " + strings.Join(elsewhere, " or ") + "?)"
	}
	if w := Closest(name, names(t)); w != "" {
		return " (did you mean " + join(path, w) + "?)"
	}
	return ""
}

// eachField calls visit for every field of t and of the structs within, in
// order. A list of structs counts as its first element: layers.0.blur.
func eachField(t reflect.Type, path string, visit func(path string, f reflect.StructField)) {
	for _, f := range tagged(t) {
		p := join(path, f.Tag.Get("yaml"))
		visit(p, f)
		switch inner := f.Type; {
		case inner.Kind() == reflect.Struct:
			eachField(inner, p, visit)
		case inner.Kind() == reflect.Slice && inner.Elem().Kind() == reflect.Struct:
			eachField(inner.Elem(), p+".0", visit)
		}
	}
}

// UnknownPreset is the error for a name that no preset has.
func UnknownPreset(name string) error {
	var all []string
	for _, p := range Presets() {
		all = append(all, p.Name)
	}
	text := ""
	if w := Closest(name, all); w != "" {
		text = fmt.Sprintf(" (did you mean %s?)", w)
	}
	return fmt.Errorf("no such preset; choose one of %s%s", strings.Join(all, ", "), text)
}
