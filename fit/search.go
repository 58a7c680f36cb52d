package fit

import (
	"context"
	"errors"
	"fmt"
	"math"
	"slices"
	"time"

	"leaflitter/scene"
)

// Search walks through a space.
type Search struct {
	Space   *Space
	Figure  func(ctx context.Context, c *scene.Config) (float64, error) // of a checked configuration
	Journal *Journal
	Seed    uint64
	Limit   time.Duration // of all figures, those of earlier runs too
	Most    int           // figures; 0: as many as there is time for
	// Better is called with every figure that is the smallest so far, before the next is sought.
	Better func(e Evaluation) error
	// Progress is called after every figure.
	Progress func(o *Outcome, spread float64)
}

// Outcome is where a search has come to.
type Outcome struct {
	Start, Best Evaluation
	Count       int    // figures
	Why         string // it ended
}

// enough is the spread at which no step changes more than a few hundredths of what one would first try.
const enough = 0.03

// stop ends a search that has had enough.
type stop string

func (s stop) Error() string { return string(s) }

// Run searches until there is no time left, ctx is done or nothing is left to find. It is an
// error only if a figure or the journal cannot be had.
func (s *Search) Run(ctx context.Context) (*Outcome, error) {
	o := &Outcome{}
	known := map[string]float64{}
	try := func(x []float64, spread float64) (float64, error) {
		e, err := s.evaluate(ctx, o, known, x)
		if err != nil {
			return 0, err
		}
		o.Count++
		if o.Count == 1 {
			o.Start = e
		}
		if o.Count == 1 || e.Value < o.Best.Value {
			o.Best = e
			if err := s.Better(e); err != nil {
				return 0, err
			}
		}
		s.Progress(o, spread)
		return e.Value, nil
	}
	err := s.walk(try)
	var end stop
	switch {
	case errors.As(err, &end):
		o.Why = string(end)
		return o, nil
	case ctx.Err() != nil && errors.Is(err, context.Cause(ctx)):
		o.Why = "stopped"
		if o.Count == 0 {
			return nil, errors.New("stopped before the start was measured; run the same command again")
		}
		return o, nil
	}
	return o, err
}

func (s *Search) walk(try func(x []float64, spread float64) (float64, error)) error {
	w := newWalk(len(s.Space.Parameters), s.Seed)
	if _, err := try(s.Space.Numbers(), 1); err != nil {
		return err
	}
	for {
		points := w.ask()
		figures := make([]float64, len(points))
		for i, z := range points {
			var err error
			if figures[i], err = try(s.Space.At(z), w.spread()); err != nil {
				return err
			}
		}
		w.tell(figures)
		if w.spread() < enough {
			return stop("nothing is left to find near the best")
		}
	}
}

// evaluate finds a figure: in the journal, among those of this search, or by measuring.
func (s *Search) evaluate(ctx context.Context, o *Outcome, known map[string]float64, x []float64) (Evaluation, error) {
	if s.Most > 0 && o.Count >= s.Most {
		return Evaluation{}, stop("as many candidates as wanted were tried")
	}
	key := fmt.Sprint(x)
	past, err := s.Journal.next(x)
	if err != nil {
		return Evaluation{}, err
	}
	if past != nil {
		known[key] = past.Value
		return *past, nil
	}
	if time.Duration(s.Journal.Spent*float64(time.Second)) >= s.Limit {
		return Evaluation{}, stop("the time is up")
	}
	if err := ctx.Err(); err != nil {
		return Evaluation{}, context.Cause(ctx)
	}
	begun := time.Now()
	e := Evaluation{X: slices.Clone(x), Value: Refused}
	if value, twice := known[key]; twice {
		e.Value = value
	} else if c := s.Space.Config(x); scene.Check(&c) == nil {
		if e.Value, err = s.Figure(ctx, &c); err != nil {
			return e, err
		}
		if math.IsNaN(e.Value) || math.IsInf(e.Value, 0) {
			e.Value = Refused
		}
	}
	known[key] = e.Value
	e.Seconds = math.Round(time.Since(begun).Seconds()*1000) / 1000
	return e, s.Journal.add(&e)
}
