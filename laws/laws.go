// Package laws measures the statistics of generated images against theory. Each
// law is a function; tests call them with little effort, `leaflitter laws` with
// full effort. Seeds are fixed, so a result is reproducible to the digit.
package laws

import (
	"context"
	"fmt"
	"io"
	"math"

	"leaflitter/cpu"
	"leaflitter/palette"
	"leaflitter/render"
	"leaflitter/scene"
)

// Result is one measured number and what it should be.
type Result struct {
	Law      string  `json:"law"`
	What     string  `json:"what"`
	Measured float64 `json:"measured"`
	Expected float64 `json:"expected"`
	Bound    float64 `json:"bound"`   // largest allowed |measured - expected|
	Samples  int     `json:"samples"` // images, leaves or tiles
	Basis    string  `json:"basis"`   // where Bound comes from
	Pass     bool    `json:"pass"`
	X        float64 `json:"x"` // place on the law's curve, for plots
}

// Options of a run.
type Options struct {
	Effort  float64 // 1 for the full campaign; tests use less
	Threads int     // 0: all cores
}

// samples scales a number of samples by the effort.
func (o *Options) samples(full int) int { return max(16, int(float64(full)*o.Effort)) }

// law is a measurement.
type law struct {
	name string
	run  func(context.Context, *Options) ([]Result, error)
}

var laws = []law{
	{"two-point", twoPoint}, {"radius", radius}, {"cover", cover}, {"slope", slope},
	{"colour", colour}, {"holes", holes}, {"border", border}, {"direction", direction},
}

// Names returns the laws' names, in order.
func Names() (out []string) {
	for _, l := range laws {
		out = append(out, l.name)
	}
	return out
}

// Run measures the named laws, or all if none is named.
func Run(ctx context.Context, o Options, progress func(law string), names ...string) ([]Result, error) {
	var out []Result
	for _, l := range laws {
		wanted := len(names) == 0
		for _, n := range names {
			wanted = wanted || n == l.name
		}
		if !wanted {
			continue
		}
		if progress != nil {
			progress(l.name)
		}
		r, err := l.run(ctx, &o)
		if err != nil {
			return out, err
		}
		for i := range r {
			r[i].Law = l.name
			r[i].Pass = math.Abs(r[i].Measured-r[i].Expected) <= r[i].Bound
		}
		out = append(out, r...)
	}
	return out, nil
}

// WriteTable writes results as an aligned table.
func WriteTable(w io.Writer, results []Result) error {
	if _, err := fmt.Fprintf(w, "%-10s %-62s %10s %10s %9s %8s  %s\n", "law", "what", "measured", "expected", "bound", "samples", ""); err != nil {
		return err
	}
	for _, r := range results {
		verdict := "ok"
		if !r.Pass {
			verdict = "FAILS"
		}
		if _, err := fmt.Fprintf(w, "%-10s %-62s %10.5f %10.5f %9.5f %8d  %s\n", r.Law, r.What, r.Measured, r.Expected, r.Bound, r.Samples, verdict); err != nil {
			return err
		}
	}
	return nil
}

// z is the two-sided normal quantile of all sampled bounds: an honest generator
// misses one of them once in 16,000.
const (
	z     = 4
	basis = "4 standard errors between images"
)

// images renders images of cfg one after another and calls each with them.
func images(ctx context.Context, o *Options, cfg *scene.Config, photographs *palette.Set, labels render.Labels, seed uint64, n int, each func(i int, im *render.Image)) error {
	if err := scene.Check(cfg); err != nil {
		return err
	}
	m := render.NewModel(cfg, nil, photographs)
	r := render.Renderer{Placer: m.Placer(seed), Backend: cpu.New(m, o.Threads)}
	const batch = 8
	pics := make([]*render.Image, batch)
	for i := range pics {
		pics[i] = render.NewImage(cfg, labels)
	}
	for i := 0; i < n; i += batch {
		k := min(batch, n-i)
		indices := make([]uint64, k)
		for j := range indices {
			indices[j] = uint64(i + j)
		}
		if err := r.Render(ctx, indices, pics[:k]); err != nil {
			return err
		}
		for j := range k {
			each(i+j, pics[j])
		}
	}
	return nil
}

// tally gathers one number an image.
type tally struct {
	n           int
	sum, square float64
}

func (t *tally) add(x float64) { t.n++; t.sum += x; t.square += x * x }

func (t *tally) mean() float64 { return t.sum / float64(t.n) }

// sem is the standard error of the mean, from the variance between images.
func (t *tally) sem() float64 {
	m := t.mean()
	return math.Sqrt(max(t.square/float64(t.n)-m*m, 0) / float64(max(t.n-1, 1)))
}

// result compares the mean with what it should be, at z standard errors.
func (t *tally) result(what string, expected float64) Result {
	return Result{What: what, Measured: t.mean(), Expected: expected, Bound: z * t.sem(), Samples: t.n, Basis: basis}
}

func preset(name string, size int) scene.Config {
	p, _ := scene.PresetByName(name)
	p.Config.Image.Width, p.Config.Image.Height = size, size
	return p.Config
}
