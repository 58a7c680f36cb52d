//go:build linux && cgo && egl

package gpu

import (
	"fmt"
	"unsafe"

	"github.com/go-gl/gl/v4.5-core/gl"
)

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
