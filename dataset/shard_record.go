package dataset

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"slices"
	"strconv"
	"strings"

	"leaflitter/store"
)

// recordFolder holds the records of finished shards.
const recordFolder = ".leaflitter/"

// shardRecord says that a shard is finished, and what its files are.
type shardRecord struct {
	Job   string   `json:"job"` // identity of the job that made it
	Shard uint64   `json:"shard"`
	First uint64   `json:"first"` // image
	Count uint64   `json:"count"`
	Files []listed `json:"files"`
}

func recordName(number uint64) string { return shardFile("", number, "json") }

// recordNumber undoes the name of a record in the store.
func recordNumber(name string) (uint64, bool) {
	rest, ok := strings.CutPrefix(name, recordFolder)
	digits, ok2 := strings.CutSuffix(rest, ".json")
	n, err := strconv.ParseUint(digits, 10, 64)
	return n, ok && ok2 && err == nil && recordName(n) == rest
}

// identity names what the bytes of a dataset depend on. Records carry it, so that one
// of another job, begun at the same instant with other settings, is not believed.
func (r shardsRecord) identity() string {
	flat := r.flat()
	h := sha256.New()
	for _, key := range slices.Sorted(maps.Keys(flat)) {
		fmt.Fprintf(h, "%s=%s\n", key, flat[key])
	}
	return hex.EncodeToString(h.Sum(nil)[:16])
}

// writeDurably writes a small file that vouches for others: it reaches the disk before it
// has its name.
func writeDurably(ctx context.Context, st store.Store, name string, v any) error {
	text, err := marshal(v, "  ")
	if err != nil {
		return err
	}
	w, err := st.Create(ctx, name)
	if err != nil {
		return err
	}
	defer w.Abort()
	if _, err := w.Write(append(text, '\n')); err != nil {
		return err
	}
	return w.Commit()
}

// records reads the records of a dataset.
type records struct {
	job   *ShardJob
	form  shardFormat
	store store.Store
	id    string
}

// errRecord says that a record is there and says nothing that can be believed: a crash of
// the machine tore it, or another job or hand made it.
var errRecord = errors.New("it is damaged, or of another dataset")

// read returns the record of a shard. The error wraps fs.ErrNotExist if there is none, and
// errRecord if it is not the record that the shard must have, of the files it must have.
func (rs *records) read(ctx context.Context, s shard) (r shardRecord, err error) {
	name := recordFolder + recordName(s.number)
	data, err := readRange(ctx, rs.store, name, 0, -1)
	if err != nil {
		return r, err
	}
	if json.Unmarshal(data, &r) != nil || r.Job != rs.id || r.Shard != s.number || r.First != s.first || r.Count != s.count ||
		!slices.EqualFunc(r.Files, rs.form.names(s), func(l listed, name string) bool { return l.Name == name }) {
		return r, fmt.Errorf("%s of %s: %w", name, rs.store, errRecord)
	}
	return r, nil
}

// unfinished reports whether an error of read says that the shard is to be made.
func unfinished(err error) bool { return errors.Is(err, fs.ErrNotExist) || errors.Is(err, errRecord) }
