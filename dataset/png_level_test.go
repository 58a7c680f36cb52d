package dataset

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"testing"
)

// Every level decodes to the same pixels, at sizes that no block or word divides.
func TestLevelsDecode(t *testing.T) {
	for n := range 10 {
		level, err := LevelOf(n)
		if err != nil || level.Number() != n {
			t.Fatalf("level %d: %v, %v", n, level, err)
		}
		e := Encoder{Level: level}
		for _, size := range [][2]int{{1, 1}, {1, 9}, {11, 1}, {37, 23}, {23000, 3}} {
			if size[0] > 20000 && n > 2 && n < 9 {
				continue
			}
			for name, content := range contents {
				for format, p := range pictures(size[0], size[1], content, 5) {
					label := fmt.Sprintf("level %d, %s %s %v", n, name, format, size)
					data := e.Encode(nil, p)
					checkDecoded(t, label, p, data)
					if fresh := (&Encoder{Level: level}).Encode(nil, p); string(fresh) != string(data) {
						t.Fatalf("%s: a used encoder writes other bytes", label)
					}
				}
			}
		}
	}
	for _, n := range []int{-1, 10} {
		if _, err := LevelOf(n); err == nil {
			t.Errorf("level %d is taken", n)
		}
	}
	if (Encoder{}).Level.Number() != 1 {
		t.Error("the zero value is not level 1")
	}
}

// Higher levels make smaller files of leaves.
func TestLevelsOrder(t *testing.T) {
	flat, ids := benchLeaves(0)
	for _, p := range []Picture{RGBPicture(512, 512, flat), IDPicture(512, 512, ids)} {
		last := 1 << 30
		for _, n := range []int{0, 1, 6, 9} {
			level, _ := LevelOf(n)
			e := Encoder{Level: level}
			size := len(e.Encode(nil, p))
			if size > last || n == 1 && size >= last {
				t.Errorf("level %d makes %d bytes, the one before %d", n, size, last)
			}
			last = size
		}
	}
}

// TestGoldenLevels holds the bytes of the other levels, which are in manifests too.
func TestGoldenLevels(t *testing.T) {
	for n, want := range goldenLevels {
		level, _ := LevelOf(n)
		e := Encoder{Level: level}
		h := sha256.New()
		for _, name := range []string{"leaves", "random", "sparse"} {
			all := pictures(150, 170, contents[name], 3)
			for _, format := range []string{"grey", "grey16", "id32", "rgb"} {
				h.Write(e.Encode(nil, all[format]))
			}
		}
		if got := hex.EncodeToString(h.Sum(nil)[:8]); got != want {
			t.Errorf("level %d: %q, want %q", n, got, want)
		}
	}
}

var goldenLevels = map[int]string{0: "e5b241aec9a5059b", 2: "91414cf4528a4809", 6: "4c36bfba3980daf1", 9: "7dbe6b7c3984e59b"}
