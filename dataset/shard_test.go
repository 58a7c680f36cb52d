package dataset

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"leaflitter/degrade"
	"leaflitter/render"
	"leaflitter/scene"
	"leaflitter/store"
)

// shardJob is a sharded job of small images.
func shardJob(st store.Store, format string, count, size uint64) ShardJob {
	j := ShardJob{Job: testJob("", count, render.Labels{ID: true, Depth: true}), Store: st, Format: format, ShardSize: size}
	j.NewImage = fakeImage(16, 12, j.Labels)
	return j
}

func mustShards(t *testing.T, job ShardJob) ShardResult {
	t.Helper()
	r, err := GenerateShards(context.Background(), job)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// treeOf reads all files below a directory.
func treeOf(t *testing.T, dir string) map[string]string {
	t.Helper()
	files := map[string]string{}
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		data, err := os.ReadFile(path)
		name, _ := filepath.Rel(dir, path)
		files[name] = string(data)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return files
}

// kindsOfJobs are all forms of a dataset.
var kindsOfJobs = []struct{ format, layout, member, pairs string }{
	{"png", "", "", ""},
	{"png", "basicsr", "", ""},
	{"png", "basicsr", "", "sr:x4"},
	{"webdataset", "", "", ""},
	{"webdataset", "", "npy", "noise:gaussian:25:float"},
	{"webdataset", "", "", "sr:x2"},
	{"npy", "", "", ""},
	{"npy", "", "", "noise:gaussian:25:float"},
	{"hdf5", "", "", ""},
	{"hdf5", "array", "", "sr:x2"},
}

func eachKind(t *testing.T, do func(t *testing.T, job func(dir string) ShardJob)) {
	for _, k := range kindsOfJobs {
		t.Run(strings.Join([]string{k.format, k.layout, k.member, k.pairs}, " "), func(t *testing.T) {
			do(t, func(dir string) ShardJob {
				j := shardJob(store.Dir(dir), k.format, 23, 5)
				j.Layout, j.Member, j.Start = k.layout, k.member, 3
				if k.pairs != "" {
					pair, err := degrade.Parse(k.pairs)
					if err != nil {
						t.Fatal(err)
					}
					j.Pair = &pair
				}
				return j
			})
		})
	}
}

// A dataset's bytes do not depend on batch, workers, batches in flight, the order in
// which images come, or how many tasks make it.
func TestShardsSameBytes(t *testing.T) {
	eachKind(t, func(t *testing.T, job func(string) ShardJob) {
		dir := filepath.Join(t.TempDir(), "a")
		r := mustShards(t, job(dir))
		if r.Made != 5 || r.Whole != 5 || r.Shards != 5 || r.Written != 23 {
			t.Errorf("result: %+v", r)
		}
		want := treeOf(t, dir)
		for i, c := range [][3]int{{1, 1, 1}, {3, 4, 3}, {64, 2, 2}} {
			dir := filepath.Join(t.TempDir(), "b")
			j := job(dir)
			j.Batch, j.Workers, j.InFlight = c[0], c[1], c[2]
			random := rand.New(rand.NewPCG(1, uint64(i)))
			var mu sync.Mutex
			j.Source = fake{hook: func([]uint64) error {
				mu.Lock()
				d := time.Duration(random.IntN(3)) * time.Millisecond
				mu.Unlock()
				time.Sleep(d)
				return nil
			}}
			mustShards(t, j)
			sameFiles(t, fmt.Sprint("batch, workers and in flight ", c), treeOf(t, dir), want)
		}
		dir = filepath.Join(t.TempDir(), "tasks")
		for _, task := range []uint64{2, 0, 1} {
			j := job(dir)
			j.Task, j.Tasks = task, 3
			r := mustShards(t, j)
			if n := (5-task-1)/3 + 1; r.Made != n || r.Found != 0 {
				t.Errorf("task %d: %+v", task, r)
			}
		}
		sameFiles(t, "three tasks", treeOf(t, dir), want)
		// Again: everything is there.
		j := job(dir)
		j.Task, j.Tasks = 0, 1
		if r := mustShards(t, j); r.Made != 0 || r.Found != 5 || !r.Complete || r.Verified != 23 {
			t.Errorf("again: %+v", r)
		}
		e, err := OpenExisting(context.Background(), store.Dir(dir))
		if err != nil {
			t.Fatal(err)
		}
		if report, err := e.Verify(context.Background()); err != nil || !report.OK() || report.Finished != 5 {
			t.Errorf("verify: %+v, %v", report, err)
		}
		sampled, differ, err := e.Sample(context.Background(), fake{}, j.NewImage, 4, 7, rand.New(rand.NewPCG(1, 1)))
		if sampled != 7 || len(differ) > 0 || err != nil {
			t.Errorf("sample: %d, %v, %v", sampled, differ, err)
		}
	})
}

// A damaged, shortened or missing file is seen, and made again.
func TestShardsRepair(t *testing.T) {
	eachKind(t, func(t *testing.T, job func(string) ShardJob) {
		dir := filepath.Join(t.TempDir(), "a")
		mustShards(t, job(dir))
		want := treeOf(t, dir)
		var names []string
		for name := range want {
			if !strings.HasPrefix(name, ".") && name != manifestName && name != "meta_info.txt" {
				names = append(names, name)
			}
		}
		slices.Sort(names)
		for i, damage := range []func(path string){
			func(path string) { // a bit, so that the size stays: only checksums see it
				data, _ := os.ReadFile(path)
				data[len(data)/2] ^= 1
				os.WriteFile(path, data, 0o666)
			},
			func(path string) { os.Truncate(path, 3) },
			func(path string) { os.Remove(path) },
		} {
			name := names[(i*7)%len(names)]
			damage(filepath.Join(dir, name))
			e, err := OpenExisting(context.Background(), store.Dir(dir))
			if err != nil {
				t.Fatal(err)
			}
			report, err := e.Verify(context.Background())
			if err != nil || report.OK() || len(report.Names) != 1 || report.Names[0] != name {
				t.Errorf("damage %d: %+v, %v", i, report, err)
			}
			j := job(dir)
			j.Resume = true
			if r := mustShards(t, j); r.Made != 1 || r.Found != 4 || r.Damaged != 1 {
				t.Errorf("damage %d: %+v", i, r)
			}
			sameFiles(t, "repaired", treeOf(t, dir), want)
		}
	})
}

// Sample sees an image that is not what the generator makes, even when the record was
// made to match.
func TestSampleSees(t *testing.T) {
	eachKind(t, func(t *testing.T, job func(string) ShardJob) {
		dir := filepath.Join(t.TempDir(), "a")
		j := job(dir)
		j.Source = meeting{enter: func() {}, leave: func() {}}
		other := j
		other.Source = tampered{at: 9}
		mustShards(t, other)
		e, err := OpenExisting(context.Background(), store.Dir(dir))
		if err != nil {
			t.Fatal(err)
		}
		sampled, differ, err := e.Sample(context.Background(), fake{}, j.NewImage, 4, 1000, rand.New(rand.NewPCG(1, 1)))
		if sampled != 23 || !slices.Equal(differ, []uint64{9}) || err != nil {
			t.Errorf("%d, %v, %v", sampled, differ, err)
		}
	})
}

// tampered is fake but for one number of one image.
type tampered struct {
	fake
	at uint64
}

func (f tampered) Render(ctx context.Context, indices []uint64, images []*render.Image) error {
	err := f.fake.Render(ctx, indices, images)
	for i, index := range indices {
		if index == f.at {
			images[i].Depth[5] ^= 1
		}
	}
	return err
}

// Two processes' worth of jobs on the same shards at the same time do no harm.
func TestShardsTwoWorkers(t *testing.T) {
	eachKind(t, func(t *testing.T, job func(string) ShardJob) {
		dir := filepath.Join(t.TempDir(), "a")
		mustShards(t, job(dir))
		want := treeOf(t, dir)
		dir = filepath.Join(t.TempDir(), "b")
		var wg sync.WaitGroup
		for worker := range 4 {
			wg.Go(func() {
				j := job(dir)
				j.Task, j.Tasks = 0, 1
				random := rand.New(rand.NewPCG(9, uint64(worker)))
				j.InFlight = 1
				j.Source = fake{hook: func([]uint64) error { time.Sleep(time.Duration(random.IntN(4)) * time.Millisecond); return nil }}
				if _, err := GenerateShards(context.Background(), j); err != nil {
					t.Error(err)
				}
			})
		}
		wg.Wait()
		sameFiles(t, "four workers", treeOf(t, dir), want)
	})
}

// A job that is stopped, or whose source fails, leaves nothing but whole shards, and
// goes on from there.
func TestShardsStop(t *testing.T) {
	eachKind(t, func(t *testing.T, job func(string) ShardJob) {
		dir := filepath.Join(t.TempDir(), "a")
		mustShards(t, job(dir))
		want := treeOf(t, dir)
		dir = filepath.Join(t.TempDir(), "b")
		for n := uint64(4); ; n += 6 {
			ctx, cancel := context.WithCancel(context.Background())
			j := job(dir)
			j.Resume = true
			j.Batch = 2
			j.Source = fake{hook: func(indices []uint64) error {
				if indices[0] > n && n%4 == 0 {
					return errors.New("stop here")
				}
				if indices[0] > n {
					cancel()
				}
				return nil
			}}
			_, err := GenerateShards(ctx, j)
			cancel()
			if err == nil {
				break
			}
			if !strings.Contains(err.Error(), "stop") || strings.Contains(err.Error(), "\n") {
				t.Fatal(err)
			}
			for name, data := range treeOf(t, dir) {
				if want[name] != data {
					t.Fatalf("%s is not what it should be", name)
				}
			}
		}
		sameFiles(t, "stopped and resumed", treeOf(t, dir), want)
	})
}

// What a killed process had begun is swept once its shard is finished, not before: it
// may be alive.
func TestShardsSweep(t *testing.T) {
	dir := t.TempDir()
	st := store.Dir(dir)
	j := shardJob(st, "npy", 20, 5)
	j.Task, j.Tasks = 0, 2
	for _, name := range []string{"000000.npy", "000001.npy", "id/000002.npy", ".leaflitter/000000.json", manifestName} {
		if _, err := st.Create(context.Background(), name); err != nil {
			t.Fatal(err)
		}
	}
	mustShards(t, j)
	var left []string
	for name := range treeOf(t, dir) {
		if strings.HasPrefix(name, store.TempPrefix) {
			left = append(left, name)
		}
	}
	if len(left) != 1 || !strings.HasSuffix(left[0], "-000001.npy") {
		t.Errorf("left: %q", left)
	}
	j.Task = 1
	mustShards(t, j)
	for name := range treeOf(t, dir) {
		if strings.HasPrefix(name, store.TempPrefix) {
			t.Errorf("left: %s", name)
		}
	}
}

// What is refused is refused in one sentence, and nothing changes.
func TestShardsRefuse(t *testing.T) {
	dir := t.TempDir()
	made := filepath.Join(dir, "made")
	mustShards(t, shardJob(store.Dir(made), "npy", 10, 5))
	foreign := filepath.Join(dir, "foreign")
	os.MkdirAll(foreign, 0o777)
	write(t, foreign, "000000.npy", "mine")
	folder := filepath.Join(dir, "folder")
	mustGenerate(t, testJob(folder, 3, render.Labels{}))
	garbage := filepath.Join(dir, "garbage")
	os.MkdirAll(garbage, 0o777)
	write(t, garbage, manifestName, "{")
	before := treeOf(t, dir)
	float, err := degrade.Parse("noise:gaussian:25:float")
	if err != nil {
		t.Fatal(err)
	}
	x4, err := degrade.Parse("sr:x4")
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		where  string
		change func(*ShardJob)
		want   string
	}{
		{made, func(*ShardJob) {}, "--resume"},
		{made, func(j *ShardJob) { j.Resume, j.Header.Seed = true, 5 }, "seed is"},
		{made, func(j *ShardJob) { j.Tasks, j.ShardSize = 1, 4 }, "shard size"},
		{made, func(j *ShardJob) { j.Tasks, j.Format = 1, "hdf5" }, "the format is npy there, hdf5 asked for"},
		{made, func(j *ShardJob) { j.Resume, j.Count = true, 15 }, "count is 10 there, 15 asked for"},
		{made, func(j *ShardJob) { j.Tasks, j.Pair = 1, &x4 }, "pairs"},
		{made, func(j *ShardJob) { j.Tasks, j.Overwrite = 1, true }, "--overwrite"},
		{made, func(j *ShardJob) { j.Resume, j.Overwrite = true, true }, "exclude each other"},
		{foreign, func(*ShardJob) {}, "is not empty"},
		{foreign, func(j *ShardJob) { j.Overwrite = true }, "is not empty"},
		{foreign, func(j *ShardJob) { j.Tasks = 1 }, "is not empty"},
		{folder, func(j *ShardJob) { j.Resume = true }, "is no manifest of a sharded dataset"},
		{garbage, func(*ShardJob) {}, "is no manifest of a sharded dataset"},
		{"new", func(j *ShardJob) { j.Format = "zip" }, "give one of png, webdataset, npy, hdf5"},
		{"new", func(j *ShardJob) { j.Layout = "basicsr" }, "one layout only"},
		{"new", func(j *ShardJob) { j.Format, j.Layout = "hdf5", "x" }, "patches, array"},
		{"new", func(j *ShardJob) { j.Member = "npy" }, "--member npy"},
		{"new", func(j *ShardJob) { j.Format, j.Member = "webdataset", "jpg" }, "give png or npy"},
		{"new", func(j *ShardJob) { j.Format, j.Pair = "png", &float }, "PNG files hold no float32"},
		{"new", func(j *ShardJob) { j.Pair, j.NewImage = &x4, fakeImage(18, 12, j.Labels) }, "18"},
		{"new", func(j *ShardJob) { j.ShardSize = 0 }, "--shard-size 0: give 1 to"},
		{"new", func(j *ShardJob) { j.Tasks, j.Task = 3, 3 }, "tasks count from 0"},
		{"new", func(j *ShardJob) { j.Count, j.ShardSize = 1<<48, 1 }, "are at most 10000000 shards"},
		{made, func(j *ShardJob) { j.Overwrite, j.Format, j.Count, j.ShardSize = true, "hdf5", 1<<21, 1<<21 }, "--shard-size 2097152: "},
	} {
		job := shardJob(store.Dir(filepath.Join(dir, c.where)), "npy", 10, 5)
		if filepath.IsAbs(c.where) {
			job.Store = store.Dir(c.where)
		}
		c.change(&job)
		_, err := GenerateShards(context.Background(), job)
		wantError(t, err, c.want)
		sameFiles(t, c.want, treeOf(t, dir), before)
	}
}

// --overwrite removes what a dataset of another form left, and nothing else.
func TestShardsOverwrite(t *testing.T) {
	want := filepath.Join(t.TempDir(), "want")
	mustShards(t, shardJob(store.Dir(want), "npy", 10, 5))
	eachKind(t, func(t *testing.T, job func(string) ShardJob) {
		dir := filepath.Join(t.TempDir(), "a")
		mustShards(t, job(dir))
		write(t, dir, "notes.txt", "mine")
		j := shardJob(store.Dir(dir), "npy", 10, 5)
		j.Overwrite = true
		mustShards(t, j)
		got := treeOf(t, dir)
		if got["notes.txt"] != "mine" {
			t.Error("a file of the user's is gone")
		}
		delete(got, "notes.txt")
		sameFiles(t, "overwritten", got, treeOf(t, want))
	})
}

// Memory holds few images and samples, however slow the first image of a shard is.
func TestShardsWindow(t *testing.T) {
	job := shardJob(store.Dir(t.TempDir()), "npy", 400, 400)
	job.Batch, job.InFlight, job.Workers = 2, 3, 2
	var mu sync.Mutex
	asked, waited := 0, 0
	job.Source = fake{hook: func(indices []uint64) error {
		mu.Lock()
		asked += len(indices)
		mu.Unlock()
		if indices[0] == 0 {
			time.Sleep(300 * time.Millisecond)
			mu.Lock()
			waited = asked
			mu.Unlock()
		}
		return nil
	}}
	mustShards(t, job)
	form, err := newFormat(&job)
	if err != nil {
		t.Fatal(err)
	}
	job.Tasks = 1
	if window := int(newShardSink(&job, form).window()); waited > window || waited < 4 {
		t.Errorf("%d images were asked for while the first was awaited; the window is %d", waited, window)
	}
}

// The members of a tar archive: sorted, grouped, and a JSON member that says what the
// image is.
func TestAbout(t *testing.T) {
	dir := t.TempDir()
	job := shardJob(store.Dir(dir), "webdataset", 3, 3)
	job.Source = withFacts{}
	mustShards(t, job)
	e, err := OpenExisting(context.Background(), job.Store)
	if err != nil {
		t.Fatal(err)
	}
	e.job.NewImage, e.job.spare = job.NewImage, nil
	form, err := newFormat(e.job)
	if err != nil {
		t.Fatal(err)
	}
	files, err := form.read(context.Background(), job.Store, 2)
	if err != nil {
		t.Fatal(err)
	}
	about := files[len(files)-1]
	var a struct {
		Index, Seed      uint64
		Config, Palettes string
		Palette          int
		Outline          string
		Radii            []float64
		Leaves           [][3]float64
	}
	if err := json.Unmarshal(about, &a); err != nil {
		t.Fatalf("%v: %s", err, about)
	}
	if a.Index != 2 || a.Seed != 1<<64-1 || len(a.Config) != 64 || a.Palettes != "abc" || a.Palette != 7 || a.Outline != "mix" ||
		!slices.Equal(a.Radii, []float64{10, 500}) || len(a.Leaves) != 1 || a.Leaves[0] != [3]float64{5, 1, 12.5} {
		t.Errorf("about: %s", about)
	}
	if len(about)%aboutSize != 0 {
		t.Errorf("%d bytes", len(about))
	}
}

type withFacts struct{ fake }

func (f withFacts) Render(ctx context.Context, indices []uint64, images []*render.Image) error {
	err := f.fake.Render(ctx, indices, images)
	for _, im := range images {
		im.Facts = render.Facts{Palette: 7, Outline: "mix", Radii: [2]float64{10, 500}, Leaves: []render.LeafFacts{{ID: 5, Layer: 1, Radius: 12.5}}}
	}
	return err
}

// Numbers that images draw are not equally long, and their samples are: a byte of a shard is found
// without rendering what comes before it.
func TestDrawsAreTold(t *testing.T) {
	cfg, err := scene.Parse("laws.yaml", []byte("leaves: {r_min: {log_uniform: [1, 30]}}\noutline: {per_image: {choice: [[disk], [disk, rectangle, disk, rectangle]]}}\n"+
		"paint: {flat_below: {uniform: [0, 50]}, gradient: {odds: {choice: [0, 1, 0.125]}}, noise: {margin: {normal: [60, 20]}}}"), scene.Default())
	if err != nil {
		t.Fatal(err)
	}
	placer := scene.NewPlacer(&cfg, nil, 1, 1)
	e := encoder{encoding: &encoding{header: &Header{}}}
	size := 0
	for i := range uint64(200) {
		im := &render.Image{}
		s := placer.Scene(i)
		im.Facts.Draws, im.Facts.Radii = s.Draws(), [2]float64{s.Config.Leaves.RMin, s.Config.Leaves.RMax}
		about, err := e.about(nil, i, im)
		if err != nil {
			t.Fatal(err)
		}
		if size == 0 {
			size = len(about)
		}
		if len(about) != size || size%aboutSize != 0 {
			t.Fatalf("sample %d has %d bytes, another %d: %s", i, len(about), size, about)
		}
		var a struct{ Draws map[string]any }
		if err := json.Unmarshal(about, &a); err != nil {
			t.Fatal(err)
		}
		if a.Draws["leaves.r_min"] != s.Config.Leaves.RMin || len(a.Draws) != 5 || len(a.Draws["outline.per_image"].([]any)) != len(s.Config.Outline.PerImage) {
			t.Fatalf("drawn %v, told %v", s.Draws().Values, a.Draws)
		}
	}
	var empty render.Image
	empty.Facts.Draws.Bytes = cfg.DrawBytes()
	if about, err := e.about(nil, 0, &empty); err != nil || len(about) != size {
		t.Errorf("an image that is not rendered is planned with %d bytes, not %d", len(about), size)
	}
}
