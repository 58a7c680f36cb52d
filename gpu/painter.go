//go:build linux && cgo && egl

package gpu

import (
	"fmt"
	"math"
	"reflect"
	"sync/atomic"

	"leaflitter/bank"
	"leaflitter/palette"
	"leaflitter/render"
	"leaflitter/scene"
	"leaflitter/shaders"
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
	bindOutlines    = bindKernels
	bindPalettes    = bindKernels
	bindCoarse      = bindKernels
	bindCoarseLists = bindProgress
)

var bindNoise = [...]uint32{10, 12, 13, 14, 3, 6}

// Bindings of uniform blocks, as in shaders/batch.glsl and shaders.FMAProducts.
const bindDispatch, bindMinusZero = 0, 1

// painter is one device with the tables of one configuration on it.
type painter struct {
	*thread
	cfg      *scene.Config
	colours  []atomic.Pointer[colours] // per palette, once used
	set      *palette.Set
	programs programs
	counting bool
	clock    *clock // of the batch being asked for; nil: nobody measures
	spare    int    // shown leaves to make room for

	plan   *noisePlan // what lies in pools, of noise
	noise  *bank.Noise
	shapes *bank.Outlines // what lies in outlines

	settings, tables, outlines                       buffer
	pools                                            []buffer
	canvases, stacks, leaves, numbers, passes, shown buffer
	paints, ids, back, layer, tmp, kernels, palettes buffer
	progress, front, pix, labels, bins, binned       buffer
	dispatches                                       buffer // what each dispatch is told
	minusZero                                        buffer // for shaders.FMAProducts
	coarse, coarseLists                              buffer
	counts                                           buffer // of work; empty: nobody counts
}

// newPainter makes a painter for a model. It runs on the thread.
func newPainter(t *thread, m *render.Model, plan *noisePlan, o *Options) (*painter, error) {
	p := &painter{thread: t, counting: o.Count, spare: 1 << 16}
	for name, b := range map[string]*buffer{
		"settings": &p.settings, "tables": &p.tables, "outlines": &p.outlines, "canvases": &p.canvases, "stacks": &p.stacks,
		"leaves": &p.leaves, "numbers": &p.numbers, "passes": &p.passes, "shown": &p.shown, "paints": &p.paints, "ids": &p.ids,
		"back": &p.back, "layer": &p.layer, "tmp": &p.tmp, "kernels": &p.kernels, "palettes": &p.palettes,
		"progress": &p.progress, "front": &p.front, "pix": &p.pix, "labels": &p.labels, "bins": &p.bins, "binned": &p.binned,
		"coarse": &p.coarse, "coarse lists": &p.coarseLists, "counts": &p.counts, "dispatches": &p.dispatches, "minus zero": &p.minusZero,
	} {
		b.name = name
	}
	if o.Count {
		if err := p.counts.reserve(4 * len(work{}.words)); err != nil {
			return p, err
		}
	}
	if err := put(&p.minusZero, []float32{float32(math.Copysign(0, -1)), 0, 0, 0}); err != nil {
		return p, err
	}
	return p, p.configure(m, plan, o)
}

// configure compiles the shaders and uploads the bank, as far as the last configuration
// did not. It runs on the thread, with no batch under way. After an error the painter
// can be configured again and nothing else.
func (p *painter) configure(m *render.Model, plan *noisePlan, o *Options) (err error) {
	cfg, b := m.Config, m.Bank
	if p.programs, err = p.compiler.all(o, shaders.Define(len(plan.pools), plan.poolTexels, features(cfg, o))); err != nil {
		return err
	}
	p.cfg = cfg
	if set := m.Palettes; p.set != set {
		p.set, p.colours = set, make([]atomic.Pointer[colours], len(set.Palettes))
	}
	t1 := &tables{NoiseTile: plan.tile}
	copy(t1.Warp[:], b.Warp)
	copy(t1.Logistic[:], b.Logistic)
	copy(t1.Gamma[:], b.Gamma)
	for _, s := range plan.slopes {
		for _, log := range plan.logs {
			for l := 1; l <= 2 && log-l >= 4; l++ {
				t1.NoiseGain[(s*tileLogs+log)*2+l-1] = b.Noise.Gain(s, log, log-l)
			}
		}
	}
	if err := put(&p.tables, []tables{*t1}); err != nil {
		return err
	}
	if p.plan == nil || p.noise != b.Noise || !reflect.DeepEqual(p.plan, plan) {
		p.plan = nil
		if err := p.uploadNoise(b.Noise, plan); err != nil {
			return err
		}
		p.plan, p.noise = plan, b.Noise
	}
	if p.outlines.id == 0 || p.shapes != b.Outlines {
		p.shapes = nil
		if err := p.uploadOutlines(b.Outlines); err != nil {
			return err
		}
		p.shapes = b.Outlines
	}
	return nil
}

func (p *painter) uploadNoise(n *bank.Noise, plan *noisePlan) error {
	for i := range p.pools {
		p.pools[i].free()
	}
	p.pools = make([]buffer, len(plan.pools))
	for i, texels := range plan.pools {
		p.pools[i].name, p.pools[i].host = fmt.Sprintf("noise %d", i), true
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
		}
	}
	return check("uploading noise")
}

func (p *painter) uploadOutlines(o *bank.Outlines) error {
	if o == nil {
		return p.outlines.reserve(4)
	}
	const head = 4 + sketchSide
	texels := head * len(o.Tiles)
	words := make([]uint32, texels+(len(o.Texels)+3)/4)
	for i, t := range o.Tiles {
		sketch := 4*len(o.Tiles) + sketchSide*i
		cell := (t.Size - 2 + sketchSide) / sketchSide
		copy(words[4*i:], []uint32{uint32(4*texels + t.Offset), uint32(t.Size), uint32(sketch), uint32(cell)})
		draw(words[sketch:sketch+sketchSide], o.Texels[t.Offset:t.Offset+t.Size*t.Size], t.Size, cell)
	}
	for i, v := range o.Texels {
		words[texels+i/4] |= uint32(uint8(v)) << (8 * (i & 3))
	}
	return put(&p.outlines, words)
}

// sketchSide is how many cells a side a sketch has, as in shaders/sketch.glsl.
const sketchSide = 16

// draw fills the sketch of a tile: two bits a cell, inside and outside. A cell's places
// lie between its texels and the first ones of the next, and what lies between texels
// of one sign has that sign.
func draw(sketch []uint32, texels []int8, size, cell int) {
	for j := range sketchSide {
		for i := range sketchSide {
			if i*cell > size-2 || j*cell > size-2 {
				continue
			}
			inside, outside := true, true
			for y := j * cell; y <= min((j+1)*cell, size-1); y++ {
				for _, v := range texels[y*size+i*cell : y*size+min((i+1)*cell, size-1)+1] {
					inside, outside = inside && v > 0, outside && v <= 0
				}
			}
			sketch[j] |= bit(inside)<<(2*i) | bit(outside)<<(2*i+1)
		}
	}
}

// work lists the buffers that a batch needs.
func (p *painter) work() []*buffer {
	return []*buffer{&p.settings, &p.canvases, &p.stacks, &p.leaves, &p.numbers, &p.passes, &p.shown, &p.paints, &p.ids, &p.back, &p.layer,
		&p.tmp, &p.kernels, &p.palettes, &p.progress, &p.front, &p.pix, &p.labels, &p.bins, &p.binned, &p.coarse, &p.coarseLists, &p.dispatches}
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
	for _, b := range []*buffer{&p.tables, &p.outlines, &p.counts, &p.minusZero} {
		b.free()
	}
	for i := range p.pools {
		p.pools[i].free()
	}
}

// colour returns palette n as the paint shader reads it. Any goroutine may call it.
func (p *painter) colour(n int) *colours {
	if c := p.colours[n].Load(); c != nil {
		return c
	}
	c := newColours(&p.set.Palettes[n])
	p.colours[n].Store(c)
	return c
}
