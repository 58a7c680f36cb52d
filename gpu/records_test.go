//go:build linux && cgo && egl

package gpu

import (
	"cmp"
	"fmt"
	"os"
	"os/exec"
	"reflect"
	"strings"
	"testing"
	"unsafe"

	"github.com/go-gl/gl/v4.5-core/gl"

	"leaflitter/palette"
	"leaflitter/scene"
	"leaflitter/shaders"
)

// TestLayouts compares every record that crosses to the device with the layout that
// the driver gives it.
func TestLayouts(t *testing.T) {
	all, err := Devices()
	if err == nil {
		all, err = Select(all, cmp.Or(os.Getenv("LEAFLITTER_DEVICE"), "all"))
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("device %d", all[0].Index)
	th, err := openThread(all[0].Index, &Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer th.close()
	seen := map[string]bool{}
	err = th.do(func() error {
		programs, err := th.compiler.all(&Options{}, shaders.Define(1, 1<<20, shaders.Everything))
		if err != nil {
			return err
		}
		for stage, program := range programs {
			for name, got := range uniforms(program) {
				if got.block == "" {
					t.Errorf("%s: %s is a uniform outside of blocks", stage, name)
					continue
				}
				seen[got.block] = true
				name = "Dispatch." + name
				if offset, ok := offsetOf(reflect.TypeFor[dispatch](), name); got.block != "Dispatch" || !ok || offset != got.offset {
					t.Errorf("%s: %s of %s is at byte %d, in Go at %d", stage, name, got.block, got.offset, offset)
				}
			}
			for name, got := range variables(program) {
				want, known := records[got.block]
				if !known {
					if got.stride > 16 || strings.Contains(name, ".") {
						t.Errorf("%s: %s of %s has no record in Go", stage, name, got.block)
					}
					continue
				}
				seen[got.block] = true
				offset, ok := offsetOf(want, name)
				if !ok {
					t.Errorf("%s: %s.%s is not in %v", stage, got.block, name, want)
				} else if offset != got.offset {
					t.Errorf("%s: %s.%s is at byte %d, in Go at %d", stage, got.block, name, got.offset, offset)
				}
				if got.stride != 0 && got.stride != int(want.Size()) {
					t.Errorf("%s: %s takes %d bytes, in Go %d", stage, got.block, got.stride, want.Size())
				}
				if got.array != 0 && got.array != 4 && !strings.Contains(name, "[") {
					t.Errorf("%s: %s has stride %d", stage, name, got.array)
				}
			}
		}
		return check("layouts")
	})
	if err != nil {
		t.Fatal(err)
	}
	if !seen["Dispatch"] {
		t.Error("no stage uses Dispatch")
	}
	for block := range records {
		if !seen[block] {
			t.Errorf("no stage uses %s", block)
		}
	}
}

// TestLayouts is of the device that was asked for: gpubox asks for one by its number.
func TestRecordsDevice(t *testing.T) {
	cmd := exec.Command(os.Args[0], "-test.run", "^TestLayouts$")
	cmd.Env = append(os.Environ(), "LEAFLITTER_DEVICE=no-such-device")
	if out, err := cmd.CombinedOutput(); err == nil || !strings.Contains(string(out), "no-such-device") {
		t.Errorf("%v: %s", err, out)
	}
}

// TestPaletteWords compares the places of a palette's words in paint.comp, where they are
// constants, with the Go record.
func TestPaletteWords(t *testing.T) {
	text, err := shaders.Files.ReadFile("paint.comp")
	if err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]uintptr{
		"pixelCount": palette.PixelCount, "patchCount": palette.PatchCount,
		"pixelWords": unsafe.Sizeof(pixel{}) / 4, "gaussWords": unsafe.Sizeof(gauss{}) / 4,
	} {
		if !strings.Contains(string(text), fmt.Sprintf("%s = %du", name, want)) {
			t.Errorf("paint.comp does not say %s = %du", name, want)
		}
	}
	if c := (colours{}); unsafe.Offsetof(c.Patches) != palette.PixelCount*unsafe.Sizeof(pixel{}) ||
		unsafe.Offsetof(patch{}.Lab) != unsafe.Sizeof(gauss{}) || unsafe.Offsetof(pixel{}.Lab) != 4 || unsafe.Offsetof(gauss{}.Chol) != 12 ||
		unsafe.Offsetof(c.Means) != unsafe.Offsetof(c.Patches)+palette.PatchCount*unsafe.Sizeof(patch{}) || unsafe.Sizeof(c) != unsafe.Offsetof(c.Means)+24 {
		t.Error("a palette's record is not laid out as paint.comp reads it")
	}
}

var records = map[string]reflect.Type{
	"SettingsBuffer": reflect.TypeFor[settings](),
	"CanvasBuffer":   reflect.TypeFor[canvas](),
	"StackBuffer":    reflect.TypeFor[stack](),
	"LeafBuffer":     reflect.TypeFor[scene.Leaf](),
	"PassBuffer":     reflect.TypeFor[pass](),
	"BinBuffer":      reflect.TypeFor[bin](),
	"CoarseBuffer":   reflect.TypeFor[bin](),
	"ProgressBuffer": reflect.TypeFor[progress](),
	"PaintBuffer":    reflect.TypeFor[paint](),
	"TablesBuffer":   reflect.TypeFor[tables](),
}

type variable struct {
	block                 string
	offset, stride, array int
}

// variables lists what is in the storage blocks of a program.
func variables(program uint32) map[string]variable {
	out := map[string]variable{}
	var n int32
	gl.GetProgramInterfaceiv(program, gl.BUFFER_VARIABLE, gl.ACTIVE_RESOURCES, &n)
	for i := range uint32(n) {
		name := resource(program, gl.BUFFER_VARIABLE, i)
		asked := []uint32{gl.BLOCK_INDEX, gl.OFFSET, gl.TOP_LEVEL_ARRAY_STRIDE, gl.ARRAY_STRIDE}
		got := make([]int32, len(asked))
		gl.GetProgramResourceiv(program, gl.BUFFER_VARIABLE, i, int32(len(asked)), &asked[0], int32(len(got)), nil, &got[0])
		block := resource(program, gl.SHADER_STORAGE_BLOCK, uint32(got[0]))
		out[name] = variable{block, int(got[1]), int(got[2]), int(got[3])}
	}
	return out
}

// uniforms lists those of a program that are no part of a storage block; their block is
// empty where they are in none.
func uniforms(program uint32) map[string]variable {
	out := map[string]variable{}
	var n int32
	gl.GetProgramInterfaceiv(program, gl.UNIFORM, gl.ACTIVE_RESOURCES, &n)
	for i := range uint32(n) {
		name := resource(program, gl.UNIFORM, i)
		asked := []uint32{gl.BLOCK_INDEX, gl.OFFSET}
		got := make([]int32, len(asked))
		gl.GetProgramResourceiv(program, gl.UNIFORM, i, int32(len(asked)), &asked[0], int32(len(got)), nil, &got[0])
		v := variable{offset: int(got[1])}
		if got[0] >= 0 {
			v.block = resource(program, gl.UNIFORM_BLOCK, uint32(got[0]))
		}
		out[name] = v
	}
	return out
}

func resource(program, kind, i uint32) string {
	var n int32
	text := make([]uint8, 256)
	gl.GetProgramResourceName(program, kind, i, int32(len(text)), &n, &text[0])
	return string(text[:n])
}

// offsetOf finds a GLSL variable such as paints[0].waves[1].curve.gain in a Go
// record; names agree but for case.
func offsetOf(t reflect.Type, name string) (int, bool) {
	parts := strings.Split(name, ".")
	offset := 0
	for _, part := range parts[1:] {
		part, index, indexed := strings.Cut(part, "[")
		f, ok := t.FieldByNameFunc(func(s string) bool { return strings.EqualFold(s, part) })
		if !ok {
			return 0, false
		}
		offset += int(f.Offset)
		t = f.Type
		if indexed {
			var i int
			fmt.Sscanf(index, "%d", &i)
			t = t.Elem()
			offset += i * int(t.Size())
		}
	}
	return offset, true
}
