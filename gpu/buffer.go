//go:build linux && cgo && egl

package gpu

import (
	"fmt"
	"unsafe"

	"github.com/go-gl/gl/v4.5-core/gl"
)

// buffer is memory of the device: immutable storage that cannot be mapped, so that no
// driver has a reason to keep it elsewhere. It grows by being made anew.
type buffer struct {
	id   uint32
	size int
	name string
	host bool // the host writes to it, by put and putAt
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
	flags := uint32(0)
	if b.host {
		flags = gl.DYNAMIC_STORAGE_BIT
	}
	gl.BufferStorage(gl.SHADER_STORAGE_BUFFER, size, nil, flags)
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
	if !b.host { // what was reserved for the device alone cannot be written to
		b.free()
		b.host = true
	}
	if err := b.reserve(size); err != nil {
		return err
	}
	if size > 0 {
		gl.BindBuffer(gl.SHADER_STORAGE_BUFFER, b.id)
		gl.BufferSubData(gl.SHADER_STORAGE_BUFFER, 0, size, unsafe.Pointer(&data[0]))
	}
	return nil
}

// putAt uploads data to byte offset at of a buffer that is large enough and the host's
// to write to.
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

func (b *buffer) bind(binding uint32) { gl.BindBufferBase(gl.SHADER_STORAGE_BUFFER, binding, b.id) }

// bindStart binds the first size bytes and hides the rest.
func (b *buffer) bindStart(binding uint32, size int) {
	gl.BindBufferRange(gl.SHADER_STORAGE_BUFFER, binding, b.id, 0, size)
}
