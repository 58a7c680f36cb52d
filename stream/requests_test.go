package stream

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"math/rand/v2"
	"strings"
	"testing"
	"time"
)

// Each line is answered by its images, in its order.
func TestRequests(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 4))
	var in strings.Builder
	var want [][]uint64
	for range 50 {
		var line []uint64
		for range 1 + rng.IntN(20) {
			line = append(line, rng.Uint64N(200))
			fmt.Fprintf(&in, "%*d\t", rng.IntN(6), line[len(line)-1])
		}
		in.WriteByte('\n')
		want = append(want, line)
	}
	var out bytes.Buffer
	j := job(&fake{slow: time.Millisecond}, &out)
	j.Requests = strings.NewReader(strings.TrimSuffix(in.String(), "\n")) // the last needs no newline
	if _, err := Run(t.Context(), j); err != nil {
		t.Fatal(err)
	}
	names, data, ended := members(t, out.Bytes())
	if len(names) != len(want) || !ended {
		t.Fatalf("%d members, ended %v", len(names), ended)
	}
	for i, line := range want {
		if names[i] != fmt.Sprintf("%09d.npy", i) {
			t.Errorf("member %s", names[i])
		}
		pixels := data[i][len(data[i])-60*len(line):]
		for k, index := range line {
			if pixels[60*k+59] != uint8(index+1) {
				t.Errorf("line %d: image %d is another", i, k)
			}
		}
	}
}

// An answer is complete before the next line is asked for.
func TestDialogue(t *testing.T) {
	in, ask := io.Pipe()
	answer, out := io.Pipe()
	j := job(&fake{}, out)
	j.Requests, j.Ask = in, 100
	done := make(chan error, 1)
	go func() {
		_, err := Run(t.Context(), j)
		done <- err
	}()
	r := bufio.NewReader(answer)
	for i := range 20 {
		fmt.Fprintf(ask, "%d %d\n", i, i)
		member := make([]byte, 512+512) // header; 128 + 120 bytes and padding
		if _, err := io.ReadFull(r, member); err != nil || member[512+128] != uint8(i+1) {
			t.Fatalf("line %d: %v", i, err)
		}
	}
	ask.Close()
	if end, err := io.ReadAll(io.LimitReader(r, 1024)); err != nil || len(end) != 1024 {
		t.Errorf("end: %d bytes, %v", len(end), err)
	}
	if err := <-done; err != nil {
		t.Error(err)
	}
}

func TestMalformed(t *testing.T) {
	for _, c := range []struct{ name, line, want string }{
		{"empty", "", "line 2 of the requests (counted from 0) is empty: a line holds 1 to 4096 image indices, whole numbers from 0 to 18446744073709551615, separated by blanks"},
		{"word", "1 two", `holds "two"`},
		{"negative", "-1", `holds "-1"`},
		{"fraction", "1.5", `holds "1.5"`},
		{"too large", "18446744073709551616", `holds "18446744073709551616"`},
		{"commas", "1,2", `holds "1,2"`},
		{"binary", "\x00\xff", `holds "\x00\xff"`},
		{"too many", strings.Repeat("1 ", 4097), "holds more"},
		{"too long", strings.Repeat(" ", 1<<20), "is longer than"},
		{"a long word", strings.Repeat("9", 2000), `holds "99999999999999999999999999999999"`},
	} {
		var out bytes.Buffer
		j := job(&fake{}, &out)
		j.Requests = strings.NewReader("1 2\n3\n" + c.line + "\n4\n")
		_, err := Run(t.Context(), j)
		if err == nil || !strings.Contains(err.Error(), c.want) || !strings.HasPrefix(err.Error(), "line 2 ") {
			t.Errorf("%s: %v", c.name, err)
		}
		if names, _, ended := members(t, out.Bytes()); len(names) != 2 || ended {
			t.Errorf("%s: %v before it, ended %v", c.name, names, ended)
		}
	}
}
