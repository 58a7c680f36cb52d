//go:build linux && cgo && egl

package gpu

import (
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"leaflitter/shaders"
	"leaflitter/shaders/shadertest"
)

// started compiles every stage in a new context, and returns how many the driver compiled
// and how many came from the cache.
func started(t *testing.T, o Options, features ...shaders.Features) (compiled, loaded int, err error) {
	t.Helper()
	all, err := Devices()
	if err != nil {
		t.Fatal(err)
	}
	th, err := openThread(all[0].Index, &o)
	if err != nil {
		t.Fatal(err)
	}
	defer th.close()
	err = th.do(func() error {
		for _, f := range features {
			if _, err := th.compiler.all(&o, shaders.Define(1, 1<<20, f)); err != nil {
				return err
			}
		}
		return nil
	})
	return th.compiler.compiled, th.compiler.loaded, err
}

// A second start compiles nothing; damaged entries, entries of another driver and entries
// that the driver refuses are compiled anew and mended.
func TestProgramCache(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "programs")
	o := Options{ProgramCache: dir, Say: func(s string) { t.Error("said: ", s) }}
	stages := len(shaders.Stages())
	expect := func(what string, wantCompiled, wantLoaded int) {
		t.Helper()
		compiled, loaded, err := started(t, o, shaders.Everything)
		if err != nil || compiled != wantCompiled || loaded != wantLoaded {
			t.Errorf("%s: %d compiled, %d from the cache (%v), want %d and %d", what, compiled, loaded, err, wantCompiled, wantLoaded)
		}
	}
	expect("first start", stages, 0)
	expect("second start", 0, stages)
	all, _ := Devices()
	th, err := openThread(all[0].Index, &o)
	if err != nil {
		t.Fatal(err)
	}
	defer th.close()
	cache := th.compiler.cache
	other := &programCache{dir: dir, driver: strings.Repeat("x", len(cache.driver))}
	for what, damage := range map[string]func(data []byte) []byte{
		"empty":     func([]byte) []byte { return nil },
		"truncated": func(data []byte) []byte { return data[:len(data)/2] },
		"one bit":   func(data []byte) []byte { data[len(data)/2] ^= 1; return data },
		"nonsense":  func([]byte) []byte { return []byte(strings.Repeat("nonsense", 100)) },
		"of another driver": func(data []byte) []byte {
			format, code, _ := cache.decode(data)
			foreign := other.encode(format, code)
			if _, _, ok := cache.decode(foreign); ok {
				t.Error("an entry of another driver is taken")
			}
			return foreign
		},
		"refused: format": func(data []byte) []byte {
			_, code, _ := cache.decode(data)
			return cache.encode(0x1234567, code)
		},
		"refused: binary": func(data []byte) []byte {
			format, code, _ := cache.decode(data)
			return cache.encode(format, code[:len(code)/3])
		},
		"no binary": func(data []byte) []byte {
			format, _, _ := cache.decode(data)
			return cache.encode(format, nil)
		},
	} {
		files, err := filepath.Glob(filepath.Join(dir, "*.program"))
		if err != nil || len(files) != stages {
			t.Fatalf("%d entries (%v), want %d", len(files), err, stages)
		}
		for _, f := range files {
			data, err := os.ReadFile(f)
			if err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(f, damage(data), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		expect(what, stages, 0)
		expect("after "+what, 0, stages)
	}
	// What is no file, or too large to be an entry, is not even read.
	files, err := filepath.Glob(filepath.Join(dir, "*.program"))
	if err != nil {
		t.Fatal(err)
	}
	for i, f := range files {
		if err := os.Remove(f); err != nil {
			t.Fatal(err)
		}
		if i%2 == 0 {
			err = syscall.Mkfifo(f, 0o600)
		} else if err = os.WriteFile(f, nil, 0o600); err == nil {
			err = os.Truncate(f, 1<<40)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	old := filepath.Join(dir, ".new-1")
	if err := os.WriteFile(old, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Chtimes(old, time.Now(), time.Now().Add(-2*time.Hour)); err != nil {
		t.Fatal(err)
	}
	expect("no entries", stages, 0)
	expect("after no entries", 0, stages)
	if left, _ := filepath.Glob(filepath.Join(dir, ".*")); len(left) > 0 {
		t.Errorf("left over: %v", left)
	}
}

// Two devices share a directory and do not write over each other's entries; another
// version of a driver takes the place of the one before.
func TestProgramCacheOfTwoDevices(t *testing.T) {
	dir := t.TempDir()
	cache := func(device, version string) *programCache {
		return &programCache{dir: dir, device: device, driver: device + version, say: func(format string, args ...any) { t.Errorf(format, args...) }}
	}
	a, b, newer := cache("a", "1"), cache("b", "1"), cache("a", "2")
	has := func(c *programCache, want string) {
		t.Helper()
		if _, code, ok := c.read("source"); string(code) != want || ok != (want != "") {
			t.Errorf("%q, %v; want %q", code, ok, want)
		}
	}
	a.write("source", 1, []byte("of a"))
	b.write("source", 1, []byte("of b"))
	has(a, "of a")
	has(b, "of b")
	has(newer, "")
	newer.write("source", 1, []byte("of a, newer"))
	has(newer, "of a, newer")
	has(a, "")
	has(b, "of b")
	if files, _ := filepath.Glob(filepath.Join(dir, "*")); len(files) != 2 {
		t.Errorf("%d files", len(files))
	}
}

// Without a place for the cache everything is compiled, and that is said once.
func TestProgramCacheNowhere(t *testing.T) {
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	var said []string
	compiled, _, err := started(t, Options{ProgramCache: file, Say: func(s string) { said = append(said, s) }}, shaders.Everything)
	if err != nil || compiled != len(shaders.Stages()) || len(said) != 1 || !strings.Contains(said[0], "--no-program-cache") {
		t.Errorf("%d compiled (%v), said %q", compiled, err, said)
	}
}

// Configurations share the stages that do not depend on what they draw.
func TestStagesAreSharedByFeatures(t *testing.T) {
	compiled, _, err := started(t, Options{}, shaders.Everything, shaders.Features{}, shaders.Features{Rects: true}, shaders.Everything)
	// The first two differ in bin, cover and shade, the third in bin and cover.
	if want := len(shaders.Stages()) + 3 + 2; err != nil || compiled != want {
		t.Errorf("%d programs compiled (%v), want %d", compiled, err, want)
	}
}

// Every stage that fails is told, not the first alone.
func TestEveryCompileErrorIsTold(t *testing.T) {
	files := shadertest.Edited(t, shadertest.Edit{File: "bin.comp", From: "void main() {", To: "void main() { nonsense;"},
		shadertest.Edit{File: "lens.comp", From: "void main() {", To: "void main() { nonsense;"})
	_, _, err := started(t, Options{Shaders: files}, shaders.Everything)
	if err == nil || !strings.Contains(err.Error(), "bin.comp") || !strings.Contains(err.Error(), "lens.comp") || strings.Contains(err.Error(), "\n") {
		t.Errorf("error %v", err)
	}
}
