// Package floor measures how quick any generator could be on a machine: how fast
// memory is copied, how fast finished bytes leave the device, and how fast a shader
// writes them that does nothing else.
package floor

import (
	"fmt"
	"sync"
	"time"
)

// Rates are medians of several repeats, bytes a second unless said otherwise. Those of a
// device are 0 where none was measured.
type Rates struct {
	Copy         float64 `json:"memory_copy"`                 // one core
	CopyAll      float64 `json:"memory_copy_all_cores"`       // all cores
	DeviceToHost float64 `json:"device_to_host"`              // to memory that the host keeps mapped
	HostToDevice float64 `json:"host_to_device"`              // from memory that the host keeps mapped
	Write        float64 `json:"shader_write"`                // a shader that writes pixels and reads nothing
	Delivered    float64 `json:"shader_write_to_host"`        // the same, and then to the host
	WriteMapped  float64 `json:"shader_write_mapped"`         // the same shader, straight to mapped memory of the host
	Beside       float64 `json:"copy_beside_writing"`         // to the host, while the shader writes in another context
	Clear        float64 `json:"driver_clear"`                // glClearBufferSubData
	HostRead     float64 `json:"host_read"`                   // one core copies from the memory that the device wrote
	HostWrite    float64 `json:"host_write"`                  // one core copies to the memory that the device reads
	Dispatch     float64 `json:"empty_dispatch_s"`            // seconds for a dispatch of a shader that does nothing, in a queue of them
	DispatchIdle float64 `json:"empty_dispatch_and_finish_s"` // seconds for one, waited for
}

// String lists the rates in GB/s.
func (r Rates) String() string {
	s := fmt.Sprintf("memory copy %.3g GB/s on one core, %.3g on all", r.Copy/1e9, r.CopyAll/1e9)
	if r.DeviceToHost > 0 {
		s += fmt.Sprintf("; device to host %.3g GB/s, host to device %.3g; a shader that only writes pixels %.3g GB/s, %.3g when they go to the host as well, %.3g when it writes to the host's memory itself",
			r.DeviceToHost/1e9, r.HostToDevice/1e9, r.Write/1e9, r.Delivered/1e9, r.WriteMapped/1e9)
		s += fmt.Sprintf("; the driver's clear %.3g GB/s; one core reads what came down at %.3g GB/s and writes what goes up at %.3g", r.Clear/1e9, r.HostRead/1e9, r.HostWrite/1e9)
		if r.Beside > 0 { // earlier reports have neither
			s += fmt.Sprintf("; a copy to the host while a shader writes in another context %.3g GB/s; an empty dispatch %.3g µs, %.3g when it is waited for", r.Beside/1e9, r.Dispatch*1e6, r.DispatchIdle*1e6)
		}
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
