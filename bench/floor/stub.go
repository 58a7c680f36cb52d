//go:build !(linux && cgo && egl)

package floor

import "errors"

// Device says that there is no GPU backend in this binary.
func Device(int, int, *Rates) error {
	return errors.New("built without the tag egl: no device is measured")
}
