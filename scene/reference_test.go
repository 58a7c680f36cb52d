package scene

import (
	"bytes"
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

Every number of the model is a field. A run starts from 1 or 2 and changes it by 3:

1. a preset: ` + "`--preset NAME`" + ` (default dead-leaves-pp);
2. a YAML file: ` + "`--config FILE`" + `, which names what differs from dead-leaves-pp, or from the preset in its first line;
3. single fields: ` + "`--set paint.sin.period=[10,20]`" + `, ` + "`--set layers.0.blur=0.5`" + `, as often as you like.

` + "```yaml" + `
preset: dead-leaves-pp        # optional, and then first
leaves: {r_min: 4}
outline: {per_image: [polygon]}
layers:                       # front to back; the last one covers everything
  - {name: twigs, cover: 0.1, blur: 2}
  - {name: all, cover: 1, blur: 0, depth: 1}
` + "```" + `

` + "`leaflitter config show`" + ` prints the configuration that its flags describe, every field with a comment, as a file to start from;
` + "`config check FILE...`" + ` checks files; ` + "`config schema`" + ` prints the JSON Schema (draft 2020-12) for editors.

* Lengths are output pixels, before supersampling. A pair [lo, hi] is a uniform law.
* A list replaces the whole list. A layer needs name and cover; blur and depth are 0 when left out.
* Unknown fields, wrong types, numbers out of range and contradictions are refused with file and line, all at once.
  So are anchors and aliases, octal numbers (010), several documents, and files over 64 KiB.

## Laws: what every image draws for itself

In place of a value, a law says how each image draws it:

` + "```" + `yaml
leaves: {r_min: {log_uniform: [1, 30]}, alpha: {normal: [3, 0.3]}}
blur: {sigma_max: {uniform: [0, 5]}}
outline: {per_image: {choice: [[polygon], [disk, mix]], odds: [3, 1]}}
paint: {noise: {slopes: [[{uniform: [0.25, 1.5]}, 2.5]]}}
` + "```" + `

| law | draws |
|---|---|
| {uniform: [lo, hi]} | evenly between; whole numbers with both ends |
| {log_uniform: [lo, hi]} | the logarithm evenly; lo from 0.000001 on |
| {normal: [mean, deviation]} | a normal law, cut to the field's range and to six deviations either side |
| {choice: [value, ...], odds: [number, ...]} | one of the values, which may be words, true and false, pairs or whole lists; without odds all alike |

* Any field may have a law, a number within a pair or a list too, but for those that must be the same in all images: the size,
  the layers' number and names, outline.polygon (the outlines are drawn before the first image), supersampling, the spectrum, grey, and
  the properties depth and colour. A layer is left out of an image by a cover of 0.
* The image of a law is the image of the value that it drew, byte for byte, with the same palettes, seed and index. It draws each law from
  a random stream of that field's own: a law more or less changes no other draw, and a field with a plain value draws nothing.
* Whatever the laws draw must make sense: a law of r_min that reaches over r_max is refused.
* What an image drew is told in its sample's JSON (draws), by the server (/images/N.json) and in the viewer's panel.

## Presets

| preset | |
|---|---|
`

const fields = `
## Fields

This table is made from the source (` + "`go test ./scene -run TestReference -update`" + `).

| field | default | range | meaning |
|---|---|---|---|
`

// The example in docs/config.md is a configuration.
func TestReferenceExample(t *testing.T) {
	_, example, _ := strings.Cut(intro, "```yaml\n")
	example, _, _ = strings.Cut(example, "```")
	if c, err := Parse("docs/config.md", []byte(example), Default()); err != nil || len(c.Layers) != 2 {
		t.Error(err)
	}
}

// docs/config.md lists every field with its default and range.
func TestReference(t *testing.T) {
	var b strings.Builder
	b.WriteString(intro)
	for _, p := range Presets() {
		fmt.Fprintf(&b, "| %s | %s |\n", p.Name, p.About)
	}
	b.WriteString(fields)
	var walk func(v reflect.Value, path string)
	walk = func(v reflect.Value, path string) {
		for i, f := range tagged(v.Type()) {
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
			domain := ""
			if f.Tag.Get("min") != "" {
				domain = f.Tag.Get("min") + " to " + f.Tag.Get("max")
			} else if f.Tag.Get("enum") != "" {
				domain = strings.ReplaceAll(f.Tag.Get("enum"), ",", ", ")
			}
			if f.Type.Kind() == reflect.Slice {
				domain += fmt.Sprintf("; 1 to %d of them", maxList)
			}
			fmt.Fprintf(&b, "| %s | %s | %s | %s |\n", name, flow(v.Field(i), "", nil), domain, strings.ReplaceAll(f.Tag.Get("doc"), "|", "\\|"))
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
