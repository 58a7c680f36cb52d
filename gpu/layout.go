//go:build linux && cgo && egl

package gpu

import (
	"fmt"

	"leaflitter/bank"
	"leaflitter/render"
	"leaflitter/scene"
)

// job is one image of a batch, or a band of its rows.
type job struct {
	scene  *scene.Scene
	image  *render.Image
	plan   render.Plan
	top    int // first output row
	height int // output rows
	margin int // output px
}

func (j *job) width() int  { return (j.image.Width + 2*j.margin) * j.plan.Scale }
func (j *job) rows() int   { return (j.height + 2*j.margin) * j.plan.Scale }
func (j *job) pixels() int { return j.width() * j.rows() }
func (j *job) lens() bool {
	for i := range j.plan.Blurs {
		if j.plan.Blurs[i].Lens != nil {
			return true
		}
	}
	return false
}

// Bytes of device memory a canvas pixel takes: id, and texels behind, of the
// stack and between two passes; with a lens four sums in place of the last.
const (
	pixelBytes = 4 + 3*8
	lensBytes  = 4 + 2*8 + 16
)

// mostRows is how many rows a canvas has at most: a dispatch has fewer than 2^16
// workgroups along y.
const mostRows = 1 << 15

// mostPixels returns how many canvas pixels fit.
func mostPixels(block, memory uint64, lens bool) int {
	if lens {
		return int(min(block/16, memory/lensBytes))
	}
	return int(min(block/8, memory/pixelBytes))
}

// bands splits an image into jobs of at most limit canvas pixels each.
func bands(s *scene.Scene, im *render.Image, block, memory uint64) ([]job, error) {
	whole := job{scene: s, image: im, plan: render.NewPlan(s), height: im.Height}
	whole.margin = whole.plan.Margin
	limit := mostPixels(block, memory, whole.lens())
	if whole.pixels()+whole.rows() <= limit && whole.rows() <= mostRows {
		return []job{whole}, nil
	}
	if im.Edge != nil {
		whole.margin = max(whole.margin, 1) // the row below a band decides its edges
	}
	row := (whole.width() + 1) * whole.plan.Scale
	height := min(limit/row, mostRows/whole.plan.Scale) - 2*whole.margin
	if height < 1 {
		need := uint64(row*(1+2*whole.margin)) * pixelBytes
		return nil, fmt.Errorf("an image of %d x %d px, rendered at %d times its size, needs %d MiB on the device for one row with its margin, and %d MiB can be had; lower image.width or develop.supersample, or use --backend cpu",
			im.Width, im.Height, whole.plan.Scale, need>>20, uint64(limit)*pixelBytes>>20)
	}
	var all []job
	for top := 0; top < im.Height; top += height {
		j := whole
		j.top, j.height = top, min(height, im.Height-top)
		all = append(all, j)
	}
	return all, nil
}

// layout is where everything of a batch lies.
type layout struct {
	jobs       []job
	canvases   []canvas
	stacks     []stack
	spans      [][]scene.Leaf // placements, one span a stack and image
	leaves     int            // in all spans
	kernels    []uint32
	palettes   []int // numbers in the palette set
	settings   []settings
	ids        int // canvas pixels
	prefix     int // entries of prefix sums
	front      int // output pixels with a row more
	bins       int
	coarse     int  // coarse bins
	room       int  // leaves a bin lists at most; 0: the batch goes without bins
	coarseRoom int  // the same of a coarse bin; 0: the batch goes without bins
	fine       bool // bins are used, beside coarse ones
	groups     int  // of four finished pixels
	width      int  // of the largest canvas
	rows       int
	area       int // output pixels of the largest job
	blurred    []bool
	lens       []bool // per stack number
	extra      bool
	stay       bool // what is finished stays on the device
}

func layOut(jobs []job) *layout {
	stacks := len(jobs[0].scene.Stacks)
	l := &layout{jobs: jobs, blurred: make([]bool, stacks), lens: make([]bool, stacks)}
	number := map[int]uint32{}
	type at struct{ offset, base []uint32 }
	placed := map[*scene.Scene]at{}
	drawn := map[*scene.Config]uint32{} // numbers of settings
	for i := range jobs {
		j := &jobs[i]
		s := j.scene
		w, h := j.width(), j.rows()
		if _, ok := number[s.Palette]; !ok {
			number[s.Palette] = uint32(len(l.palettes))
			l.palettes = append(l.palettes, s.Palette)
		}
		if _, ok := drawn[s.Config]; !ok {
			drawn[s.Config] = uint32(len(l.settings))
			l.settings = append(l.settings, newSettings(s.Config, stacks))
		}
		c := canvas{
			Width: uint32(w), Height: uint32(h),
			Left: int32(-j.margin * j.plan.Scale), Top: int32((j.top - j.margin) * j.plan.Scale),
			Pixels: uint32(l.ids), Prefix: uint32(l.prefix), Margin: uint32(j.margin),
			OutWidth: uint32(j.image.Width), OutHeight: uint32(j.height), OutTop: uint32(j.top), ImageHeight: uint32(j.image.Height),
			OutWords: uint32(l.groups), Front: uint32(l.front), Palette: number[s.Palette],
			SeedLow: uint32(s.Seed), SeedHigh: uint32(s.Seed >> 32), ImageLow: uint32(s.Index), ImageHigh: uint32(s.Index >> 32),
			Extra: uint32(len(l.kernels)), ExtraRadius: uint32(len(j.plan.Extra) - 1),
			Bins: uint32(l.bins), Coarse: uint32(l.coarse), Settings: drawn[s.Config],
		}
		l.kernels = append(l.kernels, j.plan.Extra...)
		l.extra = l.extra || len(j.plan.Extra) > 1
		p, ok := placed[s] // bands share their image's leaves
		if !ok {
			base := uint32(0)
			for k := range s.Stacks {
				p.offset, p.base = append(p.offset, uint32(l.leaves)), append(p.base, base)
				n := len(s.Stacks[k].Leaves)
				base += uint32(n)
				l.leaves += n
				l.spans = append(l.spans, s.Stacks[k].Leaves)
			}
			placed[s] = p
		}
		for k := range s.Stacks {
			st := stack{
				Leaves: p.offset[k], Count: uint32(len(s.Stacks[k].Leaves)), Layer: uint32(s.Stacks[k].Index), Base: p.base[k],
				Depth: uint32(s.Config.Layers[s.Stacks[k].Index].Depth*65535 + 0.5), Kernel: uint32(len(l.kernels)),
			}
			b := &j.plan.Blurs[k]
			if b.Lens != nil {
				l.lens[k] = true
				st.LensReach, st.LensSum = uint32(b.Lens.Reach()), b.Lens.Sum
				l.kernels = append(l.kernels, b.Lens.First...)
				st.LensRuns = uint32(len(l.kernels))
				l.kernels = append(l.kernels, render.Words[bank.Run](b.Lens.Runs)...)
			} else {
				l.blurred[k] = l.blurred[k] || b.Reach() > 0
				st.Radius = uint32(b.Reach())
				l.kernels = append(l.kernels, b.Weight...)
			}
			l.stacks = append(l.stacks, st)
		}
		l.canvases = append(l.canvases, c)
		l.ids += w * h
		l.bins += across(w, binSize) * across(h, binSize)
		l.coarse += across(w, coarseSize) * across(h, coarseSize)
		if j.lens() {
			l.prefix += (w + 1) * h
		}
		l.front += j.image.Width * (j.height + 1)
		l.groups += (j.image.Width*j.height + 3) / 4
		l.width, l.rows, l.area = max(l.width, w), max(l.rows, h), max(l.area, j.image.Width*j.height)
	}
	l.binRoom()
	return l
}

// Sides of bins, as in shaders/cull.glsl.
const binSize, coarseSize = 32, 128

// mostLists is what the lists of all bins of a batch may hold. A test lowers it.
var mostLists = 1 << 23

func across(length, side int) int { return (length + side - 1) / side }

// fineFrom is how many leaves a stack has before fine bins pay. A test lowers it.
var fineFrom = 4096

// binRoom decides how many leaves a bin lists: those of the longest stack if there is
// memory for that. Small canvases and short stacks need no bins.
func (l *layout) binRoom() {
	longest := 0
	for i := range l.stacks {
		longest = max(longest, int(l.stacks[i].Count))
	}
	if max(l.width, l.rows) <= coarseSize || longest <= 256 {
		return
	}
	l.coarseRoom = min(longest, mostLists/l.coarse)
	if longest >= fineFrom && l.coarseRoom > 0 {
		l.room = min(longest, mostLists/l.bins)
		l.fine = l.room > 0
	}
}

// labels of a batch: bytes a pixel, in the order of label.comp's starts.
var labelBytes = [4]int{4, 1, 2, 1}

func selected(im *render.Image) [4]bool {
	return [4]bool{im.ID != nil, im.Layer != nil, im.Depth != nil, im.Edge != nil}
}

// starts returns where each selected label begins, in words, and the words of all.
func (l *layout) starts() (at [4]uint32, words int) {
	for i, yes := range selected(l.jobs[0].image) {
		at[i] = 0xffffffff
		if yes {
			at[i] = uint32(words)
			words += l.groups * labelBytes[i]
		}
	}
	return at, words
}
