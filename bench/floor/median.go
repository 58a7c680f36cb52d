package floor

import "slices"

// Median returns the median of sorted values: of an even number, the mean of the middle two.
func Median(sorted []float64) float64 {
	n := len(sorted)
	return (sorted[(n-1)/2] + sorted[n/2]) / 2
}

// median runs f once to warm up and then so many times.
func median(repeats int, f func() float64) float64 {
	f()
	var all []float64
	for range repeats {
		all = append(all, f())
	}
	slices.Sort(all)
	return Median(all)
}
