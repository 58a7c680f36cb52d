package scene

import (
	"fmt"
	"reflect"
	"slices"
	"strings"
)

// Document writes the YAML of a configuration that begins with a preset and then names what differs from it.
func Document(preset *Preset, c *Config) []byte {
	var b strings.Builder
	fmt.Fprintf(&b, "preset: %s\n", preset.Name)
	var open []string // groups that the lines before are in
	for _, assignment := range Diff(&preset.Config, c) {
		path, _, _ := strings.Cut(assignment, "=")
		groups := strings.Split(path, ".")
		name := groups[len(groups)-1]
		groups = groups[:len(groups)-1]
		for i, g := range groups {
			if i < len(open) && open[i] == g {
				continue
			}
			open = append(slices.Clone(open[:i]), g)
			fmt.Fprintf(&b, "%s%s:\n", strings.Repeat("  ", i), g)
		}
		open = open[:len(groups)]
		v, _ := c.field(path)
		indent := strings.Repeat("  ", len(groups))
		if v.Kind() == reflect.Slice && v.Type().Elem().Kind() == reflect.Struct {
			fmt.Fprintf(&b, "%s%s:\n", indent, name)
			for i := range v.Len() {
				fmt.Fprintf(&b, "%s  - %s\n", indent, mustJSON(v.Index(i), fmt.Sprintf("%s[%d]", path, i), c))
			}
			continue
		}
		fmt.Fprintf(&b, "%s%s: %s\n", indent, name, flow(v, path, c))
	}
	return []byte(b.String())
}
