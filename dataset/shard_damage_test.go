package dataset

import (
	"context"
	"errors"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"leaflitter/render"
	"leaflitter/store"
)

func verified(t *testing.T, dir string) ShardReport {
	t.Helper()
	e, err := OpenExisting(context.Background(), store.Dir(dir))
	if err != nil {
		t.Fatal(err)
	}
	r, err := e.Verify(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func edit(t *testing.T, path string, change func(string) string) {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	changed := change(string(data))
	if changed == string(data) {
		t.Fatalf("%s was not changed", path)
	}
	if err := os.WriteFile(path, []byte(changed), 0o666); err != nil {
		t.Fatal(err)
	}
}

// fails is a store whose files cannot be committed from a name on.
type fails struct {
	store.Store
	name string
}

type failing struct{ store.Writer }

var errFull = errors.New("the disk is full")

func (failing) Commit() error { return errFull }

func (f fails) Create(ctx context.Context, name string) (store.Writer, error) {
	w, err := f.Store.Create(ctx, name)
	if err == nil && name == f.name {
		return failing{w}, nil
	}
	return w, err
}

// A shard that is being repaired is not whole because its record is there: what keeps it
// from being repaired is an error.
func TestRepairFails(t *testing.T) {
	for _, format := range []string{"webdataset", "npy", "hdf5"} {
		dir := t.TempDir()
		job := shardJob(store.Dir(dir), format, 20, 5)
		mustShards(t, job)
		want := treeOf(t, dir)
		name := map[string]string{"webdataset": "000001.tar", "npy": "000001.npy", "hdf5": "000001.h5"}[format]
		flip := func(s string) string { return s[:1000] + string(s[1000]^1) + s[1001:] }
		edit(t, filepath.Join(dir, name), flip)
		job.Resume = true
		full := job
		full.Store = fails{job.Store, name}
		if _, err := GenerateShards(context.Background(), full); !errors.Is(err, errFull) {
			t.Errorf("%s: %v", format, err)
		}
		if r := verified(t, dir); r.OK() || r.Damaged != 1 {
			t.Errorf("%s: %+v", format, r)
		}
		// A checksum that no file can have.
		record := filepath.Join(dir, recordFolder, "000001.json")
		hex := func(s string) string {
			i := strings.Index(s, `"sha256": "`) + len(`"sha256": "`)
			return s[:i] + strings.Repeat("0", 64) + s[i+64:]
		}
		edit(t, record, hex)
		_, err := GenerateShards(context.Background(), job)
		wantError(t, err, "made again, it is not the file whose SHA-256 was recorded", "--overwrite")
		os.WriteFile(record, []byte(want[recordFolder+"000001.json"]), 0o666)
		if r := mustShards(t, job); r.Damaged != 1 || r.Made != 1 {
			t.Errorf("%s: %+v", format, r)
		}
		sameFiles(t, format, treeOf(t, dir), want)
	}
}

// A record that is torn, of another shard or job, or of other files than a shard has is
// not believed: the shard is made again, and nothing outside the dataset is read.
func TestRecordsNotBelieved(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "d")
	job := shardJob(store.Dir(dir), "npy", 20, 5)
	mustShards(t, job)
	want := treeOf(t, dir)
	write(t, filepath.Dir(dir), "secret", "secret")
	path := filepath.Join(dir, recordFolder, "000001.json")
	for name, change := range map[string]func(string) string{
		"empty":              func(string) string { return "" },
		"torn":               func(s string) string { return s[:len(s)/2] },
		"of another shard":   func(string) string { return want[recordFolder+"000002.json"] },
		"of another job":     func(s string) string { return strings.Replace(s, `"job": "`, `"job": "0`, 1) },
		"of a file outside":  func(s string) string { return strings.Replace(s, "000001.npy", "../secret", 1) },
		"of a file too few":  func(s string) string { return s[:strings.Index(s, "},")] + "}]}" },
		"of another's files": func(s string) string { return strings.ReplaceAll(s, "000001.npy", "000002.npy") },
	} {
		for _, resume := range []bool{true, false} {
			edit(t, path, change)
			os.Remove(filepath.Join(dir, "000001.npy"))
			if r := verified(t, dir); r.OK() || r.Finished != 3 || len(r.Names) != 1 || r.Names[0] != recordFolder+"000001.json" {
				t.Errorf("%s: %+v", name, r)
			}
			j := job
			j.Resume = resume
			if !resume {
				j.Tasks = 1
			}
			if r := mustShards(t, j); r.Made != 1 || r.Found != 3 {
				t.Errorf("%s: %+v", name, r)
			}
			sameFiles(t, name, treeOf(t, dir), want)
		}
	}
}

// --overwrite keeps, and refuses to write over, what the old dataset cannot have.
func TestOverwriteSpares(t *testing.T) {
	for _, c := range []struct {
		name    string
		refused bool
	}{
		{"20240101.tar", false},
		{"000000.png", false},
		{".leaflitter/000077.json", false},
		{"000000.npy", true},
		{"id/000001.npy", true},
	} {
		dir := t.TempDir()
		mustShards(t, shardJob(store.Dir(dir), "webdataset", 10, 5))
		os.MkdirAll(filepath.Dir(filepath.Join(dir, c.name)), 0o777)
		write(t, dir, c.name, "mine")
		before := treeOf(t, dir)
		j := shardJob(store.Dir(dir), "npy", 10, 5)
		j.Overwrite = true
		_, err := GenerateShards(context.Background(), j)
		if c.refused {
			wantError(t, err, c.name, "in the way")
			sameFiles(t, c.name, treeOf(t, dir), before)
			continue
		}
		if got := treeOf(t, dir); err != nil || got[c.name] != "mine" || got["000000.tar"] != "" {
			t.Errorf("%s: %v", c.name, err)
		}
	}
	// A label that the dataset does not have is somebody else's.
	dir := t.TempDir()
	j := shardJob(store.Dir(dir), "png", 10, 5)
	mustShards(t, j)
	write(t, dir, "000001.edge.png", "mine")
	j.Overwrite = true
	mustShards(t, j)
	if treeOf(t, dir)["000001.edge.png"] != "mine" {
		t.Error("a file that is no label of the dataset is gone")
	}
}

// meta_info.txt is what it must be, or refused, or mended.
func TestMetaInfo(t *testing.T) {
	basicsr := func(dir string) ShardJob {
		j := shardJob(store.Dir(dir), "png", 10, 5)
		j.Layout = "basicsr"
		return j
	}
	want := filepath.Join(t.TempDir(), "want")
	mustShards(t, basicsr(want))
	dir := t.TempDir()
	write(t, dir, "meta_info.txt", "mine")
	_, err := GenerateShards(context.Background(), basicsr(dir))
	wantError(t, err, "meta_info.txt", "in the way")
	// What a killed job of the same settings left is taken over.
	write(t, dir, "meta_info.txt", treeOf(t, want)["meta_info.txt"])
	mustShards(t, basicsr(dir))
	for _, text := range []string{"", "000000000.png (1,1,3)\n"} {
		write(t, dir, "meta_info.txt", text)
		if r := verified(t, dir); r.OK() || len(r.Names) != 1 || r.Names[0] != "meta_info.txt" {
			t.Errorf("%+v", r)
		}
		j := basicsr(dir)
		j.Resume = true
		mustShards(t, j)
		sameFiles(t, "mended", treeOf(t, dir), treeOf(t, want))
	}
}

// Of two jobs with other settings that begin in one place at the same instant, at most one
// goes on.
func TestTwoSettings(t *testing.T) {
	dir := t.TempDir()
	other := shardJob(store.Dir(dir), "npy", 10, 5)
	other.Header.Seed, other.Tasks = 2, 1
	record, err := other.record()
	if err != nil {
		t.Fatal(err)
	}
	other.defaults()
	record, _ = other.record()
	j := shardJob(overwritten{store.Dir(dir), func() {
		if err := writeDurably(context.Background(), store.Dir(dir), manifestName, record); err != nil {
			t.Error(err)
		}
	}}, "npy", 10, 5)
	_, err = GenerateShards(context.Background(), j)
	wantError(t, err, "another process has just begun a dataset of other settings")
}

// overwritten is a store in which another process writes just after the manifest.
type overwritten struct {
	store.Store
	after func()
}

type committed struct {
	store.Writer
	after func()
}

func (c committed) Commit() error { err := c.Writer.Commit(); c.after(); return err }

func (o overwritten) Create(ctx context.Context, name string) (store.Writer, error) {
	w, err := o.Store.Create(ctx, name)
	if name == manifestName && err == nil {
		w = committed{w, o.after}
	}
	return w, err
}

// A manifest that says what is impossible is refused at once.
func TestHostileManifest(t *testing.T) {
	for _, change := range [][2]string{
		{`"count": 10`, `"count": 4611686018427387904`},
		{`"shard_size": 5`, `"shard_size": 0`},
		{`"shards": 2`, `"shards": 3`},
		{`"start": 0`, `"start": 18446744073709551615`},
		{`"channels": 3`, `"channels": 99999999999`},
	} {
		dir := t.TempDir()
		mustShards(t, shardJob(store.Dir(dir), "npy", 10, 5))
		edit(t, filepath.Join(dir, manifestName), func(s string) string { return strings.Replace(s, change[0], change[1], 1) })
		_, err := OpenExisting(context.Background(), store.Dir(dir))
		if err == nil || strings.Contains(err.Error(), "\n") {
			t.Errorf("%s: %v", change[1], err)
		}
	}
}

// A folder's --png-level is known when it is resumed and made again.
func TestFolderLevel(t *testing.T) {
	dir := t.TempDir()
	j := testJob(dir, 5, render.Labels{})
	j.Level = Level(9)
	mustGenerate(t, j)
	j.Resume = true
	if r := mustGenerate(t, j); !r.Complete {
		t.Errorf("%+v", r)
	}
	e, err := OpenExisting(context.Background(), store.Dir(dir))
	if err != nil {
		t.Fatal(err)
	}
	if sampled, differ, err := e.Sample(context.Background(), fake{}, j.NewImage, 2, 5, rand.New(rand.NewPCG(1, 1))); sampled != 5 || len(differ) > 0 || err != nil {
		t.Errorf("%d, %v, %v", sampled, differ, err)
	}
}
