//go:build !linux

package palette

import "os"

// withoutRoot runs fn unless this is root. It reports false if fn was not run.
func withoutRoot(fn func()) bool {
	if os.Geteuid() == 0 {
		return false
	}
	fn()
	return true
}
