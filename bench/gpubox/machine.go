//go:build linux && cgo && egl

package main

// #include <gnu/libc-version.h>
import "C"

import (
	"context"
	"flag"
	"os"
	"os/exec"
	"regexp"
	"runtime"
	"strconv"
	"strings"
	"syscall"
	"time"

	"leaflitter/bench/gpubox/report"
)

// machine describes the machine in words: nothing that would tell it from its like.
func machine(args []string) error {
	if err := parse(flag.NewFlagSet("machine", flag.ContinueOnError), args, false); err != nil {
		return err
	}
	var m report.Machine
	m.Processor = match("/proc/cpuinfo", `(?m)^model name\s*:\s*(.+)$`)
	m.Cores = runtime.NumCPU()
	if kib, err := strconv.ParseFloat(match("/proc/meminfo", `(?m)^MemTotal:\s*(\d+) kB`), 64); err == nil {
		m.MemoryGB = kib * 1024 / 1e9
	}
	// The release may end in who built it.
	var u syscall.Utsname
	if syscall.Uname(&u) == nil {
		var release []byte
		for _, c := range u.Release {
			release = append(release, byte(c))
		}
		m.Kernel = regexp.MustCompile(`^[0-9.]*`).FindString(string(release))
	}
	m.System = match("/etc/os-release", `(?m)^PRETTY_NAME="?([^"\n]+)`)
	m.Libc = "glibc " + C.GoString(C.gnu_get_libc_version())
	ctx, cancel := context.WithTimeout(context.Background(), 15*time.Second)
	defer cancel()
	fields := []string{"name", "memory.total", "driver_version", "pcie.link.gen.current", "pcie.link.gen.max", "pcie.link.width.current", "clocks.max.sm", "power.limit"}
	out, err := exec.CommandContext(ctx, "nvidia-smi", "--format=csv,noheader", "--query-gpu="+strings.Join(fields, ",")).Output()
	if err != nil {
		m.NoGPU = "nvidia-smi tells nothing of a GPU"
		return printJSON(&m)
	}
	for _, line := range strings.Split(strings.TrimSpace(string(out)), "\n") {
		v := strings.Split(line, ", ")
		if len(v) != len(fields) {
			continue
		}
		m.GPUs = append(m.GPUs, report.GPU{Name: v[0], Memory: v[1], Driver: v[2], LinkNow: v[3], Link: v[4], Lanes: v[5], Clock: v[6], Power: v[7]})
	}
	return printJSON(&m)
}

// match returns the first group of a pattern in a file, or nothing.
func match(file, pattern string) string {
	data, err := os.ReadFile(file)
	if err != nil {
		return ""
	}
	if m := regexp.MustCompile(pattern).FindSubmatch(data); m != nil {
		return strings.TrimSpace(string(m[1]))
	}
	return ""
}
