// Package fit searches configurations for the one whose images are nearest to photographs.
//
// A Space is the numbers that vary, a Maker makes the images of a candidate, an Objective says how far they
// are from the photographs of one half, and Search walks with CMA-ES, writing every figure to a
// Journal, from which an interrupted search goes on. Judge measures the outcome on the other half.
//
// The random numbers are the same for every candidate, so a figure depends on the
// configuration alone: not on threads, nor on when the search was interrupted.
package fit
