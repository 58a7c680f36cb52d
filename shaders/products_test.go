package shaders

import (
	"strings"
	"testing"
)

func TestFMAProducts(t *testing.T) {
	for from, want := range map[string]string{
		"precise float far = dx * dx + dy * dy;":             "precise float far = mul(dx, dx) + mul(dy, dy);",
		"y = y * (2.0 - m * y);":                             "y = mul(y, (2.0 - mul(m, y)));",
		"precise float v = vc - dx * leaf.sin;":              "precise float v = vc - mul(dx, leaf.sin);",
		"float lo = -6.0 * slope;":                           "float lo = -mul(6.0, slope);",
		"a = b[i + 1] * -c * f(x, y[2 * 3]).z; // so * much": "a = mul(mul(b[i + 1], -c), f(x, y[2 * 3]).z); // so * much",
		"u = float(drawUint() >> 8) * 5.96046448e-08;":       "u = mul(float(drawUint() >> 8), 5.96046448e-08);",
		"w = 7.62939453e-06 * x;":                            "w = mul(7.62939453e-06, x);",
		"uint at = first / 4u * channels + j * width;":       "uint at = first / 4u * channels + mul(j, width);",
		"const uint words = 4u * 9u;":                        "const uint words = 4u * 9u;",
		"    + spread(placed(p, k, i + 1, j, l)) * (f * g)":  "    + mul(spread(placed(p, k, i + 1, j, l)), (mul(f, g)))",
	} {
		want = strings.ReplaceAll(want, "2 * 3", "mul(2, 3)")
		if got := fmaProducts(from); got != want {
			t.Errorf("%s\nbecomes %s\nwant    %s", from, got, want)
		}
	}
}
