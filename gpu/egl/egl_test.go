//go:build linux && cgo && egl

package egl

import "testing"

func TestDevices(t *testing.T) {
	all, err := Devices()
	if err != nil {
		t.Fatal(err)
	}
	for _, d := range all {
		t.Logf("%+v", d)
	}
}
