//go:build linux && cgo && egl

package gpu

import (
	"fmt"
	"io/fs"
	"sync"

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

func (o *Options) warn(format string, args ...any) {
	if o.Warn != nil {
		o.Warn(fmt.Sprintf(format, args...))
	} else {
		o.say(format, args...)
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
		_, err := t.compiler.all(o, shaders.Define(1, 1<<20, shaders.Everything))
		return err
	})
	if err != nil {
		return err.Error()
	}
	return ""
}
