package main

import (
	"archive/tar"
	"bufio"
	"bytes"
	"encoding/binary"
	"fmt"
	"image"
	"image/png"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// part is a member of a streamed archive.
type part struct {
	name, descr, shape string
	data               []byte
}

var npyHeader = regexp.MustCompile(`'descr': '([^']*)'.*'shape': \(([^)]*)\)`)

// parts reads members; it fails unless the archive is whole.
func parts(t *testing.T, archive string) (all []part) {
	t.Helper()
	if !strings.HasSuffix(archive, string(make([]byte, 1024))) {
		t.Fatal("the archive has no end")
	}
	r := tar.NewReader(strings.NewReader(archive))
	for {
		h, err := r.Next()
		if err == io.EOF {
			return all
		}
		if err != nil {
			t.Fatal(err)
		}
		b, err := io.ReadAll(r)
		if err != nil {
			t.Fatal(err)
		}
		n := 10 + int(binary.LittleEndian.Uint16(b[8:]))
		m := npyHeader.FindSubmatch(b[:n])
		if m == nil {
			t.Fatalf("%s: %q", h.Name, b[:n])
		}
		all = append(all, part{h.Name, string(m[1]), string(m[2]), b[n:]})
	}
}

// pixels returns a generated file's numbers as a .npy file holds them.
func pixels(t *testing.T, path string) []byte {
	t.Helper()
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	im, err := png.Decode(f)
	if err != nil {
		t.Fatal(err)
	}
	var out []byte
	b := im.Bounds()
	switch im := im.(type) {
	case *image.Gray:
		return im.Pix
	case *image.Gray16:
		for i := 0; i < len(im.Pix); i += 2 {
			v := binary.BigEndian.Uint16(im.Pix[i:])
			if strings.HasSuffix(path, ".id.png") {
				out = binary.LittleEndian.AppendUint32(out, uint32(v))
			} else {
				out = binary.LittleEndian.AppendUint16(out, v)
			}
		}
		return out
	}
	for y := range b.Dy() {
		for x := range b.Dx() {
			r, g, bl, _ := im.At(x, y).RGBA()
			out = append(out, uint8(r>>8), uint8(g>>8), uint8(bl>>8))
		}
	}
	return out
}

// The bytes of every streamed image and label are those that generate writes.
func TestStream(t *testing.T) {
	dir := t.TempDir()
	for _, c := range []struct {
		name, flags  string
		start, step  int
		count, batch int
		kinds        string
	}{
		{"plain", "", 0, 1, 20, 16, ""},
		{"labels", "--labels edge,id,layer,depth --batch 4", 0, 1, 10, 4, "id layer depth edge"},
		{"stride", "--start 3 --stride 7 --batch 2 --threads 1", 3, 7, 5, 2, ""},
		{"grey", "--set develop.grey=true --batch 3 --labels depth", 0, 1, 4, 3, "depth"},
		{"large batch", "--batch 4096", 0, 1, 9, 4096, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			want := filepath.Join(dir, c.name)
			gen := with("-o", want, "--count", fmt.Sprint(c.start+c.step*c.count), "--labels", "id,layer,depth,edge")
			args := append([]string{"stream", "--size", "64", "--seed", "5", "--quiet", "--count", fmt.Sprint(c.count)}, strings.Fields(c.flags)...)
			channels := 3
			if c.name == "grey" {
				gen, channels = append(gen, "--set", "develop.grey=true"), 1
			}
			must(t, dir, gen...)
			got := parts(t, must(t, dir, args...))
			kinds := append([]string{""}, strings.Fields(c.kinds)...)
			descr := map[string]string{"": "|u1", "id": "<u4", "layer": "|u1", "depth": "<u2", "edge": "|u1"}
			for n := 0; n < c.count; n += c.batch {
				images := min(c.batch, c.count-n)
				for _, kind := range kinds {
					p := got[0]
					got = got[1:]
					dot := kind
					shape := fmt.Sprintf("%d, 64, 64", images)
					if kind == "" {
						shape += fmt.Sprintf(", %d", channels)
					} else {
						dot = "." + kind
					}
					if name := fmt.Sprintf("%09d%s.npy", c.start+n*c.step, dot); p.name != name || p.descr != descr[kind] || p.shape != shape {
						t.Errorf("%s %s (%s), want %s %s (%s)", p.name, p.descr, p.shape, name, descr[kind], shape)
					}
					size := len(p.data) / images
					for i := range images {
						index := c.start + (n+i)*c.step
						if !bytes.Equal(p.data[i*size:(i+1)*size], pixels(t, filepath.Join(want, fmt.Sprintf("%06d%s.png", index, dot)))) {
							t.Errorf("%s: image %d is not what generate writes", p.name, index)
						}
					}
				}
			}
			if len(got) > 0 {
				t.Errorf("%d members too many", len(got))
			}
		})
	}
}

// Requests in any order, with repeats, one at a time and all at once.
func TestStreamRequests(t *testing.T) {
	dir := t.TempDir()
	must(t, dir, with("-o", "want", "--count", "40", "--labels", "id")...)
	rng := rand.New(rand.NewPCG(8, 9))
	cmd := command(dir, "stream", "--size", "64", "--seed", "5", "--quiet", "--requests", "--labels", "id")
	stdin, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	out := bufio.NewReader(stdout)
	var archive bytes.Buffer
	var lines [][]int
	for n := range 12 {
		var line []int
		text := ""
		for range 1 + rng.IntN(6) {
			line = append(line, rng.IntN(40))
			text += fmt.Sprint(line[len(line)-1], " ")
		}
		line = append(line, line[0]) // a repeat
		lines = append(lines, line)
		if _, err := io.WriteString(stdin, text+fmt.Sprint(line[0])+"\n"); err != nil {
			t.Fatal(err)
		}
		if n < 6 { // waits for its answer
			padded := func(n int) int64 { return int64(512 + (128+n+511)/512*512) }
			if _, err := io.CopyN(&archive, out, padded(len(line)*64*64*3)+padded(len(line)*64*64*4)); err != nil {
				t.Fatal(err)
			}
		}
	}
	stdin.Close()
	io.Copy(&archive, out)
	if err := cmd.Wait(); err != nil {
		t.Fatal(err)
	}
	got := parts(t, archive.String())
	if len(got) != 2*len(lines) {
		t.Fatalf("%d members", len(got))
	}
	for n, line := range lines {
		for k, dot := range []string{"", ".id"} {
			p := got[2*n+k]
			if p.name != fmt.Sprintf("%09d%s.npy", n, dot) {
				t.Errorf("member %s", p.name)
			}
			size := len(p.data) / len(line)
			for i, index := range line {
				if !bytes.Equal(p.data[i*size:(i+1)*size], pixels(t, filepath.Join(dir, "want", fmt.Sprintf("%06d%s.png", index, dot)))) {
					t.Errorf("%s: image %d is not what generate writes", p.name, index)
				}
			}
		}
	}
}
