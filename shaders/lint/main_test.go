//go:build egl

// The tag stands for the GPU tests, which need programs of their own (see make needs).

package main

import (
	"io/fs"
	"strings"
	"testing"
	"testing/fstest"

	"leaflitter/shaders"
)

// With products written as fma no product is left that a compiler could fuse.
func TestFMAProductsLeaveNone(t *testing.T) {
	for _, stage := range shaders.Stages() {
		code, _, err := disassemble(shaders.FMAProducts(shaders.Files), stage, shaders.Define(shaders.MostPools, 1<<20, shaders.Everything))
		if err != nil {
			t.Errorf("%s: %v", stage, err)
		}
		for line := range strings.SplitSeq(code, "\n") {
			if strings.Contains(line, "= OpFMul ") || strings.Contains(line, "= OpVectorTimesScalar ") {
				t.Errorf("%s: %s", stage, line)
			}
		}
	}
}

// What the lint is there for is found, and at its place.
func TestLintFinds(t *testing.T) {
	for _, c := range []struct{ file, from, to, want string }{
		{"shade.comp", "precise float length = 2.0 *", "float length = 2.0 *", ""}, // feeds a precise value: still exact
		{"shade.comp", "precise float foot = z * z;", "float foot = z * z;", "OpFMul may be contracted"},
		{"noise.glsl", "v = v * 0.0078125;", "v = v / 128.0;", "OpFDiv is not exact"},
		{"noise.glsl", "v = v * 0.0078125;", "v = sqrt(v);", "Sqrt is not exact"},
		{"noise.glsl", "v = v * 0.0078125;", "v = v * ;", "glslangValidator"},
	} {
		files := fstest.MapFS{}
		names, err := fs.Glob(shaders.Files, "*")
		if err != nil {
			t.Fatal(err)
		}
		for _, name := range names {
			text, err := fs.ReadFile(shaders.Files, name)
			if err != nil {
				t.Fatal(err)
			}
			if name == c.file {
				if !strings.Contains(string(text), c.from) {
					t.Fatalf("%s has no %q", name, c.from)
				}
				text = []byte(strings.Replace(string(text), c.from, c.to, 1))
			}
			files[name] = &fstest.MapFile{Data: text}
		}
		err = lint(files, "shade", shaders.Define(1, 1<<20, shaders.Everything))
		switch {
		case c.want == "" && err != nil:
			t.Errorf("%q: %v", c.to, err)
		case c.want != "" && (err == nil || !strings.Contains(err.Error(), c.want) || !strings.Contains(err.Error(), c.file+":")):
			t.Errorf("%q: %v", c.to, err)
		}
	}
}
