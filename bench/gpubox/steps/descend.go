//go:build linux

package steps

import (
	"bytes"
	"os"
	"path/filepath"
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

// sweep kills every process that descends from this one, and waits for its end as long as a
// killed process may take to die: what a step left, a generator in a session of its own, would
// hold the device. except is a command that cannot be killed, which somebody else waits for.
func sweep(except int) {
	for end := time.Now().Add(patience); time.Now().Before(end); time.Sleep(5 * time.Millisecond) {
		left := descendants(os.Getpid())
		alive := 0
		for _, p := range left {
			if p.pid == except {
				continue
			}
			syscall.Kill(p.pid, syscall.SIGKILL)
			if pid, _ := syscall.Wait4(p.pid, nil, syscall.WNOHANG, nil); pid != p.pid {
				alive++
			}
		}
		if alive == 0 {
			return
		}
	}
}

type process struct{ pid, parent int }

// descendants lists the processes that descend from one.
func descendants(of int) (found []process) {
	var all []process
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
		parent, err := strconv.Atoi(string(fields[1]))
		if err == nil {
			all = append(all, process{pid, parent})
		}
	}
	from := map[int]bool{of: true}
	for grown := true; grown; {
		grown = false
		for _, p := range all {
			if from[p.parent] && !from[p.pid] {
				from[p.pid], grown = true, true
				found = append(found, p)
			}
		}
	}
	return found
}
