//go:build linux && cgo && egl

package floor

import (
	_ "embed"
	"errors"
	"fmt"
	"runtime"
	"time"
	"unsafe"

	"github.com/go-gl/gl/v4.5-core/gl"

	"leaflitter/gpu/egl"
)

//go:embed write.comp
var writeShader string

//go:embed empty.comp
var emptyShader string

// Device adds the rates of device number i (see leaflitter devices) to r.
func Device(i, repeats int, r *Rates) error {
	return within(i, func() error { return device(i, repeats, r) })
}

// within calls f on a thread of its own with a new context on device number i.
func within(i int, f func() error) error {
	done := make(chan error)
	go func() {
		runtime.LockOSThread() // to the end: the thread dies with the goroutine, and its context with it
		done <- inContext(i, f)
	}()
	return <-done
}

func inContext(i int, f func() error) error {
	all, err := egl.Devices()
	if err != nil {
		return err
	}
	if i >= len(all) {
		return fmt.Errorf("EGL lists no device %d", i)
	}
	ctx, err := all[i].Open(false)
	if err != nil {
		return err
	}
	defer ctx.Close()
	if err := ctx.MakeCurrent(); err != nil {
		return err
	}
	defer ctx.Release()
	if err := gl.InitWithProcAddrFunc(egl.ProcAddr); err != nil {
		return err
	}
	return f()
}

// writing keeps the device busy with the shader that only writes, in a context of its own,
// until stop is called. It returns once the device works.
func writing(i int) (stop func() error, err error) {
	began, end, done := make(chan error, 1), make(chan bool), make(chan error)
	go func() {
		done <- within(i, func() error {
			program, err := compile("write.comp", writeShader)
			if err == nil {
				defer gl.DeleteProgram(program)
				gl.UseProgram(program)
				var id uint32
				if id, err = storage(0); err == nil {
					defer gl.DeleteBuffers(1, &id)
					gl.BindBufferBase(gl.SHADER_STORAGE_BUFFER, 0, id)
				}
			}
			for first := true; err == nil; first = false {
				for range 8 { // some milliseconds' work, so that the device does not wait for us
					gl.DispatchCompute(1<<12, size/4/256>>12, 1)
				}
				gl.Finish()
				if first {
					began <- nil
				}
				select {
				case <-end:
					return nil
				default:
				}
			}
			return err
		})
		close(done)
	}()
	select {
	case err := <-done:
		return nil, err
	case <-began:
	}
	return func() error { close(end); return <-done }, nil
}

func device(i, repeats int, r *Rates) error {
	program, err := compile("write.comp", writeShader)
	if err != nil {
		return err
	}
	defer gl.DeleteProgram(program)
	empty, err := compile("empty.comp", emptyShader)
	if err != nil {
		return err
	}
	defer gl.DeleteProgram(empty)
	gl.UseProgram(program)

	const keep = gl.MAP_PERSISTENT_BIT | gl.MAP_COHERENT_BIT
	own, err := storage(0)
	if err != nil {
		return err
	}
	defer gl.DeleteBuffers(1, &own)
	other, err := storage(0)
	if err != nil {
		return err
	}
	defer gl.DeleteBuffers(1, &other)
	down, err := storage(keep | gl.MAP_READ_BIT | gl.CLIENT_STORAGE_BIT)
	if err != nil {
		return err
	}
	defer gl.DeleteBuffers(1, &down)
	up, err := storage(keep | gl.MAP_WRITE_BIT)
	if err != nil {
		return err
	}
	defer gl.DeleteBuffers(1, &up)
	words, err := mapped(down, keep|gl.MAP_READ_BIT)
	if err != nil {
		return err
	}
	placed, err := mapped(up, keep|gl.MAP_WRITE_BIT)
	if err != nil {
		return err
	}
	value := uint32(0)
	write := func(to uint32) func() {
		return func() {
			value++
			gl.BindBufferBase(gl.SHADER_STORAGE_BUFFER, 0, to)
			gl.Uniform1ui(0, value)
			gl.DispatchCompute(1<<12, size/4/256>>12, 1)
			gl.MemoryBarrier(gl.ALL_BARRIER_BITS)
		}
	}
	copied := func(from, to uint32) func() {
		return func() {
			gl.BindBuffer(gl.COPY_READ_BUFFER, from)
			gl.BindBuffer(gl.COPY_WRITE_BUFFER, to)
			gl.CopyBufferSubData(gl.COPY_READ_BUFFER, gl.COPY_WRITE_BUFFER, 0, 0, size)
		}
	}
	clear := func() {
		var none uint32
		gl.BindBuffer(gl.COPY_WRITE_BUFFER, other)
		gl.ClearBufferSubData(gl.COPY_WRITE_BUFFER, gl.R32UI, 0, size, gl.RED_INTEGER, gl.UNSIGNED_INT, unsafe.Pointer(&none))
	}
	const queued = 4 // behind one another, as batches are
	seconds := func(times int, what ...func()) float64 {
		return median(repeats, func() float64 {
			gl.Finish()
			start := time.Now()
			for range times {
				for _, f := range what {
					f()
				}
			}
			gl.Finish()
			return time.Since(start).Seconds() / float64(times)
		})
	}
	rate := func(what ...func()) float64 { return size / seconds(queued, what...) }

	r.Write, r.Clear = rate(write(own)), rate(clear)
	r.DeviceToHost, r.HostToDevice = rate(copied(own, down)), rate(copied(up, other))
	r.Delivered = rate(write(own), copied(own, down))
	if err := arrived(words, value); err != nil {
		return err
	}
	r.WriteMapped = rate(write(down))
	if err := arrived(words, value); err != nil {
		return err
	}
	stop, err := writing(i)
	if err != nil {
		return err
	}
	r.Beside = rate(copied(own, down))
	if err := stop(); err != nil {
		return err
	}
	r.HostRead = median(repeats, func() float64 {
		start := time.Now()
		copy(scratch, words)
		return size / time.Since(start).Seconds()
	})
	r.HostWrite = median(repeats, func() float64 {
		start := time.Now()
		copy(placed, scratch)
		return size / time.Since(start).Seconds()
	})
	gl.UseProgram(empty)
	r.Dispatch = seconds(1000, func() { gl.DispatchCompute(1, 1, 1) })
	r.DispatchIdle = seconds(20, func() {
		gl.DispatchCompute(1, 1, 1)
		gl.Finish()
	})
	if code := gl.GetError(); code != gl.NO_ERROR {
		return fmt.Errorf("OpenGL error %#x while measuring", code)
	}
	return nil
}

var scratch = make([]uint32, size/4)

func arrived(words []uint32, value uint32) error {
	for _, i := range []uint32{0, 12345, size/4 - 1} {
		if words[i] != i^value {
			return errors.New("the shader's words did not reach the host")
		}
	}
	return nil
}

// storage makes a buffer of size bytes that cannot move.
func storage(flags uint32) (id uint32, err error) {
	gl.GenBuffers(1, &id)
	gl.BindBuffer(gl.COPY_WRITE_BUFFER, id)
	gl.BufferStorage(gl.COPY_WRITE_BUFFER, size, nil, flags)
	if code := gl.GetError(); code != gl.NO_ERROR {
		return 0, fmt.Errorf("OpenGL error %#x making a buffer of %d bytes", code, size)
	}
	return id, nil
}

func mapped(id, access uint32) ([]uint32, error) {
	gl.BindBuffer(gl.COPY_WRITE_BUFFER, id)
	at := gl.MapBufferRange(gl.COPY_WRITE_BUFFER, 0, size, access)
	if code := gl.GetError(); code != gl.NO_ERROR || at == nil {
		return nil, fmt.Errorf("OpenGL error %#x mapping %d bytes", code, size)
	}
	return unsafe.Slice((*uint32)(at), size/4), nil
}

func compile(name, source string) (uint32, error) {
	shader := gl.CreateShader(gl.COMPUTE_SHADER)
	defer gl.DeleteShader(shader)
	text, free := gl.Strs(source + "\x00")
	gl.ShaderSource(shader, 1, text, nil)
	free()
	gl.CompileShader(shader)
	program := gl.CreateProgram()
	gl.AttachShader(program, shader)
	gl.LinkProgram(program)
	var ok int32
	if gl.GetProgramiv(program, gl.LINK_STATUS, &ok); ok == 0 {
		gl.DeleteProgram(program)
		return 0, fmt.Errorf("the driver does not compile bench/floor/%s", name)
	}
	return program, nil
}
