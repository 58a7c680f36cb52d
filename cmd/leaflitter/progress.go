package main

import (
	"fmt"
	"os"
	"sync"
	"time"

	"github.com/vbauerster/mpb/v8"
	"github.com/vbauerster/mpb/v8/decor"
	"golang.org/x/term"

	"leaflitter/dataset"
)

// meter turns progress into a rate and a time left. Images that an earlier run
// left are verified much faster than images are made, so they are no work.
type meter struct {
	start time.Time
	mu    sync.Mutex
	last  dataset.Progress
}

func (m *meter) note(p dataset.Progress) {
	m.mu.Lock()
	m.last = p
	m.mu.Unlock()
}

// text is "12.3 images/s, 4m10s left", or what goes on before there is a rate.
func (m *meter) text() string {
	m.mu.Lock()
	defer m.mu.Unlock()
	made := m.last.Done - m.last.Verified
	switch {
	case made == 0 && m.last.Verified > 0:
		return "verifying"
	case made == 0:
		return "starting"
	}
	rate := float64(made) / max(time.Since(m.start).Seconds(), 1e-3)
	left := time.Duration(float64(m.last.Total-m.last.Done) / rate * float64(time.Second))
	return fmt.Sprintf("%.1f images/s, %v left", rate, left.Round(time.Second))
}

// watch makes a job report its progress. The returned function ends it.
func (g *generateCmd) watch(c *console, job *dataset.Job) func() {
	note, stop := watch(c, g.Quiet)
	job.Progress = note
	return stop
}

// watch shows the progress of which note is told: a bar on a terminal, a line every ten
// seconds otherwise, nothing when quiet. stop ends it.
func watch(c *console, quiet bool) (note func(dataset.Progress), stop func()) {
	if quiet {
		return func(dataset.Progress) {}, func() {}
	}
	m := meter{start: time.Now()}
	f, ok := c.err.(*os.File)
	if !ok || !term.IsTerminal(int(f.Fd())) {
		last := time.Now()
		return func(p dataset.Progress) {
			m.note(p)
			if now := time.Now(); now.Sub(last) > 10*time.Second {
				last = now
				c.say("%d of %d images, %s", p.Done, p.Total, m.text())
			}
		}, func() {}
	}
	bars := mpb.New(mpb.WithOutput(f), mpb.WithWidth(48))
	bar := bars.AddBar(0,
		mpb.PrependDecorators(decor.CountersNoUnit("%d / %d images")),
		mpb.AppendDecorators(decor.Any(func(decor.Statistics) string { return m.text() })))
	note = func(p dataset.Progress) {
		m.note(p)
		bar.SetTotal(int64(p.Total), false)
		bar.SetCurrent(int64(p.Done))
	}
	return note, func() {
		if !bar.Completed() {
			bar.Abort(false)
		}
		bars.Wait()
	}
}
