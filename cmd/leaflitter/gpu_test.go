//go:build linux && cgo && egl

package main

import (
	"bytes"
	"debug/elf"
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"leaflitter/gpu"
)

// What can be missing or too old, with the real loader and driver: one sentence,
// exit 1, nothing written, and what was finished before survives.
func TestGPUMissing(t *testing.T) {
	dir := t.TempDir()
	must(t, dir, "generate", "-o", "before", "--count", "2", "--size", "40", "--backend", "cpu", "--quiet")
	before := tree(t, filepath.Join(dir, "before"))
	if err := os.WriteFile(filepath.Join(dir, "libEGL.so.1"), []byte("no library"), 0o644); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		env  []string
		want string
	}{
		{[]string{"LD_LIBRARY_PATH=" + dir}, "there is no libEGL.so.1 on this machine"},
		{[]string{"__EGL_VENDOR_LIBRARY_DIRS=" + dir, "__EGL_VENDOR_LIBRARY_FILENAMES="}, "EGL lists no device"},
		{[]string{"MESA_GL_VERSION_OVERRIDE=3.3"}, "it has OpenGL 3.3, 4.4 or later is needed"},
		{[]string{"MESA_GL_VERSION_OVERRIDE=4.5", "MESA_GLSL_VERSION_OVERRIDE=420"}, "the driver does not "},
	} {
		for _, out := range []string{"out", "before"} {
			code, errs := withEnv(t, dir, c.env, "generate", "--backend", "gpu", "-o", out, "--count", "9", "--size", "40", "--preset", "dead-leaves", "--quiet", "--overwrite")
			if code != 1 || !strings.Contains(errs, c.want) || strings.Count(errs, "\n") != 1 || !strings.HasPrefix(errs, "leaflitter: ") {
				t.Errorf("%v: exit %d: %s", c.env, code, errs)
			}
		}
		if _, err := os.Stat(filepath.Join(dir, "out")); err == nil {
			t.Errorf("%v: something was written", c.env)
		}
		// auto takes the CPU, and says why.
		code, errs := withEnv(t, dir, c.env, "generate", "-o", "auto", "--count", "1", "--size", "16", "--preset", "dead-leaves", "--overwrite")
		if code != 0 || !strings.Contains(errs, "backend: cpu (") {
			t.Errorf("%v, auto: exit %d: %s", c.env, code, errs)
		}
	}
	if after := tree(t, filepath.Join(dir, "before")); len(after) != len(before) {
		t.Error("finished files are gone")
	} else {
		for name, hash := range before {
			if after[name] != hash {
				t.Errorf("%s was changed", name)
			}
		}
	}
}

// With no libEGL at all: the binary starts (in a root directory of nothing but it
// and the C library), says so, and renders on the CPU.
func TestNoLibEGL(t *testing.T) {
	attributes := syscall.SysProcAttr{}
	if os.Geteuid() != 0 { // who may not change the root may do so in a user namespace
		attributes.Cloneflags = syscall.CLONE_NEWUSER
		attributes.UidMappings = []syscall.SysProcIDMap{{ContainerID: 0, HostID: os.Geteuid(), Size: 1}}
		probe := exec.Command("/bin/true")
		own := attributes
		own.Chroot = "/"
		probe.SysProcAttr = &own
		if err := probe.Run(); err != nil {
			if os.Getenv("LEAFLITTER_CI") != "" {
				t.Fatalf("the root directory cannot be changed: %v", err)
			}
			t.Skipf("neither root nor allowed a user namespace (%v), so libEGL cannot be hidden: run as root; TestGPUMissing has a broken libEGL", err)
		}
	}
	root := t.TempDir()
	attributes.Chroot = root
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	libs, err := exec.Command("ldd", self).Output()
	if err != nil {
		t.Fatal(err)
	}
	for _, field := range append(strings.Fields(string(libs)), self) {
		if !strings.HasPrefix(field, "/") {
			continue
		}
		data, err := os.ReadFile(field)
		if err != nil {
			t.Fatal(err)
		}
		to := filepath.Join(root, field)
		if field == self {
			to = filepath.Join(root, "self")
		}
		if err := os.MkdirAll(filepath.Dir(to), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(to, data, 0o755); err != nil {
			t.Fatal(err)
		}
	}
	run := func(args ...string) (int, string) {
		cmd := exec.Command("/self", args...)
		cmd.Err = nil // the path is looked up in the new root
		cmd.Dir = "/"
		cmd.Env = []string{"LEAFLITTER_TEST_COMMAND=1"}
		cmd.SysProcAttr = &attributes
		var errs bytes.Buffer
		cmd.Stderr = &errs
		if err := cmd.Run(); err != nil {
			if _, ok := err.(*exec.ExitError); !ok {
				t.Fatal(err)
			}
		}
		return cmd.ProcessState.ExitCode(), errs.String()
	}
	code, errs := run("generate", "--backend", "gpu", "-o", "out", "--size", "40", "--quiet")
	if code != 1 || !strings.Contains(errs, "there is no libEGL.so.1 on this machine") || strings.Count(errs, "\n") != 1 {
		t.Errorf("gpu: exit %d: %s", code, errs)
	}
	if code, errs := run("devices"); code != 1 || !strings.Contains(errs, "libEGL.so.1") {
		t.Errorf("devices: exit %d: %s", code, errs)
	}
	if code, errs := run("generate", "-o", "out", "--size", "40", "--preset", "dead-leaves", "--count", "1"); code != 0 || !strings.Contains(errs, "backend: cpu (there is no libEGL.so.1") {
		t.Errorf("auto: exit %d: %s", code, errs)
	}
}

// The binary needs the C library and nothing of X11, libGL or GLFW; libEGL it opens
// when it is asked for a GPU.
func TestDynamicSection(t *testing.T) {
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	f, err := elf.Open(self)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	libs, err := f.ImportedLibraries()
	if err != nil || len(libs) == 0 {
		t.Fatal(libs, err)
	}
	for _, lib := range libs {
		switch name, _, _ := strings.Cut(lib, "."); name {
		case "libc", "libdl", "libpthread", "libm", "libEGL", "ld-linux-x86-64", "ld-linux-aarch64":
		default:
			t.Errorf("it needs %s", lib)
		}
	}
}

func TestGenerateOnGPU(t *testing.T) {
	dir := t.TempDir()
	args := []string{"--count", "5", "--size", "90x70", "--seed", "3", "--labels", "id,layer,depth,edge", "--quiet", "-o"}
	must(t, dir, append([]string{"generate", "--backend", "cpu"}, append(args, "a")...)...)
	must(t, dir, append([]string{"generate", "--backend", "gpu", "--device", "0", "--gl-debug"}, append(args, "b")...)...)
	must(t, dir, append([]string{"generate", "--device", "all"}, append(args, "c")...)...)
	a, b, c := tree(t, filepath.Join(dir, "a")), tree(t, filepath.Join(dir, "b")), tree(t, filepath.Join(dir, "c"))
	if len(a) != 26 {
		t.Errorf("%d files", len(a))
	}
	for name, hash := range a {
		if name != "manifest.json" && (b[name] != hash || c[name] != hash) {
			t.Errorf("%s differs", name)
		}
	}
	code, _, errs := leaflitter(t, dir, "generate", "--backend", "gpu", "--gl-debug", "-o", "d", "--count", "1", "--size", "20", "--preset", "dead-leaves")
	if code != 0 || !strings.Contains(errs, "opengl: leaflitter: debug output is on") || !strings.Contains(errs, "backend: gpu (asked for), device 0, ") {
		t.Errorf("exit %d: %s", code, errs)
	}
}

func TestBackendMistakes(t *testing.T) {
	dir := t.TempDir()
	for _, c := range []struct {
		code int
		want string
		args []string
	}{
		{2, "--backend must be one of", []string{"--backend", "tpu"}},
		{2, "the CPU backend has no devices", []string{"--backend", "cpu", "--device", "0"}},
		{1, "there is no device 77", []string{"--device", "77"}},
		{1, "there is no device -1", []string{"--device=-1"}},
		{1, `no device is named "voodoo"`, []string{"--backend", "gpu", "--device", "voodoo"}},
	} {
		code, _, errs := leaflitter(t, dir, append([]string{"generate", "-o", "out", "--quiet"}, c.args...)...)
		if code != c.code || !strings.Contains(errs, c.want) || strings.Count(errs, "\n") != 1 {
			t.Errorf("%v: exit %d: %s", c.args, code, errs)
		}
	}
	if _, err := os.Stat(filepath.Join(dir, "out")); err == nil {
		t.Error("something was written")
	}
}

func TestDevicesCommand(t *testing.T) {
	var all []gpu.Device
	if err := json.Unmarshal([]byte(must(t, t.TempDir(), "devices", "--json")), &all); err != nil {
		t.Fatal(err)
	}
	if len(all) == 0 || all[0].Renderer == "" || all[0].Vendor == "" || all[0].Version == "" || !all[0].Usable {
		t.Errorf("%+v", all)
	}
	if out := must(t, t.TempDir(), "devices"); !strings.Contains(out, all[0].Renderer) || !strings.Contains(out, "can run the shaders") {
		t.Error(out)
	}
	cmd := command(t.TempDir(), "devices")
	cmd.Env = append(cmd.Env, "MESA_GL_VERSION_OVERRIDE=4.5", "MESA_GLSL_VERSION_OVERRIDE=420")
	if out, err := cmd.Output(); err != nil || !strings.Contains(string(out), "cannot run the shaders: the driver does not ") {
		t.Errorf("%v: %s", err, out)
	}
}

func TestParityCommand(t *testing.T) {
	dir := t.TempDir()
	out := must(t, dir, "parity", "--all-presets", "--count", "1", "--size", "24", "--quiet")
	if strings.Count(out, "\n") != 13 || !strings.Contains(out, "first stage that differs") {
		t.Error(out)
	}
	var rows []struct {
		Config string
		Images []struct {
			Equal  bool
			Stages map[string]struct{ Count, Of int }
		}
	}
	if err := json.Unmarshal([]byte(must(t, dir, "parity", "--random", "2", "--count", "2", "--json")), &rows); err != nil {
		t.Fatal(err)
	}
	if len(rows) != 2 || len(rows[1].Images) != 2 || !rows[1].Images[1].Equal || rows[1].Images[1].Stages["cover"].Of == 0 {
		t.Errorf("%+v", rows)
	}
	for _, args := range [][]string{{"--count", "0"}, {"--random", "-1"}, {"--random", "2", "--size", "9"}, {"--backend-a", "x"}, {"--random", "2", "--all-presets"}} {
		if code, _, errs := leaflitter(t, dir, append([]string{"parity"}, args...)...); code != 2 || strings.Count(errs, "\n") != 1 {
			t.Errorf("%v: exit %d: %s", args, code, errs)
		}
	}
}

// A second start compiles nothing, a damaged cache changes nothing but that, and without a
// cache nothing is kept. The images are the same.
func TestProgramCacheCommand(t *testing.T) {
	dir := t.TempDir()
	cache := filepath.Join(dir, "cache")
	programs := filepath.Join(cache, "leaflitter", "programs")
	var first map[string]string
	generate := func(name string, compiles, loads bool, flags ...string) {
		t.Helper()
		args := append([]string{"generate", "-o", name, "--backend", "gpu", "--count", "2", "--size", "40", "--stats"}, flags...)
		code, errs := withEnv(t, dir, []string{"XDG_CACHE_HOME=" + cache}, args...)
		compiled, loaded := -1, -1
		if _, line, ok := strings.Cut(errs, "shaders: "); ok {
			fmt.Sscanf(line, "%d programs compiled, %d from the cache", &compiled, &loaded)
		}
		if code != 0 || compiled < 0 || loaded < 0 || (compiled > 0) != compiles || (loaded > 0) != loads {
			t.Errorf("%s: exit %d, %d compiled, %d from the cache: %s", name, code, compiled, loaded, errs)
		}
		images := tree(t, filepath.Join(dir, name))
		delete(images, "manifest.json")
		if first == nil {
			first = images
		}
		if !maps.Equal(images, first) {
			t.Errorf("%s: other images", name)
		}
	}
	generate("without", true, false, "--no-program-cache")
	if _, err := os.Stat(programs); err == nil {
		t.Error("--no-program-cache keeps programs")
	}
	generate("first", true, false)
	generate("second", false, true)
	kept, err := filepath.Glob(filepath.Join(programs, "*"))
	if err != nil || len(kept) == 0 {
		t.Fatalf("%d files kept (%v)", len(kept), err)
	}
	for _, file := range kept {
		if err := os.Truncate(file, 100); err != nil {
			t.Fatal(err)
		}
	}
	generate("damaged", true, false)
	generate("mended", false, true)
}

func TestProbeCommand(t *testing.T) {
	out := must(t, t.TempDir(), "devices", "--probe")
	for _, want := range []string{"the sum of two products: exact", "mapped memory read after a fence: exact", "a loop of 200,000 turns"} {
		if !strings.Contains(out, want) {
			t.Errorf("no %q in %s", want, out)
		}
	}
	var rows []struct {
		Renderer string
		Probe    []gpu.Primitive
	}
	if err := json.Unmarshal([]byte(must(t, t.TempDir(), "devices", "--probe", "--json")), &rows); err != nil {
		t.Fatal(err)
	}
	if len(rows) == 0 || rows[0].Renderer == "" || len(rows[0].Probe) < 20 || gpu.Verdict(rows[0].Probe) != nil {
		t.Errorf("%+v", rows)
	}
}
