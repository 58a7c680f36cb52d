// Package shaders holds the GPU backend's compute shaders: one .comp a stage, with
// the name of the CPU backend's stage, and the .glsl headers they share.
package shaders

import (
	"embed"
	"fmt"
	"io/fs"
	"maps"
	"regexp"
	"slices"
	"sort"
	"strconv"
	"strings"
)

// Files holds the shaders' text.
//
//go:embed *.comp *.glsl
var Files embed.FS

// MostPools is how many buffers of noise tiles noise.glsl can read.
const MostPools = 6

// Features are what the compiled shaders can draw, beside disks in flat colours.
type Features struct {
	Rects, Polys                bool // outlines
	Textures, Gradients, Tilted bool // properties of paints
	Stretched, Spots            bool // textures drawn out, maps of spots
	Work                        bool // count the work, see work.glsl
}

// Everything is all that there is.
var Everything = Features{true, true, true, true, true, true, true, true}

// Defines are what the shaders expect to be defined when they are compiled, by name.
type Defines map[string]string

// Define returns the definitions for noise tiles in so many buffers (1 to MostPools) that
// begin so many texels apart, and for the features. The compiler leaves out what is not
// asked for, which counts most on software devices: they run every branch.
func Define(pools, poolTexels int, f Features) Defines {
	d := Defines{
		"NOISE_POOLS": strconv.Itoa(pools), "NOISE_POOL_TEXELS": strconv.Itoa(poolTexels),
		"hasRects": strconv.FormatBool(f.Rects), "hasPolys": strconv.FormatBool(f.Polys),
		"hasTextures": strconv.FormatBool(f.Textures), "hasGradients": strconv.FormatBool(f.Gradients), "hasTilts": strconv.FormatBool(f.Tilted),
		"hasStretch": strconv.FormatBool(f.Stretched), "hasSpots": strconv.FormatBool(f.Spots),
	}
	if f.Work {
		d["COUNT_WORK"] = "1"
	}
	return d
}

// Probe is the shader that tests a device before its stages are trusted.
const Probe = "probe"

// Stages lists the stages that have a shader, sorted.
func Stages() []string {
	all, err := fs.Glob(Files, "*.comp")
	if err != nil {
		panic(err) // the pattern is constant
	}
	var stages []string
	for _, file := range all {
		if stage := strings.TrimSuffix(file, ".comp"); stage != Probe {
			stages = append(stages, stage)
		}
	}
	sort.Strings(stages)
	return stages
}

// Source is a shader with its headers put in.
type Source struct {
	Text  string
	Files []string // file number k holds lines fileLines k + 1 and on
}

// fileLines keeps the files' line numbers apart. GLSL has source string numbers for
// that, but Mesa does not report them.
const fileLines = 10000

// exactly asks NVIDIA's compiler, which does not always honour precise against its fast
// mathematics, to leave that; others ignore it.
const exactly = "#pragma optionNV(fastmath off)"

// Expand reads stage's .comp from files and puts its headers in, each at the first
// #include of it, and after the #version line those of the defines that the text
// names: what a stage does not ask about leaves its text, and so its program, the
// same. #line directives let compilers count lines of the files and not of the sum.
func Expand(files fs.FS, stage string, defines Defines) (Source, error) {
	var out strings.Builder
	s := Source{}
	head := 0 // where the defines go
	done := map[string]bool{}
	var put func(name string) error
	put = func(name string) error {
		text, err := fs.ReadFile(files, name)
		if err != nil {
			return fmt.Errorf("shader %s: %w", stage, err)
		}
		number := len(s.Files)
		s.Files = append(s.Files, name)
		lineIs := func(n int) { fmt.Fprintf(&out, "#line %d\n", fileLines*number+n) }
		if number > 0 {
			lineIs(1)
		}
		for i, line := range strings.Split(strings.TrimSuffix(string(text), "\n"), "\n") {
			if header, ok := strings.CutPrefix(line, "#include "); ok {
				if header = strings.Trim(header, `"`); !done[header] {
					done[header] = true
					if err := put(header); err != nil {
						return err
					}
				}
				lineIs(i + 2)
				continue
			}
			out.WriteString(line + "\n")
			if strings.HasPrefix(line, "#version") {
				out.WriteString(exactly + "\n")
				head = out.Len()
				lineIs(i + 2)
			}
		}
		return nil
	}
	if err := put(stage + ".comp"); err != nil {
		return s, err
	}
	text := out.String()
	named := map[string]bool{}
	for _, word := range words.FindAllString(text, -1) {
		named[word] = true
	}
	s.Text = text[:head]
	for _, name := range slices.Sorted(maps.Keys(defines)) {
		if named[name] {
			s.Text += fmt.Sprintf("#define %s %s\n", name, defines[name])
		}
	}
	s.Text += text[head:]
	return s, nil
}

var words = regexp.MustCompile(`[A-Za-z_]\w*`)

// Mesa writes 0:14(3), glslangValidator FILE:14 or 0:14, NVIDIA 0(14).
var places = regexp.MustCompile(`[^\s:(]+(?::(\d+)(?:\(\d+\))?|\((\d+)\))`)

// Locate turns the places of a compiler's log into files and lines.
func (s *Source) Locate(log string) string {
	return places.ReplaceAllStringFunc(log, func(place string) string {
		m := places.FindStringSubmatch(place)
		n, err := strconv.Atoi(m[1] + m[2])
		if err != nil || n/fileLines >= len(s.Files) {
			return place
		}
		return fmt.Sprintf("%s:%d", s.Files[n/fileLines], n%fileLines)
	})
}
