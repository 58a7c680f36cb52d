package palette

import (
	"encoding/hex"
	"math"
	"testing"

	"pgregory.net/rapid"
)

// The hashes of the sets that come with the program. A change of one changes
// every image made with that set, so it needs a new major version.
const (
	builtinHash = "7fbe4f48d4fd58fc28161bd313ff401e92f03ff042e6dc75888b93ad4a9cdff8"
	uniformHash = "d873f27aab7cf833c5fc517cf718aa5fea8bed067436bd162566635f5a77fdfc"
)

func TestHashesAreStable(t *testing.T) {
	for want, s := range map[string]*Set{builtinHash: Builtin(), uniformHash: Uniform()} {
		h := s.Hash()
		if got := hex.EncodeToString(h[:]); got != want {
			t.Errorf("hash of the %s set is %s, want %s", s.Origin, got, want)
		}
	}
	s := *Builtin()
	s.Origin = "elsewhere"
	if s.Hash() != Builtin().Hash() {
		t.Error("the hash depends on the origin")
	}
	s.Palettes = s.Palettes[1:]
	if s.Hash() == Builtin().Hash() {
		t.Error("the hash does not depend on the palettes")
	}
}

func TestBuiltinIsVaried(t *testing.T) {
	s := Builtin()
	if len(s.Palettes) < 64 {
		t.Errorf("%d palettes, want at least 64", len(s.Palettes))
	}
	names := map[string]bool{}
	for i := range s.Palettes {
		names[s.Palettes[i].Name] = true
	}
	if len(names) != len(s.Palettes) {
		t.Errorf("%d palettes have %d names", len(s.Palettes), len(names))
	}
	// The bounds are those of photographs, with room: see docs/palettes.md.
	for _, st := range statistics {
		v := make([]float64, len(s.Palettes))
		for i := range v {
			v[i] = st.of(&s.Palettes[i])
		}
		m, _ := meanStd(v)
		if b, ok := bounds[st.name]; ok && (m < b[0] || m > b[1]) {
			t.Errorf("%s is %.1f, want %g to %g", st.name, m, b[0], b[1])
		}
	}
}

var bounds = map[string][2]float64{
	"mean L of pixels":                           {41, 51},
	"std of L of pixels":                         {17, 24},
	"mean chroma of pixels":                      {16, 23},
	"patch std of G, median":                     {26, 36},
	"patch std of G, 90th percentile":            {48, 60},
	"first eigenvector's share, median":          {94, 98},
	"its angle to grey, degrees, median":         {5, 11},
	"pixels with a byte of 255, %":               {0, 6},
	"pixels with a byte of 0, %":                 {0, 4},
	"nearly grey (chroma < 6), %":                {9, 20},
	"cyan to blue (170 to 300), %":               {8, 17},
	"magenta to red (300 to 30), %":              {1, 6},
	"patch std of G, 10th percentile":            {10, 18},
	"first eigenvector's share, 10th percentile": {82, 92},
}

// TestUniform holds the uniform set to its law.
func TestUniform(t *testing.T) {
	for i := range Uniform().Palettes {
		p := &Uniform().Palettes[i]
		for k := range 3 {
			m, s := meanStd(column(p, func(x Pixel) float64 { return float64(x.RGB[k]) }))
			if math.Abs(m-127.5) > 12 || math.Abs(s-73.9) > 6 { // 5 standard errors
				t.Errorf("%s: channel %d has mean %.1f and std %.1f, expected 127.5 and 73.9", p.Name, k, m, s)
			}
		}
		for _, q := range p.Patches {
			c := q.RGB.Chol
			if c[1] != 0 || c[3] != 0 || c[4] != 0 || min(c[0], c[2], c[5]) < 5 || max(c[0], c[2], c[5]) > 40 {
				t.Fatalf("%s: factor %v", p.Name, c)
			}
		}
	}
}

// TestCholesky draws colours on a point, a line, a plane or in space, and
// compares L Lᵀ with their covariance.
func TestCholesky(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		rank := rapid.IntRange(0, 3).Draw(t, "rank")
		axis := rapid.SliceOfN(rapid.Float64Range(-60, 60), 9, 9).Draw(t, "axes")
		n := rapid.IntRange(1, 200).Draw(t, "n")
		var m moments
		var colours [][3]int32
		for range n {
			c := [3]int32{128, 128, 128}
			for r := range rank {
				u := rapid.Float64Range(-1, 1).Draw(t, "u")
				for k := range c {
					c[k] += int32(u * axis[3*r+k])
				}
			}
			m.add(c)
			colours = append(colours, c)
		}
		g := m.gaussian(1)
		got := covariance(&g)
		for i := range 3 {
			for j := range 3 {
				var mi, mj, want float64
				for _, c := range colours {
					mi += float64(c[i]) / float64(n)
					mj += float64(c[j]) / float64(n)
				}
				for _, c := range colours {
					want += (float64(c[i]) - mi) * (float64(c[j]) - mj) / float64(n)
				}
				// A factor is right to 1/512, so a product of two is to about std / 256.
				std := math.Sqrt(got[i][i]) + math.Sqrt(got[j][j]) + 1
				if math.Abs(got[i][j]-want) > std/256 {
					t.Fatalf("covariance %d, %d is %g, want %g", i, j, got[i][j], want)
				}
				if math.Abs(float64(g.Mean[i])-mi) > 1./512+1e-9 {
					t.Fatalf("mean %d is %g, want %g", i, g.Mean[i], mi)
				}
			}
		}
		for _, k := range []int{0, 2, 5} {
			if g.Chol[k] < 0 {
				t.Fatalf("factor %v has a negative diagonal", g.Chol)
			}
		}
	})
}

// TestLab compares with colours whose Lab is published, and with the textbook
// formula in ordinary floating point.
func TestLab(t *testing.T) {
	for rgb, want := range map[[3]uint8][3]float64{
		{255, 255, 255}: {100, 0, 0},
		{0, 0, 0}:       {0, 0, 0},
		{255, 0, 0}:     {53.24, 80.09, 67.20},
		{0, 255, 0}:     {87.74, -86.18, 83.18},
		{0, 0, 255}:     {32.30, 79.19, -107.86},
		{119, 119, 119}: {50.03, 0, 0},
	} {
		for k, v := range newPixel(rgb).Lab {
			if math.Abs(float64(v)-want[k]) > 0.06 {
				t.Errorf("Lab of %v is %v, want %v", rgb, newPixel(rgb).Lab, want)
				break
			}
		}
	}
	f := func(t float64) float64 {
		if t > 216./24389 {
			return math.Cbrt(t)
		}
		return (24389./27*t + 16) / 116
	}
	for i := range 1 << 16 {
		c := [3]uint8{uint8(i * 7), uint8(i >> 8), uint8(i)}
		var v [3]float64
		for k := range v {
			for j := range c {
				x := float64(c[j]) / 255
				if x > 0.04045 {
					x = math.Pow((x+0.055)/1.055, 2.4)
				} else {
					x /= 12.92
				}
				v[k] += xyz[k][j] * x
			}
		}
		want := [3]float64{116*f(v[1]) - 16, 500 * (f(v[0]) - f(v[1])), 200 * (f(v[1]) - f(v[2]))}
		for k, x := range newPixel(c).Lab {
			if math.Abs(float64(x)-want[k]) > 1./512+1e-4 {
				t.Fatalf("Lab of %v is %v, want %v", c, newPixel(c).Lab, want)
			}
		}
	}
}

func TestRecipeErrors(t *testing.T) {
	const lamp = "light lamp ffffff 808080 2 .5\n"
	const wood = "material wood 402010 806040 50\n"
	for text, want := range map[string]string{
		"light lamp ffffff":                     "line 1: not a light, material or scene",
		"light lamp ffffff 8080 2 .5":           `line 1: "8080" is not a colour rrggbb`,
		"\nmaterial wood 402010 806040 rough":   `line 2: "rough" is not a number`,
		lamp + "scene lamp 0 room: wood 1":      `line 2: unknown material "wood"`,
		wood + "scene lamp 0 room: wood 1":      `line 2: unknown light "lamp"`,
		lamp + wood + "scene lamp 0 room: wood": `line 3: "" is not a number`,
	} {
		if _, err := parseRecipes(text); err == nil || err.Error() != want {
			t.Errorf("%q: %v, want %s", text, err, want)
		}
	}
}

func TestSheet(t *testing.T) {
	for _, n := range []int{1, 9} {
		s := Set{Palettes: Builtin().Palettes[:n], Origin: "a set with a näme"}
		b := s.Sheet().Bounds()
		if b.Dx() < cardWidth || b.Dy() < cardHeight || b.Dx() > 4096 {
			t.Errorf("the sheet of %d palettes is %v", n, b)
		}
	}
	many := Set{Palettes: make([]Palette, 1000)}
	for i := range many.Palettes {
		many.Palettes[i] = Builtin().Palettes[0]
	}
	many.Palettes[0].Name = "a/very/long/path/that/does/not/fit/on/a/card/at/all.jpg"
	if b := many.Sheet().Bounds(); b.Dy() > 50*(cardHeight+gap)+100 {
		t.Errorf("the sheet of 1000 palettes is %v", b)
	}
	if b := (&Set{}).Sheet().Bounds(); b.Empty() {
		t.Error("the sheet of an empty set is empty")
	}
}
