//go:build linux && cgo && egl

package main

import (
	"context"
	_ "embed"
	"errors"
	"fmt"
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

// device measures on OpenGL device 0.
type device struct {
	name    string
	calls   chan func()
	program uint32
}

func openDevice() (*device, error) {
	all, err := gpu.Devices()
	if err != nil {
		return nil, err
	}
	if len(all) == 0 || !all[0].Usable {
		return nil, errors.New("no device can run the shaders")
	}
	d := &device{name: all[0].Name() + ", OpenGL " + all[0].Version, calls: make(chan func())}
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
		ctx, err := found[0].Open(false)
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
			return errors.New("the driver does not compile bench/peers/brute.comp")
		}
		return nil
	})
}

func (d *device) do(f func() error) error {
	done := make(chan error)
	d.calls <- func() { done <- f() }
	return <-done
}

// brute times the brute-force kernel on the device's clock and checks its leaves.
func (d *device) brute(s *subject) (took time.Duration, err error) {
	err = d.do(func() error {
		disks := make([][4]float32, len(s.leaves))
		for i := range s.leaves {
			disks[i] = [4]float32{s.leaves[i].X, s.leaves[i].Y, s.leaves[i].A}
		}
		size := s.cfg.Image.Width
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
		gl.DispatchCompute(uint32((size+15)/16), uint32((size+15)/16), 1)
		gl.MemoryBarrier(gl.BUFFER_UPDATE_BARRIER_BIT)
		gl.QueryCounter(marks[1], gl.TIMESTAMP)
		gl.GetBufferSubData(gl.SHADER_STORAGE_BUFFER, 0, 4*len(ids), unsafe.Pointer(&ids[0]))
		var at [2]uint64
		for i := range at {
			gl.GetQueryObjectui64v(marks[i], gl.QUERY_RESULT, &at[i])
		}
		took = time.Duration(at[1] - at[0])
		if code := gl.GetError(); code != gl.NO_ERROR {
			return fmt.Errorf("OpenGL error %#x", code)
		}
		return s.same("the brute-force shader", ids)
	})
	return took, err
}

// tiles times leaflitter's bin and cover stages, one image at a time.
func tiles(s *subject) (func() (time.Duration, error), error) {
	all, err := gpu.Devices()
	if err != nil {
		return nil, err
	}
	g, err := gpu.New(&s.cfg, s.bank, s.set, all[:1], gpu.Options{})
	if err != nil {
		return nil, err
	}
	image := render.NewImage(&s.cfg, render.Labels{ID: true})
	return func() (time.Duration, error) {
		ctx := context.Background()
		if err := g.Render(ctx, []*scene.Scene{s.placer.Scene(0)}, []*render.Image{image}); err != nil {
			return 0, err
		}
		if err := s.same("the GPU backend", image.ID); err != nil {
			return 0, err
		}
		_, times, err := g.Profile(ctx, []*scene.Scene{s.placer.Scene(0)}, []*render.Image{image})
		return times["cover"], err
	}, nil
}
