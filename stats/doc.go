// Package stats measures the statistics by which natural images are known (power
// spectrum, derivatives and wavelets, neighbours, colour, object sizes, local entropy,
// blur) on datasets and on photographs, and the distances between two sets of images.
//
// Every definition is in docs/statistics.md, precise enough for an independent
// implementation; testdata/independent.py is one.
//
// What is counted is counted in integers. What is not (spectra, means) is summed image
// by image in the order of the images. So a result depends on the images alone, not on
// threads. Memory is that of a few images for each thread.
package stats
