package palette

import (
	"context"
	"fmt"
	"os"
	"runtime"
	"slices"
	"strings"
	"sync"
)

// Report says what a build made of the files it found.
type Report struct {
	Found   int    // files that look like photographs by their names
	Used    int    // photographs in the set
	Skipped []Skip // the others, in the order of their paths
}

// Skip is a file that was left out.
type Skip struct {
	Path   string // slash path below the directory
	Reason string // continues the path: "holds no JPEG, PNG, TIFF or WebP data"
}

// BuildDir makes a palette of every photograph below dir, in the order of
// their slash paths, which are their names. Files that cannot be used are in
// the report, also when there is an error. progress, if not nil, is called
// from one goroutine at a time with the number of files dealt with. The set
// depends on the photographs and their names, not on threads (0: one a
// processor).
func BuildDir(ctx context.Context, dir string, threads int, progress func(done, total int)) (*Set, Report, error) {
	photos, skips, err := ListPhotos(ctx, dir)
	if err != nil {
		return nil, Report{}, err
	}
	return BuildPhotos(ctx, dir, photos, skips, threads, progress)
}

// BuildPhotos is BuildDir of some of the photographs that ListPhotos found below dir; skips were left out
// before.
func BuildPhotos(ctx context.Context, dir string, photos []Photo, skips []Skip, threads int, progress func(done, total int)) (*Set, Report, error) {
	if progress == nil {
		progress = func(int, int) {}
	}
	if threads <= 0 {
		threads = runtime.GOMAXPROCS(0)
	}
	made := make([]Palette, len(photos))
	errs := make([]error, len(photos))
	var mu, big sync.Mutex // mu: next, done and progress
	next, done := 0, 0
	progress(0, len(photos))
	var wg sync.WaitGroup
	for range min(threads, len(photos)) {
		wg.Go(func() {
			for {
				mu.Lock()
				i := next
				next++
				mu.Unlock()
				if i >= len(photos) || ctx.Err() != nil {
					return
				}
				made[i], errs[i] = readFile(ctx, photo{photos[i].Path, photos[i].full}, &big)
				if ctx.Err() != nil {
					return
				}
				mu.Lock()
				done++
				progress(done, len(photos))
				mu.Unlock()
			}
		})
	}
	wg.Wait()
	if err := ctx.Err(); err != nil {
		return nil, Report{}, fmt.Errorf("building palettes from %s was stopped: %w", dir, err)
	}

	set := &Set{Origin: dir}
	for i, p := range photos {
		if errs[i] != nil {
			skips = append(skips, Skip{p.Path, errs[i].Error()})
			continue
		}
		set.Palettes = append(set.Palettes, made[i])
	}
	slices.SortFunc(skips, func(a, b Skip) int { return strings.Compare(a.Path, b.Path) })
	report := Report{len(set.Palettes) + len(skips), len(set.Palettes), skips}
	switch {
	case len(skips) == 0 && len(set.Palettes) == 0:
		return nil, report, fmt.Errorf("directory %s holds no photographs; files with these extensions are read: %s", dir, extensions)
	case len(set.Palettes) == 0:
		return nil, report, fmt.Errorf("directory %s holds no usable photograph (files with these extensions are read: %s); skipped %s",
			dir, extensions, listed(skips))
	case len(set.Palettes) > maxPalettes:
		return nil, report, fmt.Errorf("directory %s holds %d photographs, a palette file at most %d; take fewer", dir, len(set.Palettes), maxPalettes)
	}
	return set, report, nil
}

// listed names the first few skipped files.
func listed(skips []Skip) string {
	const most = 5
	var b strings.Builder
	for i, s := range skips {
		if i == most {
			fmt.Fprintf(&b, "; and %d more", len(skips)-most)
			break
		}
		if i > 0 {
			b.WriteString("; ")
		}
		fmt.Fprintf(&b, "%s, which %s", s.Path, s.Reason)
	}
	return b.String()
}

// readFile makes the palette of one photograph.
func readFile(ctx context.Context, p photo, big *sync.Mutex) (Palette, error) {
	data, err := os.ReadFile(p.full)
	if err != nil {
		return Palette{}, fmt.Errorf("cannot be read: %s", reason(err))
	}
	pal, err := readPhoto(ctx, data, maxArea, big)
	pal.Name = strings.ToValidUTF8(p.rel, "\uFFFD")
	return pal, err
}
