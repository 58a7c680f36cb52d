//go:build linux && cgo && egl

package gpu

import (
	"fmt"
	"strings"

	"github.com/go-gl/gl/v4.5-core/gl"

	"leaflitter/scene"
	"leaflitter/shaders"
)

// features returns what the shaders of a configuration must be able to draw.
func features(c *scene.Config, o *Options) shaders.Features {
	f := shaders.Features{Textures: c.Properties.Texture, Gradients: c.Properties.Gradient, Tilted: c.Properties.Perspective, Work: o.Count}
	if c.Properties.Geometry {
		for _, name := range c.Outline.PerImage {
			f.Rects = f.Rects || name == "rectangle" || name == "mix"
			f.Polys = f.Polys || name == "polygon" || name == "mix"
		}
	}
	return f
}

// programs are the compiled stages by name.
type programs map[string]uint32

// compiled returns the stages for what a configuration draws, compiled at most once on
// this thread. They live as long as its context.
func (t *thread) compiled(o *Options, defines map[string]int) (programs, error) {
	key := fmt.Sprint(defines) // in the order of the keys
	if p, ok := t.programs[key]; ok {
		return p, nil
	}
	p, err := compileAll(o, defines, true)
	if err == nil {
		t.programs[key] = p
	}
	return p, err
}

// compileAll compiles and links every stage.
func compileAll(o *Options, defines map[string]int, labels bool) (programs, error) {
	all := programs{}
	for _, stage := range shaders.Stages() {
		p, err := compile(o, stage, defines)
		if err != nil {
			return nil, err
		}
		if labels {
			label(gl.PROGRAM, p, stage)
		}
		all[stage] = p
	}
	return all, nil
}

func compile(o *Options, stage string, defines map[string]int) (uint32, error) {
	source, err := shaders.Expand(o.files(), stage, defines)
	if err != nil {
		return 0, err
	}
	shader := gl.CreateShader(gl.COMPUTE_SHADER)
	defer gl.DeleteShader(shader)
	text, free := gl.Strs(source.Text + "\x00")
	gl.ShaderSource(shader, 1, text, nil)
	free()
	gl.CompileShader(shader)
	var ok int32
	if gl.GetShaderiv(shader, gl.COMPILE_STATUS, &ok); ok == 0 {
		var n int32
		gl.GetShaderiv(shader, gl.INFO_LOG_LENGTH, &n)
		log := make([]byte, n+1)
		gl.GetShaderInfoLog(shader, n+1, nil, &log[0])
		return 0, fmt.Errorf("the driver does not compile shaders/%s.comp: %s", stage, oneLine(source.Locate(gl.GoStr(&log[0]))))
	}
	program := gl.CreateProgram()
	gl.AttachShader(program, shader)
	gl.LinkProgram(program)
	if gl.GetProgramiv(program, gl.LINK_STATUS, &ok); ok == 0 {
		var n int32
		gl.GetProgramiv(program, gl.INFO_LOG_LENGTH, &n)
		log := make([]byte, n+1)
		gl.GetProgramInfoLog(program, n+1, nil, &log[0])
		gl.DeleteProgram(program)
		return 0, fmt.Errorf("the driver does not link shaders/%s.comp: %s", stage, oneLine(source.Locate(gl.GoStr(&log[0]))))
	}
	return program, check("compiling " + stage)
}

func oneLine(log string) string {
	return strings.Join(strings.FieldsFunc(log, func(r rune) bool { return r == '\n' || r == 0 }), "; ")
}

// binarySize returns how many bytes the driver's binary of a program takes.
func binarySize(program uint32) int {
	var n int32
	gl.GetProgramiv(program, gl.PROGRAM_BINARY_LENGTH, &n)
	return int(n)
}
