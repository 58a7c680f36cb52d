package render

import (
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"
)

// Stats adds up where the time of a job goes. Its methods may be called from several
// goroutines, and do nothing on a nil Stats.
type Stats struct {
	mu    sync.Mutex
	order []string
	spent map[string]*spent
}

type spent struct {
	device int // -1: threads of the host
	total  time.Duration
	times  int
}

// Host is where the work of the host's threads is booked.
const Host = -1

// Add books d for a step, on device number device or on the Host. Steps of several
// devices are told apart.
func (s *Stats) Add(device int, step string, d time.Duration) {
	if s == nil {
		return
	}
	name := step
	if device != Host {
		name = fmt.Sprintf("device %d: %s", device, step)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.spent == nil {
		s.spent = map[string]*spent{}
	}
	e := s.spent[name]
	if e == nil {
		e = &spent{device: device}
		s.spent[name] = e
		s.order = append(s.order, name)
	}
	e.total += d
	e.times++
}

// Time returns the function that books the time from now on. It costs nothing on a
// nil Stats.
func (s *Stats) Time(device int, step string) (stop func()) {
	if s == nil {
		return func() {}
	}
	start := time.Now()
	return func() { s.Add(device, step, time.Since(start)) }
}

// Laps times steps that follow one another on a number of the host's threads.
type Laps struct {
	stats   *Stats
	threads time.Duration
	last    time.Time
}

// Laps returns laps that begin now.
func (s *Stats) Laps(threads int) Laps {
	if s == nil {
		return Laps{}
	}
	return Laps{s, time.Duration(threads), time.Now()}
}

// Lap books the time since the last lap.
func (l *Laps) Lap(step string) {
	if l.stats == nil {
		return
	}
	now := time.Now()
	l.stats.Add(Host, step, now.Sub(l.last)*l.threads)
	l.last = now
}

// Total returns what was booked for a step.
func (s *Stats) Total(device int, step string) time.Duration {
	if s == nil {
		return 0
	}
	name := step
	if device != Host {
		name = fmt.Sprintf("device %d: %s", device, step)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if e := s.spent[name]; e != nil {
		return e.total
	}
	return 0
}

// Table lists the steps of a job of so many images that took wall time, with the
// given number of host threads, and says what was busiest: that is what limits the
// job. The host's steps share its threads, so their shares are of threads times wall;
// a device does one thing at a time, and its shares are of wall.
func (s *Stats) Table(images uint64, wall time.Duration, threads int) string {
	if s == nil || images == 0 || wall <= 0 {
		return ""
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	var b strings.Builder
	fmt.Fprintf(&b, "%-28s %12s %10s %8s\n", "step", "µs an image", "seconds", "busy")
	busy := map[int]time.Duration{}
	names := slices.Clone(s.order)
	slices.SortStableFunc(names, func(a, b string) int { return s.spent[a].device - s.spent[b].device })
	row := func(name string, d time.Duration, of float64) {
		fmt.Fprintf(&b, "%-28s %12.1f %10.2f %7.1f%%\n", name, float64(d.Microseconds())/float64(images), d.Seconds(), 100*d.Seconds()/of)
	}
	share := func(device int) float64 {
		if device == Host {
			return wall.Seconds() * float64(threads)
		}
		return wall.Seconds()
	}
	for _, name := range names {
		e := s.spent[name]
		busy[e.device] += e.total
		row(name, e.total, share(e.device))
	}
	var devices []int
	for d := range busy {
		devices = append(devices, d)
	}
	slices.Sort(devices)
	most, limit := 0.0, ""
	for _, d := range devices {
		name := fmt.Sprintf("device %d, all steps", d)
		if d == Host {
			name = fmt.Sprintf("%d host threads, all steps", threads)
		}
		row(name, busy[d], share(d))
		if part := busy[d].Seconds() / share(d); part > most {
			most, limit = part, strings.TrimSuffix(name, ", all steps")
		}
	}
	fmt.Fprintf(&b, "%d images in %.2f s, %.1f a second; busiest: %s, %.0f %% of the time\n", images, wall.Seconds(),
		float64(images)/wall.Seconds(), limit, 100*most)
	return b.String()
}
