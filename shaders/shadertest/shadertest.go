// Package shadertest breaks shaders on purpose: the negative controls of tests.
package shadertest

import (
	"io/fs"
	"strings"
	"testing"
	"testing/fstest"

	"leaflitter/shaders"
)

// Edit is one text, which stands in a file once, and what replaces it.
type Edit struct{ File, From, To string }

// Edited returns the shaders with some texts replaced.
func Edited(t testing.TB, edits ...Edit) fs.FS {
	t.Helper()
	out := fstest.MapFS{}
	names, err := fs.Glob(shaders.Files, "*")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range names {
		text, err := fs.ReadFile(shaders.Files, name)
		if err != nil {
			t.Fatal(err)
		}
		out[name] = &fstest.MapFile{Data: text}
	}
	for _, e := range edits {
		file := out[e.File]
		if file == nil {
			t.Fatalf("there is no shader file %s", e.File)
		}
		if n := strings.Count(string(file.Data), e.From); n != 1 {
			t.Fatalf("%s holds %q %d times, not once", e.File, e.From, n)
		}
		file.Data = []byte(strings.Replace(string(file.Data), e.From, e.To, 1))
	}
	return out
}
