package dataset

import (
	"bufio"
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"io"
	"os"
	"slices"
)

// The journal of a running job is append-only text. Its first line is the
// record as JSON; a record may follow again with a larger count. Every other
// line is one finished sample: the SHA-256 and the name of each of its files,
// separated by spaces. A line is written by one call after its files are in
// place, so a killed job leaves at most a torn last line, which is dropped.

// scanJournal reads the journal, calling entry for each sample, and returns its
// last record (nil if it has none), how many lines make no sense, and the length of
// the part that ends with a newline.
func scanJournal(f io.Reader, entry func(index uint64, names []string, sums [][sha256.Size]byte) error) (last *record, bad int, whole int64, err error) {
	b := bufio.NewReaderSize(f, 1<<16)
	for {
		line, err := b.ReadBytes('\n')
		if errors.Is(err, io.EOF) {
			return last, bad, whole, nil // line is empty or torn
		}
		if err != nil {
			return last, bad, whole, err
		}
		whole += int64(len(line))
		if line[0] == '{' {
			var r record
			if json.Unmarshal(line, &r) == nil && r.check() == nil {
				last = &r
			} else {
				bad++
			}
			continue
		}
		index, names, sums, ok := parseEntry(line)
		if !ok || last == nil {
			bad++
			continue
		}
		if entry != nil {
			if err := entry(index, names, sums); err != nil {
				return last, bad, whole, err
			}
		}
	}
}

// parseEntry parses a sample's line; names are kinds.
func parseEntry(line []byte) (index uint64, names []string, sums [][sha256.Size]byte, ok bool) {
	fields := bytes.Fields(line)
	if len(fields) == 0 || len(fields)%2 != 0 {
		return 0, nil, nil, false
	}
	for i := 0; i < len(fields); i += 2 {
		sum, ok := parseSum(string(fields[i]))
		n, kind, named := parseName(string(fields[i+1]))
		if !ok || !named || (i > 0 && n != index) {
			return 0, nil, nil, false
		}
		index, names, sums = n, append(names, kind), append(sums, sum)
	}
	return index, names, sums, true
}

func parseSum(text string) (sum [sha256.Size]byte, ok bool) {
	if len(text) != 2*len(sum) {
		return sum, false
	}
	_, err := hex.Decode(sum[:], []byte(text))
	return sum, err == nil
}

// appendEntry appends the line of a sample.
func appendEntry(line []byte, s Sample) []byte {
	for i, f := range s.Files {
		if i > 0 {
			line = append(line, ' ')
		}
		line = hex.AppendEncode(line, f.Sum[:])
		line = append(append(line, ' '), fileName(s.Index, f.Kind)...)
	}
	return append(line, '\n')
}

// sumTable keeps the state and the checksums of each sample by its position in
// the job: a temporary file of fixed-size rows, so that memory stays the same
// whatever the count, and so that the manifest can list files in order although
// they were finished in another.
type sumTable struct {
	f    *os.File
	path string // to remove at the end, where an open file cannot be removed
	n    int    // files a sample
	row  int    // bytes a row

	// The rows last read by at.
	buf   []byte
	first uint64
	rows  uint64
	sums  [][sha256.Size]byte
}

const (
	sumNone    = 0 // nothing is known of the sample
	sumWhole   = 1 // its files are in place
	sumDamaged = 2 // its checksums are known, but its files are damaged or missing
)

func newSumTable(path string, files int) (*sumTable, error) {
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE|os.O_TRUNC, 0o666)
	if err != nil {
		return nil, err
	}
	t := &sumTable{f: f, path: path, n: files, row: 1 + files*sha256.Size}
	if os.Remove(path) == nil {
		t.path = ""
	}
	return t, nil
}

// set stores row i. It may be called from several goroutines at once.
func (t *sumTable) set(i uint64, state byte, sums [][sha256.Size]byte) error {
	row := make([]byte, 1, t.row)
	row[0] = state
	for _, s := range sums {
		row = append(row, s[:]...)
	}
	_, err := t.f.WriteAt(row, int64(i)*int64(t.row))
	return err
}

// mark changes the state of row i, from any goroutine.
func (t *sumTable) mark(i uint64, state byte) error {
	_, err := t.f.WriteAt([]byte{state}, int64(i)*int64(t.row))
	return err
}

// get reads row i, from any goroutine.
func (t *sumTable) get(i uint64) (state byte, sums [][sha256.Size]byte, err error) {
	row := make([]byte, t.row)
	if _, err := t.f.ReadAt(row, int64(i)*int64(t.row)); err != nil && !errors.Is(err, io.EOF) {
		return 0, nil, err
	}
	return row[0], t.split(row, make([][sha256.Size]byte, 0, t.n)), nil
}

func (t *sumTable) split(row []byte, sums [][sha256.Size]byte) [][sha256.Size]byte {
	for chunk := range slices.Chunk(row[1:], sha256.Size) {
		sums = append(sums, [sha256.Size]byte(chunk))
	}
	return sums
}

// at reads row i, ahead in large pieces: for one goroutine that reads in order
// what no other is writing. The sums are valid until the next call.
func (t *sumTable) at(i uint64) (state byte, sums [][sha256.Size]byte, err error) {
	if i < t.first || i-t.first >= t.rows {
		t.first, t.rows = i, 512
		if t.buf == nil {
			t.buf = make([]byte, int(t.rows)*t.row)
		}
		n, err := t.f.ReadAt(t.buf, int64(i)*int64(t.row))
		if err != nil && !errors.Is(err, io.EOF) {
			return 0, nil, err
		}
		clear(t.buf[n:])
	}
	row := t.buf[int(i-t.first)*t.row:][:t.row]
	t.sums = t.split(row, t.sums[:0])
	return row[0], t.sums, nil
}

// rewind forgets what at read ahead.
func (t *sumTable) rewind() { t.rows = 0 }

func (t *sumTable) close() {
	t.f.Close()
	if t.path != "" {
		os.Remove(t.path)
	}
}
