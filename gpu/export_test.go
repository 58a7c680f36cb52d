//go:build linux && cgo && egl

package gpu

// Probed returns how many probes have run in this process.
func Probed() int { return int(probes.Load()) }

// ForgetProbes makes the next start look into the cache, as a new process does.
func ForgetProbes() { trusted.Clear() }
