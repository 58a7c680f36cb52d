// Command peers measures leaflitter against our own small ports of the algorithms that
// people would otherwise run, in one run, on the same leaves and pixels: the painter's
// loop in NumPy, and a compute shader in which each pixel walks all disks until one
// holds it. Both are written from the papers' descriptions. Every peer must give
// leaflitter's leaf for every pixel, or the run fails.
package main
