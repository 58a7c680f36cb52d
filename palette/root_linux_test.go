package palette

import (
	"runtime"
	"syscall"
)

// withoutRoot runs fn with no more rights to files than any user has, also for root: the
// file-system identity belongs to the thread. It reports false if fn was not run.
func withoutRoot(fn func()) bool {
	if syscall.Geteuid() == 0 {
		const nobody = 65534
		runtime.LockOSThread()
		defer runtime.UnlockOSThread()
		if syscall.Setfsuid(nobody) != nil {
			return false
		}
		defer syscall.Setfsuid(0)
	}
	fn()
	return true
}
