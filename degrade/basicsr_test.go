package degrade

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"math"
	"os"
	"os/exec"
	"strings"
	"testing"
)

// picture is an image to resize.
type picture struct {
	name                    string
	width, height, channels int
	scale                   int
	src                     []uint8
}

// pictures are images of four kinds at every scale, large and small, even and odd.
func pictures() (all []picture) {
	draw := stream(7)
	for _, size := range [][3]int{{24, 24, 3}, {6, 5, 1}, {47, 16, 3}, {33, 70, 1}, {101, 64, 3}} {
		for scale := 2; scale <= 4; scale++ {
			w, h, c := size[0]*scale, size[1]*scale, size[2]
			kinds := map[string]func(x, y, k int) float64{
				"smooth": func(x, y, k int) float64 {
					return 127.5 + 127.5*math.Sin(float64(x)/float64(11+k)+1)*math.Sin(float64(y)/17+float64(k))
				},
				"edges": func(x, y, k int) float64 { // steps at odd and even pixels, lines one pixel wide
					return 255 * float64((x/7+y/5+k)%2^min(1, x%13)^min(1, y%19))
				},
				"steps": func(x, y, k int) float64 { return float64((x/9*37 + y/6*91 + k*50) % 256) },
			}
			for _, kind := range []string{"random", "smooth", "edges", "steps"} {
				p := picture{fmt.Sprintf("%s %dx%dx%d", kind, w, h, c), w, h, c, scale, make([]uint8, w*h*c)}
				for i := range p.src {
					if kind == "random" {
						p.src[i] = uint8(draw.Uint32())
					} else {
						p.src[i] = uint8(kinds[kind](i/c%w, i/c/w, i%c))
					}
				}
				all = append(all, p)
			}
		}
	}
	return all
}

// TestAgainstBasicSR compares with the port of imresize that super-resolution
// papers train with, basicsr.utils.matlab_functions. It computes in float32 from 0
// to 1, so that a value halfway between two bytes falls on either side; "steps" has
// hundreds of them, and its rate is asserted without.
func TestAgainstBasicSR(t *testing.T) {
	type count struct{ all, same, halfway int }
	counts := map[string]*count{}
	all := pictures()
	values := basicSR(t, all)
	for _, p := range all {
		m := parsed(t, fmt.Sprintf("sr:x%d", p.scale)).Maker(0)
		ours, err := m.Bytes(nil, p.src, p.width, p.height, p.channels, 0)
		if err != nil {
			t.Fatal(err)
		}
		exact, err := m.Floats(nil, p.src, p.width, p.height, p.channels, 0)
		if err != nil {
			t.Fatal(err)
		}
		kind := fmt.Sprintf("%.6s x%d", p.name, p.scale)
		if counts[kind] == nil {
			counts[kind] = &count{}
		}
		c := counts[kind]
		c.all += len(ours)
		for i, v := range ours {
			theirs := float64(values[i])
			if math.Abs(float64(exact[i])-theirs) > 2e-4 {
				t.Fatalf("%s, x%d: value %d is %g, BasicSR's is %g", p.name, p.scale, i, exact[i], theirs)
			}
			if v == uint8(math.Floor(min(max(theirs, 0), 255)+0.5)) {
				c.same++
			} else if _, fraction := math.Modf(float64(exact[i])); fraction == 0.5 {
				c.halfway++
			}
		}
		values = values[len(ours):]
	}
	for kind, c := range counts {
		t.Logf("%s: %d of %d bytes equal, %.3f %%; %d of the others lie halfway", kind, c.same, c.all,
			100*float64(c.same)/float64(c.all), c.halfway)
		right := c.same
		if strings.HasPrefix(kind, "steps") {
			right += c.halfway
		}
		if float64(right) < 0.999*float64(c.all) {
			t.Errorf("%s: only %d of %d bytes equal BasicSR's", kind, right, c.all)
		}
	}
}

func basicSR(t *testing.T, all []picture) []float32 {
	t.Helper()
	python := os.Getenv("LEAFLITTER_PYTHON")
	if python == "" {
		python = "../out/venv/bin/python"
	}
	var in, out, errs bytes.Buffer
	want := 0
	for _, p := range all {
		for _, n := range []int{p.width, p.height, p.channels, p.scale} {
			in.Write(binary.LittleEndian.AppendUint32(nil, uint32(n)))
		}
		in.Write(p.src)
		want += len(p.src) / (p.scale * p.scale)
	}
	cmd := exec.Command(python, "testdata/basicsr_resize.py")
	cmd.Stdin, cmd.Stdout, cmd.Stderr = &in, &out, &errs
	if err := cmd.Run(); err != nil {
		t.Fatalf("%s cannot run BasicSR's imresize, which needs torch and basicsr: run make venv, "+
			"or set LEAFLITTER_PYTHON to a Python that has both (%v)\n%s", python, err, errs.Bytes())
	}
	values := make([]float32, want)
	if n, err := binary.Decode(out.Bytes(), binary.LittleEndian, values); err != nil || n != out.Len() {
		t.Fatalf("BasicSR wrote %d bytes, not %d (%v)", out.Len(), 4*want, err)
	}
	return values
}
