//go:build linux && cgo && egl

package gpu

import (
	"cmp"
	"fmt"
	"slices"
	"time"

	"github.com/go-gl/gl/v4.5-core/gl"

	"leaflitter/bank"
	"leaflitter/palette"
	"leaflitter/render"
	"leaflitter/scene"
)

// Bindings, as in shaders/batch.glsl.
const (
	bindSettings = iota
	bindCanvases
	bindStacks
	bindLeaves
	bindNumbers
	bindPasses
	bindShown
	bindPaints
	bindIDs
	bindTables
	bindSource
	bindTarget
	bindKernels
	bindProgress
	bindBins
	bindBinned
	bindOutlines = bindKernels
	bindPalettes = bindKernels
)

var bindNoise = [...]uint32{10, 12, 13, 14, 3, 6}

// painter is one device with the tables of one configuration on it.
type painter struct {
	*thread
	cfg      *scene.Config
	colours  []*colours // per palette, once used
	set      *palette.Set
	programs programs
	clock    *clock      // nil: nobody measures
	spare    int         // shown leaves to make room for
	words    [2][]uint32 // finished images and labels

	settings, tables, outlines                       buffer
	pools                                            []buffer
	canvases, stacks, leaves, numbers, passes, shown buffer
	paints, ids, back, layer, tmp, kernels, palettes buffer
	progress, front, pix, labels, bins, binned       buffer
}

// newPainter compiles the shaders and uploads the bank. It runs on the thread.
func newPainter(t *thread, cfg *scene.Config, b *bank.Bank, set *palette.Set, plan *noisePlan, o *Options) (*painter, error) {
	p := &painter{thread: t, cfg: cfg, set: set, colours: make([]*colours, len(set.Palettes))}
	for name, b := range map[string]*buffer{
		"settings": &p.settings, "tables": &p.tables, "outlines": &p.outlines, "canvases": &p.canvases, "stacks": &p.stacks,
		"leaves": &p.leaves, "numbers": &p.numbers, "passes": &p.passes, "shown": &p.shown, "paints": &p.paints, "ids": &p.ids,
		"back": &p.back, "layer": &p.layer, "tmp": &p.tmp, "kernels": &p.kernels, "palettes": &p.palettes,
		"progress": &p.progress, "front": &p.front, "pix": &p.pix, "labels": &p.labels, "bins": &p.bins, "binned": &p.binned,
	} {
		b.name = name
	}
	var err error
	if p.programs, err = compileAll(o, len(plan.pools), plan.poolTexels, true); err != nil {
		return nil, err
	}
	stacks := len(cfg.Layers)
	if !cfg.Properties.Depth {
		stacks = 1
	}
	if err := put(&p.settings, []settings{newSettings(cfg, stacks)}); err != nil {
		return nil, err
	}
	t1 := &tables{NoiseTile: plan.tile}
	copy(t1.Warp[:], b.Warp)
	copy(t1.Logistic[:], b.Logistic)
	copy(t1.Gamma[:], b.Gamma)
	for i, in := range cfg.Paint.Noise.Slopes {
		t1.Slopes[2*i], t1.Slopes[2*i+1] = float32(in[0]), float32(in[1]-in[0])
	}
	if err := p.uploadNoise(b.Noise, plan, t1); err != nil {
		return nil, err
	}
	if err := put(&p.tables, []tables{*t1}); err != nil {
		return nil, err
	}
	return p, p.uploadOutlines(b.Outlines)
}

func (p *painter) uploadNoise(n *bank.Noise, plan *noisePlan, t *tables) error {
	p.pools = make([]buffer, len(plan.pools))
	for i, texels := range plan.pools {
		p.pools[i].name = fmt.Sprintf("noise %d", i)
		if err := p.pools[i].reserve(4 * texels); err != nil {
			return err
		}
	}
	for _, s := range plan.slopes {
		for _, log := range plan.logs {
			for v := range bank.Variants(log) {
				at := int(plan.tile[(s*tileLogs+log)*tileVariants+v])
				putAt(&p.pools[at/plan.poolTexels], 4*(at%plan.poolTexels), n.Tile(s, log, v))
			}
			for l := 1; l <= 2 && log-l >= 4; l++ {
				t.NoiseGain[(s*tileLogs+log)*2+l-1] = n.Gain(s, log, log-l)
			}
		}
	}
	return check("uploading noise")
}

func (p *painter) uploadOutlines(o *bank.Outlines) error {
	if o == nil {
		return p.outlines.reserve(4)
	}
	head := 2 * len(o.Tiles)
	head = (head + 3) &^ 3
	words := make([]uint32, head+(len(o.Texels)+3)/4)
	for i, t := range o.Tiles {
		words[2*i], words[2*i+1] = uint32(4*head+t.Offset), uint32(t.Size)
	}
	for i, v := range o.Texels {
		words[head+i/4] |= uint32(uint8(v)) << (8 * (i & 3))
	}
	return put(&p.outlines, words)
}

// work lists the buffers that a batch needs.
func (p *painter) work() []*buffer {
	return []*buffer{&p.canvases, &p.stacks, &p.leaves, &p.numbers, &p.passes, &p.shown, &p.paints, &p.ids, &p.back, &p.layer,
		&p.tmp, &p.kernels, &p.palettes, &p.progress, &p.front, &p.pix, &p.labels, &p.bins, &p.binned}
}

// shrink gives the memory of past batches back.
func (p *painter) shrink() {
	for _, b := range p.work() {
		b.free()
	}
}

// free deletes everything that belongs to the configuration.
func (p *painter) free() {
	p.shrink()
	for _, b := range []*buffer{&p.settings, &p.tables, &p.outlines} {
		b.free()
	}
	for i := range p.pools {
		p.pools[i].free()
	}
	for _, program := range p.programs {
		gl.DeleteProgram(program)
	}
}

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

// reserve makes room for a batch.
func (p *painter) reserve(l *layout) error {
	_, labels := l.starts()
	tmp := 8 * l.ids
	if l.prefix > 0 {
		tmp = max(tmp, 16*l.prefix)
	}
	front := 0
	if labels > 0 {
		front = 8 * l.front
	}
	layer := 0
	if len(l.blurred) > 1 || p.cfg.Develop.Supersample > 1 {
		layer = 8 * l.ids
	}
	shows := p.room(l)
	for _, r := range []struct {
		b    *buffer
		size int
	}{
		{&p.numbers, 4 * len(l.leaves)}, {&p.shown, 8 * shows}, {&p.paints, shows * 4 * (render.RecordWords - 1)},
		{&p.ids, 4 * l.ids}, {&p.back, 8 * l.ids}, {&p.layer, layer}, {&p.tmp, tmp},
		{&p.front, front}, {&p.pix, 4 * l.groups * l.jobs[0].image.Channels}, {&p.labels, 4 * labels},
		{&p.bins, 8 * l.bins}, {&p.binned, 4 * l.bins * l.room}, {&p.progress, 8 * len(l.stacks)}, {&p.passes, 16 * len(l.blurred)},
	} {
		if uint64(r.size) > p.limits.block {
			return fmt.Errorf("%w (%s: %d MiB, its buffers hold %d)", errMemory, r.b.name, r.size>>20, p.limits.block>>20)
		}
		if err := r.b.reserve(r.size); err != nil {
			return err
		}
	}
	return nil
}

// room is how many shown leaves of a stack there is memory for.
func (p *painter) room(l *layout) int {
	return max(64, min(p.spare, len(l.leaves)))
}

// upload brings a batch to the device.
func (p *painter) upload(l *layout) error {
	if size := leafBytes * len(l.leaves); size > int(p.limits.block) {
		return fmt.Errorf("%w (%d leaves take %d MiB, its buffers hold %d)", errMemory, len(l.leaves), size>>20, p.limits.block>>20)
	}
	all := make([]colours, len(l.palettes))
	for i, n := range l.palettes {
		if p.colours[n] == nil {
			p.colours[n] = newColours(&p.set.Palettes[n])
		}
		all[i] = *p.colours[n]
	}
	for _, err := range []error{
		put(&p.palettes, all), put(&p.canvases, l.canvases), put(&p.stacks, l.stacks),
		put(&p.leaves, l.leaves), put(&p.kernels, l.kernels), p.reserve(l),
	} {
		if err != nil {
			return err
		}
	}
	p.numbers.zero(4 * len(l.leaves))
	p.progress.zero(8 * len(l.stacks))
	passes := make([]pass, len(l.blurred))
	for i := range passes {
		passes[i] = pass{0, 1, 1, 0}
	}
	putAt(&p.passes, 0, passes)
	for binding, b := range map[uint32]*buffer{
		bindSettings: &p.settings, bindCanvases: &p.canvases, bindStacks: &p.stacks,
		bindNumbers: &p.numbers, bindPasses: &p.passes, bindPaints: &p.paints,
		bindIDs: &p.ids, bindTables: &p.tables, bindProgress: &p.progress,
	} {
		b.bind(binding)
	}
	return check("uploading a batch")
}

// submit asks the device for every stage of a batch, back to front. see, if not
// nil, is called after each; it may read buffers.
func (p *painter) submit(l *layout, see func(name string, stack int, b *buffer)) error {
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

func (p *painter) cover(l *layout, k int) {
	p.leaves.bind(bindLeaves)
	p.bins.bind(bindBins)
	p.binned.bind(bindBinned)
	if l.room > 0 {
		p.use("bin")
		gl.Uniform1ui(0, uint32(k))
		gl.Uniform1ui(2, uint32(l.room))
		gl.DispatchCompute(uint32(across(l.width, binSize)), uint32(across(l.rows, binSize)), uint32(len(l.jobs)))
		gl.MemoryBarrier(gl.SHADER_STORAGE_BARRIER_BIT)
	}
	p.use("cover")
	gl.Uniform1ui(0, uint32(k))
	gl.Uniform1ui(1, uint32(p.room(l)))
	gl.Uniform1ui(2, uint32(l.room))
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

// wait returns when the device has done what it was asked for.
func (p *painter) wait() error {
	fence := gl.FenceSync(gl.SYNC_GPU_COMMANDS_COMPLETE, 0)
	if fence == 0 {
		return errLost // without a context there is no fence
	}
	defer gl.DeleteSync(fence)
	for {
		switch gl.ClientWaitSync(fence, gl.SYNC_FLUSH_COMMANDS_BIT, uint64(time.Second)) {
		case gl.ALREADY_SIGNALED, gl.CONDITION_SATISFIED:
			return check("waiting for a batch")
		case gl.WAIT_FAILED:
			return errLost
		}
	}
}

// outcome is what a batch says about itself.
type outcome struct {
	progress []progress // per canvas and stack
	shows    int        // leaves that show, in the stack with most
}

// run renders a batch. Jobs whose progress says that pixels of a full stack stayed
// open are not delivered in a useful state.
func (p *painter) run(l *layout) (outcome, error) {
	o := outcome{progress: make([]progress, len(l.stacks))}
	if err := p.upload(l); err != nil {
		return o, err
	}
	if err := p.submit(l, nil); err != nil {
		return o, err
	}
	return o, p.collect(l, &o)
}

// collect waits for a batch and fetches it.
func (p *painter) collect(l *layout, o *outcome) error {
	if err := p.wait(); err != nil {
		return err
	}
	get(&p.progress, o.progress)
	passes := make([]pass, len(l.blurred))
	get(&p.passes, passes)
	for _, q := range passes {
		o.shows = max(o.shows, int(q.Count))
	}
	_, n := l.starts()
	p.words[0] = grow(p.words[0], l.groups*l.jobs[0].image.Channels)
	p.words[1] = grow(p.words[1], n)
	get(&p.pix, p.words[0])
	get(&p.labels, p.words[1])
	if err := check("reading a batch back"); err != nil {
		return err
	}
	l.deliver(p.words[0], p.words[1])
	return nil
}

func grow(s []uint32, n int) []uint32 {
	if cap(s) < n {
		return make([]uint32, n)
	}
	return s[:n]
}

// trace renders one job and reports its stages.
func (p *painter) trace(l *layout, see func(render.Stage)) (outcome, error) {
	o := outcome{progress: make([]progress, len(l.stacks))}
	if err := p.upload(l); err != nil {
		return o, err
	}
	width := l.width
	err := p.submit(l, func(name string, k int, b *buffer) {
		gl.MemoryBarrier(gl.BUFFER_UPDATE_BARRIER_BIT)
		stage := render.Stage{Name: name, Stack: k, Row: 2 * width}
		switch name {
		case "paint":
			stage.Row, stage.Words = render.RecordWords, render.Words(p.records(l, k))
		case "cover":
			stage.Row, stage.Words = width, make([]uint32, l.ids)
			get(b, stage.Words)
		case "blur":
			if !l.blurred[k] && !l.lens[k] {
				return
			}
			fallthrough
		default:
			stage.Words = make([]uint32, 2*l.ids)
			get(b, stage.Words)
		}
		see(stage)
	})
	if err != nil {
		return o, err
	}
	return o, p.collect(l, &o)
}

// records reads the paints of stack k, by leaf id.
func (p *painter) records(l *layout, k int) []render.PaintRecord {
	passes := make([]pass, len(l.blurred))
	get(&p.passes, passes)
	n := min(int(passes[k].Count), p.room(l))
	who, paints := make([]shown, n), make([]paint, n)
	get(&p.shown, who)
	get(&p.paints, paints)
	all := make([]render.PaintRecord, n)
	for i := range all {
		all[i] = render.PaintRecord{ID: who[i].Leaf - l.stacks[k].Leaves + 1, Paint: paints[i]}
		for part := range all[i].Paint.Part {
			all[i].Paint.Part[part].At = [3]uint32{}
		}
	}
	slices.SortFunc(all, func(a, b render.PaintRecord) int { return cmp.Compare(a.ID, b.ID) })
	return all
}
