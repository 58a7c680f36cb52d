//go:build linux && cgo && egl

package gpu

import (
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"github.com/go-gl/gl/v4.5-core/gl"

	"leaflitter/shaders"
)

// Probe runs shaders/probe.comp on a device and returns what each primitive gives there:
// what the promise of equal bytes stands on, and a few things that are told and not
// needed.
func Probe(d *Device, o Options) ([]Primitive, error) {
	t, err := openThread(d.Index, &o)
	if err != nil {
		return nil, err
	}
	defer t.close()
	var found []Primitive
	err = t.do(func() (err error) {
		found, err = t.probe(&o)
		return err
	})
	return found, err
}

// trusted holds the drivers and sources that passed in this process; probes counts how
// often a device was asked, for tests.
var (
	trusted sync.Map
	probes  atomic.Int64
)

// passed is what the cache keeps of a device that passed.
const passed = "every primitive holds"

// trust probes the device of the thread unless that was done before, and refuses one on
// which a primitive fails that bytes depend on, unless Options.Inexact is set. On the
// thread.
func (t *thread) trust(o *Options) error {
	source, err := shaders.Expand(o.files(), shaders.Probe, nil)
	if err != nil {
		return err
	}
	key := passed + "\n" + source.Text
	here := driver() + key
	if _, ok := trusted.Load(here); ok {
		return nil
	}
	if _, kept, ok := t.compiler.cache.read(key); ok && string(kept) == passed {
		trusted.Store(here, true)
		return nil
	}
	found, err := t.probe(o)
	if errors.Is(err, errLost) || errors.Is(err, errMemory) {
		return err
	}
	if err != nil {
		err = fmt.Errorf("%w, as far as one can tell, since it cannot be probed: %w", ErrInexact, err)
	} else {
		err = Verdict(found)
	}
	switch {
	case err == nil:
		trusted.Store(here, true)
		t.compiler.cache.write(key, 0, []byte(passed))
	case o.Inexact:
		o.warn("%s: %v; its images may differ", gl.GoStr(gl.GetString(gl.RENDERER)), err)
		err = nil
	}
	return err
}

// probe runs the probe. On the thread.
func (t *thread) probe(o *Options) ([]Primitive, error) {
	probes.Add(1)
	program, err := t.compiler.one(o, shaders.Probe, nil)
	if err != nil {
		return nil, err
	}
	given := buffer{name: "operands of the probe"}
	found := buffer{name: "what the probe found"}
	sums := buffer{name: "tally of the probe"}
	phases := buffer{name: "phases of the probe"}
	down := mapped{name: "what the probe found, coming down", down: true}
	defer func() {
		for _, b := range []*buffer{&given, &found, &sums, &phases} {
			b.free()
		}
		down.free()
	}()
	operands := probeOperands()
	words := make([]uint32, probeThreads*probeRows)
	for i := range words {
		words[i] = 0xdeadbeef // nothing may look as if it had been computed
	}
	phase := make([]uint32, dispatchStride/4+4)
	phase[dispatchStride/4] = 1
	if err := errors.Join(put(&given, operands[:]), put(&found, words), put(&sums, []tally{{}}), put(&phases, phase)); err != nil {
		return nil, err
	}
	size := 4 * len(words)
	if err := down.reserve(size); err != nil {
		return nil, err
	}
	gl.UseProgram(program)
	given.bind(0)
	found.bind(1)
	sums.bind(2)
	gl.BindBufferRange(gl.UNIFORM_BUFFER, 0, phases.id, 0, 16)
	gl.DispatchCompute(probeGroups, 1, 1)
	gl.MemoryBarrier(gl.SHADER_STORAGE_BARRIER_BIT | gl.COMMAND_BARRIER_BIT)
	gl.BindBufferRange(gl.UNIFORM_BUFFER, 0, phases.id, dispatchStride, 16)
	gl.BindBuffer(gl.DISPATCH_INDIRECT_BUFFER, sums.id)
	gl.DispatchComputeIndirect(0)
	gl.MemoryBarrier(gl.BUFFER_UPDATE_BARRIER_BIT)
	down.copyFrom(&found, 0, size)
	gl.MemoryBarrier(gl.CLIENT_MAPPED_BUFFER_BARRIER_BIT)
	if err := check("probing the device"); err != nil {
		return nil, err
	}
	if err := finish(10 * time.Second); err != nil {
		return nil, err
	}
	read := append([]uint32(nil), view[uint32](&down, 0, len(words))...)
	get(&found, words)
	sum := make([]tally, 1)
	get(&sums, sum)
	if err := check("reading the probe"); err != nil {
		return nil, err
	}
	return judge(&operands, words, read, sum[0]), nil
}

// finish waits until the device has done all that it was asked for.
func finish(most time.Duration) error {
	fence := gl.FenceSync(gl.SYNC_GPU_COMMANDS_COMPLETE, 0)
	if fence == 0 {
		return errLost
	}
	defer gl.DeleteSync(fence)
	switch gl.ClientWaitSync(fence, gl.SYNC_FLUSH_COMMANDS_BIT, uint64(most)) {
	case gl.ALREADY_SIGNALED, gl.CONDITION_SATISFIED:
		return nil
	case gl.TIMEOUT_EXPIRED:
		return fmt.Errorf("the device did not finish the probe within %v; another program may keep it busy", most)
	}
	return errLost
}

// model names what the current context draws on, driver also its driver's version.
func model() string { return names(gl.VENDOR, gl.RENDERER) }
func driver() string {
	return names(gl.VENDOR, gl.RENDERER, gl.VERSION, gl.SHADING_LANGUAGE_VERSION)
}

func names(all ...uint32) (s string) {
	for _, name := range all {
		s += gl.GoStr(gl.GetString(name)) + "\n"
	}
	return s
}

// tally is what all workgroups of the probe add up, as in probe.comp.
type tally struct{ Groups, One, Two, Sum, Bits, Most, Winners, Taken uint32 }
