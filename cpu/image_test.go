package cpu

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"maps"
	"slices"
	"testing"
	"time"

	"leaflitter/render"
	"leaflitter/scene"
)

// quick is a configuration whose bank is cheap.
var quick = small("dead-leaves", 16, 16)

func shot(t *testing.T, r render.Renderer, cfg *scene.Config, labels render.Labels, indices ...uint64) []*render.Image {
	t.Helper()
	images := make([]*render.Image, len(indices))
	for i := range images {
		images[i] = render.NewImage(cfg, labels)
	}
	if err := r.Render(context.Background(), indices, images); err != nil {
		t.Fatal(err)
	}
	return images
}

var allLabels = render.Labels{ID: true, Layer: true, Depth: true, Edge: true}

// Image i depends on nothing but configuration, palettes, seed and i: not on
// threads, batch, order, or what was rendered before in the same memory.
func TestImageDependsOnIndexAlone(t *testing.T) {
	for _, preset := range []string{"dead-leaves-pp", "dead-leaves", "dead-leaves-pp-2025"} {
		cfg := small(preset, 150, 101)
		cfg.Develop.BlurOdds = 0.5
		one := open(&cfg, 1, 77)
		batch := shot(t, one, &cfg, allLabels, 0, 1, 2, 3, 4, 5)
		for _, threads := range []int{1, 2, 5} {
			r := open(&cfg, threads, 77)
			for _, i := range []uint64{5, 2, 0} {
				got := shot(t, r, &cfg, allLabels, i)[0]
				want := batch[i]
				if !bytes.Equal(got.Pix, want.Pix) || !bytes.Equal(got.Edge, want.Edge) || !bytes.Equal(got.Layer, want.Layer) {
					t.Errorf("%s: image %d alone with %d threads differs from its batch", preset, i, threads)
				}
				for p := range got.ID {
					if got.ID[p] != want.ID[p] || got.Depth[p] != want.Depth[p] {
						t.Fatalf("%s: image %d: labels differ at %d", preset, i, p)
					}
				}
			}
		}
		if bytes.Equal(batch[0].Pix, batch[1].Pix) {
			t.Errorf("%s: images 0 and 1 are equal", preset)
		}
		if other := shot(t, open(&cfg, 1, 78), &cfg, allLabels, 0)[0]; bytes.Equal(other.Pix, batch[0].Pix) {
			t.Errorf("%s: seeds 77 and 78 give the same image", preset)
		}
	}
}

// The bytes of every preset. They change only with a change of the model, which
// is a new render.ModelVersion: every dataset made before can then not be made again.
func TestGolden(t *testing.T) {
	for _, p := range scene.Presets() {
		cfg := small(p.Name, 120, 88)
		sum := sha256.New()
		for _, im := range shot(t, open(&cfg, 0, 2504), &cfg, allLabels, 0, 1, 2, 3, 4, 5, 1<<40) {
			sum.Write(im.Pix)
			sum.Write(im.Edge)
		}
		got := hex.EncodeToString(sum.Sum(nil))[:16]
		if got != golden[p.Name] {
			t.Errorf("%q: %q, golden %q", p.Name, got, golden[p.Name])
		}
	}
}

// The goldens show every preset's own property, and render.ModelVersion changes exactly
// when they do.
func TestModelVersion(t *testing.T) {
	presets := map[string]string{}
	all := sha256.New()
	for _, name := range slices.Sorted(maps.Keys(golden)) {
		hash := golden[name]
		if other, twice := presets[hash]; twice {
			t.Errorf("%s and %s have the same golden", name, other)
		}
		presets[hash] = name
		fmt.Fprintf(all, "%s %s\n", name, hash)
	}
	now := hex.EncodeToString(all.Sum(nil))[:16]
	if len(models) != render.ModelVersion {
		t.Errorf("goldens of %d models are on record, and render.ModelVersion is %d", len(models), render.ModelVersion)
	}
	for i, hash := range models {
		if model := i + 1; (hash == now) != (model == render.ModelVersion) {
			t.Errorf("the goldens' hash is %s, that of model %d %s, and render.ModelVersion is %d: when the goldens change, raise it and append their hash",
				now, model, hash, render.ModelVersion)
		}
	}
}

// Sizes that suit no word, tile or band.
func TestSizes(t *testing.T) {
	for _, size := range [][2]int{{1, 1}, {1, 200}, {200, 1}, {63, 65}, {64, 64}, {257, 3}} {
		for _, scale := range []int{1, 3} {
			cfg := small("dead-leaves-pp", size[0], size[1])
			cfg.Develop.Supersample = scale
			cfg.Develop.BlurOdds = 1
			im := shot(t, open(&cfg, 2, 3), &cfg, allLabels, 4)[0]
			for i, id := range im.ID {
				if id == 0 {
					t.Fatalf("%v: no leaf at pixel %d", size, i)
				}
			}
		}
	}
}

// A crop of what the same leaves give in a larger window cannot be compared
// byte by byte (another window, other leaves); but an image must not know where
// its border is: see package laws for the statistics of the border.

// Switching one property off changes that property and nothing else.
func TestPropertiesAreSeparate(t *testing.T) {
	base := small("dead-leaves-pp", 200, 160)
	full := shot(t, open(&base, 2, 11), &base, allLabels, 0, 1, 2)
	same := map[string]bool{
		"no-texture": true, "no-colour": true, "no-gradient": true,
		"no-perspective": true, "no-warp": true, "flat": true, "no-geometry": false, "no-depth": false,
	}
	for preset, sameLeaves := range same {
		cfg := small(preset, 200, 160)
		images := shot(t, open(&cfg, 2, 11), &cfg, allLabels, 0, 1, 2)
		leaves, pixels := true, true
		for i := range images {
			pixels = pixels && bytes.Equal(images[i].Pix, full[i].Pix)
			for p := range images[i].ID {
				leaves = leaves && images[i].ID[p] == full[i].ID[p]
			}
		}
		if preset == "no-colour" {
			continue // the palette set is the caller's: here both have the built-in one
		}
		if pixels {
			t.Errorf("%s: same pixels as with everything on", preset)
		}
		if leaves != sameLeaves {
			t.Errorf("%s: same leaves: %v, want %v", preset, leaves, sameLeaves)
		}
	}
}

// Without depth the last layer stays, leaf for leaf, but sharp.
func TestNoDepthKeepsTheBackground(t *testing.T) {
	with, without := small("dead-leaves-pp", 100, 100), small("no-depth", 100, 100)
	a, b := open(&with, 1, 4).Placer.Scene(3), open(&without, 1, 4).Placer.Scene(3)
	a.Extend(2)
	b.Extend(0)
	for i := range a.Stacks[2].Leaves {
		if a.Stacks[2].Leaves[i] != b.Stacks[0].Leaves[i] {
			t.Fatalf("leaf %d: %+v and %+v", i, a.Stacks[2].Leaves[i], b.Stacks[0].Leaves[i])
		}
	}
	if b.Stacks[0].Blur != 0 || len(b.Stacks) != 1 {
		t.Errorf("no-depth has %d stacks, blur %g", len(b.Stacks), b.Stacks[0].Blur)
	}
}

func TestLabels(t *testing.T) {
	cfg := small("dead-leaves-pp", 160, 120)
	im := shot(t, open(&cfg, 1, 21), &cfg, allLabels, 1)[0]
	seen := map[uint8]int{}
	for y := range 120 {
		for x := range 160 {
			p := y*160 + x
			seen[im.Layer[p]]++
			if want := uint16(cfg.Layers[im.Layer[p]].Depth*65535 + 0.5); im.Depth[p] != want {
				t.Fatalf("depth %d in layer %d, want %d", im.Depth[p], im.Layer[p], want)
			}
			edge := x+1 < 160 && im.ID[p] != im.ID[p+1] || y+1 < 120 && im.ID[p] != im.ID[p+160]
			if edge != (im.Edge[p] == 255) {
				t.Fatalf("edge at %d,%d: %d", x, y, im.Edge[p])
			}
		}
	}
	if len(seen) != 3 {
		t.Errorf("layers seen: %v", seen)
	}
}

func TestGrey(t *testing.T) {
	grey, colour := small("grey", 90, 70), small("dead-leaves-pp", 90, 70)
	g := shot(t, open(&grey, 1, 6), &grey, render.Labels{}, 2)[0]
	c := shot(t, open(&colour, 1, 6), &colour, render.Labels{}, 2)[0]
	if g.Channels != 1 || len(g.Pix) != 90*70 {
		t.Fatalf("grey image: %d channels, %d bytes", g.Channels, len(g.Pix))
	}
	for i, v := range g.Pix {
		want := 0.299*float64(c.Pix[3*i]) + 0.587*float64(c.Pix[3*i+1]) + 0.114*float64(c.Pix[3*i+2])
		if d := float64(v) - want; d > 1.01 || d < -1.01 {
			t.Fatalf("pixel %d: %d, luma of the colour image %.2f", i, v, want)
		}
	}
}

func TestRenderStopsSoon(t *testing.T) {
	cfg := small("dead-leaves-pp", 2048, 2048)
	r := open(&cfg, 2, 1)
	ctx, cancel := context.WithTimeout(context.Background(), 50*time.Millisecond)
	defer cancel()
	start := time.Now()
	err := r.Render(ctx, []uint64{0}, []*render.Image{render.NewImage(&cfg, render.Labels{})})
	if !errors.Is(err, context.DeadlineExceeded) {
		t.Fatalf("error %v", err)
	}
	if took := time.Since(start); took > 5*time.Second { // generous: the bar of one second is the command's
		t.Errorf("took %v to stop", took)
	}
}
