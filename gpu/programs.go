//go:build linux && cgo && egl

package gpu

import (
	"errors"
	"fmt"
	"strings"

	"github.com/go-gl/gl/v4.5-core/gl"

	"leaflitter/scene"
	"leaflitter/shaders"
)

// features returns what the shaders of a configuration must be able to draw.
func features(c *scene.Config, o *Options) shaders.Features {
	s := c.Support()
	return shaders.Features{Rects: s.Rectangles, Polys: s.Polygons, Textures: s.Textures, Gradients: s.Gradients, Tilted: s.Tilted, Stretched: s.Stretched, Spots: s.Spots, Work: o.Count}
}

// programs are the compiled stages by name.
type programs map[string]uint32

// compiler makes the programs of one context, each source once: stages that do not
// depend on what differs between configurations are shared by them. Programs live
// as long as the context.
type compiler struct {
	made     map[string]uint32 // by source
	cache    *programCache     // nil: none is kept
	compiled int               // programs that the driver compiled
	loaded   int               // programs that came from the cache
}

// all returns every stage for what a configuration draws. The error tells of every
// stage that the driver does not take.
func (c *compiler) all(o *Options, defines shaders.Defines) (programs, error) {
	all := programs{}
	var refused compileErrors
	for _, stage := range shaders.Stages() {
		p, err := c.one(o, stage, defines)
		var r *compileError
		if errors.As(err, &r) {
			refused = append(refused, r)
		} else if err != nil {
			return nil, err
		}
		all[stage] = p
	}
	if refused != nil {
		return nil, refused
	}
	return all, nil
}

// compileError says why the driver does not take a stage.
type compileError struct {
	does  string // compile or link
	stage string
	log   string // in one line
}

func (r *compileError) Error() string { return compileErrors{r}.Error() }

// compileErrors are several of them. Stages with the same complaint share a part of the sentence.
type compileErrors []*compileError

func (all compileErrors) Error() string {
	var parts []string
	for i, r := range all {
		var files []string
		for j, s := range all {
			if s.does == r.does && s.log == r.log {
				if j < i {
					break // told already
				}
				files = append(files, "shaders/"+s.stage+".comp")
			}
		}
		if files != nil {
			parts = append(parts, fmt.Sprintf("the driver does not %s %s: %s", r.does, strings.Join(files, ", "), r.log))
		}
	}
	return strings.Join(parts, "; ")
}

// one returns the program of a stage.
func (c *compiler) one(o *Options, stage string, defines shaders.Defines) (uint32, error) {
	source, err := shaders.Expand(o.files(), stage, defines)
	if err != nil {
		return 0, err
	}
	if p, ok := c.made[source.Text]; ok {
		return p, nil
	}
	p, ok := c.cache.load(source.Text)
	if ok {
		c.loaded++
	} else {
		if p, err = compile(stage, &source); err != nil {
			return 0, err
		}
		c.compiled++
		c.cache.store(source.Text, p)
	}
	label(gl.PROGRAM, p, stage)
	c.made[source.Text] = p
	return p, check("compiling " + stage)
}

// compile compiles and links a stage.
func compile(stage string, source *shaders.Source) (uint32, error) {
	shader := gl.CreateShader(gl.COMPUTE_SHADER)
	defer gl.DeleteShader(shader)
	text, free := gl.Strs(source.Text + "\x00")
	gl.ShaderSource(shader, 1, text, nil)
	free()
	gl.CompileShader(shader)
	var ok int32
	if gl.GetShaderiv(shader, gl.COMPILE_STATUS, &ok); ok == 0 {
		log := infoLog(shader, gl.GetShaderiv, gl.GetShaderInfoLog)
		if err := check("compiling " + stage); err != nil {
			return 0, err
		}
		return 0, &compileError{"compile", stage, oneLine(source.Locate(log))}
	}
	program := gl.CreateProgram()
	gl.ProgramParameteri(program, gl.PROGRAM_BINARY_RETRIEVABLE_HINT, gl.TRUE)
	gl.AttachShader(program, shader)
	gl.LinkProgram(program)
	gl.DetachShader(program, shader)
	if gl.GetProgramiv(program, gl.LINK_STATUS, &ok); ok == 0 {
		log := infoLog(program, gl.GetProgramiv, gl.GetProgramInfoLog)
		gl.DeleteProgram(program)
		return 0, &compileError{"link", stage, oneLine(source.Locate(log))}
	}
	return program, check("compiling " + stage)
}

// infoLog reads what the driver wrote about a shader or a program.
func infoLog(object uint32, get func(uint32, uint32, *int32), read func(uint32, int32, *int32, *uint8)) string {
	var n int32
	get(object, gl.INFO_LOG_LENGTH, &n)
	log := make([]byte, n+1)
	read(object, n+1, nil, &log[0])
	return gl.GoStr(&log[0])
}

func oneLine(log string) string {
	return strings.Join(strings.FieldsFunc(log, func(r rune) bool { return r == '\n' || r == 0 }), "; ")
}
