//go:build linux && cgo && egl

package gpu

import "github.com/go-gl/gl/v4.5-core/gl"

// use makes a stage current.
func (p *painter) use(stage string) { gl.UseProgram(p.programs[stage]) }

// pixels runs the current stage over every canvas pixel, at 64 x 4 a workgroup.
func (l *layout) pixels(scale int) {
	gl.DispatchCompute(uint32((l.width/scale+63)/64), uint32((l.rows/scale+3)/4), uint32(len(l.jobs)))
	gl.MemoryBarrier(gl.SHADER_STORAGE_BARRIER_BIT)
}

// finished runs the current stage over every four finished pixels.
func (l *layout) finished() {
	groups := (l.area + 255) / 256
	across := min(groups, 1<<15)
	gl.DispatchCompute(uint32(across), uint32((groups+across-1)/across), uint32(len(l.jobs)))
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
	gl.MemoryBarrier(gl.BUFFER_UPDATE_BARRIER_BIT)
	at, labels := l.starts()
	last := len(l.blurred) - 1
	for k := last; k >= 0; k-- {
		target := &p.layer
		if k == last {
			target = &p.back
		}
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
			gl.Uniform1ui(0, uint32(k))
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
		gl.Uniform4ui(1, at[0], at[1], at[2], at[3])
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
		gl.Uniform1ui(0, uint32(k))
		bin := func(bins, lists *buffer, side, coarseRoom, room int) {
			bins.bind(bindBins)
			lists.bind(bindBinned)
			gl.Uniform1ui(1, uint32(coarseRoom))
			gl.Uniform1ui(2, uint32(room))
			gl.DispatchCompute(uint32(across(l.width, side)), uint32(across(l.rows, side)), uint32(len(l.jobs)))
			gl.MemoryBarrier(gl.SHADER_STORAGE_BARRIER_BIT)
		}
		p.coarse.bind(bindCoarse)
		p.coarseLists.bind(bindCoarseLists)
		bin(&p.coarse, &p.coarseLists, coarseSize, 0, l.coarseRoom)
		if l.fine {
			bin(&p.bins, &p.binned, binSize, l.coarseRoom, l.room)
		}
	}
	bins, lists, side, room := &p.coarse, &p.coarseLists, coarseSize, l.coarseRoom
	if l.fine {
		bins, lists, side, room = &p.bins, &p.binned, binSize, l.room
	}
	bins.bind(bindBins)
	lists.bind(bindBinned)
	p.use("cover")
	gl.Uniform1ui(0, uint32(k))
	gl.Uniform1ui(1, uint32(p.room(l)))
	gl.Uniform1ui(2, uint32(room))
	gl.Uniform1ui(3, uint32(side))
	p.shown.bind(bindShown)
	p.outlines.bind(bindOutlines)
	p.progress.bind(bindProgress)
	gl.DispatchCompute(uint32((l.width+15)/16), uint32((l.rows+15)/16), uint32(len(l.jobs)))
	gl.MemoryBarrier(gl.SHADER_STORAGE_BARRIER_BIT | gl.COMMAND_BARRIER_BIT)
}

func (p *painter) paint(l *layout, k int) {
	p.use("paint")
	gl.Uniform1ui(0, uint32(k))
	gl.Uniform1ui(1, uint32(p.room(l)))
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
	gl.Uniform1ui(0, uint32(k))
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
		gl.Uniform1ui(0, uint32(k))
		target.bind(bindSource)
		p.tmp.bind(bindTarget)
		l.pixels(1)
		p.use("blur_columns")
		gl.Uniform1ui(0, uint32(k))
		p.tmp.bind(bindSource)
		target.bind(bindTarget)
		l.pixels(1)
	}
	if l.lens[k] {
		p.use("lens_prefix")
		gl.Uniform1ui(0, uint32(k))
		target.bind(bindSource)
		p.tmp.bind(bindTarget)
		gl.DispatchCompute(1, uint32(l.rows), uint32(len(l.jobs)))
		gl.MemoryBarrier(gl.SHADER_STORAGE_BARRIER_BIT)
		p.use("lens")
		gl.Uniform1ui(0, uint32(k))
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
