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

// Device adds the rates of device number i (see leaflitter devices) to r.
func Device(i, repeats int, r *Rates) error {
	done := make(chan error)
	go func() {
		runtime.LockOSThread() // to the end: the thread dies with the goroutine, and its context with it
		done <- device(i, repeats, r)
	}()
	return <-done
}

func device(i, repeats int, r *Rates) error {
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
	program, err := compile()
	if err != nil {
		return err
	}
	defer gl.DeleteProgram(program)

	var buffers [2]uint32 // on the device; mapped by the host
	gl.GenBuffers(2, &buffers[0])
	defer gl.DeleteBuffers(2, &buffers[0])
	gl.BindBuffer(gl.COPY_READ_BUFFER, buffers[0])
	gl.BufferData(gl.COPY_READ_BUFFER, size, nil, gl.DYNAMIC_COPY)
	gl.BindBuffer(gl.COPY_WRITE_BUFFER, buffers[1])
	const access = gl.MAP_READ_BIT | gl.MAP_PERSISTENT_BIT | gl.MAP_COHERENT_BIT
	gl.BufferStorage(gl.COPY_WRITE_BUFFER, size, nil, access|gl.CLIENT_STORAGE_BIT)
	at := gl.MapBufferRange(gl.COPY_WRITE_BUFFER, 0, size, access)
	if code := gl.GetError(); code != gl.NO_ERROR || at == nil {
		return fmt.Errorf("OpenGL error %#x mapping %d bytes", code, size)
	}
	words := unsafe.Slice((*uint32)(at), size/4)
	gl.BindBufferBase(gl.SHADER_STORAGE_BUFFER, 0, buffers[0])
	gl.UseProgram(program)
	value := uint32(0)
	write := func() {
		value++
		gl.Uniform1ui(0, value)
		gl.DispatchCompute(1<<12, size/4/256>>12, 1)
		gl.MemoryBarrier(gl.ALL_BARRIER_BITS)
	}
	down := func() { gl.CopyBufferSubData(gl.COPY_READ_BUFFER, gl.COPY_WRITE_BUFFER, 0, 0, size) }
	rate := func(what ...func()) float64 {
		return median(repeats, func() float64 {
			gl.Finish()
			start := time.Now()
			for range 4 { // queued behind one another, as batches are
				for _, f := range what {
					f()
				}
			}
			gl.Finish()
			return 4 * size / time.Since(start).Seconds()
		})
	}
	r.Write, r.DeviceToHost = rate(write), rate(down)
	r.Delivered = rate(write, down)
	for _, i := range []uint32{0, 12345, size/4 - 1} {
		if words[i] != i^value {
			return errors.New("the shader's words did not reach the host")
		}
	}
	return nil
}

func compile() (uint32, error) {
	shader := gl.CreateShader(gl.COMPUTE_SHADER)
	defer gl.DeleteShader(shader)
	text, free := gl.Strs(writeShader + "\x00")
	gl.ShaderSource(shader, 1, text, nil)
	free()
	gl.CompileShader(shader)
	program := gl.CreateProgram()
	gl.AttachShader(program, shader)
	gl.LinkProgram(program)
	var ok int32
	if gl.GetProgramiv(program, gl.LINK_STATUS, &ok); ok == 0 {
		gl.DeleteProgram(program)
		return 0, errors.New("the driver does not compile bench/floor/write.comp")
	}
	return program, nil
}
