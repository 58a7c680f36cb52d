//go:build linux && cgo && egl && window

package main

import (
	_ "embed"
	"fmt"
	"image"
	"strings"

	"github.com/go-gl/gl/v4.5-core/gl"

	"leaflitter/gpu"
	"leaflitter/view"
)

//go:embed rect.vert
var rectVert string

//go:embed picture.frag
var pictureFrag string

//go:embed sprite.frag
var spriteFrag string

// canvas draws in a window. All its methods belong on the thread of the screen.
type canvas struct {
	picture, sprite uint32 // programs
	vertices        uint32 // an empty array: the shader knows the corners
	panel, help     texture
}

// texture is a picture of the host, brought to the device when it changed.
type texture struct {
	id uint32
	of *image.RGBA
}

func newCanvas() (*canvas, error) {
	c := &canvas{}
	var err error
	if c.picture, err = link("picture.frag", pictureFrag); err != nil {
		return nil, err
	}
	if c.sprite, err = link("sprite.frag", spriteFrag); err != nil {
		return nil, err
	}
	gl.GenVertexArrays(1, &c.vertices)
	gl.BindVertexArray(c.vertices)
	gl.BlendFunc(gl.ONE, gl.ONE_MINUS_SRC_ALPHA) // Go's colours are premultiplied
	return c, nil
}

func link(name, fragment string) (uint32, error) {
	program := gl.CreateProgram()
	for kind, source := range map[uint32]string{gl.VERTEX_SHADER: rectVert, gl.FRAGMENT_SHADER: fragment} {
		shader := gl.CreateShader(kind)
		defer gl.DeleteShader(shader)
		text, free := gl.Strs(source + "\x00")
		gl.ShaderSource(shader, 1, text, nil)
		free()
		gl.CompileShader(shader)
		gl.AttachShader(program, shader)
	}
	gl.LinkProgram(program)
	var ok int32
	if gl.GetProgramiv(program, gl.LINK_STATUS, &ok); ok == 0 {
		log := make([]byte, 2000)
		gl.GetProgramInfoLog(program, int32(len(log)), nil, &log[0])
		return 0, fmt.Errorf("the driver does not compile %s: %s", name, strings.Join(strings.Fields(gl.GoStr(&log[0])), " "))
	}
	return program, nil
}

// frame is all that a window shows.
type frame struct {
	width, height int // of the window's framebuffer
	at            view.Rect
	kind          int
	panel, help   *image.RGBA // nil: hidden
}

// draw draws a frame straight from the buffers that the stages left.
func (c *canvas) draw(f *frame, p *gpu.Picture) {
	gl.BindFramebuffer(gl.FRAMEBUFFER, 0)
	gl.Viewport(0, 0, int32(f.width), int32(f.height))
	gl.ClearColor(12.0/255, 13.0/255, 15.0/255, 1)
	gl.Clear(gl.COLOR_BUFFER_BIT)
	gl.BindVertexArray(c.vertices)
	if p.Pix != 0 && f.at.W > 0 {
		gl.MemoryBarrier(gl.SHADER_STORAGE_BARRIER_BIT)
		gl.UseProgram(c.picture)
		c.over(f, f.at)
		gl.Uniform3i(2, int32(p.Width), int32(p.Height), int32(p.Channels))
		gl.Uniform1i(3, int32(f.kind))
		if f.kind != view.Image {
			gl.Uniform1ui(4, p.Starts[f.kind-view.ID])
		}
		gl.BindBufferBase(gl.SHADER_STORAGE_BUFFER, 0, p.Pix)
		gl.BindBufferBase(gl.SHADER_STORAGE_BUFFER, 1, p.Labels)
		gl.DrawArrays(gl.TRIANGLES, 0, 3)
	}
	if f.panel != nil {
		c.stamp(f, &c.panel, f.panel, f.width-f.panel.Rect.Dx(), 0)
	}
	if f.help != nil {
		w, h := f.help.Rect.Dx(), f.help.Rect.Dy()
		c.stamp(f, &c.help, f.help, max((f.width-f.panelWidth()-w)/2, 0), max((f.height-h)/2, 0))
	}
}

// over restricts drawing to a rectangle, of which the shader is told.
func (c *canvas) over(f *frame, r view.Rect) {
	gl.Viewport(int32(r.X), int32(f.height-r.Y-r.H), int32(r.W), int32(r.H))
	gl.Uniform4i(0, int32(r.X), int32(r.Y), int32(r.W), int32(r.H))
	gl.Uniform1i(1, int32(f.height))
}

// stamp draws a picture of the host at a place.
func (c *canvas) stamp(f *frame, t *texture, im *image.RGBA, x, y int) {
	gl.ActiveTexture(gl.TEXTURE0)
	if t.of != im {
		if t.id == 0 {
			gl.GenTextures(1, &t.id)
		}
		gl.BindTexture(gl.TEXTURE_2D, t.id)
		gl.TexParameteri(gl.TEXTURE_2D, gl.TEXTURE_MIN_FILTER, gl.NEAREST)
		gl.TexParameteri(gl.TEXTURE_2D, gl.TEXTURE_MAG_FILTER, gl.NEAREST)
		gl.TexImage2D(gl.TEXTURE_2D, 0, gl.RGBA8, int32(im.Rect.Dx()), int32(im.Rect.Dy()), 0, gl.RGBA, gl.UNSIGNED_BYTE, gl.Ptr(im.Pix))
		t.of = im
	}
	gl.BindTexture(gl.TEXTURE_2D, t.id)
	gl.UseProgram(c.sprite)
	c.over(f, view.Rect{X: x, Y: y, W: im.Rect.Dx(), H: im.Rect.Dy()})
	gl.Uniform1i(2, 0)
	gl.Enable(gl.BLEND)
	gl.DrawArrays(gl.TRIANGLES, 0, 3)
	gl.Disable(gl.BLEND)
}
