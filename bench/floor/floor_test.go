//go:build linux && cgo && egl

package floor

import "testing"

// Every rate is measured, and what the shader wrote has reached the host (Device checks it).
func TestRates(t *testing.T) {
	r := Host(2, 1)
	if err := Device(0, 1, &r); err != nil {
		t.Fatal(err)
	}
	for _, rate := range []float64{r.Copy, r.CopyAll, r.DeviceToHost, r.HostToDevice, r.Write, r.Delivered, r.WriteMapped, r.Beside, r.Clear, r.HostRead, r.HostWrite} {
		if rate < 1e6 || rate > 1e14 {
			t.Errorf("%s", r)
		}
	}
	t.Log(r)
}
