package main

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/minio/minio-go/v7"
	"github.com/minio/minio-go/v7/pkg/credentials"
)

const bucket = "images"

// objectStore is a real S3-compatible server on loopback, with a wire in front that can
// be cut, slowed and taken away.
type objectStore struct {
	t      *testing.T
	root   string
	listen string // of the server
	cmd    *exec.Cmd
	wire   *wire
	client *minio.Client
}

// versitygw finds the server's program, which make builds.
func versitygw(t *testing.T) string {
	t.Helper()
	path := os.Getenv("LEAFLITTER_VERSITYGW")
	if path == "" {
		path, _ = filepath.Abs("../../out/tools/versitygw")
	}
	if _, err := os.Stat(path); err != nil {
		t.Fatalf("%s is missing, the S3 server of these tests: make tools builds it", path)
	}
	return path
}

func startObjectStore(t *testing.T) *objectStore {
	t.Helper()
	s := &objectStore{t: t, root: t.TempDir(), listen: freeAddress(t)}
	if err := os.Mkdir(filepath.Join(s.root, bucket), 0o755); err != nil {
		t.Fatal(err)
	}
	var err error
	s.client, err = minio.New(s.listen, &minio.Options{Creds: credentials.NewStaticV4("test", "testsecret", ""), Region: "us-east-1"})
	if err != nil {
		t.Fatal(err)
	}
	s.start()
	t.Cleanup(s.kill)
	s.wire = newWire(t, s.listen)
	return s
}

func freeAddress(t *testing.T) string {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().String()
}

func (s *objectStore) start() {
	s.t.Helper()
	s.cmd = exec.Command(versitygw(s.t), "--port", s.listen, "--quiet", "posix", s.root)
	s.cmd.Env = append(os.Environ(), "ROOT_ACCESS_KEY=test", "ROOT_SECRET_KEY=testsecret")
	s.cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	if err := s.cmd.Start(); err != nil {
		s.t.Fatal(err)
	}
	for range 600 {
		if _, err := s.client.BucketExists(context.Background(), bucket); err == nil {
			return
		}
		time.Sleep(50 * time.Millisecond)
	}
	s.t.Fatal("the S3 server does not answer")
}

func (s *objectStore) kill() {
	s.cmd.Process.Kill()
	s.cmd.Wait()
}

// environment is what the command is given: nothing of the machine's own settings.
func (s *objectStore) environment() []string {
	return append(cleanEnvironment(), "AWS_ENDPOINT_URL=http://"+s.wire.address, "AWS_ACCESS_KEY_ID=test", "AWS_SECRET_ACCESS_KEY=testsecret")
}

func cleanEnvironment() []string {
	return []string{"LEAFLITTER_TEST_COMMAND=1", "PATH=" + os.Getenv("PATH"), "HOME=/nonexistent"}
}

// command runs the command against the server.
func (s *objectStore) command(args ...string) *exec.Cmd {
	cmd := command(s.root, args...)
	cmd.Env = s.environment()
	return cmd
}

func (s *objectStore) must(args ...string) string {
	s.t.Helper()
	out, err := s.command(args...).CombinedOutput()
	if err != nil {
		s.t.Fatalf("leaflitter %v: %v: %s", args, err, out)
	}
	return string(out)
}

// objects downloads what is below a prefix to a directory.
func (s *objectStore) download(prefix string) (dir string) {
	s.t.Helper()
	dir = s.t.TempDir()
	for o := range s.client.ListObjects(context.Background(), bucket, minio.ListObjectsOptions{Prefix: prefix + "/", Recursive: true}) {
		if o.Err != nil {
			s.t.Fatal(o.Err)
		}
		if err := s.client.FGetObject(context.Background(), bucket, o.Key, filepath.Join(dir, o.Key[len(prefix)+1:]), minio.GetObjectOptions{}); err != nil {
			s.t.Fatal(err)
		}
	}
	return dir
}

// uploads lists the uploads that are not complete.
func (s *objectStore) uploads() (list []string) {
	s.t.Helper()
	for u := range s.client.ListIncompleteUploads(context.Background(), bucket, "", true) {
		if u.Err != nil {
			s.t.Fatal(u.Err)
		}
		list = append(list, u.Key)
	}
	return list
}

// wire passes connections on to a server.
type wire struct {
	address, to string
	listener    net.Listener
	rate        atomic.Int64 // bytes a second; 0: as they come
	refuse      atomic.Bool  // new connections are closed at once
	passed      atomic.Int64 // bytes to the server
	hold        atomic.Pointer[hold]
	mu          sync.Mutex
	open        map[net.Conn]bool
}

// hold keeps back the server's answers on a connection from the request on that holds a text.
type hold struct {
	request string
	release chan struct{}
}

func newWire(t *testing.T, to string) *wire {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	w := &wire{address: l.Addr().String(), to: to, listener: l, open: map[net.Conn]bool{}}
	t.Cleanup(func() { l.Close(); w.cut() })
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			go w.pass(c)
		}
	}()
	return w
}

// cut resets every connection.
func (w *wire) cut() (n int) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for c := range w.open {
		c.(*net.TCPConn).SetLinger(0)
		c.Close()
		n++
	}
	return n / 2
}

func (w *wire) pass(client net.Conn) {
	if w.refuse.Load() {
		client.(*net.TCPConn).SetLinger(0)
		client.Close()
		return
	}
	server, err := net.Dial("tcp", w.to)
	if err != nil {
		client.Close()
		return
	}
	w.mu.Lock()
	w.open[client], w.open[server] = true, true
	w.mu.Unlock()
	var wg sync.WaitGroup
	var held atomic.Bool
	wg.Go(func() {
		w.copy(server, client, func(request []byte) {
			w.passed.Add(int64(len(request)))
			if h := w.hold.Load(); h != nil && bytes.Contains(request, []byte(h.request)) {
				held.Store(true)
			}
		})
	})
	wg.Go(func() {
		w.copy(client, server, func([]byte) {
			if held.Load() {
				<-w.hold.Load().release
			}
		})
	})
	wg.Wait()
	w.mu.Lock()
	delete(w.open, client)
	delete(w.open, server)
	w.mu.Unlock()
}

// copy passes on what comes; before sees each piece first.
func (w *wire) copy(to, from net.Conn, before func([]byte)) {
	defer to.Close()
	defer from.Close()
	buf := make([]byte, 16<<10)
	for {
		n, err := from.Read(buf)
		if n > 0 {
			before(buf[:n])
			if rate := w.rate.Load(); rate > 0 {
				time.Sleep(time.Duration(n) * time.Second / time.Duration(rate))
			}
			if _, err := to.Write(buf[:n]); err != nil {
				return
			}
		}
		if err != nil {
			if err != io.EOF {
				return
			}
			return
		}
	}
}

// eventually waits for a condition.
func eventually(t *testing.T, what string, ok func() bool) {
	t.Helper()
	for range 1200 {
		if ok() {
			return
		}
		time.Sleep(25 * time.Millisecond)
	}
	t.Fatal(fmt.Sprint("it never came to this: ", what))
}
