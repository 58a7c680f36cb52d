//go:build linux && cgo && egl

package gpu_test

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"leaflitter/gpu"
	"leaflitter/render"
	"leaflitter/shaders/shadertest"
)

// The device that the tests run on computes as the CPU does.
func TestProbe(t *testing.T) {
	all := device(t)
	found, err := gpu.Probe(&all[0], gpu.Options{})
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range found {
		t.Logf("needed %v, holds %v: %s %s", p.Needed, p.Holds, p.Name, p.Detail)
		if p.Needed && !p.Holds {
			t.Errorf("%s: %s", p.Name, p.Detail)
		}
	}
}

// Each primitive that goes wrong is seen, and named by the compileError. Fused operations are
// imitated with doubles: llvmpipe's fma rounds twice.
func TestProbeSees(t *testing.T) {
	cfg := preset(t, "flat", 8, 8)
	m := render.NewModel(&cfg, nil, nil)
	for _, c := range []struct{ from, to, want string }{
		{"precise float two = product + c;", "precise float two = float(double(a) * double(b) + double(c));", "a product that is summed in another statement"},
		{"precise float one = a * b + c;", "precise float one = float(double(a) * double(b) + double(c));", "a product and a sum in one expression"},
		{"precise float minus = c - a * b;", "precise float minus = float(double(c) - double(a) * double(b));", "a product that is subtracted"},
		{"precise float squares = a * b + c * d;", "precise float squares = float(double(a) * double(b) + double(c * d));", "the sum of two products"},
		{"v = v + vec3(c);", "v = vec3(dvec3(a, b, d) * double(b) + dvec3(c));", "products and sums of vectors"},
		{"-76.7058563", "-76.7058", "float literals"},
		{"put(8u, uint(int(number(5u))));", "put(8u, uint(int(floor(number(5u)))));", "float to int"},
		{"put(16u, uint(int(x) >> n));", "put(16u, x >> n);", "shift to the right with a sign"},
		{"put(19u, uint(bitfieldExtract(int(x), int(me & 3u) * 8, 8)));", "put(19u, bitfieldExtract(x, int(me & 3u) * 8, 8));", "bitfieldExtract with a sign"},
		{"        memoryBarrierShared();\n        barrier(); // written\n", "", "shared memory across barriers"},
		{"        memoryBarrierShared();\n        barrier(); // read\n", "", "shared memory across barriers"},
		{"atomicAdd(tally.sum, word(8u));", "tally.sum += word(8u);", "atomics of all workgroups"},
		{"tally.groups = 3u;", "tally.groups = 2u;", "a dispatch that reads what the last one wrote"},
		{"void main() {", "void main() { nonsense;", "it cannot be probed"},
		{"i < turns; i++) {\n        sum = sum * 3u + i;\n    }\n    put(25u", "i < min(turns, 65534u); i++) {\n        sum = sum * 3u + i;\n    }\n    put(25u", "a loop of 65,535 turns"},
	} {
		files := shadertest.Edited(t, shadertest.Edit{File: "probe.comp", From: c.from, To: c.to})
		all := device(t)
		_, err := gpu.New(m, all, gpu.Options{Shaders: files, ProgramCache: t.TempDir()})
		if err == nil || !strings.Contains(err.Error(), c.want) || !errors.Is(err, gpu.ErrInexact) || strings.Contains(err.Error(), "\n") {
			t.Errorf("%q: error %v, want %s", c.to, err, c.want)
		}
		var said []string
		g, err := gpu.New(m, all, gpu.Options{Shaders: files, Inexact: true, Warn: func(s string) { said = append(said, s) }})
		if err != nil {
			t.Errorf("%q, inexact: %v", c.to, err)
			continue
		}
		g.Close()
		if len(said) != 1 || !strings.Contains(said[0], c.want) {
			t.Errorf("%q, inexact: said %q", c.to, said)
		}
	}
}

// A device that passed is not probed again while driver and probe stay the same.
func TestProbeIsCached(t *testing.T) {
	cfg := preset(t, "flat", 8, 8)
	m := render.NewModel(&cfg, nil, nil)
	// A probe of its own, which no other test's process memory knows.
	files := shadertest.Edited(t, shadertest.Edit{File: "probe.comp", From: "// Products and sums: a fused one", To: "// Products and sums, once more: a fused one"})
	dir, before := t.TempDir(), gpu.Probed()
	open := func() {
		t.Helper()
		g, err := gpu.New(m, device(t), gpu.Options{Shaders: files, ProgramCache: dir})
		if err != nil {
			t.Fatal(err)
		}
		g.Close()
	}
	open()
	kept := func() (n int) {
		names, err := filepath.Glob(filepath.Join(dir, "*.program"))
		if err != nil {
			t.Fatal(err)
		}
		for _, name := range names {
			if data, err := os.ReadFile(name); err == nil && strings.Contains(string(data), "every primitive holds") {
				n++
			}
		}
		return n
	}
	if n := kept(); n != 1 {
		t.Fatalf("%d entries say that the device passed, want 1", n)
	}
	if n := gpu.Probed(); n != before+1 {
		t.Errorf("probed %d times", n-before)
	}
	open() // this process knows
	gpu.ForgetProbes()
	open() // the cache knows
	if n := gpu.Probed(); n != before+1 {
		t.Errorf("probed %d times, want 1", n-before)
	}
	names, _ := filepath.Glob(filepath.Join(dir, "*.program"))
	for _, name := range names {
		if err := os.WriteFile(name, []byte("damaged"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	gpu.ForgetProbes()
	open()
	if n := gpu.Probed(); n != before+2 || kept() != 1 {
		t.Errorf("after damage: probed %d times, want 2", n-before)
	}
}
