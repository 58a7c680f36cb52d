//go:build linux && cgo && egl

package egl

/*
#cgo LDFLAGS: -ldl
#include <stdlib.h>
#include "egl.h"
*/
import "C"

import (
	"errors"
	"fmt"
	"runtime"
	"sync"
	"unsafe"
)

// The version of OpenGL, core profile, that contexts have at least: 4.3 has compute
// shaders, 4.4 memory that both sides keep mapped.
const Major, Minor = 4, 4

// Device is something that gives contexts: an EGL device, or Mesa's surfaceless
// platform.
type Device struct {
	Index    int    // position in Devices
	Platform string // "device" or "surfaceless"
	Vendor   string // as OpenGL says, empty when no context could be made
	Renderer string
	Version  string
	Memory   uint64 // bytes of its own memory; 0: the driver does not tell
	Cuda     int    // number of the CUDA device it is; -1: none
	Software bool   // a rasteriser on the CPU
	Problem  string // why it gives no context; empty when it does

	egl int // index of the EGL device
}

// Name returns what to call the device in a sentence.
func (d *Device) Name() string {
	if d.Renderer != "" {
		return d.Renderer
	}
	return "EGL " + d.Platform
}

// ErrNoEGL is what errors match (errors.Is) when libEGL is missing.
var ErrNoEGL = errors.New("there is no libEGL.so.1 on this machine")

var lock sync.Mutex // of everything static in egl.c

func load() error {
	if why := C.leaf_load(); why != nil {
		return fmt.Errorf("%w (%s); install it (Debian and Ubuntu: apt-get install libegl1, with libgl1-mesa-dri for a software renderer) or use --backend cpu",
			ErrNoEGL, C.GoString(why))
	}
	return nil
}

// Devices lists what gives contexts, hardware first. A device that cannot be used
// is in the list with its Problem. The error says why there can be no list.
func Devices() ([]Device, error) {
	lock.Lock()
	defer lock.Unlock()
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	if err := load(); err != nil {
		return nil, err
	}
	var hard, soft []Device
	for i := range int(C.leaf_device_count()) {
		d := Device{Platform: "device", egl: i, Software: C.leaf_device_software(C.int(i)) != 0, Cuda: int(C.leaf_device_cuda(C.int(i)))}
		d.describe()
		if d.Software {
			soft = append(soft, d)
		} else {
			hard = append(hard, d)
		}
	}
	// The surfaceless platform repeats a device of the list unless EGL lists none.
	if len(hard)+len(soft) == 0 {
		d := Device{Platform: "surfaceless", egl: C.leaf_surfaceless, Cuda: -1}
		d.describe()
		d.Software = true // no hardware was listed
		if d.Problem == "" {
			soft = append(soft, d)
		}
	}
	all := append(hard, soft...)
	for i := range all {
		all[i].Index = i
	}
	if len(all) == 0 {
		return nil, errors.New("EGL lists no device: install the vendor's driver with its EGL library, or Mesa's software renderer (Debian and Ubuntu: apt-get install libgl1-mesa-dri), or use --backend cpu")
	}
	return all, nil
}

// describe asks a context of the device who it is.
func (d *Device) describe() {
	c, err := d.open(false, true)
	if err != nil {
		d.Problem = err.Error()
		return
	}
	defer C.leaf_close(&c.c)
	if why := C.leaf_current(&c.c); why != nil {
		d.Problem = message(why)
		return
	}
	defer C.leaf_release(&c.c)
	var vendor, renderer, version *C.char
	var major, minor C.int
	if why := C.leaf_strings(&vendor, &renderer, &version, &major, &minor); why != nil {
		d.Problem = message(why)
		return
	}
	d.Vendor, d.Renderer, d.Version = C.GoString(vendor), C.GoString(renderer), C.GoString(version)
	d.Memory = uint64(C.leaf_memory())
	if major < Major || major == Major && minor < Minor {
		d.Problem = fmt.Sprintf("it has OpenGL %d.%d, %d.%d or later is needed", major, minor, Major, Minor)
	}
}

func message(why *C.char) string {
	if code := C.leaf_error(); code != 0 && code != 0x3000 {
		return fmt.Sprintf("%s (EGL error %#x)", C.GoString(why), int(code))
	}
	return C.GoString(why)
}

// Context is an OpenGL core context without a surface. It is current on at most
// one OS thread at a time.
type Context struct{ c C.leaf_context }

// Open makes a context. debug asks for one that reports what the driver notices.
func (d *Device) Open(debug bool) (*Context, error) {
	lock.Lock()
	defer lock.Unlock()
	if err := load(); err != nil {
		return nil, err
	}
	c, err := d.open(debug, false)
	if err != nil {
		return nil, fmt.Errorf("%s cannot be used: %w", d.Name(), err)
	}
	return c, nil
}

func (d *Device) open(debug, anyVersion bool) (*Context, error) {
	c := &Context{}
	if why := C.leaf_open(C.int(d.egl), flag(debug), flag(anyVersion), &c.c); why != nil {
		return nil, errors.New(message(why))
	}
	return c, nil
}

func flag(b bool) C.int {
	if b {
		return 1
	}
	return 0
}

// MakeCurrent makes the context current on the calling OS thread, which the
// caller has locked (runtime.LockOSThread).
func (c *Context) MakeCurrent() error {
	if why := C.leaf_current(&c.c); why != nil {
		return errors.New(message(why))
	}
	return nil
}

// Release makes no context current on the calling thread.
func (c *Context) Release() error {
	if why := C.leaf_release(&c.c); why != nil {
		return errors.New(message(why))
	}
	return nil
}

// Close frees the context, which must be current on no other thread.
func (c *Context) Close() { C.leaf_close(&c.c) }

// ProcAddr returns the address of an OpenGL function, nil if there is none. The
// package must have opened a context.
func ProcAddr(name string) unsafe.Pointer {
	s := C.CString(name)
	defer C.free(unsafe.Pointer(s))
	return C.leaf_proc(s)
}
