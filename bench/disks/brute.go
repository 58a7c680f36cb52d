//go:build linux && cgo && egl

package disks

import (
	"context"
	_ "embed"
	"errors"
	"fmt"
	"io/fs"
	"runtime"
	"time"
	"unsafe"

	"github.com/go-gl/gl/v4.5-core/gl"

	"leaflitter/gpu"
	"leaflitter/gpu/egl"
	"leaflitter/render"
	"leaflitter/scene"
)

//go:embed brute.comp
var bruteShader string

// Device is an OpenGL device that the brute-force shader runs on.
type Device struct {
	Name     string // with the driver's version
	Software bool   // no GPU
	device   gpu.Device
	calls    chan func()
	program  uint32
}

// changed are shaders in place of the built-in ones, in tests.
var changed fs.FS

// Open makes a context on the first device of that name or number, see leaflitter devices.
func Open(which string) (*Device, error) {
	all, err := gpu.Devices()
	if err != nil {
		return nil, err
	}
	chosen, err := gpu.Select(all, which)
	if err != nil {
		return nil, err
	}
	c := chosen[0]
	if !c.Usable {
		return nil, fmt.Errorf("%s cannot run the shaders: %s", c.Name(), c.Problem)
	}
	d := &Device{Name: c.Name() + ", OpenGL " + c.Version, Software: c.Software, device: c, calls: make(chan func())}
	go func() {
		runtime.LockOSThread() // to the end of the process
		for f := range d.calls {
			f()
		}
	}()
	return d, d.do(func() error {
		found, err := egl.Devices()
		if err != nil {
			return err
		}
		ctx, err := found[c.Index].Open(false)
		if err != nil {
			return err
		}
		if err := ctx.MakeCurrent(); err != nil {
			return err
		}
		if err := gl.InitWithProcAddrFunc(egl.ProcAddr); err != nil {
			return err
		}
		shader := gl.CreateShader(gl.COMPUTE_SHADER)
		text, free := gl.Strs(bruteShader + "\x00")
		gl.ShaderSource(shader, 1, text, nil)
		free()
		gl.CompileShader(shader)
		d.program = gl.CreateProgram()
		gl.AttachShader(d.program, shader)
		gl.LinkProgram(d.program)
		var ok int32
		if gl.GetProgramiv(d.program, gl.LINK_STATUS, &ok); ok == 0 {
			return errors.New("the driver does not compile bench/disks/brute.comp")
		}
		return nil
	})
}

func (d *Device) do(f func() error) error {
	done := make(chan error)
	d.calls <- func() { done <- f() }
	return <-done
}

// Brute times the brute-force kernel on the device's clock and checks its leaves. The
// image is computed times times, one behind another, and the time is that of one.
func (d *Device) Brute(s *Subject, times int) (took time.Duration, err error) {
	err = d.do(func() error {
		disks := make([][4]float32, len(s.Leaves))
		for i := range s.Leaves {
			disks[i] = [4]float32{s.Leaves[i].X, s.Leaves[i].Y, s.Leaves[i].A}
		}
		size := s.Config.Image.Width
		ids := make([]uint32, size*size)
		var buffers [2]uint32
		gl.GenBuffers(2, &buffers[0])
		defer gl.DeleteBuffers(2, &buffers[0])
		gl.BindBuffer(gl.SHADER_STORAGE_BUFFER, buffers[0])
		gl.BufferData(gl.SHADER_STORAGE_BUFFER, 16*len(disks), unsafe.Pointer(&disks[0]), gl.STATIC_DRAW)
		gl.BindBuffer(gl.SHADER_STORAGE_BUFFER, buffers[1])
		gl.BufferData(gl.SHADER_STORAGE_BUFFER, 4*len(ids), unsafe.Pointer(&ids[0]), gl.DYNAMIC_READ)
		gl.BindBufferBase(gl.SHADER_STORAGE_BUFFER, 0, buffers[0])
		gl.BindBufferBase(gl.SHADER_STORAGE_BUFFER, 1, buffers[1])
		gl.UseProgram(d.program)
		gl.Uniform1ui(0, uint32(len(disks)))
		gl.Uniform1ui(1, uint32(size))
		gl.Finish()
		var marks [2]uint32
		gl.GenQueries(2, &marks[0])
		defer gl.DeleteQueries(2, &marks[0])
		gl.QueryCounter(marks[0], gl.TIMESTAMP)
		for range times {
			gl.DispatchCompute(uint32((size+15)/16), uint32((size+15)/16), 1)
		}
		gl.MemoryBarrier(gl.BUFFER_UPDATE_BARRIER_BIT)
		gl.QueryCounter(marks[1], gl.TIMESTAMP)
		gl.GetBufferSubData(gl.SHADER_STORAGE_BUFFER, 0, 4*len(ids), unsafe.Pointer(&ids[0]))
		var at [2]uint64
		for i := range at {
			gl.GetQueryObjectui64v(marks[i], gl.QUERY_RESULT, &at[i])
		}
		took = time.Duration(at[1]-at[0]) / time.Duration(times)
		if code := gl.GetError(); code != gl.NO_ERROR {
			return fmt.Errorf("OpenGL error %#x", code)
		}
		return s.Same("the brute-force shader", ids)
	})
	return took, err
}

// Tiles returns what times leaflitter's bin and cover stages and checks its leaves: batch
// copies of the image in one set of dispatches; the time is that of one. What the probe says
// does not count, since the leaves are checked. Close gives the
// device's memory back.
func (d *Device) Tiles(s *Subject) (timed func(batch int) (time.Duration, error), close func() error, err error) {
	g, err := gpu.New(s.model, []gpu.Device{d.device}, gpu.Options{Inexact: true, Shaders: changed})
	if err != nil {
		return nil, nil, err
	}
	return func(batch int) (time.Duration, error) {
		images, scenes := make([]*render.Image, batch), make([]*scene.Scene, batch)
		for i := range images {
			images[i] = render.NewImage(&s.Config, render.Labels{ID: true})
		}
		place := func() []*scene.Scene {
			for i := range scenes {
				scenes[i] = s.placer.Scene(0)
			}
			return scenes
		}
		ctx := context.Background()
		if err := g.Render(ctx, place(), images); err != nil {
			return 0, err
		}
		for _, image := range images {
			if err := s.Same("the GPU backend", image.ID); err != nil {
				return 0, err
			}
		}
		n, times, err := g.Profile(ctx, place(), images)
		return times["cover"] / time.Duration(max(1, n)), err
	}, g.Close, nil
}
