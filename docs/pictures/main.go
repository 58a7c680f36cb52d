// Command pictures draws the pictures of docs/gallery.md and docs/model.md with the
// CPU backend, and writes what in the two files follows from the source: the whole of
// the first; the pictures' flags and the tables of fields in the second. Its test
// fails when any of that is out of date.
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"path/filepath"

	"leaflitter/scene"
)

func main() {
	docs := flag.String("docs", "docs", "directory of the documentation")
	flag.Parse()
	if err := run(context.Background(), *docs); err != nil {
		fmt.Fprintln(os.Stderr, "pictures:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, docs string) error {
	albums, err := drawAll(ctx, scene.Presets())
	if err != nil {
		return err
	}
	for _, a := range albums {
		written, err := a.write(filepath.Join(docs, a.name))
		if err != nil {
			return err
		}
		for _, line := range written {
			fmt.Println(line)
		}
		path := filepath.Join(docs, a.name+".md")
		old, err := os.ReadFile(path)
		if err != nil && !os.IsNotExist(err) {
			return err
		}
		text, err := a.page(a, string(old))
		if err != nil {
			return fmt.Errorf("%s: %w", path, err)
		}
		if err := os.WriteFile(path, []byte(text), 0o666); err != nil {
			return err
		}
	}
	return nil
}

// album is a page of the documentation and its pictures, which lie in the folder of
// the same name.
type album struct {
	name     string
	pictures []picture
	page     func(a *album, old string) (string, error) // the page as it should be
	most     int                                        // bytes of all pictures
	presets  []scene.Preset
	drawn    []drawn
}

// drawAll renders all pictures.
func drawAll(ctx context.Context, presets []scene.Preset) ([]*album, error) {
	s := studio{presets: presets}
	albums := []*album{
		{name: "gallery", pictures: gallery(presets), page: galleryPage, most: 2_500_000},
		{name: "model", pictures: model(), page: modelPage, most: 2_000_000},
	}
	for _, a := range albums {
		a.presets = presets
		for i := range a.pictures {
			d, err := s.draw(ctx, &a.pictures[i])
			if err != nil {
				return nil, err
			}
			a.drawn = append(a.drawn, d)
		}
	}
	return albums, nil
}
