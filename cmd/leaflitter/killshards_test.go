package main

import (
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"
)

// killPlace is where a job of the kill campaign writes.
type killPlace struct {
	name    string
	where   string // for -o
	command func(args ...string) *exec.Cmd
	files   func() map[string]string // what is there
	unmade  func() []string          // what is there that no finished job leaves
	disturb func(r *rand.Rand)       // something else that goes wrong meanwhile
	clear   func()
}

func localPlace(t *testing.T) killPlace {
	dir := t.TempDir()
	out := filepath.Join(dir, "out")
	return killPlace{
		name: "local", where: "out",
		command: func(args ...string) *exec.Cmd { return command(dir, args...) },
		files:   func() map[string]string { return tree(t, out) },
		unmade: func() (list []string) {
			if _, err := os.Stat(out); err != nil {
				return nil // killed before it began
			}
			for name := range tree(t, out) {
				if strings.Contains(name, "tmp-") {
					list = append(list, name)
				}
			}
			return list
		},
		disturb: func(*rand.Rand) {},
		clear:   func() { os.RemoveAll(out) },
	}
}

func s3Place(t *testing.T) killPlace {
	s := startObjectStore(t)
	round := 0
	prefix := func() string { return fmt.Sprintf("job%d", round) }
	p := killPlace{
		name: "s3", command: s.command,
		files:  func() map[string]string { return tree(t, s.download(prefix())) },
		unmade: s.uploads,
		disturb: func(r *rand.Rand) {
			switch r.IntN(4) {
			case 0:
				s.wire.cut()
			case 1:
				s.kill()
				time.Sleep(time.Duration(r.IntN(500)) * time.Millisecond)
				s.start()
			}
		},
	}
	p.clear = func() { round++ }
	p.where = "s3://" + bucket + "/"
	p.command = func(args ...string) *exec.Cmd {
		for i := range args {
			if args[i] == p.where {
				args[i] += prefix()
			}
		}
		return s.command(args...)
	}
	return p
}

// Processes that work on a job of 40 shards are killed at random instants, at work and
// in the middle of uploads, two at a time on shards of their own or on the same ones,
// while connections break and the server is killed too. At the end the dataset
// verifies, deeply, its bytes are those of an undisturbed run, and nothing else is left.
// make campaign kills a hundred, every day's test a dozen.
func TestKillShards(t *testing.T) {
	kills := 3
	if os.Getenv("LEAFLITTER_CAMPAIGN") != "" {
		kills = 25
	}
	for _, form := range []struct {
		name string
		args []string
	}{
		{"npy", []string{"--format", "npy", "--preset", "dead-leaves", "--size", "512", "--shard-size", "12"}}, // two parts an upload
		{"webdataset", []string{"--format", "webdataset", "--labels", "id", "--size", "128", "--shard-size", "6"}},
	} {
		args := append([]string{"generate", "--quiet", "--backend", "cpu", "--seed", "5", "--shards", "40"}, form.args...)
		dir := t.TempDir()
		start := time.Now()
		must(t, dir, append(args, "-o", "whole")...)
		life := time.Since(start)
		want := tree(t, filepath.Join(dir, "whole"))
		for _, place := range []func(*testing.T) killPlace{localPlace, s3Place} {
			p := place(t)
			t.Run(form.name+" "+p.name, func(t *testing.T) { killShards(t, p, args, want, life, kills) })
		}
	}
}

func killShards(t *testing.T, p killPlace, args []string, want map[string]string, life time.Duration, kills int) {
	r := rand.New(rand.NewPCG(11, uint64(len(args[len(args)-1]))))
	killed, useful, rounds := 0, 0, 0
	check := func() {
		out, err := p.command(append(args, "-o", p.where, "--task", "0/1")...).CombinedOutput()
		if err != nil {
			t.Fatalf("%v: %s", err, out)
		}
		out, err = p.command("verify", p.where, "--deep", "--sample", "6").CombinedOutput()
		if err != nil {
			t.Fatalf("%v: %s", err, out)
		}
		same(t, fmt.Sprintf("after %d kills", killed), want, p.files())
		if left := p.unmade(); len(left) > 0 {
			t.Errorf("left: %v", left)
		}
		if t.Failed() {
			t.FailNow()
		}
		rounds++
	}
	for try := 0; killed < kills; try++ {
		if try > 40*kills {
			t.Fatalf("only %d processes could be killed", killed)
		}
		var wg sync.WaitGroup
		var mu sync.Mutex
		complete := true
		for worker := range 2 {
			task := fmt.Sprintf("%d/2", worker)
			if try%3 == 2 {
				task = "0/1" // both on the same shards
			}
			pause := time.Duration((0.1 + 0.9*r.Float64()) * float64(life))
			wg.Go(func() {
				var errs strings.Builder
				cmd := p.command(append(args, "-o", p.where, "--task", task)...)
				cmd.Stderr = &errs
				if err := cmd.Start(); err != nil {
					t.Error(err)
					return
				}
				timer := time.AfterFunc(pause, func() { cmd.Process.Kill() })
				err := cmd.Wait()
				timer.Stop()
				mu.Lock()
				defer mu.Unlock()
				if err != nil {
					complete = false
					if cmd.ProcessState.ExitCode() != -1 {
						t.Errorf("it ended by itself: %v: %s", err, errs.String())
					}
					killed++
				}
			})
		}
		if try%4 == 3 {
			time.Sleep(time.Duration(r.Float64() * float64(life)))
			p.disturb(r)
		}
		wg.Wait()
		if t.Failed() {
			t.FailNow()
		}
		if len(p.unmade()) > 0 {
			useful++
		}
		if complete { // both had ended: begin anew
			check()
			p.clear()
		}
	}
	check()
	t.Logf("%d kills; %d times something half-written was left for the next; %d datasets finished", killed, useful, rounds)
	// A small object is put at once: of it nothing half-written can be seen.
	if large := strings.Contains(strings.Join(args, " "), "512"); kills > 10 && (large || p.name == "local") && useful < kills/10 {
		t.Errorf("kills hardly ever hit a write: %d times", useful)
	}
}
