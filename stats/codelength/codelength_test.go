package codelength

import (
	"context"
	"math"
	"math/rand/v2"
	"reflect"
	"strings"
	"testing"
)

// scene is a grey step somewhere, with some noise.
func scene(seed uint64, grain float64) []uint8 {
	random := rand.New(rand.NewPCG(seed, 6))
	out := make([]uint8, 48*40)
	const contrast = 60.
	across, at := random.Float64(), random.Float64()*30
	for i := range out {
		v := 120 - contrast
		if float64(i%48)*across+float64(i/48)*(1-across) > at {
			v = 120 + contrast
		}
		out[i] = uint8(max(0, min(255, v+grain*random.NormFloat64())))
	}
	return out
}

// set takes patches of n scenes in two halves.
func set(t *testing.T, first uint64, n int, grain float64) (p [2]*Patches) {
	t.Helper()
	p = [2]*Patches{{}, {}}
	for i := range n {
		q, err := Take(scene(first+uint64(i), grain), 48, 40, i, 40)
		if err != nil {
			t.Fatal(err)
		}
		p[i&1].Add(q)
	}
	return p
}

func gap(t *testing.T, a, photos [2]*Patches, threads int) *Gap {
	t.Helper()
	r, err := NewReference(context.Background(), photos, Options{Components: 3, Iterations: 6, Threads: threads})
	if err != nil {
		t.Fatal(err)
	}
	g, err := r.Gap(context.Background(), a)
	if err != nil {
		t.Fatal(err)
	}
	return g
}

// A set has no gap from itself; from as many images made alike nearly none (but not within the interval, which
// knows nothing of what other images of the set would make of it); from others one that is certain.
func TestGap(t *testing.T) {
	photos := set(t, 0, 200, 6)
	if g := gap(t, photos, photos, 2); g.Value != 0 || g.Low != 0 || g.High != 0 {
		t.Errorf("from itself: %+v", g)
	}
	alike := gap(t, set(t, 1000, 200, 6), photos, 2)
	if math.Abs(alike.Value) > 0.01 {
		t.Errorf("from images made alike: %+v", alike)
	}
	if g := gap(t, set(t, 1000, 200, 12), photos, 2); g.Low <= 0 || g.Low >= g.Value || g.High <= g.Value || g.Value < 5*math.Abs(alike.Value) || g.Images != 200 {
		t.Errorf("from noisier images: %+v; alike %+v", g, alike)
	} else if sum := (g.Scales[0] + g.Scales[1]) / 2; math.Abs(sum-g.Value) > 1e-12 || math.Abs(g.Length[0]-g.Reference[0]-g.Scales[0]) > 1e-12 {
		t.Errorf("the parts do not add up: %+v", g)
	}
}

// The same bits from any number of threads.
func TestThreads(t *testing.T) {
	a, b := set(t, 100, 20, 9), set(t, 0, 20, 6)
	want := gap(t, a, b, 1)
	for _, threads := range []int{2, 3, 40} {
		if got := gap(t, a, b, threads); !reflect.DeepEqual(got, want) {
			t.Errorf("%d threads: %+v, one: %+v", threads, got, want)
		}
	}
}

// The interval holds the true mean about 95 times of 100, of a skew distribution too.
func TestInterval(t *testing.T) {
	random := rand.New(rand.NewPCG(7, 7))
	const times = 400
	inside := 0
	for range times {
		x := make([]float64, 60)
		for i := range x {
			x[i] = random.ExpFloat64()
		}
		mean, low, high := bootstrap(x)
		if low > mean || high < mean {
			t.Fatalf("%g is not in %g to %g", mean, low, high)
		}
		if low <= 1 && 1 <= high {
			inside++
		}
	}
	// Three standard deviations below 93 %, which it is for 60 exponentials.
	if share := float64(inside) / times; share < 0.89 || share > 0.99 {
		t.Errorf("holds the mean %g of the time", share)
	}
}

// What cannot be measured is said in a sentence.
func TestInvalid(t *testing.T) {
	check := func(what string, err error, parts ...string) {
		t.Helper()
		if err == nil {
			t.Errorf("%s: no error", what)
			return
		}
		for _, part := range parts {
			if !strings.Contains(err.Error(), part) {
				t.Errorf("%s: %q lacks %q", what, err, part)
			}
		}
	}
	_, err := Take(make([]uint8, 15*40), 15, 40, 0, 3)
	check("a small image", err, "15 x 40", "16 a side", "larger images")
	_, err = Take(make([]uint8, 7), 40, 40, 0, 3)
	check("luma of another size", err, "7 bytes")
	few := set(t, 0, 9, 6)
	_, err = NewReference(context.Background(), few, Options{Components: 1})
	check("nine images", err, "10 images or more", "got 9", "take more")
	r, err := NewReference(context.Background(), set(t, 0, 12, 6), Options{Components: 1})
	if err != nil {
		t.Fatal(err)
	}
	_, err = r.Gap(context.Background(), few)
	check("a set of nine images", err, "got 9")
	_, err = r.Gap(context.Background(), [2]*Patches{{}, {}})
	check("nothing", err, "got 0")
	_, err = NewReference(context.Background(), set(t, 0, 12, 6), Options{Components: 100})
	check("too many components", err, "240 patches", "100 components", "6300 or more")
	_, err = NewReference(context.Background(), set(t, 0, 12, 6), Options{Components: -1})
	check("a negative number", err, "-1 components", "1 to 1024")
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	_, err = NewReference(ctx, set(t, 0, 12, 6), Options{Components: 1})
	check("a stop", err, "canceled")
	// Less than one patch an image: of so many images.
	images := 0
	for i := range 400 {
		p, err := Take(scene(0, 6), 48, 40, i, 0.25)
		if err != nil {
			t.Fatal(err)
		}
		images += p.Images()
	}
	if images < 60 || images > 140 {
		t.Errorf("a quarter of a patch of 400 images: %d", images)
	}
}

// Flat images are no trouble: noise is what remains.
func TestFlat(t *testing.T) {
	flat := [2]*Patches{{}, {}}
	for i := range 20 {
		p, err := Take(make([]uint8, 48*40), 48, 40, i, 40)
		if err != nil {
			t.Fatal(err)
		}
		flat[i&1].Add(p)
	}
	g := gap(t, flat, set(t, 0, 20, 6), 2)
	if math.IsNaN(g.Value) || math.IsInf(g.Value, 0) || g.Low <= 0 {
		t.Errorf("%+v", g)
	}
}
