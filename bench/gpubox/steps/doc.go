// Package steps runs commands one after another such that none costs another its results:
// each has a time limit, writes files of its own, and may hang, crash or fill the disk. What
// has ended is readable at any instant, whatever happens to the runner.
//
// The files of a step called NAME are NAME.out, NAME.err and NAME.outcome.json, in this
// order, so that a step that has an outcome has its output. A file whose name ends in
// .part is being written; every other file is whole. steps.json says how far the run is.
package steps
