//go:build linux && cgo && egl

package gpu

import (
	"fmt"
	"unsafe"

	"github.com/go-gl/gl/v4.5-core/gl"
)

// mapped is host memory that the device reads or writes, mapped for as long as it
// exists: no call of the driver stands between a goroutine and its bytes. Only
// reserve and free need the thread.
type mapped struct {
	id   uint32
	size int
	at   unsafe.Pointer
	name string
	down bool // the device writes and the host reads; else the other way
}

// reserve makes the memory at least size bytes long, a little more than asked for so
// that the next batches fit too. Its content is lost if it grows.
func (m *mapped) reserve(size int) error {
	if size = max(size, 64); m.at != nil && m.size >= size {
		return nil
	}
	m.free()
	size += size / 4
	access := uint32(gl.MAP_PERSISTENT_BIT | gl.MAP_COHERENT_BIT)
	kind := uint32(0)
	if m.down {
		access |= gl.MAP_READ_BIT
		kind = gl.CLIENT_STORAGE_BIT
	} else {
		access |= gl.MAP_WRITE_BIT
	}
	gl.GenBuffers(1, &m.id)
	gl.BindBuffer(gl.COPY_READ_BUFFER, m.id)
	gl.BufferStorage(gl.COPY_READ_BUFFER, size, nil, access|kind)
	err := check(fmt.Sprintf("reserving %d MiB for %s", size>>20, m.name))
	if err == nil {
		m.at = gl.MapBufferRange(gl.COPY_READ_BUFFER, 0, size, access)
		if err = check("mapping " + m.name); err == nil && m.at == nil {
			err = errLost // without a context nothing is mapped and nothing is reported
		}
	}
	if err != nil {
		m.free()
		return err
	}
	m.size = size
	label(gl.BUFFER, m.id, m.name)
	return nil
}

// free unmaps the memory, which nobody may use any more.
func (m *mapped) free() {
	if m.id != 0 {
		gl.DeleteBuffers(1, &m.id)
	}
	m.id, m.size, m.at = 0, 0, nil
}

// view is n values of the memory from byte offset at on.
func view[T any](m *mapped, at, n int) []T {
	return unsafe.Slice((*T)(unsafe.Add(m.at, at)), n)
}

// copyTo asks the device to copy size bytes of the memory, from byte offset at on, to
// the start of b, which is large enough.
func (m *mapped) copyTo(b *buffer, at, size int) { transfer(m.id, b.id, at, 0, size) }

// copyFrom asks the device to copy the first size bytes of b to byte offset at.
func (m *mapped) copyFrom(b *buffer, at, size int) { transfer(b.id, m.id, 0, at, size) }

func transfer(from, to uint32, fromAt, toAt, size int) {
	if size > 0 {
		gl.BindBuffer(gl.COPY_READ_BUFFER, from)
		gl.BindBuffer(gl.COPY_WRITE_BUFFER, to)
		gl.CopyBufferSubData(gl.COPY_READ_BUFFER, gl.COPY_WRITE_BUFFER, fromAt, toAt, size)
	}
}
