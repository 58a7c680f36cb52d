//go:build !(linux && cgo && egl)

package gpu

import (
	"context"
	"errors"

	"leaflitter/render"
	"leaflitter/scene"
)

// Built reports whether this binary has the GPU backend.
const Built = false

var errNotBuilt = errors.New("this binary was built without the GPU backend; on Linux, with a C compiler and EGL's headers (Debian and Ubuntu: apt-get install gcc pkg-config libegl-dev), make build puts it in, or use --backend cpu")

// Devices says that there is no GPU backend.
func Devices() ([]Device, error) { return nil, errNotBuilt }

// Probe says that there is no GPU backend.
func Probe(*Device, Options) ([]Primitive, error) { return nil, errNotBuilt }

// Try does nothing.
func Try([]Device, Options) {}

// Backend is never made.
type Backend struct{}

// New says that there is no GPU backend.
func New(*render.Model, []Device, Options) (*Backend, error) {
	return nil, errNotBuilt
}

// Name implements render.Backend.
func (*Backend) Name() string { return "gpu" }

// Batch returns how many images a call of Render should bring.
func (*Backend) Batch() int { return 1 }

// InFlight returns how many calls of Render keep every device busy.
func (*Backend) InFlight() int { return 1 }

// Programs returns nothing.
func (*Backend) Programs() (compiled, loaded int) { return 0, 0 }

// Work returns nothing.
func (*Backend) Work() Work { return Work{} }

// Render implements render.Backend.
func (*Backend) Render(context.Context, []*scene.Scene, []*render.Image) error { return errNotBuilt }

// Trace implements render.Tracer.
func (*Backend) Trace(context.Context, *scene.Scene, *render.Image, func(render.Stage)) error {
	return errNotBuilt
}

// Close implements render.Backend.
func (*Backend) Close() error { return nil }
