//go:build linux && cgo && egl && window

package main

import (
	"context"
	"errors"
	"reflect"
	"sync"
	"time"

	"leaflitter/bank"
	"leaflitter/gpu"
	"leaflitter/gpu/window"
	"leaflitter/palette"
	"leaflitter/render"
	"leaflitter/scene"
	"leaflitter/view"
)

// news is what a worker has to say.
type news struct {
	status string // what it does now; with nothing else set
	err    error
	done   *view.Wish // this is on the screen's picture, or err says why not
	last   []int
	took   time.Duration
	saved  string // name of the files
}

// worker renders wishes on a goroutine of its own, so that the window answers while
// tables are built: the latest one counts, and those in between are forgotten.
type worker struct {
	screen  *gpu.Screen
	set     *palette.Set // where properties.colour is on
	output  string       // directory of saved images
	colours string       // flags that chose the set
	loaded  *scene.Config
	placer  *scene.Placer
	seed    uint64
	banks   []banked
	counted *view.Wish // whose leaves are known
	last    []int

	mu      sync.Mutex // guards what follows
	wish    *view.Wish
	saves   []*view.Wish
	saving  bool
	stop    bool
	stopNow context.CancelFunc // of the wish under way
	said    []news
	wake    chan bool // holds one
	ended   chan bool
}

// banked is a bank and what it was built for.
type banked struct {
	key  string // bank.Key
	bank *bank.Bank
}

func startWorker(s *gpu.Screen, set *palette.Set, output, colours string) *worker {
	w := &worker{screen: s, set: set, output: output, colours: colours, wake: make(chan bool, 1), ended: make(chan bool)}
	go w.loop()
	return w
}

// want asks for a wish, in place of the one under way.
func (w *worker) want(wish *view.Wish) {
	w.mu.Lock()
	w.wish = wish
	if w.stopNow != nil {
		w.stopNow()
	}
	w.mu.Unlock()
	w.rouse()
}

// save asks for an image as files.
func (w *worker) save(wish *view.Wish) {
	w.mu.Lock()
	w.saves = append(w.saves, wish)
	w.mu.Unlock()
	w.rouse()
}

// end stops the worker and waits for it.
func (w *worker) end() {
	w.mu.Lock()
	w.stop = true
	if w.stopNow != nil {
		w.stopNow()
	}
	w.mu.Unlock()
	w.rouse()
	<-w.ended
}

// leave is end for a program that ends: it waits for nothing but images to be saved.
func (w *worker) leave() {
	w.mu.Lock()
	saving := w.saving || len(w.saves) > 0
	w.mu.Unlock()
	if saving {
		w.end()
	}
}

func (w *worker) rouse() {
	select {
	case w.wake <- true:
	default:
	}
}

// hear returns what was said since the last call.
func (w *worker) hear() []news {
	w.mu.Lock()
	defer w.mu.Unlock()
	all := w.said
	w.said = nil
	return all
}

func (w *worker) say(n news) {
	w.mu.Lock()
	w.said = append(w.said, n)
	w.mu.Unlock()
	window.Wake()
}

func (w *worker) loop() {
	defer close(w.ended)
	for range w.wake {
		for {
			w.mu.Lock()
			wish, stop := w.wish, w.stop
			var save *view.Wish
			if len(w.saves) > 0 {
				save, w.saves = w.saves[0], w.saves[1:]
			} else {
				w.wish = nil
			}
			ctx, cancel := context.WithCancel(context.Background())
			w.stopNow, w.saving = cancel, save != nil
			if save != nil {
				w.stopNow = nil // what is saved is saved
			}
			w.mu.Unlock()
			switch {
			case save != nil:
				name, err := w.write(ctx, save)
				w.say(news{saved: name, err: err})
			case stop:
				cancel()
				return
			case wish != nil:
				if n := w.render(ctx, wish); !errors.Is(n.err, context.Canceled) {
					w.say(n)
				}
			}
			cancel()
			if save == nil && wish == nil {
				break
			}
		}
	}
}

// render brings a wish to the screen's picture.
func (w *worker) render(ctx context.Context, wish *view.Wish) news {
	fail := func(err error) news { return news{done: wish, err: err} }
	if err := w.prepare(wish); err != nil {
		return fail(err)
	}
	start := time.Now()
	labels := render.Labels{ID: true, Layer: true, Depth: true, Edge: true} // all, so that views are at hand
	if !wish.Step || w.counted == nil || !w.counted.SameImage(wish) {
		p, err := w.screen.Render(ctx, w.placer.Scene(wish.Index), labels)
		if err != nil {
			return fail(err)
		}
		w.counted, w.last = wish, p.Last
	}
	if wish.Step {
		cut := view.Cut(w.placer.Scene(wish.Index), wish.Layer, wish.Leaf, w.last)
		if _, err := w.screen.Render(ctx, cut, labels); err != nil {
			return fail(err)
		}
	}
	return news{done: wish, last: w.last, took: time.Since(start)}
}

// write saves an image as leaflitter generate makes it.
func (w *worker) write(ctx context.Context, wish *view.Wish) (string, error) {
	if err := w.prepare(wish); err != nil {
		return "", err
	}
	im := render.NewImage(&wish.Config, render.Labels{})
	if err := w.screen.Read(ctx, w.placer.Scene(wish.Index), im); err != nil {
		return "", err
	}
	colours := w.colours
	if !wish.Config.Properties.Colour {
		colours = "" // generate refuses palettes that would not be used
	}
	return view.Files(w.output, wish, im, colours)
}

// prepare brings the tables of a wish's configuration to the device.
func (w *worker) prepare(wish *view.Wish) error {
	cfg := &wish.Config
	model := render.NewModel(cfg, w.bank(cfg), w.set)
	if w.loaded == nil || !reflect.DeepEqual(w.loaded, cfg) {
		w.loaded = nil
		w.say(news{status: "building tables..."})
		if err := w.screen.Configure(model); err != nil {
			return err
		}
		w.say(news{status: "rendering..."})
		w.loaded, w.placer = cfg, nil
	}
	if w.placer == nil || w.seed != wish.Seed {
		w.placer, w.seed = model.Placer(wish.Seed), wish.Seed
	}
	return nil
}

// bank returns the tables of a configuration: those of the last few are kept, since
// most changes need no others.
func (w *worker) bank(cfg *scene.Config) *bank.Bank {
	key := bank.Key(cfg)
	for _, b := range w.banks {
		if b.key == key {
			return b.bank
		}
	}
	tables := bank.New(cfg)
	const most = 4
	if len(w.banks) == most {
		w.banks = w.banks[1:]
	}
	w.banks = append(w.banks, banked{key, tables})
	return tables
}
