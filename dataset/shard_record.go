package dataset

import (
	"context"
	"encoding/json"
	"fmt"
	"io/fs"
	"slices"
	"strconv"
	"strings"

	"leaflitter/store"
)

// recordFolder holds the records of finished shards.
const recordFolder = ".leaflitter/"

// shardRecord says that a shard is finished, and what its files are.
type shardRecord struct {
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

func (r *shardRecord) write(ctx context.Context, st store.Store) error {
	text, err := marshal(r, "  ")
	if err != nil {
		return err
	}
	return st.Put(ctx, recordFolder+recordName(r.Shard), append(text, '\n'))
}

// readRecord returns the record of a shard; an error that wraps fs.ErrNotExist says
// that it is not finished.
func readRecord(ctx context.Context, st store.Store, number uint64) (r shardRecord, err error) {
	name := recordFolder + recordName(number)
	data, err := readRange(ctx, st, name, 0, -1)
	if err != nil {
		return r, err
	}
	err = json.Unmarshal(data, &r)
	// A name that leads out of the dataset is nothing that we wrote.
	outside := slices.ContainsFunc(r.Files, func(l listed) bool { return !fs.ValidPath(l.Name) || l.Name == "." })
	if err != nil || len(r.Files) == 0 || outside {
		return r, fmt.Errorf("%s of %s is damaged: remove it and run the job again", name, st)
	}
	return r, nil
}
