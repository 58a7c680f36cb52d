package main

import (
	"fmt"
	"math"
	"os"
	"strconv"
	"strings"

	"leaflitter/dataset"
	"leaflitter/degrade"
	"leaflitter/store"
)

// shardFlags say in what form a dataset is written, and which part of it is this
// process's work.
type shardFlags struct {
	Format    string  `default:"png" help:"png, webdataset, npy or hdf5 (default png)." placeholder:"NAME"`
	Layout    string  `help:"png: flat, or basicsr (folders GT and LQ, meta_info.txt); hdf5: patches or array." placeholder:"NAME"`
	Member    string  `help:"Members of webdataset archives: png or npy (default png)." placeholder:"png|npy"`
	Pairs     string  `help:"Write training pairs: sr:x2, sr:x3, sr:x4, noise:gaussian:SIGMA or noise:gaussian:SIGMA:float." placeholder:"KIND"`
	Shards    *uint64 `help:"How many shards: the dataset is then made shard by shard, by any number of processes." xor:"count"`
	ShardSize *uint64 `help:"Images a shard (default 1000)."`
	Task      string  `help:"Make every N-th shard from number I on; auto: I and N from Slurm, Kubernetes or RANK and WORLD_SIZE." placeholder:"I/N|auto"`

	task string // as it was understood; empty: none
}

const defaultShardSize = 1000

// job returns the sharded job that the flags ask for, still without what all jobs have;
// nil if they ask for a folder of PNG files written by one process. It sets g.count.
func (f *shardFlags) job(c *console, g *generateCmd) (*dataset.ShardJob, error) {
	sharded := f.Format != "png" || f.Layout != "" || f.Member != "" || f.Pairs != "" || f.Shards != nil || f.ShardSize != nil || f.Task != "" || store.IsURL(g.Output)
	size, most := uint64(defaultShardSize), uint64(math.MaxInt32)
	if f.ShardSize != nil {
		size = *f.ShardSize
	}
	if size < 1 || size > math.MaxInt32 {
		return nil, usagef("--shard-size %d is out of range; give 1 to %d", size, math.MaxInt32)
	}
	if sharded {
		most = 1 << 48
	}
	g.count = 16
	if f.Shards != nil {
		if *f.Shards < 1 || *f.Shards > most/size {
			return nil, usagef("--shards %d is out of range; give 1 to %d shards of %d images", *f.Shards, most/size, size)
		}
		g.count = *f.Shards * size
	} else if g.Count != nil {
		g.count = *g.Count
	}
	if g.count < 1 || g.count > most {
		return nil, usagef("--count %d is out of range; give 1 to %d", g.count, most)
	}
	if !sharded {
		return nil, nil
	}
	j := &dataset.ShardJob{Format: f.Format, Layout: f.Layout, Member: f.Member, ShardSize: size}
	if f.Pairs != "" {
		pair, err := degrade.Parse(f.Pairs)
		if err != nil {
			return nil, usageError{err}
		}
		j.Pair = &pair
	}
	if f.Task != "" {
		if g.Overwrite {
			return nil, usagef("--overwrite with --task would let one task delete what another has made; remove the dataset first, or use another destination")
		}
		var err error
		if j.Task, j.Tasks, f.task, err = parseTask(f.Task, os.Getenv); err != nil {
			return nil, err
		}
		if !g.Quiet {
			c.say("%s", f.task)
		}
	}
	return j, nil
}

// parseTask returns which task of how many this process is, counted from 0, and says so.
func parseTask(text string, env func(string) string) (i, n uint64, said string, err error) {
	if text != "auto" {
		a, b, ok := strings.Cut(text, "/")
		i, err1 := strconv.ParseUint(a, 10, 64)
		n, err2 := strconv.ParseUint(b, 10, 64)
		if !ok || err1 != nil || err2 != nil || i >= n {
			return 0, 0, "", usagef("--task %s: give I/N, I from 0 to N-1, such as 0/12, or auto", text)
		}
		return i, n, fmt.Sprintf("task %d of %d", i, n), nil
	}
	for _, scheduler := range []struct {
		index, count, first, last, step string
		advice                          string
	}{
		{"SLURM_ARRAY_TASK_ID", "SLURM_ARRAY_TASK_COUNT", "SLURM_ARRAY_TASK_MIN", "SLURM_ARRAY_TASK_MAX", "SLURM_ARRAY_TASK_STEP", "submit with sbatch --array=0-11"},
		{"JOB_COMPLETION_INDEX", "JOB_COMPLETIONS", "", "", "", "set JOB_COMPLETIONS to the completions of the Indexed Job in its env"},
		{"RANK", "WORLD_SIZE", "", "", "", "start with torchrun, or set both"},
	} {
		if env(scheduler.index) == "" {
			continue
		}
		number := func(name string, otherwise uint64) uint64 {
			if name == "" || env(name) == "" {
				return otherwise
			}
			v, e := strconv.ParseUint(env(name), 10, 64)
			if e != nil && err == nil {
				err = usagef("--task auto: %s is %q, but must be a whole number; give --task I/N", name, env(name))
			}
			return v
		}
		index, count := number(scheduler.index, 0), number(scheduler.count, 0)
		first, step := number(scheduler.first, 0), max(1, number(scheduler.step, 1))
		if err != nil {
			return 0, 0, "", err
		}
		if count == 0 {
			return 0, 0, "", usagef("--task auto: %s is set and %s is not: %s, or give --task I/N", scheduler.index, scheduler.count, scheduler.advice)
		}
		last := number(scheduler.last, first+(count-1)*step)
		// An array such as 1,3,8 has gaps: its elements would take others' numbers.
		if err == nil && (index < first || index > last || (index-first)%step != 0 || (last-first)/step != count-1) {
			return 0, 0, "", usagef("--task auto: %s is %d, of %d from %d to %d: the numbers must be one range; give --task I/N",
				scheduler.index, index, count, first, last)
		}
		if err != nil {
			return 0, 0, "", err
		}
		i = (index - first) / step
		return i, count, fmt.Sprintf("task %d of %d (from %s)", i, count, scheduler.index), nil
	}
	return 0, 0, "", usagef("--task auto: none of SLURM_ARRAY_TASK_ID, JOB_COMPLETION_INDEX and RANK is set; give --task I/N")
}

func shardSummary(where string, r dataset.ShardResult, task string) string {
	text := fmt.Sprintf("wrote %s (%s) to %s", shards(r.Made), images(r.Written), where)
	if r.Found > 0 {
		text += fmt.Sprintf("; %s were there", shards(r.Found))
	}
	if r.Damaged > 0 {
		text += fmt.Sprintf("; %d damaged were made again", r.Damaged)
	}
	if task != "" {
		text = task + ": " + text
	}
	if r.Whole == r.Shards {
		return fmt.Sprintf("%s; the dataset is complete, %s", text, shards(r.Shards))
	}
	return fmt.Sprintf("%s; %d of the dataset's %s are there", text, r.Whole, shards(r.Shards))
}

func shards(n uint64) string {
	if n == 1 {
		return "1 shard"
	}
	return fmt.Sprintf("%d shards", n)
}
