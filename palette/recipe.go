package palette

import (
	_ "embed"
	"fmt"
	"math"
	"strconv"
	"strings"

	"leaflitter/exact"
)

// builtinText has the recipes of the built-in palettes and explains their form.
//
//go:embed builtin.txt
var builtinText string

// logRGB is a colour as natural logarithms of linear R, G and B, so that light
// on a surface is a sum.
type logRGB [3]float64

func (a logRGB) plus(b logRGB) logRGB { return logRGB{a[0] + b[0], a[1] + b[1], a[2] + b[2]} }

// to returns the colour a share t of the way to b.
func (a logRGB) to(b logRGB, t float64) logRGB {
	for i := range a {
		a[i] += float64(t * (b[i] - a[i]))
	}
	return a
}

// hue is the colour without its grey part: the mean of its channels is 0.
func (a logRGB) hue() logRGB {
	mean := (a[0] + a[1] + a[2]) / 3
	return logRGB{a[0] - mean, a[1] - mean, a[2] - mean}
}

// stops returns a grey gain of n stops.
func stops(n float64) logRGB {
	g := float64(n * math.Ln2)
	return logRGB{g, g, g}
}

// light is how a scene is lit.
type light struct {
	sun, shade logRGB
	lit        float64 // share of places that are in the sun
}

// material is what things are made of.
type material struct {
	from, to logRGB  // ends of its range of colours
	rough    float64 // standard deviation of its texture, natural log
	glows    bool    // gives its own light
}

// recipe is one built-in palette.
type recipe struct {
	name      string
	light     light // exposure included
	exposure  logRGB
	materials []material
	weights   []float64 // running sums; the last is 1
}

// parseRecipes reads the text form.
func parseRecipes(text string) ([]recipe, error) {
	lights, materials := map[string]light{}, map[string]material{}
	var recipes []recipe
	for i, line := range strings.Split(text, "\n") {
		f := strings.Fields(line)
		if len(f) == 0 || f[0][0] == '#' {
			continue
		}
		var p parser
		switch {
		case f[0] == "light" && len(f) == 6:
			lights[f[1]] = light{p.colour(f[2]), p.colour(f[3]).plus(stops(-p.number(f[4]))), p.number(f[5])}
		case f[0] == "material" && len(f) == 5:
			name, glows := strings.CutPrefix(f[1], "*")
			materials[name] = material{p.colour(f[2]), p.colour(f[3]), p.number(f[4]) / 100 * math.Ln2, glows}
		case f[0] == "scene" && len(f) > 4:
			l, ok := lights[f[1]]
			p.check(ok, "unknown light %q", f[1])
			r := recipe{light: l, exposure: stops(p.number(f[2]))}
			var list string
			r.name, list, _ = strings.Cut(strings.Join(f[3:], " "), ": ")
			sum := 0.0
			for item := range strings.SplitSeq(list, ", ") {
				name, weight, _ := strings.Cut(item, " ")
				m, ok := materials[name]
				p.check(ok, "unknown material %q", name)
				sum += p.number(weight)
				r.materials, r.weights = append(r.materials, m), append(r.weights, sum)
			}
			for k := range r.weights {
				r.weights[k] /= sum
			}
			recipes = append(recipes, r)
		default:
			p.check(false, "not a light, material or scene")
		}
		if p.err != nil {
			return nil, fmt.Errorf("line %d: %w", i+1, p.err)
		}
	}
	return recipes, nil
}

// parser keeps the first error of a line.
type parser struct{ err error }

func (p *parser) check(ok bool, format string, a ...any) {
	if !ok && p.err == nil {
		p.err = fmt.Errorf(format, a...)
	}
}

func (p *parser) number(s string) float64 {
	x, err := strconv.ParseFloat(s, 64)
	p.check(err == nil, "%q is not a number", s)
	return x
}

func (p *parser) colour(s string) (c logRGB) {
	v, err := strconv.ParseUint(s, 16, 24)
	p.check(err == nil && len(s) == 6, "%q is not a colour rrggbb", s)
	for i := range c {
		c[i] = exact.Log(max(linear[uint8(v>>(16-8*i))], 1./4096))
	}
	return c
}
