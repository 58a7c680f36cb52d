//go:build linux && cgo && egl

package gpu

import (
	"unsafe"

	"github.com/go-gl/gl/v4.5-core/gl"
)

// use makes a stage current.
func (p *painter) use(stage string) { gl.UseProgram(p.programs[stage]) }

// The runs of a stack whose dispatches are told different things.
const (
	coarseRun = iota // bin, making coarse bins
	fineRun          // bin, making fine ones
	stackRun         // everything else
	runs
)

// dispatchStride keeps records apart: OpenGL lets no driver ask for more.
const dispatchStride = 256

func (l *layout) dispatchBytes() int { return dispatchStride * runs * len(l.blurred) }

// tell brings what the dispatches of a batch are told to the device.
func (p *painter) tell(s *slot, l *layout, at *sections) {
	starts, _ := l.starts()
	for k := range l.blurred {
		most := dispatch{Starts: starts, StackNumber: uint32(k), Capacity: uint32(p.room(l))}
		for run := range runs {
			d := most
			switch {
			case run == coarseRun:
				d.Room = uint32(l.coarseRoom)
			case run == fineRun:
				d.CoarseRoom, d.Room = uint32(l.coarseRoom), uint32(l.room)
			case l.fine:
				d.BinSide, d.Room = binSize, uint32(l.room)
			default:
				d.BinSide, d.Room = coarseSize, uint32(l.coarseRoom)
			}
			view[dispatch](&s.up, at.dispatches+dispatchStride*(runs*k+run), 1)[0] = d
		}
	}
	s.up.copyTo(&p.dispatches, at.dispatches, l.dispatchBytes())
}

// told makes a run of stack k what the next dispatches are told.
func (p *painter) told(k, run int) {
	gl.BindBufferRange(gl.UNIFORM_BUFFER, bindDispatch, p.dispatches.id, dispatchStride*(runs*k+run), int(unsafe.Sizeof(dispatch{})))
}

// clear zeroes the first size bytes of a buffer, a multiple of 4.
func (p *painter) clear(b *buffer, size int) {
	if size == 0 {
		return
	}
	p.use("clear")
	b.bindStart(bindTarget, size)
	dispatchGroups((size/4+255)/256, 1)
}

// dispatchGroups runs the current stage in n workgroups for each of so many canvases, in
// rows where one row would be too long for OpenGL.
func dispatchGroups(n, canvases int) {
	across := min(n, 1<<15)
	gl.DispatchCompute(uint32(across), uint32((n+across-1)/across), uint32(canvases))
}

// pixels runs the current stage over every canvas pixel, at 64 x 4 a workgroup.
func (l *layout) pixels(scale int) {
	gl.DispatchCompute(uint32((l.width/scale+63)/64), uint32((l.rows/scale+3)/4), uint32(len(l.jobs)))
	gl.MemoryBarrier(gl.SHADER_STORAGE_BARRIER_BIT)
}

// finished runs the current stage over every four finished pixels.
func (l *layout) finished() {
	dispatchGroups((l.area+255)/256, len(l.jobs))
	gl.MemoryBarrier(gl.SHADER_STORAGE_BARRIER_BIT | gl.BUFFER_UPDATE_BARRIER_BIT)
}

// sight is called after a stage of a stack, on the thread, with the buffer that the
// stage wrote; it may read buffers.
type sight func(name string, stack int, b *buffer)

// submit asks the device for every stage of a batch, back to front. see may be nil.
func (p *painter) submit(l *layout, see sight) error {
	if see == nil {
		see = func(string, int, *buffer) {}
	}
	gl.MemoryBarrier(gl.BUFFER_UPDATE_BARRIER_BIT | gl.SHADER_STORAGE_BARRIER_BIT) // of clear
	_, labels := l.starts()
	last := len(l.blurred) - 1
	for k := last; k >= 0; k-- {
		target := &p.layer
		if k == last {
			target = &p.back
		}
		p.told(k, stackRun)
		p.cover(l, k)
		p.clock.mark("cover")
		see("cover", k, &p.ids)
		p.paint(l, k)
		p.clock.mark("paint")
		see("paint", k, &p.paints)
		p.shade(l, k, target)
		p.clock.mark("shade")
		see("shade", k, target)
		if labels > 0 {
			p.use("front")
			p.front.bind(bindTarget)
			l.pixels(1)
			p.clock.mark("label")
		}
		p.blur(l, k, target)
		p.clock.mark("blur")
		see("blur", k, target)
		if k < last {
			p.use("compose")
			p.layer.bind(bindSource)
			p.back.bind(bindTarget)
			l.pixels(1)
			p.clock.mark("compose")
			see("compose", k, &p.back)
		}
	}
	p.develop(l)
	p.clock.mark("develop")
	if labels > 0 {
		p.use("label")
		p.front.bind(bindSource)
		p.labels.bind(bindTarget)
		l.finished()
		p.clock.mark("label")
	}
	return check("rendering a batch")
}

// Where the stages that count find the counts: as BIND_WORK in their shaders.
const bindWorkCover, bindWorkShade = 11, 15

func (p *painter) cover(l *layout, k int) {
	if p.counting {
		p.counts.bind(bindWorkCover)
	}
	p.leaves.bind(bindLeaves)
	if l.coarseRoom > 0 {
		p.use("bin")
		bin := func(run int, bins, lists *buffer, side int) {
			p.told(k, run)
			bins.bind(bindBins)
			lists.bind(bindBinned)
			gl.DispatchCompute(uint32(across(l.width, side)), uint32(across(l.rows, side)), uint32(len(l.jobs)))
			gl.MemoryBarrier(gl.SHADER_STORAGE_BARRIER_BIT)
		}
		p.coarse.bind(bindCoarse)
		p.coarseLists.bind(bindCoarseLists)
		bin(coarseRun, &p.coarse, &p.coarseLists, coarseSize)
		if l.fine {
			bin(fineRun, &p.bins, &p.binned, binSize)
		}
		p.told(k, stackRun)
	}
	bins, lists := &p.coarse, &p.coarseLists
	if l.fine {
		bins, lists = &p.bins, &p.binned
	}
	bins.bind(bindBins)
	lists.bind(bindBinned)
	p.use("cover")
	p.shown.bind(bindShown)
	p.outlines.bind(bindOutlines)
	p.progress.bind(bindProgress)
	gl.DispatchCompute(uint32((l.width+15)/16), uint32((l.rows+15)/16), uint32(len(l.jobs)))
	gl.MemoryBarrier(gl.SHADER_STORAGE_BARRIER_BIT | gl.COMMAND_BARRIER_BIT)
}

func (p *painter) paint(l *layout, k int) {
	p.use("paint")
	p.palettes.bind(bindPalettes)
	gl.BindBuffer(gl.DISPATCH_INDIRECT_BUFFER, p.passes.id)
	gl.DispatchComputeIndirect(16 * k)
	gl.MemoryBarrier(gl.SHADER_STORAGE_BARRIER_BIT)
}

func (p *painter) shade(l *layout, k int, target *buffer) {
	if p.counting {
		p.counts.bind(bindWorkShade)
	}
	p.use("shade")
	for i := range p.pools {
		p.pools[i].bind(bindNoise[i])
	}
	target.bind(bindTarget)
	l.pixels(1)
}

func (p *painter) blur(l *layout, k int, target *buffer) {
	p.kernels.bind(bindKernels)
	if l.blurred[k] {
		p.use("blur_rows")
		target.bind(bindSource)
		p.tmp.bind(bindTarget)
		l.pixels(1)
		p.use("blur_columns")
		p.tmp.bind(bindSource)
		target.bind(bindTarget)
		l.pixels(1)
	}
	if l.lens[k] {
		p.use("lens_prefix")
		target.bind(bindSource)
		p.tmp.bind(bindTarget)
		gl.DispatchCompute(1, uint32(l.rows), uint32(len(l.jobs)))
		gl.MemoryBarrier(gl.SHADER_STORAGE_BARRIER_BIT)
		p.use("lens")
		p.tmp.bind(bindSource)
		target.bind(bindTarget)
		l.pixels(1)
	}
}

func (p *painter) develop(l *layout) {
	out, scale := &p.back, p.cfg.Develop.Supersample
	if scale > 1 {
		out = &p.layer
		p.use("average")
		p.back.bind(bindSource)
		out.bind(bindTarget)
		l.pixels(scale)
	}
	if l.extra {
		p.kernels.bind(bindKernels)
		p.use("smooth_rows")
		out.bind(bindSource)
		p.tmp.bind(bindTarget)
		l.pixels(scale)
		p.use("smooth_columns")
		p.tmp.bind(bindSource)
		out.bind(bindTarget)
		l.pixels(scale)
	}
	p.use("develop")
	out.bind(bindSource)
	p.pix.bind(bindTarget)
	l.finished()
}
