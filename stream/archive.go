package stream

import (
	"bufio"
	"encoding/binary"
	"fmt"
	"io"

	"leaflitter/dataset"
)

// archive writes batches as members of a tar archive.
type archive struct {
	out   *bufio.Writer // gathers small pieces; pixels pass through
	piece []byte        // bytes of numbers wider than one, a piece at a time
}

const pieceBytes = 64 << 10

func newArchive(out io.Writer) *archive {
	return &archive{out: bufio.NewWriterSize(out, pieceBytes), piece: make([]byte, 0, pieceBytes)}
}

// put writes the members of one batch and flushes.
func (a *archive) put(job *Job, b *batch) error {
	n, area := len(b.indices), job.Width*job.Height
	name := fmt.Sprintf("%09d", b.key)
	err := a.member(name+".npy", "|u1", 1, func() { a.out.Write(b.pix[:n*area*job.Channels]) }, n, job.Height, job.Width, job.Channels)
	label := func(selected bool, kind, descr string, size int, write func()) {
		if selected && err == nil {
			err = a.member(name+"."+kind+".npy", descr, size, write, n, job.Height, job.Width)
		}
	}
	label(job.Labels.ID, "id", "<u4", 4, func() { wide(a, b.id[:n*area], 4, binary.LittleEndian.AppendUint32) })
	label(job.Labels.Layer, "layer", "|u1", 1, func() { a.out.Write(b.layer[:n*area]) })
	label(job.Labels.Depth, "depth", "<u2", 2, func() { wide(a, b.depth[:n*area], 2, binary.LittleEndian.AppendUint16) })
	label(job.Labels.Edge, "edge", "|u1", 1, func() { a.out.Write(b.edge[:n*area]) })
	if err != nil {
		return err
	}
	return a.out.Flush() // reports the first error of all writes
}

// member writes one .npy file, whose numbers of size bytes each write writes.
func (a *archive) member(name, descr string, size int, write func(), shape ...int) error {
	npy := dataset.AppendNPYHeader(nil, descr, shape...)
	total := int64(size)
	for _, n := range shape {
		total *= int64(n)
	}
	total += int64(len(npy))
	header, err := dataset.AppendTarHeader(nil, name, total)
	if err != nil {
		return err
	}
	a.out.Write(header)
	a.out.Write(npy)
	write()
	a.out.Write(dataset.TarPadding(total))
	return nil
}

// wide writes numbers of more than a byte.
func wide[T any](a *archive, data []T, size int, put func([]byte, T) []byte) {
	for len(data) > 0 {
		n := min(len(data), cap(a.piece)/size)
		a.piece = a.piece[:0]
		for _, v := range data[:n] {
			a.piece = put(a.piece, v)
		}
		a.out.Write(a.piece)
		data = data[n:]
	}
}

// end marks the end of the archive.
func (a *archive) end() error {
	a.out.Write(dataset.TarEnd())
	return a.out.Flush()
}
