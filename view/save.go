package view

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"leaflitter/dataset"
	"leaflitter/render"
	"leaflitter/scene"
)

// Files writes an image as DIR/NAME.png, the file that leaflitter generate makes of it,
// and its configuration as DIR/NAME.yaml, with the command that makes it. colours are
// the flags that chose the palettes, if any. NAME is new: nothing is replaced.
func Files(dir string, w *Wish, im *render.Image, colours string) (name string, err error) {
	p := dataset.ImagePicture(im)
	if err := p.Err(); err != nil {
		return "", err
	}
	picture := (&dataset.Encoder{}).Encode(nil, p)
	base := fmt.Sprintf("leaflitter-%d-%d", w.Seed, w.Index)
	for n := 1; ; n++ {
		name = base
		if n > 1 {
			name = fmt.Sprintf("%s-%d", base, n)
		}
		text := recipe(w, name, colours)
		path := filepath.Join(dir, name)
		old, err := os.ReadFile(path + ".yaml")
		if err == nil && bytes.Equal(old, text) {
			// The same image was saved before.
		} else if taken(path+".yaml") || taken(path+".png") {
			continue
		}
		if err := whole(path+".png", picture); err != nil {
			return "", err
		}
		return name, whole(path+".yaml", text)
	}
}

func taken(path string) bool {
	_, err := os.Lstat(path)
	return !errors.Is(err, fs.ErrNotExist)
}

// recipe is the YAML of an image.
func recipe(w *Wish, name, colours string) []byte {
	command := fmt.Sprintf("leaflitter generate -o DIR --config %s.yaml --seed %d --start %d --count 1", name, w.Seed, w.Index)
	if colours != "" {
		command += " " + colours
	}
	return append(fmt.Appendf(nil, "# %s.png is image %d of seed %d:\n# %s\n", name, w.Index, w.Seed, strings.ReplaceAll(command, "\n", " ")), scene.Marshal(&w.Config)...)
}

// whole writes a file by a temporary name and a rename: it is whole or absent.
func whole(path string, data []byte) error {
	f, err := os.CreateTemp(filepath.Dir(path), ".leaflitter-tmp-*")
	if err != nil {
		return fmt.Errorf("cannot save %s: %w; start the viewer with --output DIR, a directory that can be written to", path, cause(err))
	}
	_, err = f.Write(data)
	err = errors.Join(err, f.Chmod(0o644), f.Close())
	if err == nil {
		err = os.Rename(f.Name(), path)
	}
	if err != nil {
		os.Remove(f.Name())
		return fmt.Errorf("cannot save %s: %w", path, cause(err))
	}
	return nil
}

// cause drops the path that os errors repeat.
func cause(err error) error {
	var p *os.PathError
	if errors.As(err, &p) {
		return p.Err
	}
	return err
}
