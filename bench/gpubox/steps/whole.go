package steps

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"sync"
	"syscall"
)

// WriteWhole writes a file such that whoever looks sees the old one or the new one.
func WriteWhole(path string, data []byte) error {
	p := create(path)
	p.Write(data)
	return p.finish()
}

// mostOutput is how much a step may write to one file: what comes back from a lent machine
// is bounded.
const mostOutput = 8 << 20

// part is a file that gets its name when it is finished. Writing to it always succeeds, so
// that a full disk does not stop who writes; finish tells.
type part struct {
	mu    sync.Mutex
	path  string
	file  *os.File
	size  int
	limit int // 0: none
	err   error
}

func create(path string) *part {
	p := &part{path: path}
	p.file, p.err = os.Create(path + ".part")
	return p
}

// Write implements io.Writer.
func (p *part) Write(b []byte) (int, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	n := len(b)
	if p.limit > 0 && p.size+n > p.limit {
		b = b[:max(0, p.limit-p.size)]
	}
	p.size += n
	if p.err == nil && len(b) > 0 {
		if _, p.err = p.file.Write(b); p.err != nil {
			p.drop()
		}
	}
	return n, nil
}

// drop gives the room back.
func (p *part) drop() {
	if p.file != nil {
		p.file.Close()
		p.file = nil
	}
	os.Remove(p.path + ".part")
}

// finish gives the file its name, or removes it and says why. What is written later is lost.
func (p *part) finish() error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.err == nil && p.limit > 0 && p.size > p.limit {
		_, p.err = fmt.Fprintf(p.file, "\n[cut: %d bytes more]\n", p.size-p.limit)
	}
	if p.err == nil {
		p.err = p.file.Sync()
	}
	if p.err == nil {
		p.err = p.file.Close()
		p.file = nil
	}
	if p.err == nil {
		p.err = os.Rename(p.path+".part", p.path)
	}
	err := p.err
	if err != nil {
		p.drop()
	}
	p.err = fs.ErrClosed
	return Reason(err)
}

// Reason leaves out the path of a failure, which names the machine's directories.
func Reason(err error) error {
	switch {
	case errors.Is(err, syscall.ENOSPC) || errors.Is(err, syscall.EDQUOT):
		return errors.New("the disk is full")
	case errors.Is(err, syscall.EFBIG):
		return errors.New("the file-size limit is reached")
	}
	if e := (*exec.Error)(nil); errors.As(err, &e) && errors.Is(err, exec.ErrNotFound) {
		return fmt.Errorf("there is no %s on this machine; install it, or add its directory to PATH", e.Name)
	}
	if e := (*os.LinkError)(nil); errors.As(err, &e) {
		return fmt.Errorf("%s: %w", e.Op, e.Err)
	}
	if e := (*fs.PathError)(nil); errors.As(err, &e) {
		return fmt.Errorf("%s: %w", e.Op, e.Err)
	}
	return err
}
