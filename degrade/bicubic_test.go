package degrade

import (
	"bytes"
	"fmt"
	"math"
	"testing"
)

// shrunk resizes by s.
func shrunk(t *testing.T, s int, src []uint8, width, height, channels int) []uint8 {
	t.Helper()
	dst, err := parsed(t, fmt.Sprintf("sr:x%d", s)).Maker(0).Bytes(nil, src, width, height, channels, 0)
	if err != nil {
		t.Fatal(err)
	}
	return dst
}

// TestAgainstDefinition compares with the sum over Keys' kernel in two dimensions,
// also where an image is smaller than the kernel and is mirrored several times.
func TestAgainstDefinition(t *testing.T) {
	keys := func(x float64) float64 {
		switch x = math.Abs(x); {
		case x < 1:
			return 1.5*x*x*x - 2.5*x*x + 1
		case x < 2:
			return -0.5*x*x*x + 2.5*x*x - 4*x + 2
		}
		return 0
	}
	pixel := func(i, n int) int { // walks, turning round at the ends
		for i < 0 || i >= n {
			if i < 0 {
				i = -1 - i
			} else {
				i = 2*n - 1 - i
			}
		}
		return i
	}
	for s := 2; s <= 4; s++ {
		for _, size := range [][3]int{{1, 1, 1}, {1, 4, 3}, {2, 1, 1}, {5, 3, 3}, {9, 8, 1}} {
			w, h, c := size[0]*s, size[1]*s, size[2]
			src := random(w*h*c, uint64(s))
			got, err := parsed(t, fmt.Sprintf("sr:x%d", s)).Maker(0).Floats(nil, src, w, h, c, 0)
			if err != nil {
				t.Fatal(err)
			}
			for i, v := range got {
				u := float64(s)*(float64(i/c%size[0])+0.5) - 0.5
				v0 := float64(s)*(float64(i/c/size[0])+0.5) - 0.5
				var sum, weights float64
				for y := int(v0) - 2*s; y <= int(v0)+2*s+1; y++ {
					for x := int(u) - 2*s; x <= int(u)+2*s+1; x++ {
						k := keys((float64(x)-u)/float64(s)) * keys((float64(y)-v0)/float64(s))
						weights += k
						sum += k * float64(src[(pixel(y, h)*w+pixel(x, w))*c+i%c])
					}
				}
				if math.Abs(float64(v)-sum/weights) > 2e-5 {
					t.Fatalf("%dx%dx%d, s = %d: value %d is %g, want %g", w, h, c, s, i, v, sum/weights)
				}
			}
		}
	}
}

// Bytes divide and round every sum as division does.
func TestRounding(t *testing.T) {
	for s := 2; s <= 4; s++ {
		f := &filters[s]
		var sums []int64
		for b := range int64(258) { // about -1/2, 1/2, 3/2, ... and whole numbers
			for d := int64(-3); d <= 3; d++ {
				sums = append(sums, (2*b-1)*f.square/2+d, b*f.square+d)
			}
		}
		draw := stream(uint64(s))
		for range 200_000 {
			sums = append(sums, int64(uint64(draw.Uint32())*uint64(300*f.square)>>32)-20*f.square)
		}
		got := make([]uint8, len(sums))
		f.bytes(got, sums)
		for i, sum := range sums {
			want := uint8(0)
			if n := 2*sum + f.square; n > 0 {
				want = uint8(min(n/(2*f.square), 255))
			}
			if got[i] != want {
				t.Fatalf("s = %d: %d / %d is rounded to %d, want %d", s, sum, f.square, got[i], want)
			}
		}
	}
}

func TestConstantStaysConstant(t *testing.T) {
	for s := 2; s <= 4; s++ {
		for level := range 256 {
			src := bytes.Repeat([]byte{uint8(level)}, 5*s*3*s*3)
			for i, v := range shrunk(t, s, src, 5*s, 3*s, 3) {
				if int(v) != level {
					t.Fatalf("s = %d: value %d of constant %d is %d", s, i, level, v)
				}
			}
		}
	}
}

// moved returns the image whose pixel (x, y) is that of from(x, y) in src.
func moved(src []uint8, srcWidth, width, height, channels int, from func(x, y int) (int, int)) []uint8 {
	dst := make([]uint8, 0, len(src))
	for i := range width * height {
		x, y := from(i%width, i/width)
		at := (y*srcWidth + x) * channels
		dst = append(dst, src[at:at+channels]...)
	}
	return dst
}

// A mirrored or transposed image gives the mirrored or transposed result, exactly;
// so does each channel alone.
func TestSymmetries(t *testing.T) {
	const w, h, c = 13, 7, 3 // of the results
	for s := 2; s <= 4; s++ {
		src := random(w*s*h*s*c, uint64(s))
		small := shrunk(t, s, src, w*s, h*s, c)
		check := func(name string, got, want []uint8) {
			t.Helper()
			if !bytes.Equal(got, want) {
				t.Errorf("s = %d, %s: the results differ", s, name)
			}
		}
		across := func(w int) func(x, y int) (int, int) {
			return func(x, y int) (int, int) { return w - 1 - x, y }
		}
		down := func(h int) func(x, y int) (int, int) {
			return func(x, y int) (int, int) { return x, h - 1 - y }
		}
		turned := func(x, y int) (int, int) { return y, x }
		check("left to right", shrunk(t, s, moved(src, w*s, w*s, h*s, c, across(w*s)), w*s, h*s, c), moved(small, w, w, h, c, across(w)))
		check("top to bottom", shrunk(t, s, moved(src, w*s, w*s, h*s, c, down(h*s)), w*s, h*s, c), moved(small, w, w, h, c, down(h)))
		check("transposed", shrunk(t, s, moved(src, w*s, h*s, w*s, c, turned), h*s, w*s, c), moved(small, w, h, w, c, turned))
		for k := range c {
			plane := func(b []uint8) (p []uint8) {
				for i := k; i < len(b); i += c {
					p = append(p, b[i])
				}
				return p
			}
			check("channel alone", shrunk(t, s, plane(src), w*s, h*s, 1), plane(small))
		}
	}
}
