package floor

import "slices"

// median runs f once to warm up and then so many times.
func median(repeats int, f func() float64) float64 {
	f()
	var all []float64
	for range repeats {
		all = append(all, f())
	}
	slices.Sort(all)
	return all[len(all)/2]
}
