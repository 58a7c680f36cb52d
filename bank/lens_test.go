package bank

import (
	"math"
	"testing"

	"leaflitter/scene"
)

// moments returns the variance of a kernel along x and along y, px^2, and its mean of
// x^2 y^2 over that of x^4, from its runs alone.
func moments(k *LensKernel) (x, y, shape float64) {
	sum, xxyy, xxxx := 0.0, 0.0, 0.0
	for j := -k.Reach(); j <= k.Reach(); j++ {
		row := k.First[max(j, -j):]
		for _, run := range k.Runs[row[0]:row[1]] {
			for i := -int(run.Reach); i <= int(run.Reach); i++ {
				w := float64(run.Weight)
				sum += w
				x += w * float64(i*i)
				y += w * float64(j*j)
				xxyy += w * float64(i*i*j*j)
				xxxx += w * float64(i*i*i*i)
			}
		}
	}
	return x / sum, y / sum, xxyy / xxxx
}

// A lens blurs alike along both axes, and as much as its radius says, whatever the
// radius, and is a disk: its mean of x^2 y^2 is a third of that of x^4 (of a square it is 5/9, of a
// diamond 1/6).
func TestLensHasNoDirection(t *testing.T) {
	for radius := 0.05; radius <= scene.MaxLens; radius *= 1.013 {
		k := Lens(radius)
		x, y, shape := moments(&k)
		if math.Abs(x-y) > 0.002*y {
			t.Errorf("radius %.3f: variance %.4f along x, %.4f along y", radius, x, y)
		}
		near := 0.01
		if radius < 4 { // few pixels
			near = 0.06
		}
		if radius > 2 && math.Abs(shape-1./3) > near {
			t.Errorf("radius %.3f: the mean of x^2 y^2 is %.3f of that of x^4, of a disk it is 0.333", radius, shape)
		}
		if got := 2 * math.Sqrt(x); math.Abs(got-radius) > max(0.02, 0.001*radius) {
			t.Errorf("radius %.3f blurs like %.3f", radius, got)
		}
		sum := uint32(0)
		for j := range k.Reach() + 1 {
			for _, run := range k.Runs[k.First[j]:k.First[j+1]] {
				sum += run.Weight * (2*run.Reach + 1) * uint32(min(j, 1)+1)
			}
		}
		if sum != k.Sum || k.Sum > 1<<16 || k.Sum < 1<<14 {
			t.Errorf("radius %.3f: weights sum to %d, on record %d", radius, sum, k.Sum)
		}
	}
	if k := Lens(0); k.Reach() != 0 || len(k.Runs) != 1 {
		t.Errorf("radius 0 is not the identity: %+v", k)
	}
}
