//go:build linux && cgo && egl

package gpu

import (
	"errors"
	"fmt"
	"runtime"
	"strings"
	"sync"
	"time"
	"unsafe"

	"github.com/go-gl/gl/v4.5-core/gl"

	"leaflitter/gpu/egl"
)

// Errors that a smaller batch or a new context may mend.
var (
	errMemory = errors.New("the device is out of memory")
	errLost   = errors.New("the OpenGL context was lost (the driver reset or removed the device)")
)

// Context is an OpenGL core context. Its methods are called on one locked OS thread.
type Context interface {
	MakeCurrent() error
	Release() error
	Close()
}

// thread is an OS thread with a current context. All OpenGL calls go through do.
type thread struct {
	calls    chan func()
	ctx      Context
	limits   limits
	flights  []*flight // what the device has been asked for and not yet done, oldest first
	compiler compiler
}

// flight is a batch on the device.
type flight struct {
	fence uintptr
	clock *clock
	laps  []lap      // of the clock, once done
	done  chan error // receives one value, and there is room for it
}

// limits are what the driver says it can do.
type limits struct {
	block   uint64 // bytes of a storage buffer
	storage int32  // buffers a stage may read
	shared  int32  // bytes
	groups  int32  // invocations a workgroup
}

var loadGL = sync.OnceValue(func() error { return gl.InitWithProcAddrFunc(egl.ProcAddr) })

// openThread makes a context on device number i (see egl.Devices).
func openThread(i int, o *Options) (*thread, error) {
	found, err := listed()
	if err != nil {
		return nil, err
	}
	if i >= len(found) {
		return nil, fmt.Errorf("EGL lists no device %d", i)
	}
	return startThread(func() (Context, error) {
		c, err := found[i].Open(o.Debug)
		if err != nil {
			return nil, err // no nil pointer in an interface
		}
		return c, nil
	}, loadGL, o)
}

// startThread starts a thread with the context that open returns; load then finds
// OpenGL's functions.
func startThread(open func() (Context, error), load func() error, o *Options) (*thread, error) {
	t := &thread{calls: make(chan func()), compiler: compiler{made: map[string]uint32{}}}
	go t.loop()
	err := t.do(func() (err error) {
		if t.ctx, err = open(); err != nil {
			return err
		}
		if err := t.ctx.MakeCurrent(); err != nil {
			return err
		}
		if err := load(); err != nil {
			return fmt.Errorf("its driver lacks OpenGL %d.%d: %w", egl.Major, egl.Minor, err)
		}
		if o.Debug {
			listen(o)
		}
		t.compiler.cache = openCache(o)
		return t.limits.read()
	})
	if err != nil {
		t.close()
		return nil, err
	}
	return t, nil
}

// patience is how long the thread waits for the device before it looks whether
// somebody has the next batch for it.
const patience = 200 * time.Microsecond

// loop runs calls, and in between watches the flights.
func (t *thread) loop() {
	runtime.LockOSThread() // to the end: the thread dies with the goroutine
	for {
		if len(t.flights) == 0 {
			f, ok := <-t.calls
			if !ok {
				return
			}
			f()
			continue
		}
		select {
		case f, ok := <-t.calls:
			if !ok {
				return
			}
			f()
		default:
			t.watch()
		}
	}
}

// launch puts a fence behind what the device was asked for: f is done when the device
// passes it.
func (t *thread) launch(f *flight) error {
	if f.fence = gl.FenceSync(gl.SYNC_GPU_COMMANDS_COMPLETE, 0); f.fence == 0 {
		return errLost // without a context there is no fence
	}
	gl.Flush()
	t.flights = append(t.flights, f)
	return nil
}

// watch waits a little for the oldest flight. When the context is lost, all flights
// are.
func (t *thread) watch() {
	f := t.flights[0]
	switch gl.ClientWaitSync(f.fence, gl.SYNC_FLUSH_COMMANDS_BIT, uint64(patience)) {
	case gl.TIMEOUT_EXPIRED:
	case gl.ALREADY_SIGNALED, gl.CONDITION_SATISFIED:
		gl.DeleteSync(f.fence)
		t.flights = t.flights[1:]
		err := check("waiting for a batch")
		f.laps = f.clock.read()
		f.done <- err
	default: // failed, or there is no context to ask
		for _, f := range t.flights {
			f.done <- errLost
		}
		t.flights = nil
	}
}

// do runs f on the thread and waits for it.
func (t *thread) do(f func() error) error {
	done := make(chan error)
	t.calls <- func() { done <- f() }
	return <-done
}

func (t *thread) close() {
	t.do(func() error {
		if t.ctx != nil {
			t.ctx.Release()
			t.ctx.Close()
		}
		return nil
	})
	close(t.calls)
}

func (l *limits) read() error {
	var block int64
	gl.GetInteger64v(gl.MAX_SHADER_STORAGE_BLOCK_SIZE, &block)
	l.block = uint64(block)
	gl.GetIntegerv(gl.MAX_COMPUTE_SHADER_STORAGE_BLOCKS, &l.storage)
	gl.GetIntegerv(gl.MAX_COMPUTE_SHARED_MEMORY_SIZE, &l.shared)
	gl.GetIntegerv(gl.MAX_COMPUTE_WORK_GROUP_INVOCATIONS, &l.groups)
	const storage, shared, groups, least = 12, 12 << 10, 256, 16 << 20
	switch {
	case l.storage < storage:
		return fmt.Errorf("its compute shaders read %d storage buffers, %d are needed", l.storage, storage)
	case l.shared < shared:
		return fmt.Errorf("its workgroups share %d bytes, %d are needed", l.shared, shared)
	case l.groups < groups:
		return fmt.Errorf("its workgroups have %d invocations, %d are needed", l.groups, groups)
	case l.block < least:
		return fmt.Errorf("its storage buffers hold %d bytes, %d are needed", l.block, least)
	}
	return nil
}

// listen passes on what the driver notices.
func listen(o *Options) {
	gl.Enable(gl.DEBUG_OUTPUT)
	gl.Enable(gl.DEBUG_OUTPUT_SYNCHRONOUS) // so that it is said at the call that caused it
	gl.DebugMessageCallback(func(source, kind, id, severity uint32, length int32, message string, user unsafe.Pointer) {
		if severity == gl.DEBUG_SEVERITY_NOTIFICATION {
			return
		}
		o.say("opengl: %s", strings.TrimSpace(message))
	}, nil)
	gl.DebugMessageControl(gl.DONT_CARE, gl.DONT_CARE, gl.DONT_CARE, 0, nil, true)
	text := "leaflitter: debug output is on"
	gl.DebugMessageInsert(gl.DEBUG_SOURCE_APPLICATION, gl.DEBUG_TYPE_MARKER, 1, gl.DEBUG_SEVERITY_LOW, int32(len(text)), gl.Str(text+"\x00"))
}

// label names an object for debuggers and for the driver's messages.
func label(kind, id uint32, name string) {
	gl.ObjectLabel(kind, id, int32(len(name)), gl.Str(name+"\x00"))
}

// check returns what OpenGL has to say about the calls since the last check.
func check(what string) error {
	for code := gl.GetError(); ; code = gl.GetError() {
		switch code {
		case gl.NO_ERROR:
			return nil
		case gl.OUT_OF_MEMORY:
			return fmt.Errorf("%w (%s)", errMemory, what)
		case gl.CONTEXT_LOST:
			return errLost
		default:
			return fmt.Errorf("OpenGL reports error %#x at %s; this is a mistake in leaflitter or in the driver, --gl-debug tells more and --backend cpu avoids it", code, what)
		}
	}
}
