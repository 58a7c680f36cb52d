// Package floor measures how quick any generator could be on a machine: how fast
// memory is copied, how fast finished bytes leave the device, and how fast a shader
// writes them that does nothing else.
package floor

import (
	"fmt"
	"sync"
	"time"
)

// Rates are medians of several repeats, bytes a second. Those of a device are 0 where
// none was measured.
type Rates struct {
	Copy         float64 `json:"memory_copy"`           // one core
	CopyAll      float64 `json:"memory_copy_all_cores"` // all cores
	DeviceToHost float64 `json:"device_to_host"`        // to memory that the host keeps mapped
	Write        float64 `json:"shader_write"`          // a shader that writes pixels and reads nothing
	Delivered    float64 `json:"shader_write_to_host"`  // the same, and then to the host
}

// String lists the rates in GB/s.
func (r Rates) String() string {
	s := fmt.Sprintf("memory copy %.3g GB/s on one core, %.3g on all", r.Copy/1e9, r.CopyAll/1e9)
	if r.DeviceToHost > 0 {
		s += fmt.Sprintf("; device to host %.3g GB/s; a shader that only writes pixels %.3g GB/s, %.3g when they go to the host as well", r.DeviceToHost/1e9, r.Write/1e9, r.Delivered/1e9)
	}
	return s
}

// size is how much a measurement moves at once: more than caches hold.
const size = 64 << 20

// Host measures the rates of memory with so many threads.
func Host(threads, repeats int) Rates {
	measure := func(n int) float64 {
		from, to := make([][]byte, n), make([][]byte, n)
		for i := range n {
			from[i], to[i] = make([]byte, size), make([]byte, size)
			copy(from[i], to[i]) // touch every page
		}
		return median(repeats, func() float64 {
			start := time.Now()
			var wg sync.WaitGroup
			for i := range n {
				wg.Go(func() { copy(to[i], from[i]) })
			}
			wg.Wait()
			return float64(n) * size / time.Since(start).Seconds()
		})
	}
	return Rates{Copy: measure(1), CopyAll: measure(threads)}
}
