package degrade

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"math"
	"strings"
	"testing"

	"leaflitter/scene"
)

func parsed(t testing.TB, text string) Pair {
	t.Helper()
	p, err := Parse(text)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func stream(seed uint64) scene.Stream { return scene.NewStream(scene.Key{Seed: seed, Leaf: 1}) }

// random returns n random bytes.
func random(n int, seed uint64) []uint8 {
	draw := stream(seed)
	b := make([]uint8, n)
	for i := range b {
		b[i] = uint8(draw.Uint32())
	}
	return b
}

func TestParse(t *testing.T) {
	for text, want := range map[string]string{
		"sr:x2": "", "sr:x3": "", "sr:x4": "",
		"noise:gaussian:25": "", "noise:gaussian:0.5:float": "", "noise:gaussian:255": "", "noise:gaussian:1e-07": "",
		"noise:gaussian:25:clip": "noise:gaussian:25", "noise:gaussian:25.0:float": "noise:gaussian:25:float",
		"noise:gaussian:+2.5e1": "noise:gaussian:25", "noise:gaussian:.5": "noise:gaussian:0.5",
	} {
		if want == "" {
			want = text
		}
		p := parsed(t, text)
		if p.String() != want || parsed(t, p.String()) != p || p.Float() != strings.HasSuffix(text, ":float") {
			t.Errorf("%s is read as %s (%v), want %s", text, p, p.Float(), want)
		}
	}
	for _, text := range []string{"", "sr", "sr:", "sr:x", "sr:x1", "sr:x5", "sr:x23", "sr:2", "SR:x2", " sr:x2", "sr:x2:float", "sr:x2,sr:x3",
		"noise", "noise:gaussian", "noise:gaussian:", "noise:gaussian:0", "noise:gaussian:-1", "noise:gaussian:255.1", "noise:gaussian:nan",
		"noise:gaussian:inf", "noise:gaussian:1e-999", "noise:gaussian:25:", "noise:gaussian:25:round", "noise:gaussian:25:float:clip", "noise:poisson:3"} {
		_, err := Parse(text)
		if want := "--pairs " + text + ": give sr:x2, sr:x3, sr:x4, noise:gaussian:SIGMA or noise:gaussian:SIGMA:float, SIGMA above 0 up to 255"; err == nil || err.Error() != want {
			t.Errorf("%q: %v", text, err)
		}
	}
}

func TestCheck(t *testing.T) {
	for _, c := range []struct {
		text          string
		width, height int
		size          string // of the remedy
	}{
		{"sr:x2", 512, 512, ""}, {"sr:x3", 510, 513, ""}, {"sr:x4", 4, 8, ""}, {"noise:gaussian:1", 7, 5, ""},
		{"sr:x2", 511, 511, "510"}, {"sr:x3", 512, 512, "513"}, {"sr:x3", 16384, 16384, "16383"}, {"sr:x4", 514, 515, "512x516"},
		{"sr:x4", 1, 2, "4"}, {"sr:x2", 511, 512, "510x512"}, {"sr:x2", 1, 1, "2"}, {"sr:x3", 511, 510, "510"},
	} {
		p := parsed(t, c.text)
		err := p.Check(c.width, c.height)
		if (err == nil) != (c.size == "") {
			t.Errorf("%s at %dx%d: %v", c.text, c.width, c.height, err)
		}
		if err != nil && !strings.HasSuffix(err.Error(), "--size "+c.size) {
			t.Errorf("%s at %dx%d: %v, want %s", c.text, c.width, c.height, err, c.size)
		}
	}
	err := parsed(t, "sr:x2").Check(511, 512)
	if want := "--pairs sr:x2: 2 does not divide the size 511x512; the nearest that works is --size 510x512"; err.Error() != want {
		t.Error(err)
	}
	for _, text := range []string{"sr:x2", "noise:gaussian:1"} {
		m := parsed(t, text).Maker(0)
		for _, c := range []struct{ width, height, channels, have int }{{4, 4, 3, 47}, {4, 4, 0, 0}, {0, 4, 1, 0}, {-2, -2, 1, 4}} {
			if _, err := m.Bytes(nil, make([]uint8, c.have), c.width, c.height, c.channels, 0); err == nil {
				t.Errorf("%s takes %+v", text, c)
			}
			if _, err := m.Floats(nil, make([]uint8, c.have), c.width, c.height, c.channels, 0); err == nil {
				t.Errorf("%s takes %+v", text, c)
			}
		}
	}
}

// An image depends on its index, not on what the Maker made before or on where the
// result goes.
func TestAnyOrder(t *testing.T) {
	for _, text := range []string{"sr:x3", "noise:gaussian:25"} {
		p := parsed(t, text)
		make1 := func(m *Maker, dst []uint8, n int, index uint64) []uint8 {
			got, err := m.Bytes(dst, random(n*3*12*3, index), n*3, 12, 3, index)
			if err != nil {
				t.Fatal(err)
			}
			return got
		}
		m := p.Maker(9)
		var dst []uint8
		for _, c := range []struct {
			n     int
			index uint64
		}{{40, 3}, {3, 1 << 40}, {90, 2}, {40, 3}} {
			dst = make1(m, dst, c.n, c.index)
			if !bytes.Equal(dst, make1(p.Maker(9), nil, c.n, c.index)) {
				t.Errorf("%s: image %d differs from that of a new Maker", text, c.index)
			}
		}
	}
}

// TestGolden holds every bit, on any machine; see CONTRIBUTING.md.
func TestGolden(t *testing.T) {
	const w, h, c = 60, 84, 3
	src := random(w*h*c, 1)
	for text, want := range map[string]string{
		"sr:x2":                    "dd4a8c340d97f24f",
		"sr:x3":                    "3bc7f8287346219c",
		"sr:x4":                    "af4799c4408f7a67",
		"noise:gaussian:25":        "ff22cc746d5b337d",
		"noise:gaussian:0.3:float": "21ad8739c7a8befd",
		"normals":                  "2cdabb80ce3cd9ff",
	} {
		var b []byte
		if text == "normals" {
			parsed(t, "noise:gaussian:1").Maker(1<<60+3).noise(1<<20, 1<<50+7, func(_ int, z []float64) {
				for _, v := range z {
					b = binary.LittleEndian.AppendUint64(b, math.Float64bits(v))
				}
			})
		} else if p := parsed(t, text); p.Float() {
			v, err := p.Maker(5).Floats(nil, src, w, h, c, 11)
			if b, _ = binary.Append(nil, binary.LittleEndian, v); err != nil {
				t.Fatal(err)
			}
		} else {
			v, err := p.Maker(5).Bytes(nil, src, w, h, c, 11)
			if b = v; err != nil {
				t.Fatal(err)
			}
		}
		sum := sha256.Sum256(b)
		if got := hex.EncodeToString(sum[:8]); got != want {
			t.Errorf("%s: the bits are %s, want %s", text, got, want)
		}
	}
}
