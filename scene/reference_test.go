package scene

import (
	"bytes"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"reflect"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "write docs/config.md anew")

const referenceFile = "../docs/config.md"

const intro = `# Configuration

A configuration is a YAML file that names what differs from the default preset, dead-leaves-pp; a list replaces the whole
list. ` + "`leaflitter config show`" + ` prints every field with its value, ` + "`config check FILE`" + ` checks a file, ` + "`config schema`" + `
prints the JSON Schema, and ` + "`--set paint.sin.period=[10,20]`" + ` or ` + "`--set layers.0.blur=0.5`" + ` changes one field on the command line.
Unknown fields, wrong types, numbers out of range and contradictions are refused with file and line. Lengths are output pixels.

` + "```yaml" + `
leaves: {r_min: 4}
outline: {per_image: [polygon]}
layers:                       # front to back; the last one covers everything
  - {name: twigs, cover: 0.1, blur: 2, depth: 0}
  - {name: all, cover: 1, blur: 0, depth: 1}
` + "```" + `

A layer that leaves out a field has 0 there.

## Fields

This table is made from the source (` + "`go test ./scene -run TestReference -update`" + `).

| field | default | range | meaning |
|---|---|---|---|
`

// docs/config.md lists every field with its default and range.
func TestReference(t *testing.T) {
	var b strings.Builder
	b.WriteString(intro)
	var walk func(v reflect.Value, path string)
	walk = func(v reflect.Value, path string) {
		for i := range v.NumField() {
			f := v.Type().Field(i)
			name := join(path, f.Tag.Get("yaml"))
			switch {
			case f.Type.Kind() == reflect.Struct:
				fmt.Fprintf(&b, "| **%s** | | | %s |\n", name, f.Tag.Get("doc"))
				walk(v.Field(i), name)
				continue
			case f.Type.Kind() == reflect.Slice && f.Type.Elem().Kind() == reflect.Struct:
				fmt.Fprintf(&b, "| **%s** | foreground, middle, background | 1 to 255 layers | %s |\n", name, f.Tag.Get("doc"))
				walk(v.Field(i).Index(0), name+"[0]")
				continue
			}
			value, _ := json.Marshal(v.Field(i).Interface())
			domain := ""
			if f.Tag.Get("min") != "" {
				domain = f.Tag.Get("min") + " to " + f.Tag.Get("max")
			} else if f.Tag.Get("enum") != "" {
				domain = strings.ReplaceAll(f.Tag.Get("enum"), ",", ", ")
			}
			fmt.Fprintf(&b, "| %s | %s | %s | %s |\n", name, value, domain, strings.ReplaceAll(f.Tag.Get("doc"), "|", "\\|"))
		}
	}
	walk(reflect.ValueOf(Default()), "")
	if *update {
		if err := os.WriteFile(referenceFile, []byte(b.String()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	have, err := os.ReadFile(referenceFile)
	if err != nil || !bytes.Equal(have, []byte(b.String())) {
		t.Errorf("docs/config.md does not match the source; run go test ./scene -run TestReference -update (%v)", err)
	}
}
