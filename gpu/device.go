//go:build linux && cgo && egl

package gpu

import (
	"errors"
	"fmt"
	"io/fs"
	"runtime"
	"strings"
	"sync"
	"unsafe"

	"github.com/go-gl/gl/v4.5-core/gl"

	"leaflitter/gpu/egl"
	"leaflitter/shaders"
)

// Built reports whether this binary has the GPU backend.
const Built = true

func (o *Options) files() fs.FS {
	if o.Shaders == nil {
		return shaders.Files
	}
	return o.Shaders
}

func (o *Options) say(format string, args ...any) {
	if o.Say != nil {
		o.Say(fmt.Sprintf(format, args...))
	}
}

// Listing makes a context on every device: once is enough.
var listed = sync.OnceValues(egl.Devices)

// Devices lists what gives OpenGL contexts, hardware first. Usable means that a
// context with the version that the shaders need could be made.
func Devices() ([]Device, error) {
	found, err := listed()
	if err != nil {
		return nil, err
	}
	all := make([]Device, len(found))
	for i := range found {
		all[i] = describe(&found[i])
	}
	return all, nil
}

// Try compiles all shaders on each usable device, which takes seconds on some, and
// notes the devices that cannot run them.
func Try(all []Device, o Options) {
	for i := range all {
		if all[i].Usable {
			all[i].Problem = try(all[i].Index, &o)
			all[i].Usable = all[i].Problem == ""
		}
	}
}

func describe(d *egl.Device) Device {
	return Device{
		Index: d.Index, Platform: d.Platform, Vendor: d.Vendor, Renderer: d.Renderer, Version: d.Version,
		Memory: d.Memory, Cuda: d.Cuda, Software: d.Software, Problem: d.Problem,
		Usable: d.Problem == "",
	}
}

// try returns why device number i cannot run the shaders, or nothing.
func try(i int, o *Options) string {
	t, err := openThread(i, o)
	if err != nil {
		return err.Error()
	}
	defer t.close()
	err = t.do(func() error {
		_, err := compileAll(o, 1, 1<<20, false)
		return err
	})
	if err != nil {
		return err.Error()
	}
	return ""
}

// Errors that a smaller batch or a new context may mend.
var (
	errMemory = errors.New("the device is out of memory")
	errLost   = errors.New("the OpenGL context was lost (the driver reset or removed the device)")
)

// thread is an OS thread with a current context. All OpenGL calls go through do.
type thread struct {
	calls  chan func()
	ctx    *egl.Context
	limits limits
}

// limits are what the driver says it can do.
type limits struct {
	block   uint64 // bytes of a storage buffer
	storage int32  // buffers a stage may read
	shared  int32  // bytes
	groups  int32  // invocations a workgroup
}

var loadGL = sync.OnceValue(func() error { return gl.InitWithProcAddrFunc(egl.ProcAddr) })

// openThread makes a context on device number i (see egl.Devices).
func openThread(i int, o *Options) (*thread, error) {
	found, err := listed()
	if err != nil {
		return nil, err
	}
	if i >= len(found) {
		return nil, fmt.Errorf("EGL lists no device %d", i)
	}
	t := &thread{calls: make(chan func())}
	go func() {
		runtime.LockOSThread() // to the end: the thread dies with the goroutine
		for f := range t.calls {
			f()
		}
	}()
	err = t.do(func() error {
		if t.ctx, err = found[i].Open(o.Debug); err != nil {
			return err
		}
		if err := t.ctx.MakeCurrent(); err != nil {
			return err
		}
		if err := loadGL(); err != nil {
			return fmt.Errorf("its driver lacks OpenGL %d.%d: %w", egl.Major, egl.Minor, err)
		}
		if o.Debug {
			listen(o)
		}
		return t.limits.read()
	})
	if err != nil {
		t.close()
		return nil, err
	}
	return t, nil
}

// do runs f on the thread and waits for it.
func (t *thread) do(f func() error) error {
	done := make(chan error)
	t.calls <- func() { done <- f() }
	return <-done
}

func (t *thread) close() {
	t.do(func() error {
		if t.ctx != nil {
			t.ctx.Release()
			t.ctx.Close()
		}
		return nil
	})
	close(t.calls)
}

func (l *limits) read() error {
	var block int64
	gl.GetInteger64v(gl.MAX_SHADER_STORAGE_BLOCK_SIZE, &block)
	l.block = uint64(block)
	gl.GetIntegerv(gl.MAX_COMPUTE_SHADER_STORAGE_BLOCKS, &l.storage)
	gl.GetIntegerv(gl.MAX_COMPUTE_SHARED_MEMORY_SIZE, &l.shared)
	gl.GetIntegerv(gl.MAX_COMPUTE_WORK_GROUP_INVOCATIONS, &l.groups)
	const storage, shared, groups, least = 12, 12 << 10, 256, 16 << 20
	switch {
	case l.storage < storage:
		return fmt.Errorf("its compute shaders read %d storage buffers, %d are needed", l.storage, storage)
	case l.shared < shared:
		return fmt.Errorf("its workgroups share %d bytes, %d are needed", l.shared, shared)
	case l.groups < groups:
		return fmt.Errorf("its workgroups have %d invocations, %d are needed", l.groups, groups)
	case l.block < least:
		return fmt.Errorf("its storage buffers hold %d bytes, %d are needed", l.block, least)
	}
	return nil
}

// listen passes on what the driver notices.
func listen(o *Options) {
	gl.Enable(gl.DEBUG_OUTPUT)
	gl.Enable(gl.DEBUG_OUTPUT_SYNCHRONOUS) // so that it is said at the call that caused it
	gl.DebugMessageCallback(func(source, kind, id, severity uint32, length int32, message string, user unsafe.Pointer) {
		if severity == gl.DEBUG_SEVERITY_NOTIFICATION {
			return
		}
		o.say("opengl: %s", strings.TrimSpace(message))
	}, nil)
	gl.DebugMessageControl(gl.DONT_CARE, gl.DONT_CARE, gl.DONT_CARE, 0, nil, true)
	text := "leaflitter: debug output is on"
	gl.DebugMessageInsert(gl.DEBUG_SOURCE_APPLICATION, gl.DEBUG_TYPE_MARKER, 1, gl.DEBUG_SEVERITY_LOW, int32(len(text)), gl.Str(text+"\x00"))
}

// label names an object for debuggers and for the driver's messages.
func label(kind, id uint32, name string) {
	gl.ObjectLabel(kind, id, int32(len(name)), gl.Str(name+"\x00"))
}

// check returns what OpenGL has to say about the calls since the last check.
func check(what string) error {
	for code := gl.GetError(); ; code = gl.GetError() {
		switch code {
		case gl.NO_ERROR:
			return nil
		case gl.OUT_OF_MEMORY:
			return fmt.Errorf("%w (%s)", errMemory, what)
		case gl.CONTEXT_LOST:
			return errLost
		default:
			return fmt.Errorf("OpenGL reports error %#x at %s; this is a mistake in leaflitter or in the driver, --gl-debug tells more and --backend cpu avoids it", code, what)
		}
	}
}

// programs are the compiled stages by name.
type programs map[string]uint32

// compileAll compiles and links every stage.
func compileAll(o *Options, pools, poolTexels int, labels bool) (programs, error) {
	all := programs{}
	for _, stage := range shaders.Stages() {
		p, err := compile(o, stage, map[string]int{"NOISE_POOLS": pools, "NOISE_POOL_TEXELS": poolTexels})
		if err != nil {
			return nil, err
		}
		if labels {
			label(gl.PROGRAM, p, stage)
		}
		all[stage] = p
	}
	return all, nil
}

func compile(o *Options, stage string, defines map[string]int) (uint32, error) {
	source, err := shaders.Expand(o.files(), stage, defines)
	if err != nil {
		return 0, err
	}
	shader := gl.CreateShader(gl.COMPUTE_SHADER)
	defer gl.DeleteShader(shader)
	text, free := gl.Strs(source.Text + "\x00")
	gl.ShaderSource(shader, 1, text, nil)
	free()
	gl.CompileShader(shader)
	var ok int32
	if gl.GetShaderiv(shader, gl.COMPILE_STATUS, &ok); ok == 0 {
		var n int32
		gl.GetShaderiv(shader, gl.INFO_LOG_LENGTH, &n)
		log := make([]byte, n+1)
		gl.GetShaderInfoLog(shader, n+1, nil, &log[0])
		return 0, fmt.Errorf("the driver does not compile shaders/%s.comp: %s", stage, oneLine(source.Locate(gl.GoStr(&log[0]))))
	}
	program := gl.CreateProgram()
	gl.AttachShader(program, shader)
	gl.LinkProgram(program)
	if gl.GetProgramiv(program, gl.LINK_STATUS, &ok); ok == 0 {
		var n int32
		gl.GetProgramiv(program, gl.INFO_LOG_LENGTH, &n)
		log := make([]byte, n+1)
		gl.GetProgramInfoLog(program, n+1, nil, &log[0])
		gl.DeleteProgram(program)
		return 0, fmt.Errorf("the driver does not link shaders/%s.comp: %s", stage, oneLine(source.Locate(gl.GoStr(&log[0]))))
	}
	return program, check("compiling " + stage)
}

func oneLine(log string) string {
	return strings.Join(strings.FieldsFunc(log, func(r rune) bool { return r == '\n' || r == 0 }), "; ")
}

// buffer is a storage buffer that grows.
type buffer struct {
	id   uint32
	size int
	name string
}

// reserve makes the buffer at least size bytes long; its content is lost if it
// grows.
func (b *buffer) reserve(size int) error {
	size = max(size, 4)
	if b.id != 0 && b.size >= size {
		return nil
	}
	if b.id != 0 {
		gl.DeleteBuffers(1, &b.id)
	}
	gl.GenBuffers(1, &b.id)
	gl.BindBuffer(gl.SHADER_STORAGE_BUFFER, b.id)
	gl.BufferData(gl.SHADER_STORAGE_BUFFER, size, nil, gl.DYNAMIC_COPY)
	b.size = size
	if err := check(fmt.Sprintf("reserving %d MiB for %s", size>>20, b.name)); err != nil {
		b.free()
		return err
	}
	label(gl.BUFFER, b.id, b.name)
	return nil
}

func (b *buffer) free() {
	gl.DeleteBuffers(1, &b.id)
	b.id, b.size = 0, 0
}

// put uploads data to the start of the buffer.
func put[T any](b *buffer, data []T) error {
	var one T
	size := len(data) * int(unsafe.Sizeof(one))
	if err := b.reserve(size); err != nil {
		return err
	}
	if size > 0 {
		gl.BindBuffer(gl.SHADER_STORAGE_BUFFER, b.id)
		gl.BufferSubData(gl.SHADER_STORAGE_BUFFER, 0, size, unsafe.Pointer(&data[0]))
	}
	return nil
}

// putAt uploads data to byte offset at of a buffer that is large enough.
func putAt[T any](b *buffer, at int, data []T) {
	var one T
	if len(data) > 0 {
		gl.BindBuffer(gl.SHADER_STORAGE_BUFFER, b.id)
		gl.BufferSubData(gl.SHADER_STORAGE_BUFFER, at, len(data)*int(unsafe.Sizeof(one)), unsafe.Pointer(&data[0]))
	}
}

// get downloads the start of the buffer, after all that was asked for before.
func get[T any](b *buffer, data []T) {
	var one T
	if len(data) > 0 {
		gl.BindBuffer(gl.SHADER_STORAGE_BUFFER, b.id)
		gl.GetBufferSubData(gl.SHADER_STORAGE_BUFFER, 0, len(data)*int(unsafe.Sizeof(one)), unsafe.Pointer(&data[0]))
	}
}

// zero clears the first size bytes.
func (b *buffer) zero(size int) {
	var none uint32
	gl.BindBuffer(gl.SHADER_STORAGE_BUFFER, b.id)
	gl.ClearBufferSubData(gl.SHADER_STORAGE_BUFFER, gl.R32UI, 0, size, gl.RED_INTEGER, gl.UNSIGNED_INT, unsafe.Pointer(&none))
}

func (b *buffer) bind(binding uint32) { gl.BindBufferBase(gl.SHADER_STORAGE_BUFFER, binding, b.id) }
