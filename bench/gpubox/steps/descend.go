//go:build linux

package steps

import (
	"bytes"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"syscall"
	"time"
)

// adopt makes this process the parent of what its commands leave behind, a session of its own
// or not, so that sweep finds it.
func adopt() {
	const setChildSubreaper = 36
	syscall.RawSyscall(syscall.SYS_PRCTL, setChildSubreaper, 1, 0)
}

// sweep kills every process that descends from this one and did not before, and waits for its
// end as long as a killed process may take to die: what a step left, a generator in a session
// of its own, would hold the device. except is a command that cannot be killed, which somebody
// else waits for.
func sweep(before []int, except int) {
	for end := time.Now().Add(patience); time.Now().Before(end); time.Sleep(5 * time.Millisecond) {
		alive := 0
		for _, pid := range descendants() {
			if pid == except || slices.Contains(before, pid) {
				continue
			}
			syscall.Kill(pid, syscall.SIGKILL)
			if reaped, _ := syscall.Wait4(pid, nil, syscall.WNOHANG, nil); reaped != pid {
				alive++
			}
		}
		if alive == 0 {
			return
		}
	}
}

// descendants lists the processes that descend from this one.
func descendants() (found []int) {
	parents := map[int]int{}
	names, _ := filepath.Glob("/proc/[0-9]*/stat")
	for _, name := range names {
		data, err := os.ReadFile(name)
		if err != nil {
			continue // it ended
		}
		// PID (NAME) STATE PARENT; the name may hold anything.
		fields := bytes.Fields(data[bytes.LastIndexByte(data, ')')+1:])
		pid, err := strconv.Atoi(filepath.Base(filepath.Dir(name)))
		if err != nil || len(fields) < 2 {
			continue
		}
		if parent, err := strconv.Atoi(string(fields[1])); err == nil {
			parents[pid] = parent
		}
	}
	of := []int{os.Getpid()}
	for len(of) > 0 {
		var children []int
		for pid, parent := range parents {
			if slices.Contains(of, parent) {
				children = append(children, pid)
			}
		}
		found = append(found, children...)
		of = children
	}
	return found
}
