//go:build linux

package steps

import (
	"errors"
	"fmt"
	"os/exec"
	"syscall"
	"time"
)

// alone makes the command a process group of its own, which dies with the caller's thread.
func alone(cmd *exec.Cmd) {
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL}
	cmd.WaitDelay = 2 * time.Second // for processes of it that outlive it and hold its output
}

// kill ends every process of a started command's group.
func kill(cmd *exec.Cmd) { syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) }

// patience is how long a killed process may take to die; one that waits in a driver may
// never do so.
const patience = 5 * time.Second

// wait waits for the command's end and returns it. The command is killed when stop fires,
// and left alone when it does not even die of that.
func wait(cmd *exec.Cmd, stop <-chan struct{}) (err error, killed bool) {
	ended := make(chan error, 1)
	go func() { ended <- cmd.Wait() }()
	select {
	case err = <-ended:
	case <-stop:
		killed = true
		kill(cmd)
		select {
		case err = <-ended:
		case <-time.After(patience):
			return fmt.Errorf("it cannot be killed"), true
		}
	}
	kill(cmd) // what it started and did not wait for
	if errors.Is(err, exec.ErrWaitDelay) {
		err = nil // such a process held its output
	}
	return err, killed
}
