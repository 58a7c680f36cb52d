package main

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"
)

// startServer runs leaflitter serve on loopback and returns its address.
func startServer(t *testing.T, args ...string) (cmd *exec.Cmd, address string) {
	t.Helper()
	cmd = command(t.TempDir(), append([]string{"serve", "--listen", "127.0.0.1:0", "--backend", "cpu"}, args...)...)
	out, err := cmd.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	lines := bufio.NewScanner(out)
	for lines.Scan() {
		if _, rest, ok := strings.Cut(lines.Text(), "serving http://"); ok {
			address, _, _ = strings.Cut(rest, "/")
			if !strings.Contains(lines.Text(), "this machine only") && !strings.Contains(lines.Text(), "who has the token") {
				t.Errorf("who may ask is not said: %s", lines.Text())
			}
			break
		}
	}
	if address == "" {
		t.Fatal("the server did not start")
	}
	go io.Copy(io.Discard, out)
	t.Cleanup(func() { cmd.Process.Kill(); cmd.Wait() })
	return cmd, address
}

// residentMB is the memory of a process.
func residentMB(t *testing.T, pid int) int {
	data, err := os.ReadFile(fmt.Sprintf("/proc/%d/statm", pid))
	if err != nil {
		t.Fatal(err)
	}
	pages, _ := strconv.Atoi(strings.Fields(string(data))[1])
	return pages * os.Getpagesize() >> 20
}

// Sixty-four clients at once ask for shards, pieces of shards and images, go away in the
// middle, and send garbage. Every body is what generate writes, no error is one that was
// not deserved, and memory stays what it was. make campaign does so for a minute.
func TestServeSoak(t *testing.T) {
	const shards, size, clients = 12, 10, 64
	duration := 4 * time.Second
	if os.Getenv("LEAFLITTER_CAMPAIGN") != "" {
		duration = time.Minute
	}
	dir := t.TempDir()
	model := []string{"--preset", "dead-leaves-pp", "--seed", "8", "--set", "paint.noise.largest_tile=256"}
	offline := func(name string, args ...string) func(file string) []byte {
		must(t, dir, append(append([]string{"generate", "--quiet", "--backend", "cpu", "-o", name}, model...), args...)...)
		return func(file string) []byte {
			data, err := os.ReadFile(filepath.Join(dir, name, file))
			if err != nil {
				t.Error(err)
			}
			return data
		}
	}
	tar := offline("tar", "--size", "64", "--format", "webdataset", "--png-level", "0", "--shards", fmt.Sprint(shards), "--shard-size", fmt.Sprint(size))
	small := offline("small", "--size", "64", "--count", fmt.Sprint(shards*size))
	wide := offline("wide", "--size", "96x48", "--count", fmt.Sprint(shards*size))
	// A cache of a few images only, so that most requests render.
	cmd, address := startServer(t, append([]string{"--size", "64", "--shard-size", fmt.Sprint(size), "--cache", "16"}, model...)...)
	url := "http://" + address
	client := &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: clients}, Timeout: time.Minute}
	var asked, aborted, garbage atomic.Int64
	get := func(r *rand.Rand, path string, header string, status int, want []byte) {
		req, _ := http.NewRequest("GET", url+path, nil)
		if header != "" {
			req.Header.Set("Range", header)
		}
		answer, err := client.Do(req)
		if err != nil {
			t.Errorf("%s: %v", path, err)
			return
		}
		defer answer.Body.Close()
		body, err := io.ReadAll(answer.Body)
		if err != nil || answer.StatusCode != status || want != nil && !bytes.Equal(body, want) {
			t.Errorf("%s %s: %s, %v, %d bytes instead of %d", path, header, answer.Status, err, len(body), len(want))
		}
		asked.Add(1)
	}
	act := func(r *rand.Rand) {
		image, shard := r.IntN(shards*size), r.IntN(shards)
		switch r.IntN(10) {
		case 0:
			get(r, fmt.Sprintf("/shards/%06d.tar", shard), "", 200, tar(fmt.Sprintf("%06d.tar", shard)))
		case 1, 2:
			want := tar(fmt.Sprintf("%06d.tar", shard))
			from := r.IntN(len(want))
			to := min(from+r.IntN(40000), len(want)-1)
			get(r, fmt.Sprintf("/shards/%06d.tar", shard), fmt.Sprintf("bytes=%d-%d", from, to), 206, want[from:to+1])
		case 3, 4:
			get(r, fmt.Sprintf("/images/%d.png", image), "", 200, small(fmt.Sprintf("%06d.png", image)))
		case 5:
			get(r, fmt.Sprintf("/images/%d.png?size=96x48", image), "", 200, wide(fmt.Sprintf("%06d.png", image)))
		case 6: // somebody who goes away
			ctx, cancel := context.WithTimeout(context.Background(), time.Duration(r.IntN(30))*time.Millisecond)
			defer cancel()
			req, _ := http.NewRequestWithContext(ctx, "GET", fmt.Sprintf("%s/shards/%06d.tar", url, shard), nil)
			if answer, err := client.Do(req); err == nil {
				io.CopyN(io.Discard, answer.Body, int64(r.IntN(50000)))
				answer.Body.Close()
			}
			aborted.Add(1)
		case 7: // somebody who does not speak HTTP, or not to the end
			c, err := net.Dial("tcp", address)
			if err != nil {
				t.Error(err)
				return
			}
			junk := make([]byte, r.IntN(300))
			for i := range junk {
				junk[i] = byte(r.Uint32())
			}
			if r.IntN(2) == 0 {
				junk = append([]byte("GET /shards/000001.tar HTTP/1.1\r\nHost: x\r\n"), junk...)
			}
			c.Write(junk)
			c.SetReadDeadline(time.Now().Add(20 * time.Millisecond))
			io.CopyN(io.Discard, c, 100)
			c.Close()
			garbage.Add(1)
		case 8:
			get(r, "/images/1.png?size=99999", "", 400, nil)
			get(r, "/shards/1.tar", "", 404, nil)
		case 9:
			get(r, "/healthz", "", 200, []byte("ok\n"))
			get(r, "/metrics", "", 200, nil)
		}
	}
	stop := time.Now().Add(duration)
	var early atomic.Int64
	time.AfterFunc(duration/3, func() { early.Store(int64(residentMB(t, cmd.Process.Pid))) })
	var wg sync.WaitGroup
	for i := range clients {
		wg.Go(func() {
			r := rand.New(rand.NewPCG(77, uint64(i)))
			for time.Now().Before(stop) && !t.Failed() {
				act(r)
			}
		})
	}
	wg.Wait()
	late := residentMB(t, cmd.Process.Pid)
	t.Logf("%d answers compared, %d requests aborted, %d times garbage; %d MB after a third, %d MB at the end", asked.Load(), aborted.Load(), garbage.Load(), early.Load(), late)
	if asked.Load() < 100 || aborted.Load() == 0 || garbage.Load() == 0 {
		t.Error("little was asked")
	}
	if float64(late) > 1.25*float64(early.Load())+32 {
		t.Errorf("memory grew from %d to %d MB", early.Load(), late)
	}
	// It ends when told to, whatever is under way.
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	req, _ := http.NewRequestWithContext(ctx, "GET", url+"/shards/000001.tar?size=512", nil)
	go client.Do(req)
	time.Sleep(100 * time.Millisecond)
	cmd.Process.Signal(syscall.SIGTERM)
	done := make(chan bool)
	go func() { cmd.Wait(); close(done) }()
	select {
	case <-done:
		if code := cmd.ProcessState.ExitCode(); code != 0 {
			t.Errorf("exit %d", code)
		}
	case <-time.After(20 * time.Second):
		t.Error("it does not end")
	}
}

// Who may ask, and what is wrong with flags.
func TestServeRefuses(t *testing.T) {
	dir := t.TempDir()
	os.WriteFile(filepath.Join(dir, "empty"), nil, 0o600)
	os.WriteFile(filepath.Join(dir, "short"), []byte("secret\n"), 0o600)
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer taken.Close()
	for _, c := range []struct {
		args []string
		code int
		want string
	}{
		{[]string{"--listen", "0.0.0.0:0"}, 2, "demands a token"},
		{[]string{"--listen", ":0"}, 2, "demands a token"},
		{[]string{"--listen", "[::]:0"}, 2, "demands a token"},
		{[]string{"--listen", "nonsense"}, 2, "give HOST:PORT"},
		{[]string{"--listen", taken.Addr().String()}, 1, "choose another address with --listen"},
		{[]string{"--token-file", "none"}, 1, "none cannot be read"},
		{[]string{"--token-file", "empty"}, 2, "is empty"},
		{[]string{"--token-file", "short"}, 2, "at least 16"},
		{[]string{"--member", "jpg"}, 2, "give png or npy"},
		{[]string{"--shard-size", "0"}, 2, "--shard-size 0 is out of range"},
		{[]string{"--max-requests", "0"}, 2, "--max-requests 0 is out of range"},
		{[]string{"--connections", "0"}, 2, "--connections 0 is out of range; give a whole number from 1 to 65536"},
		{[]string{"--connections", "65537"}, 2, "--connections 65537 is out of range"},
		{[]string{"--max-side", "32", "--size", "64"}, 2, "--max-side 32"},
		{[]string{"--cache", "1"}, 2, "--cache 1 is out of range"},
		{[]string{"--preset", "none"}, 2, "no such preset"},
	} {
		code, _, errs := leaflitter(t, dir, append([]string{"serve", "--quiet"}, c.args...)...)
		if code != c.code || !strings.Contains(errs, c.want) || strings.Count(errs, "\n") > 1 {
			t.Errorf("%v: exit %d: %s", c.args, code, errs)
		}
	}
}

// --connections reaches the server.
func TestServeConnections(t *testing.T) {
	_, address := startServer(t, "--size", "64", "--preset", "dead-leaves", "--connections", "2")
	for i, want := range []int{200, 200, 503} {
		client := &http.Client{Transport: &http.Transport{}, Timeout: time.Minute} // whose connection stays open
		defer client.CloseIdleConnections()
		answer, err := client.Get("http://" + address + "/healthz")
		if err != nil {
			t.Fatal(err)
		}
		body, _ := io.ReadAll(answer.Body)
		answer.Body.Close()
		if answer.StatusCode != want {
			t.Errorf("connection %d: %s: %s", i+1, answer.Status, body)
		}
	}
}
