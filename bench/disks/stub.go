//go:build !(linux && cgo && egl)

package disks

import (
	"errors"
	"time"
)

// Device is an OpenGL device; this build can open none.
type Device struct {
	Name     string
	Software bool
}

var errNotBuilt = errors.New("built without the tag egl: no shader is measured")

// Open says that this build has no shaders.
func Open(string) (*Device, error) { return nil, errNotBuilt }

// Brute is for builds with shaders.
func (*Device) Brute(*Subject, int) (time.Duration, error) { return 0, errNotBuilt }

// Tiles is for builds with shaders.
func (*Device) Tiles(*Subject) (func(int) (time.Duration, error), func() error, error) {
	return nil, nil, errNotBuilt
}
