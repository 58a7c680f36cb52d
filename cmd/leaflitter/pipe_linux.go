package main

import (
	"os"
	"syscall"
)

// widenPipe asks for a pipe of 1 MiB instead of 64 KiB, so that writer and reader
// switch less often. Where the system refuses (no pipe, or the user's pipes hold too
// much already) the bytes are the same.
func widenPipe(f *os.File) {
	const fSetPipeSize = 1031 // F_SETPIPE_SZ
	_, _, _ = syscall.Syscall(syscall.SYS_FCNTL, f.Fd(), fSetPipeSize, 1<<20)
}
