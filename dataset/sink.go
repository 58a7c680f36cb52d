// Package dataset turns rendered images into files: a PNG encoder, sinks, the
// manifest, and jobs that can be killed at any instant and resumed to the same
// bytes. It knows images by index and no leaves.
package dataset

import (
	"bytes"
	"context"
	"crypto/sha256"
	"slices"
)

// File is one encoded file of a sample.
type File struct {
	Kind string            // what follows the index and a dot in its name: "png", "id.png", "json", ...
	Data []byte            // the bytes, borrowed: valid until Put returns
	Sum  [sha256.Size]byte // SHA-256 of Data, where the sink keeps one of each file
}

// Sample is one finished image with its labels. Its files are in the order
// image (or gt, lq), id, layer, depth, edge, JSON.
type Sample struct {
	Index uint64
	Files []File
}

// clone is s with bytes of its own.
func (s Sample) clone() Sample {
	s.Files = slices.Clone(s.Files)
	for i := range s.Files {
		s.Files[i].Data = bytes.Clone(s.Files[i].Data)
	}
	return s
}

// Sink is where finished samples go: a folder, shards, a store.
//
// A job asks Missing for one index after another, ascending, puts those samples
// from several goroutines in an order that is only roughly ascending (no further
// off than the images in flight), calls Finish if all went well, and Close always.
// A sink that needs them in order holds the few that are early, and may let Missing
// wait until there are fewer; it must not let Put wait for another Put.
type Sink interface {
	// Missing returns the first index from i on that the sink does not yet hold
	// whole; false if it holds all from there to the end of the job.
	Missing(ctx context.Context, i uint64) (uint64, bool, error)
	// Put stores a sample, whole or not at all.
	Put(context.Context, Sample) error
	// Finish makes the dataset complete, once every sample is in.
	Finish(context.Context) error
	// Close frees the sink. Samples put before stay for a later job to resume.
	Close() error
}
