package shaders

import (
	"io/fs"
	"regexp"
	"strings"
)

// FMAProducts returns the shaders of files with every product written as a call of mul,
// which is fma(a, b, -0) for floats: what a compiler that fuses products with sums against
// precise cannot take apart. It is a way to find out what would mend such a device,
// see leaflitter parity --fma-products.
func FMAProducts(files fs.FS) fs.FS { return rewritten{files} }

type rewritten struct{ fs.FS }

// ReadFile implements fs.ReadFileFS.
func (r rewritten) ReadFile(name string) ([]byte, error) {
	if name == "mul.glsl" {
		return []byte(mulHeader), nil
	}
	text, err := fs.ReadFile(r.FS, name)
	if err == nil && name != Probe+".comp" {
		text = []byte(fmaProducts(string(text)))
	}
	return text, err
}

// mulHeader has mul for all operands that the shaders multiply. -0 comes from a buffer, so
// that no compiler knows it.
const mulHeader = `// fma(a, b, -0) is a * b, rounded once, whatever the sign of the product.
layout(std140, binding = 1) uniform MinusZero { float minusZero; };

float mul(float a, float b) { precise float p = fma(a, b, minusZero); return p; }
vec2 mul(vec2 a, float b) { precise vec2 p = fma(a, vec2(b), vec2(minusZero)); return p; }
vec3 mul(vec3 a, float b) { precise vec3 p = fma(a, vec3(b), vec3(minusZero)); return p; }
uint mul(uint a, uint b) { return a * b; }
int mul(int a, int b) { return a * b; }
uvec2 mul(uvec2 a, uint b) { return a * b; }
uvec3 mul(uvec3 a, uint b) { return a * b; }
uvec4 mul(uvec4 a, uint b) { return a * b; }
`

// fmaProducts rewrites the products of a file. Constants stay: they are computed when the
// shader is compiled, and are integers.
func fmaProducts(text string) string {
	lines := strings.Split(text, "\n")
	for i, line := range lines {
		code, comment, _ := strings.Cut(line, "//")
		head := strings.TrimSpace(code)
		if strings.HasPrefix(head, "#version") {
			lines[i] += "\n#include \"mul.glsl\""
			continue
		}
		if strings.HasPrefix(head, "#") || strings.HasPrefix(head, "const ") || strings.HasPrefix(head, "shared ") || !strings.Contains(code, " * ") {
			continue
		}
		for at := 0; ; {
			next := strings.Index(code[at:], " * ")
			if next < 0 {
				break
			}
			at += next
			from, to := operandBefore(code, at), operandAfter(code, at+3)
			if before := strings.TrimRight(code[:from], " "); strings.HasSuffix(before, "/") || strings.HasSuffix(before, "%") {
				at += 3 // of integers: a quotient times something
				continue
			}
			code = code[:from] + "mul(" + code[from:at] + ", " + code[at+3:to] + ")" + code[to:]
			at = from // what stands in the operands, and what follows, comes next
		}
		if comment != "" {
			code += "//" + comment
		}
		lines[i] = code
	}
	return strings.Join(lines, "\n")
}

var operand = regexp.MustCompile(`^-?(?:[A-Za-z_]\w*|0x[0-9a-fA-F]+u?|[0-9][0-9.]*(?:e[-+]?[0-9]+)?u?)?`)

// operandBefore returns where the operand begins that ends at end: a name, a number or
// something in brackets, with its members, indices and arguments.
func operandBefore(code string, end int) int {
	for end > 0 {
		switch c := code[end-1]; {
		case c == ')' || c == ']':
			depth := 0
			for end > 0 {
				end--
				switch code[end] {
				case ')', ']':
					depth++
				case '(', '[':
					depth--
				}
				if depth == 0 {
					break
				}
			}
		case c == '.' || c == '_' || '0' <= c && c <= '9' || 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z':
			end--
		case c == '-' && end > 1 && code[end-2] == 'e': // of a number
			end--
		default:
			return end
		}
	}
	return end
}

// operandAfter returns where the operand ends that begins at from.
func operandAfter(code string, from int) int {
	at := from + len(operand.FindString(code[from:]))
	for at < len(code) {
		switch code[at] {
		case '(', '[':
			depth := 0
			for ; at < len(code); at++ {
				switch code[at] {
				case '(', '[':
					depth++
				case ')', ']':
					depth--
				}
				if depth == 0 {
					at++
					break
				}
			}
		case '.':
			at++
			at += len(operand.FindString(code[at:]))
		default:
			return at
		}
	}
	return at
}
