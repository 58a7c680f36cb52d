package main

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
)

// viewer is the program that opens a window. It is a binary of its own, so that this one
// needs no X11.
const viewer = "leaflitter-view"

type viewCmd struct {
	Args []string `arg:"" optional:"" help:"Flags of leaflitter-view; see leaflitter view --help."`
}

// exitError is the exit code of a program that has said everything itself.
type exitError int

func (e exitError) Error() string { return fmt.Sprintf("%s ended with exit code %d", viewer, int(e)) }

// Run runs the viewer beside this binary, or on PATH.
func (v *viewCmd) Run(c *console) error {
	path, err := findViewer()
	if err != nil {
		return err
	}
	cmd := exec.CommandContext(c.ctx, path, v.Args...)
	cmd.Cancel = func() error { return cmd.Process.Signal(os.Interrupt) } // it closes its window
	cmd.Stdin, cmd.Stdout, cmd.Stderr = os.Stdin, c.out, c.err
	err = cmd.Run()
	var ended *exec.ExitError
	switch {
	case c.ctx.Err() != nil:
		return nil
	case errors.As(err, &ended) && ended.ExitCode() > 0:
		return exitError(ended.ExitCode())
	case err != nil:
		return fmt.Errorf("%s cannot be run: %w", path, cause(err))
	}
	return nil
}

func findViewer() (string, error) {
	if exe, err := os.Executable(); err == nil {
		if exe, err = filepath.EvalSymlinks(exe); err == nil {
			beside := filepath.Join(filepath.Dir(exe), viewer)
			if info, err := os.Stat(beside); err == nil && info.Mode().IsRegular() {
				return beside, nil
			}
		}
	}
	path, err := exec.LookPath(viewer)
	if err != nil {
		return "", fmt.Errorf("there is no %s beside this program or on PATH; on Linux, with a C compiler and the headers of EGL and X11 (Debian and Ubuntu: apt-get install gcc pkg-config libegl-dev libxrandr-dev libxcursor-dev libxinerama-dev libxi-dev libxxf86vm-dev), make view builds it", viewer)
	}
	return path, nil
}
