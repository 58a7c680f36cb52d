//go:build linux && cgo && egl

package gpu_test

import (
	"strings"
	"testing"

	"leaflitter/gpu"
	"leaflitter/parity"
	"leaflitter/scene"
	"leaflitter/shaders/shadertest"
)

// The negative control of every parity test: one constant changed in one stage or
// header, and parity fails, in that stage.
func TestParitySeesOneConstant(t *testing.T) {
	for _, c := range []struct{ file, from, to, preset, first string }{
		{"cover.comp", "return d > 0.0;", "return d > 1.0;", "dead-leaves-pp", "cover"},
		{"bin.comp", "spread - 0.5", "spread * 0.3", "large", "cover"},
		{"cull.glsl", "leaf.b + 1.0", "leaf.b - 9.0", "dead-leaves-pp", "cover"},
		{"sketch.glsl", "leaf.a * 0.999999", "leaf.a * 1.6", "dead-leaves", "cover"},
		{"sketch.glsl", "grown + 1.0", "grown - 6.0", "dead-leaves-pp", "cover"},
		{"paint.comp", "float(k) * 0.0625", "float(k) * 0.0626", "dead-leaves-pp", "paint"},
		{"shade.comp", "precise float length = 2.0 *", "precise float length = 2.001 *", "dead-leaves-pp", "shade"},
		{"blur_rows.comp", "sum + 8192u", "sum + 8000u", "dead-leaves-pp", "blur"},
		{"blur_columns.comp", "sum + 32768u", "sum + 32000u", "dead-leaves-pp", "blur"},
		{"lens_prefix.comp", "v.y * v.y >> 8", "v.y * v.y >> 7", "dead-leaves-pp-2025", "blur"},
		{"lens.comp", "stack.lensSum / 2u", "stack.lensSum / 3u", "dead-leaves-pp-2025", "blur"},
		{"compose.comp", "coverOne / 2u", "coverOne / 3u", "dead-leaves-pp", "compose"},
		{"average.comp", "area / 2u", "area / 3u", "dead-leaves-pp-2025", "develop"},
		{"smooth_rows.comp", "sum + 32768u", "sum + 20000u", "extra", "develop"},
		{"smooth_columns.comp", "sum + 32768u", "sum + 20000u", "extra", "develop"},
		{"develop.comp", "v.xyz + 32u", "v.xyz + 31u", "dead-leaves-pp", "develop"},
		{"front.comp", "settings[0].scale / 2u", "settings[0].scale / 3u", "dead-leaves-pp-2025", "label"},
		{"label.comp", "changes ? 255u", "changes ? 254u", "dead-leaves-pp", "label"},
		{"arith.glsl", "81.6052475", "81.6051", "dead-leaves-pp", "paint"},
		{"batch.glsl", "float(int(i) + first) + 0.5", "float(int(i) + first) + 0.6", "dead-leaves-pp", "cover"},
		{"random.glsl", "0xBB67AE85u", "0xBB67AE84u", "dead-leaves-pp", "paint"},
		{"tables.glsl", "at = x * 64.0 + 512.0", "at = x * 64.0 + 512.001", "dead-leaves-pp", "paint"},
		{"texel.glsl", "coverOne = 16384u", "coverOne = 16383u", "dead-leaves-pp", "compose"},
		{"paint.glsl", "v = 0.5 + v", "v = 0.501 + v", "dead-leaves-pp", "paint"},
		{"noise.glsl", "v = v * 0.0078125", "v = v * 0.0078126", "dead-leaves-pp", "shade"},
		{"pattern.glsl", "6.66666651", "6.66", "dead-leaves-pp", "shade"},
		{"colour.glsl", "0.950469971", "0.9504", "dead-leaves-pp", "shade"},
	} {
		t.Run(c.file, func(t *testing.T) {
			name := c.preset
			if name == "extra" || name == "large" {
				name = "dead-leaves-pp"
			}
			cfg := preset(t, name, 120, 90)
			if c.preset == "large" {
				cfg.Image = scene.Image{Width: 300, Height: 280}
			}
			if c.preset == "extra" {
				cfg.Develop.BlurOdds = 1
			}
			p := newPair(t, cfg, gpu.Options{Shaders: shadertest.Edited(t, shadertest.Edit{File: c.file, From: c.from, To: c.to})})
			for i := range uint64(12) {
				if r := p.compare(t, i, everyLabel); !r.Equal {
					if !strings.HasPrefix(r.First, c.first) {
						t.Errorf("parity fails first in %s, want %s", r.First, c.first)
					}
					if staged := c.first != "develop" && c.first != "label"; staged != (len(r.Words) > 0) || len(r.Words) > parity.MostWords {
						t.Errorf("%d words listed", len(r.Words))
					}
					for _, w := range r.Words {
						if w.A == w.B || (w.X < 0) != (c.first == "paint") || (c.first == "paint" || c.first == "shade") && (w.Leaf == 0 || w.Paint == "") {
							t.Errorf("listed: %+v", w)
						}
					}
					return
				}
			}
			t.Error("parity holds all the same")
		})
	}
}

// Errors of a compiler name the file and the line of the real source.
func TestCompileErrorsNameTheSource(t *testing.T) {
	for _, c := range []struct{ file, from, to, want string }{
		{"noise.glsl", "uvec3 spread(uint v) {", "uvec3 spread(uint v) { nonsense;", "noise.glsl:118"},
		{"shade.comp", "vec3 a, b;", "vec3 a, b, 7;", "shade.comp:167"},
	} {
		all := device(t)
		gpu.Try(all, gpu.Options{Shaders: shadertest.Edited(t, shadertest.Edit{File: c.file, From: c.from, To: c.to})})
		if all[0].Usable || !strings.Contains(all[0].Problem, c.want) || strings.Contains(all[0].Problem, "\n") {
			t.Errorf("want %s in: %s", c.want, all[0].Problem)
		}
	}
}
