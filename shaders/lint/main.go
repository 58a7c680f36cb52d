// Command lint compiles every shader with glslangValidator and holds it to the
// arithmetic that both backends share: every float + - and x is marked against
// contraction (from `precise`), and there is no float division, square root or
// transcendental. llvmpipe, where the tests run, never contracts, so that no test
// there would notice a missing `precise`.
package main

import (
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"

	"leaflitter/shaders"
)

func main() {
	failed := false
	all := append(shaders.Stages(), shaders.Probe)
	for _, stage := range all {
		for _, defines := range []shaders.Defines{
			shaders.Define(1, 1<<20, shaders.Features{}),
			shaders.Define(shaders.MostPools, 1<<20, shaders.Everything),
		} {
			if err := lint(shaders.Files, stage, defines); err != nil {
				fmt.Fprintf(os.Stderr, "%s.comp: %v\n", stage, err)
				failed = true
			}
		}
	}
	if failed {
		os.Exit(1)
	}
	fmt.Printf("%d shaders: valid, float arithmetic exact\n", len(all))
}

func lint(files fs.FS, stage string, defines shaders.Defines) error {
	code, src, err := disassemble(files, stage, defines)
	if err != nil {
		return err
	}
	return checkCode(code, src, excused(files))
}

// disassemble returns a stage's SPIR-V as text.
func disassemble(files fs.FS, stage string, defines shaders.Defines) (string, *shaders.Source, error) {
	src, err := shaders.Expand(files, stage, defines)
	if err != nil {
		return "", nil, err
	}
	dir, err := os.MkdirTemp("", "leaflitter-lint-*")
	if err != nil {
		return "", nil, err
	}
	defer os.RemoveAll(dir)
	in, out := filepath.Join(dir, "stage.comp"), filepath.Join(dir, "stage.spv")
	if err := os.WriteFile(in, []byte(src.Text), 0o644); err != nil {
		return "", nil, err
	}
	if log, err := exec.Command("glslangValidator", "-G", "-g", "-o", out, in).CombinedOutput(); err != nil {
		return "", nil, fmt.Errorf("glslangValidator: %v\n%s", err, src.Locate(string(log)))
	}
	code, err := exec.Command("spirv-dis", "--raw-id", out).Output()
	if err != nil {
		return "", nil, fmt.Errorf("spirv-dis: %w", err)
	}
	return string(code), &src, nil
}

var (
	line     = regexp.MustCompile(`^\s*OpLine (%\d+) (\d+)`)
	exact    = regexp.MustCompile(`^\s*(%\d+) = (OpFAdd|OpFSub|OpFMul|OpVectorTimesScalar)\b`)
	inexact  = regexp.MustCompile(`= (OpFDiv|OpFRem|OpFMod|OpDot|OpMatrix\w+|OpVectorTimesMatrix|OpOuterProduct)\b`)
	extended = regexp.MustCompile(`= OpExtInst %\d+ %\d+ (\w+)`)
	marked   = regexp.MustCompile(`OpDecorate (%\d+) NoContraction`)
)

// allowed are the functions of GLSL that round nothing.
var allowed = map[string]bool{
	"FMin": true, "FMax": true, "NMin": true, "NMax": true, "FAbs": true,
	"UMin": true, "UMax": true, "SAbs": true, "SMin": true, "SMax": true, "FindILsb": true,
}

// excused lists the places, FILE:LINE, that say in a comment why they need not be exact.
func excused(files fs.FS) map[string]bool {
	all := map[string]bool{}
	names, _ := fs.Glob(files, "*") // the pattern is constant
	for _, name := range names {
		text, _ := fs.ReadFile(files, name) // what cannot be read does not compile either
		for i, line := range strings.Split(string(text), "\n") {
			all[fmt.Sprintf("%s:%d", name, i+1)] = strings.Contains(line, "lint: ")
		}
	}
	return all
}

func checkCode(code string, src *shaders.Source, excused map[string]bool) error {
	fixed := map[string]bool{}
	for _, m := range marked.FindAllStringSubmatch(code, -1) {
		fixed[m[1]] = true
	}
	var bad []string
	at := "?"
	for text := range strings.SplitSeq(code, "\n") {
		if m := line.FindStringSubmatch(text); m != nil {
			at = src.Locate("0:" + m[2])
		}
		if excused[at] {
			continue
		}
		if m := exact.FindStringSubmatch(text); m != nil && !fixed[m[1]] {
			bad = append(bad, at+": "+m[2]+" may be contracted: make its result precise")
		}
		if m := inexact.FindStringSubmatch(text); m != nil {
			bad = append(bad, at+": "+m[1]+" is not exact")
		}
		if m := extended.FindStringSubmatch(text); m != nil && !allowed[m[1]] {
			bad = append(bad, at+": "+m[1]+" is not exact")
		}
	}
	if bad != nil {
		return fmt.Errorf("not exact everywhere:\n  %s", strings.Join(bad, "\n  "))
	}
	return nil
}
