package stats

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"math"
	"strings"
	"testing"
	"time"
)

func near(t *testing.T, what string, got, want, tolerance float64) {
	t.Helper()
	if !(math.Abs(got-want) <= tolerance) {
		t.Errorf("%s is %g, not %g", what, got, want)
	}
}

func TestDistancesOfHistograms(t *testing.T) {
	a, b := counts{1, 2, 1, 0, 0, 0}, counts{0, 0, 0, 5, 10, 5}
	near(t, "W1 of a shift by 3 bins of 2", wasserstein(a, b, 2), 6, 1e-12)
	near(t, "JS of what shares no bin", jensenShannon(a, b), 1, 1e-12)
	near(t, "W1 of the same", wasserstein(a, counts{10, 20, 10, 0, 0, 0}, 2), 0, 1e-12)
	near(t, "JS of the same", jensenShannon(a, a), 0, 1e-12)
	near(t, "JS of halves", jensenShannon(counts{1, 0}, counts{1, 1}), 0.311278124459, 1e-9)
	mean, sd, kurtosis := counts{1, 0, 0, 0, 1}.moments(-4, 2)
	near(t, "mean", mean, 0, 0)
	near(t, "sd", sd, 4, 1e-12)
	near(t, "kurtosis of two points", kurtosis, 1, 1e-12)
	if _, _, k := (counts{0, 3, 0}).moments(0, 1); !math.IsNaN(k) {
		t.Errorf("a point has the kurtosis %g", k)
	}
	if !math.IsNaN(wasserstein(a, counts{0, 0, 0, 0, 0, 0}, 1)) {
		t.Error("a distance from nothing")
	}
}

// What is known of simple pictures.
func TestSimplePictures(t *testing.T) {
	g := newGrey()
	step := picture(64, 48, func(x, _ int) float64 { return 50 + 100*float64(min(x/9, 1)) })
	g.neighbours(step.Pix, 64, 48)
	if g.gradient[0][255+100] != 48 || g.gradient[0][255] != 62*48 || g.gradient[1][255] != 64*47 {
		t.Error("gradients of a step")
	}
	if g.joint[50/4*64+150/4] != 48 {
		t.Error("pairs of a step")
	}
	g.wavelets(step.Pix, 64, 48)
	zero := haarLimit(0)
	if g.haar[0][0][zero-200] != 24 || g.haar[0][1][zero] != 32*24 {
		t.Error("Haar coefficients of a step inside a pair")
	}
	sharp, ok := g.blurOf(step.Pix, 64, 48)
	ramp := picture(64, 48, func(x, _ int) float64 { return 3 * float64(x) })
	soft, ok2 := g.blurOf(ramp.Pix, 64, 48)
	if !ok || !ok2 || math.Abs(soft-1) > 1e-12 || math.Abs(sharp-1./9) > 1e-12 {
		t.Errorf("blur of a step is %g, of a ramp %g", sharp, soft)
	}
	e := g.blocks(picture(64, 48, func(x, y int) float64 { return float64(8 * (x%16 + 16*(y%2))) }).Pix, 64, 48)
	near(t, "entropy of 32 levels", e.mean(), 5, 1e-12)
	e = g.blocks(picture(64, 48, func(x, _ int) float64 { return 200 * float64(x%2) }).Pix, 64, 48)
	near(t, "entropy of two levels", e.mean(), 1, 1e-12)
}

// Labels of 4 x 3 pixels, counted by hand, also when the numbers are huge.
func TestObjects(t *testing.T) {
	for _, huge := range []uint32{0, 1 << 31} {
		ids := []uint32{
			1, 1, 2, 2,
			1, 3, 3, 2,
			1, 1, 2, 2,
		}
		for i := range ids {
			ids[i] += huge
		}
		o := newObjects()
		new(labels).measure(&o, ids, 4, 3)
		if o.pairs != 17 || o.edges != 8 || o.areaSum != 12 || o.boundarySum != 16 || o.images != 1 {
			t.Errorf("%+v", o)
		}
		if o.area[4] != 2 || o.area[2] != 1 || o.area.total() != 3 { // areas 5, 5, 2
			t.Errorf("areas %v", o.area)
		}
	}
	for n, want := range map[uint32]int{0: 0, 1: 0, 2: 2, 3: 3, 4: 4, 5: 4, 6: 5, 1 << 28: 56, math.MaxUint32: 63} {
		if halfOctave(n) != want {
			t.Errorf("half octave of %d: %d", n, halfOctave(n))
		}
	}
}

// list is a source in memory. Reading may take a while, different for each.
type list struct {
	kind   string
	images []Image
	read   func(i int) error
}

func (l *list) String() string { return "memory" }
func (l *list) Kind() string   { return l.kind }
func (l *list) Count() uint64  { return uint64(len(l.images)) }
func (l *list) Each(_ context.Context, emit func(load func(*Image, func(int64)) error) error) error {
	for i := range l.images {
		if err := emit(func(im *Image, gate func(int64)) error {
			gate(int64(l.images[i].Width * l.images[i].Height))
			*im = l.images[i]
			if l.read != nil {
				return l.read(i)
			}
			return nil
		}); err != nil {
			return err
		}
	}
	return nil
}

func measured(t *testing.T, src Source, threads int) (string, *Set) {
	t.Helper()
	s, err := Measure(context.Background(), src, Options{Patch: 32, Threads: threads})
	if err != nil {
		t.Fatal(err)
	}
	r, err := NewReport("test", s, s)
	if err != nil {
		t.Fatal(err)
	}
	text, err := json.Marshal(r)
	if err != nil {
		t.Fatal(err)
	}
	return string(text), s
}

// Whoever is done first: the same bytes. In another order: the same numbers, but for
// rounding.
func TestOrder(t *testing.T) {
	images := generate(t, "dead-leaves-pp", 72, 64, 24)
	want, set := measured(t, &list{"dataset", images, nil}, 1)
	for _, threads := range []int{2, 3, 8} {
		late := func(i int) error { time.Sleep(time.Duration((i*7919)%13) * time.Millisecond); return nil }
		if got, _ := measured(t, &list{"dataset", images, late}, threads); got != want {
			t.Errorf("%d threads give other numbers", threads)
		}
	}
	backwards := make([]Image, len(images))
	for i := range images {
		backwards[len(images)-1-i] = images[i]
	}
	_, other := measured(t, &list{"dataset", backwards, nil}, 2)
	distances, err := Compare(set, other)
	if err != nil {
		t.Fatal(err)
	}
	for _, d := range distances {
		if math.Abs(float64(d.Value)) > 1e-5 {
			t.Errorf("backwards: %s is %g", d.Name, d.Value)
		}
		if d.Name != "spectrum.slope" && d.Floor == 0 {
			t.Errorf("%s is 0 between halves", d.Name)
		}
	}
}

// Pictures without any contrast, with labels of one leaf, have no numbers, and none
// breaks a report.
func TestFlat(t *testing.T) {
	flat := picture(64, 64, func(int, int) float64 { return 77 })
	flat.ID = make([]uint32, 64*64)
	text, set := measured(t, &list{"dataset", []Image{flat, flat, flat}, nil}, 2)
	for _, part := range []string{`"kurtosis":null`, `"slope":null`, `"mutual_information":0`} {
		if !strings.Contains(text, part) {
			t.Errorf("no %s in the report of a flat picture", part)
		}
	}
	var back Report
	if err := json.Unmarshal([]byte(text), &back); err != nil || !math.IsNaN(float64(back.Set.Spectrum.Slope)) {
		t.Errorf("%v: it cannot be read back", err)
	}
	r, err := NewReport("test", set, set)
	if err != nil {
		t.Fatal(err)
	}
	var page bytes.Buffer
	if err := r.WriteHTML(&page); err != nil || !strings.Contains(page.String(), "</html>") {
		t.Error(err)
	}
	if err := r.WriteTable(&page); err != nil {
		t.Error(err)
	}
}

// Errors end a measurement of a dataset, wherever they come; photographs are skipped.
func TestErrors(t *testing.T) {
	images := generate(t, "dead-leaves", 64, 64, 9)
	fail := errors.New("broken")
	for _, at := range []int{0, 4, 8} {
		_, err := Measure(context.Background(), &list{"dataset", images, func(i int) error {
			if i == at {
				return fail
			}
			return nil
		}}, Options{Patch: 32, Threads: 3})
		if !errors.Is(err, fail) {
			t.Errorf("image %d broken: %v", at, err)
		}
	}
	skip := func(i int) error {
		if i%2 == 0 {
			return &Unusable{"x", "is broken"}
		}
		return nil
	}
	s, err := Measure(context.Background(), &list{"photographs", images, skip}, Options{Patch: 32, Threads: 3})
	if err != nil || s.Images != 4 || len(s.Skipped) != 5 {
		t.Errorf("%v, %+v", err, s)
	}
	if _, err = Measure(context.Background(), &list{"dataset", images, skip}, Options{Patch: 32}); err == nil {
		t.Error("an image of a dataset was skipped")
	}
	ctx, cancel := context.WithCancel(context.Background())
	_, err = Measure(ctx, &list{"dataset", images, func(int) error { cancel(); return nil }}, Options{Patch: 32})
	if !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: %v", err)
	}
	wrong := images[0]
	wrong.ID = wrong.ID[1:]
	if _, err = Measure(context.Background(), &list{"dataset", []Image{wrong}, nil}, Options{Patch: 32}); err == nil {
		t.Error("labels of another size were measured")
	}
	a, err := Measure(context.Background(), &list{"dataset", images, nil}, Options{Patch: 32})
	if err != nil {
		t.Fatal(err)
	}
	b, err := Measure(context.Background(), &list{"dataset", images, nil}, Options{Patch: 64})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := Compare(a, b); err == nil {
		t.Error("sets of different patches were compared")
	}
}

// What chance makes of a distance is that between the even and the odd images.
func TestFloor(t *testing.T) {
	images := generate(t, "dead-leaves-pp", 72, 64, 10)
	var halves [2][]Image
	for i := range images {
		halves[i&1] = append(halves[i&1], images[i])
	}
	_, whole := measured(t, &list{"dataset", images, nil}, 3)
	_, even := measured(t, &list{"dataset", halves[0], nil}, 3)
	_, odd := measured(t, &list{"dataset", halves[1], nil}, 3)
	want, err := Compare(even, odd)
	if err != nil {
		t.Fatal(err)
	}
	got, err := Compare(whole, even)
	if err != nil {
		t.Fatal(err)
	}
	for i, d := range got {
		near(t, d.Name, float64(d.Floor), math.Abs(float64(want[i].Value)), 1e-9)
	}
}
