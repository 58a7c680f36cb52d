package main

import (
	"context"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/minio/minio-go/v7"
)

// largeShards is a job whose shards are several parts of an upload.
var largeShards = []string{"generate", "--quiet", "--seed", "3", "--preset", "dead-leaves", "--size", "512", "--format", "npy", "--shard-size", "25", "--backend", "cpu"}

func withLarge(args ...string) []string {
	return append(append([]string(nil), largeShards...), args...)
}

// Every format, written to a bucket, is what it is in a directory, and verifies.
func TestS3SameBytes(t *testing.T) {
	s := startObjectStore(t)
	for _, form := range [][]string{
		{"--format", "webdataset", "--labels", "id"},
		{"--format", "npy"},
		{"--format", "hdf5"},
		{"--format", "png", "--layout", "basicsr", "--pairs", "sr:x2"},
		{"--format", "png"},
	} {
		t.Run(strings.Join(form, " "), func(t *testing.T) {
			name := strings.NewReplacer(" ", "", "-", "").Replace(strings.Join(form, ""))
			args := with(append(form, "--count", "7", "--shard-size", "3")...)
			dir := t.TempDir()
			must(t, dir, append(args, "-o", "local")...)
			s.must(append(args, "-o", "s3://"+bucket+"/"+name)...)
			same(t, "in a bucket", tree(t, filepath.Join(dir, "local")), tree(t, s.download(name)))
			if out := s.must("verify", "s3://"+bucket+"/"+name, "--deep", "--sample", "3"); !strings.Contains(out, "is whole") {
				t.Errorf("verify: %s", out)
			}
			if out, err := s.command(append(args, "-o", "s3://"+bucket+"/"+name)...).CombinedOutput(); err == nil || !strings.Contains(string(out), "--resume") {
				t.Errorf("again: %v: %s", err, out)
			}
			s.must(append(args, "-o", "s3://"+bucket+"/"+name, "--overwrite")...)
		})
	}
}

// --overwrite aborts what killed runs of this dataset left half sent, and no upload of
// anybody else's, beside the dataset or within its prefix.
func TestS3OverwriteLeavesOthers(t *testing.T) {
	s := startObjectStore(t)
	args := with("--format", "webdataset", "--count", "6", "--shard-size", "3", "-o", "s3://"+bucket+"/over")
	s.must(args...)
	core := minio.Core{Client: s.client}
	begin := func(key string) {
		if _, err := core.NewMultipartUpload(context.Background(), bucket, key, minio.PutObjectOptions{}); err != nil {
			t.Fatal(err)
		}
	}
	others := []string{"000000.tar", "over/archive.tar", "over/backup/000000.tar", "over2/000000.tar"}
	for _, key := range append([]string{"over/000001.tar"}, others...) {
		begin(key)
	}
	s.must(append(args, "--format", "npy", "--overwrite")...) // of another form: its files are the old ones no more
	if left := slices.Sorted(slices.Values(s.uploads())); !slices.Equal(left, others) {
		t.Errorf("uploads left: %v; want %v", left, others)
	}
	s.must("verify", "s3://"+bucket+"/over")
}

// A server that goes away in the middle of an upload, connections that are cut, and a
// slow line: the job ends with the same bytes all the same.
func TestS3Faults(t *testing.T) {
	s := startObjectStore(t)
	dir := t.TempDir()
	args := withLarge("--count", "100") // four shards of 19.7 MB, three parts each
	must(t, dir, append(args, "-o", "local")...)
	want := tree(t, filepath.Join(dir, "local"))
	for name, fault := range map[string]func(){
		"connections cut": func() {
			for range 6 {
				before := s.wire.passed.Load()
				eventually(t, "bytes pass", func() bool { return s.wire.passed.Load() > before+3<<20 })
				s.wire.cut()
			}
		},
		"server killed and back after two seconds": func() {
			eventually(t, "an upload is under way", func() bool { return s.wire.passed.Load() > 12<<20 })
			s.kill()
			time.Sleep(2 * time.Second)
			s.start()
		},
		"refusing for three seconds": func() {
			eventually(t, "bytes pass", func() bool { return s.wire.passed.Load() > 5<<20 })
			s.wire.refuse.Store(true)
			s.wire.cut()
			time.Sleep(3 * time.Second)
			s.wire.refuse.Store(false)
		},
		"slow": func() {
			s.wire.rate.Store(20 << 20)
			time.Sleep(3 * time.Second)
			s.wire.rate.Store(0)
		},
	} {
		t.Run(name, func(t *testing.T) {
			s.wire.passed.Store(0)
			where := strings.ReplaceAll(name, " ", "-")
			cmd := s.command(append(args, "-o", "s3://"+bucket+"/"+where)...)
			var errs strings.Builder
			cmd.Stderr = &errs
			if err := cmd.Start(); err != nil {
				t.Fatal(err)
			}
			fault()
			if err := cmd.Wait(); err != nil {
				t.Fatalf("%v: %s", err, errs.String())
			}
			same(t, name, want, tree(t, s.download(where)))
			if left := s.uploads(); len(left) > 0 {
				t.Errorf("uploads left: %v", left)
			}
		})
	}
}

// A server that stays away ends the job with one sentence; when it is back, the same
// command finishes it.
func TestS3Away(t *testing.T) {
	s := startObjectStore(t)
	args := withLarge("--count", "100", "-o", "s3://"+bucket+"/away", "--task", "0/1")
	cmd := s.command(args...)
	var errs strings.Builder
	cmd.Stderr = &errs
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	eventually(t, "bytes pass", func() bool { return s.wire.passed.Load() > 25<<20 })
	s.kill()
	cmd.Wait()
	if code := cmd.ProcessState.ExitCode(); code != 1 || strings.Count(errs.String(), "\n") != 1 || !strings.Contains(errs.String(), "run the same command again") {
		t.Errorf("exit %d: %s", code, errs.String())
	}
	s.start()
	s.must(args...)
	s.must("verify", "s3://"+bucket+"/away")
	if left := s.uploads(); len(left) > 0 {
		t.Errorf("uploads left: %v", left)
	}
}

// Ctrl-C aborts the uploads that are under way: one whose parts are being sent, and one
// that the server has made and whose answer, its id, is still on the way.
func TestS3Interrupt(t *testing.T) {
	for _, c := range []struct {
		name string
		hold string
	}{
		{"parts being sent", ""},
		{"the answer on the way", "?uploads"},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := startObjectStore(t)
			answer := make(chan struct{})
			if c.hold != "" {
				s.wire.hold.Store(&hold{request: c.hold, release: answer})
			}
			cmd := s.command(withLarge("--count", "10000", "-o", "s3://"+bucket+"/stopped")...)
			var errs strings.Builder
			cmd.Stderr = &errs
			if err := cmd.Start(); err != nil {
				t.Fatal(err)
			}
			eventually(t, "an upload is under way", func() bool { return len(s.uploads()) > 0 })
			cmd.Process.Signal(os.Interrupt)
			time.Sleep(200 * time.Millisecond) // it waits for the answer; if it did not, it would have ended by now
			close(answer)
			cmd.Wait()
			if code := cmd.ProcessState.ExitCode(); code != 1 || !strings.Contains(errs.String(), "--resume") {
				t.Errorf("exit %d: %s", code, errs.String())
			}
			if left := s.uploads(); len(left) > 0 {
				t.Errorf("uploads left: %v", left)
			}
		})
	}
}

// What is wrong with a destination is said in one sentence.
func TestS3Errors(t *testing.T) {
	s := startObjectStore(t)
	good := s.environment()
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "credentials"), []byte("[lab]\naws_access_key_id = test\naws_secret_access_key = testsecret\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	endpoint := "AWS_ENDPOINT_URL=http://" + s.wire.address
	file := "AWS_SHARED_CREDENTIALS_FILE=" + filepath.Join(dir, "credentials")
	for _, c := range []struct {
		name  string
		where string
		env   []string
		code  int
		want  string
	}{
		{"no bucket", "s3://nowhere/x", good, 1, "there is no bucket nowhere"},
		{"another scheme", "ftp://images/x", good, 2, "give a directory, or s3://BUCKET/PREFIX"},
		{"no bucket named", "s3:///x", good, 2, "give a directory, or s3://BUCKET/PREFIX"},
		{"credentials in the URL", "s3://a:b@images/x", good, 2, "give a directory, or s3://BUCKET/PREFIX"},
		{"no credentials", "s3://images/x", append(cleanEnvironment(), endpoint), 2, "no credentials: set AWS_ACCESS_KEY_ID"},
		{"wrong secret", "s3://images/x", append(cleanEnvironment(), endpoint, "AWS_ACCESS_KEY_ID=test", "AWS_SECRET_ACCESS_KEY=wrong"), 1, "the server refuses the credentials or the place"},
		{"unknown key", "s3://images/x", append(cleanEnvironment(), endpoint, "AWS_ACCESS_KEY_ID=who", "AWS_SECRET_ACCESS_KEY=wrong"), 1, "the server refuses the credentials or the place"},
		{"bad endpoint", "s3://images/x", append(good, "AWS_ENDPOINT_URL=127.0.0.1"), 2, "must be like https://HOST"},
		{"unknown profile", "s3://images/x", append(cleanEnvironment(), endpoint, file, "AWS_PROFILE=none"), 2, "no credentials"},
		{"a profile", "s3://images/x", append(cleanEnvironment(), endpoint, file, "AWS_PROFILE=lab"), 0, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			cmd := command(dir, with("--count", "1", "-o", c.where)...)
			cmd.Env = c.env
			out, _ := cmd.CombinedOutput()
			if code := cmd.ProcessState.ExitCode(); code != c.code || !strings.Contains(string(out), c.want) || strings.Count(string(out), "\n") > 1 {
				t.Errorf("exit %d: %s", code, out)
			}
		})
	}
}
