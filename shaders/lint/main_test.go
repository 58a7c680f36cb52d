//go:build egl

// The tag stands for the GPU tests, which need programs of their own (see make needs).

package main

import (
	"strings"
	"testing"

	"leaflitter/shaders"
	"leaflitter/shaders/shadertest"
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
		files := shadertest.Edited(t, shadertest.Edit{File: c.file, From: c.from, To: c.to})
		err := lint(files, "shade", shaders.Define(1, 1<<20, shaders.Everything))
		switch {
		case c.want == "" && err != nil:
			t.Errorf("%q: %v", c.to, err)
		case c.want != "" && (err == nil || !strings.Contains(err.Error(), c.want) || !strings.Contains(err.Error(), c.file+":")):
			t.Errorf("%q: %v", c.to, err)
		}
	}
}
