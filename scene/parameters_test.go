package scene

import (
	"math"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func paths(list []Parameter) (out []string) {
	for _, p := range list {
		out = append(out, p.Path)
	}
	return out
}

func withLaws(t *testing.T) Config {
	t.Helper()
	c := Default()
	for _, s := range []string{
		"leaves.alpha={normal: [3, 0.5]}", "blur.sigma_max={uniform: [1, 4]}", "outline.per_image={choice: [[disk], [mix]], odds: [3, 1]}",
		"paint.noise.slopes=[[{log_uniform: [0.5, 1]}, 2.5], [3, 3.5]]",
	} {
		if err := Set(&c, s); err != nil {
			t.Fatal(err)
		}
	}
	return c
}

func TestParameterList(t *testing.T) {
	c := withLaws(t)
	all := paths(c.Parameters())
	for _, want := range []string{
		"leaves.r_min", "leaves.alpha.normal.0", "leaves.alpha.normal.1", "blur.sigma_max.uniform.1", "outline.per_image.odds.1",
		"paint.noise.slopes.0.0.log_uniform.0", "paint.noise.slopes.0.1", "paint.noise.slopes.1.1", "layers.0.cover", "layers.2.blur",
	} {
		if !slices.Contains(all, want) {
			t.Errorf("%s is missing of %v", want, all)
		}
	}
	for _, path := range all {
		for _, never := range []string{"image", "outline.polygon", "develop.supersample", "layers.2.cover", "paint.noise.largest_tile", "paint.noise.slopes.0.0"} {
			if path == never || strings.HasPrefix(path, never+".") && !strings.HasPrefix(path, "paint") || strings.HasSuffix(path, ".depth") {
				t.Errorf("%s is listed", path)
			}
		}
	}
}

// What is set is what is read, everything stays in range, and intervals stay in order.
func TestParametersRoundTrip(t *testing.T) {
	for _, c := range []Config{Default(), withLaws(t)} {
		list := c.Parameters()
		before := string(Marshal(&c))
		x := make([]float64, len(list))
		for i := range list {
			x[i] = c.Number(&list[i])
			if x[i] < list[i].Lo || x[i] > list[i].Hi {
				t.Errorf("%s is %v, out of [%v, %v]", list[i].Path, x[i], list[i].Lo, list[i].Hi)
			}
		}
		if d := c.WithNumbers(list, x); string(Marshal(&d)) != before {
			t.Errorf("the values of a configuration make another one: %v", Diff(&c, &d))
		}
		rapid.Check(t, func(r *rapid.T) {
			for i, p := range list {
				x[i] = p.Lo + rapid.Float64Range(0, 1).Draw(r, p.Path)*(p.Hi-p.Lo)
			}
			d := c.WithNumbers(list, x)
			if err := Check(&d); err != nil {
				for line := range strings.SplitSeq(err.Error(), "\n") { // contradictions are left
					if strings.HasPrefix(line, "paint.noise.slopes[0]") {
						continue // one of its ends has a law
					}
					if strings.Contains(line, "out of range") || strings.Contains(line, "backwards") {
						r.Fatal(line)
					}
				}
			}
			for i, p := range list {
				want := x[i]
				if p.Whole {
					want = math.Round(want)
				}
				at := p.Path[len(p.Path)-2:]
				if got := d.Number(&list[i]); at != ".0" && at != ".1" && got != want {
					r.Fatalf("%s is %v, not %v", p.Path, got, want)
				}
			}
		})
		if string(Marshal(&c)) != before {
			t.Error("the configuration that was varied has changed")
		}
	}
}

func TestMatchParameter(t *testing.T) {
	for _, c := range []struct {
		glob, path string
		want       bool
	}{
		{"leaves.*", "leaves.r_min", true}, {"leaves", "leaves.r_min", true}, {"layers.*.cover", "layers.1.cover", true},
		{"layers.*.cover", "layers.1.blur", false}, {"paint.noise.slopes", "paint.noise.slopes.0.1", true}, {"layers[0].cover", "layers.0.cover", true},
		{"paint.*", "paint.noise.margin", true}, {"leaves.r", "leaves.r_min", false}, {"leaves.r_min.x", "leaves.r_min", false},
	} {
		if got := MatchParameter(c.glob, c.path); got != c.want {
			t.Errorf("%s of %s: %v", c.glob, c.path, got)
		}
	}
}

// A document is read back to the same configuration.
func TestDocument(t *testing.T) {
	for _, p := range Presets() {
		c := withLaws(t)
		c.Layers[0].Cover, c.Paint.Sin.Period, c.Paint.Contrast = 0.125, Interval{3, 40.5}, 0.7
		text := Document(&p, &c)
		back, err := Parse("x", text, Default())
		if err != nil {
			t.Fatalf("%s: %v\n%s", p.Name, err, text)
		}
		if string(Marshal(&back)) != string(Marshal(&c)) {
			t.Fatalf("%s: %v differs\n%s", p.Name, Diff(&c, &back), text)
		}
		plain := p.Config
		if got := string(Document(&p, &plain)); got != "preset: "+p.Name+"\n" {
			t.Errorf("a preset that nothing was changed of is written %q", got)
		}
	}
}
