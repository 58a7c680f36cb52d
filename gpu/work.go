//go:build linux && cgo && egl

package gpu

// work is what the shaders count, as in shaders/work.glsl: pairs of words, low and high.
type work struct{ words [14]uint32 }

func (w *work) at(i int) uint64 { return uint64(w.words[2*i]) | uint64(w.words[2*i+1])<<32 }

// work joins what the shaders counted for a batch with what its layout says.
func (l *layout) work(w *work, at *sections) Work {
	t := Work{
		BinTests: w.at(0), TileTests: w.at(1), PixelTests: w.at(2), PolyTests: w.at(3),
		Covered: w.at(4), Shaded: w.at(5), Textured: w.at(6),
		Images: uint64(len(l.jobs)), Up: uint64(at.upEnd), Down: uint64(at.downEnd),
	}
	stacks := len(l.blurred)
	const texel, id = 8, 4
	moved := 0
	for i := range l.jobs {
		j := &l.jobs[i]
		pixels, finished := j.pixels(), j.width()*j.rows()/(j.plan.Scale*j.plan.Scale)
		t.Pixels += uint64(j.image.Width * j.height)
		for k := range stacks {
			st := &l.stacks[i*stacks+k]
			moved += pixels * (id + id + texel) // cover, shade
			switch {
			case st.Radius > 0:
				t.Taps += uint64(2 * pixels * int(2*st.Radius+1))
				moved += 4 * pixels * texel
			case st.LensSum > 0:
				t.Taps += uint64(pixels * (1 + 2*j.plan.Blurs[k].Lens.Taps()))
				moved += pixels * (2*texel + 2*2*texel)
			}
			if k < stacks-1 {
				moved += 3 * pixels * texel
			}
		}
		if j.plan.Scale > 1 {
			moved += (pixels + finished) * texel
		}
		if r := len(j.plan.Extra) - 1; r > 0 {
			t.Taps += uint64(2 * finished * (2*r + 1))
			moved += 4 * finished * texel
		}
		moved += j.image.Width * j.height * (texel + 2*j.image.Channels) // develop, and the copy that leaves
	}
	t.DeviceBytes = uint64(moved) + 2*t.Up
	return t
}

func (r *Backend) count(w *Work) {
	r.counts.Lock()
	defer r.counts.Unlock()
	t := &r.work
	t.Images, t.Pixels, t.Taps = t.Images+w.Images, t.Pixels+w.Pixels, t.Taps+w.Taps
	t.BinTests, t.TileTests = t.BinTests+w.BinTests, t.TileTests+w.TileTests
	t.PixelTests, t.PolyTests = t.PixelTests+w.PixelTests, t.PolyTests+w.PolyTests
	t.Covered, t.Shaded, t.Textured = t.Covered+w.Covered, t.Shaded+w.Shaded, t.Textured+w.Textured
	t.DeviceBytes, t.Up, t.Down = t.DeviceBytes+w.DeviceBytes, t.Up+w.Up, t.Down+w.Down
}

// Work returns what was counted so far; zero unless Options.Count is set.
func (r *Backend) Work() Work {
	r.counts.Lock()
	defer r.counts.Unlock()
	return r.work
}
