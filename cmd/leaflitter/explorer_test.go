package main

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"leaflitter/palette"
	"leaflitter/scene"
	"leaflitter/serve"
)

// fetch returns what a server answers, which must have this status.
func fetch(t *testing.T, status int, url string) []byte {
	t.Helper()
	answer, err := http.Get(url)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	body, err := io.ReadAll(answer.Body)
	if err != nil || answer.StatusCode != status {
		t.Fatalf("%s: %s, %v: %s", url, answer.Status, err, body)
	}
	return body
}

// A query serves, of any configuration, what generate writes with the same flags: the
// image, its labels, and shards; and the command line that it tells makes them.
func TestServeQueries(t *testing.T) {
	started := []string{"--seed", "8", "--size", "40x56", "--preset", "no-texture", "--set", "leaves.r_max=90"}
	_, address := startServer(t, append([]string{"--shard-size", "2"}, started...)...)
	for n, c := range []struct {
		query string
		flags []string
	}{
		{"", started},
		{"seed=18446744073709551615&size=48", []string{"--seed", "18446744073709551615", "--size", "48", "--preset", "no-texture", "--set", "leaves.r_max=90"}},
		{"preset=dead-leaves&set=leaves.r_min%3D3", []string{"--seed", "8", "--size", "40x56", "--preset", "dead-leaves", "--set", "leaves.r_min=3"}},
		{"preset=dead-leaves-pp&set=paint.noise.largest_tile%3D64&set=develop.grey%3Dtrue&set=properties.colour%3Dfalse&set=image.width%3D33",
			[]string{"--seed", "8", "--size", "33x56", "--preset", "dead-leaves-pp", "--set", "paint.noise.largest_tile=64", "--set", "develop.grey=true", "--set", "properties.colour=false"}},
		{"size=50&set=layers%3D" + url.QueryEscape(`[{"name": "it's", "cover": 0.4, "blur": 1}, {"name": "back", "cover": 1}]`),
			append(started, "--size", "50", "--set", `layers=[{name: it's, cover: 0.4, blur: 1}, {name: back, cover: 1}]`)},
	} {
		dir := t.TempDir()
		must(t, dir, append([]string{"generate", "--quiet", "--backend", "cpu", "-o", "offline", "--start", "5", "--count", "1", "--labels", "id,layer,depth,edge"}, c.flags...)...)
		at := "http://" + address
		line := string(fetch(t, 200, at+"/command?index=5&"+c.query))
		words, err := exec.Command("sh", "-c", `leaflitter() { for word in "$@"; do printf '%s\n' "$word"; done; }`+"\n"+line).Output()
		if err != nil {
			t.Fatal(err)
		}
		must(t, dir, append(strings.Split(strings.TrimSuffix(string(words), "\n"), "\n"), "--quiet", "--backend", "cpu")...)
		for _, ending := range []string{"png", "id.png", "layer.png", "depth.png", "edge.png"} {
			served := fetch(t, 200, fmt.Sprintf("%s/images/5.%s?%s", at, ending, c.query))
			for _, folder := range []string{"offline", "image-5"} {
				want, err := os.ReadFile(filepath.Join(dir, folder, "000005."+ending))
				if err != nil || !bytes.Equal(served, want) {
					t.Errorf("query %d: %s is not what %s has: %v", n, ending, folder, err)
				}
			}
		}
		// The configuration that is told is the one that was used.
		if err := os.WriteFile(filepath.Join(dir, "told.yaml"), fetch(t, 200, at+"/config.yaml?"+c.query), 0o600); err != nil {
			t.Fatal(err)
		}
		seed := c.flags[1]
		must(t, dir, "generate", "--quiet", "--backend", "cpu", "-o", "told", "--start", "5", "--count", "1", "--seed", seed, "--config", "told.yaml")
		if told, _ := os.ReadFile(filepath.Join(dir, "told", "000005.png")); !bytes.Equal(told, fetch(t, 200, at+"/images/5.png?"+c.query)) {
			t.Errorf("query %d: /config.yaml is another configuration", n)
		}
		if n == 2 {
			must(t, dir, append([]string{"generate", "--quiet", "--backend", "cpu", "-o", "tar", "--format", "webdataset", "--png-level", "0", "--shards", "1", "--shard-size", "2"}, c.flags...)...)
			want, err := os.ReadFile(filepath.Join(dir, "tar", "000000.tar"))
			if err != nil || !bytes.Equal(fetch(t, 200, at+"/shards/000000.tar?"+c.query), want) {
				t.Errorf("query %d: the shard differs (%v)", n, err)
			}
		}
	}
	for query, want := range map[string]string{
		"set=leaves.r_min%3D200":               "leaves.r_min: 200 exceeds leaves.r_max = 90; lower one or raise the other",
		"set=leaves.r_mni%3D2":                 `no field "r_mni"`,
		"set=leaves.r_min":                     "give key=value",
		"set=leaves.alpha%3Dmany":              "is no number",
		"preset=flet":                          "did you mean flat?",
		"set=develop.supersample%3D4&size=999": "develop.supersample: 4 times 999 px",
		"set=image.width%3D4000":               "at most 2048",
		"set=paint.noise.largest_tile%3D4096":  "paint.noise.largest_tile: 4096 is more than this server makes",
		"set=" + url.QueryEscape("paint.noise.largest_tile={choice: [64, 4096]}"): "paint.noise.largest_tile: 4096 is more than this server makes",
		"size=3000": "out of range",
	} {
		for _, path := range []string{"/images/1.png?", "/shards/000000.tar?", "/command?", "/config.yaml?", "/images/1.json?"} {
			if body := string(fetch(t, 400, "http://"+address+path+query)); !strings.Contains(body, want) || strings.Count(body, "\n") != 1 {
				t.Errorf("%s%s: %s", path, query, body)
			}
		}
	}
}

// Whatever field of the configuration differs, what is served has another identity, and
// so another ETag; the same configuration said otherwise has the same.
func TestModelIdentity(t *testing.T) {
	m := newModels(&serveCmd{MaxSide: 2048, ShardSize: 10, Member: "png"}, scene.Default(), palette.Builtin(), 1, func(string, ...any) {}, func(string) {})
	identity := func(w serve.Wish) string {
		model, err := m.model(w)
		if err != nil {
			t.Fatalf("%+v: %v", w, err)
		}
		return model.Identity
	}
	plain := identity(serve.Wish{})
	for _, w := range []serve.Wish{{Preset: "dead-leaves-pp"}, {Seeded: true}, {Width: 512, Height: 512}, {Set: []string{"leaves.r_min=10"}}, {Preset: "grey", Set: []string{"develop.grey=false"}}} {
		if identity(w) != plain {
			t.Errorf("%+v is served as something else", w)
		}
	}
	seen := map[string]string{plain: "nothing"}
	note := func(what string, w serve.Wish) {
		id := identity(w)
		if other, twice := seen[id]; twice {
			t.Errorf("%s has the identity of %s", what, other)
		}
		seen[id] = what
	}
	note("seed", serve.Wish{Seeded: true, Seed: 1})
	note("width", serve.Wish{Width: 511, Height: 512})
	note("height", serve.Wish{Width: 512, Height: 511})
	fields := 0
	var walk func(v reflect.Value, path string)
	walk = func(v reflect.Value, path string) {
		value := ""
		switch v.Kind() {
		case reflect.Struct:
			for i := range v.NumField() {
				walk(v.Field(i), strings.TrimPrefix(path+"."+v.Type().Field(i).Tag.Get("yaml"), "."))
			}
			return
		case reflect.Slice, reflect.Array:
			for i := range v.Len() {
				walk(v.Index(i), fmt.Sprintf("%s.%d", path, i))
			}
			return
		case reflect.Bool:
			value = fmt.Sprint(!v.Bool())
		case reflect.Int:
			value = fmt.Sprint(v.Int() + 1)
		case reflect.Float64:
			value = fmt.Sprint(v.Float()*0.9 + 0.0005)
		case reflect.String:
			value = "other"
		}
		if words := map[string]string{
			"outline.per_image.0": "disk", "outline.per_image.1": "disk", "blur.kind": "lens", "paint.mixing": "srgb", "layers.2.cover": "",
			"paint.noise.spectrum": "axes", "paint.noise.largest_tile": "512", "paint.perspective.direction": "approach", "paint.sin.period_law": "log_uniform",
			"paint.noise.stretch.0": "1.5", "paint.spots.stretch.0": "1.5", "image.width": "", "image.height": "",
		}; words[path] != "" {
			value = words[path]
		} else if _, said := words[path]; said {
			return // the last layer must cover; the size is above
		}
		fields++
		note(path, serve.Wish{Set: []string{path + "=" + value}})
	}
	walk(reflect.ValueOf(scene.Default()), "")
	if fields < 60 {
		t.Errorf("only %d fields", fields)
	}
}

// However many configurations are asked for, few tables are kept, and those asked for
// again are shared.
func TestBanksBounded(t *testing.T) {
	var b banks
	small := scene.Default()
	small.Outline.PerImage = []string{"disk"}
	first := b.get(&small)
	if other := small; b.get(&other) != first {
		t.Error("one configuration, two tables")
	}
	for i := range 10 {
		c := scene.Default()
		c.Leaves.RMin, c.Leaves.RMax = 1, 1.2+float64(i)/100
		b.get(&c)
		if len(b.list) > mostBanks {
			t.Fatalf("%d tables are kept", len(b.list))
		}
	}
}
