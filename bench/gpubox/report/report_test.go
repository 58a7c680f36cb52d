package report

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"leaflitter/bench/gpubox/steps"
)

// results makes a directory of results and returns its report.
func made(t *testing.T, p steps.Progress, files map[string]string) string {
	t.Helper()
	dir := t.TempDir()
	data, err := json.Marshal(&p)
	if err != nil {
		t.Fatal(err)
	}
	all := map[string]string{"steps.json": string(data), AboutFile: `{"part": "prove", "commit": "abc", "date": "2026-11-28"}`}
	for name, text := range files {
		all[name] = text
	}
	for name, text := range all {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if err := Write(dir); err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(filepath.Join(dir, "report.md"))
	if err != nil {
		t.Fatal(err)
	}
	var v any
	if data, err = os.ReadFile(filepath.Join(dir, "report.json")); err != nil || json.Unmarshal(data, &v) != nil {
		t.Errorf("report.json: %v: %s", err, data)
	}
	return string(text)
}

func holds(t *testing.T, text string, wants ...string) {
	t.Helper()
	for _, w := range wants {
		if !strings.Contains(text, w) {
			t.Errorf("it lacks %q:\n%s", w, text)
		}
	}
}

// A run that was killed: what ended counts, even if it ended just before the kill; what was
// under way and what was to come is named.
func TestKilled(t *testing.T) {
	p := steps.Progress{Outcomes: []steps.Outcome{{Name: "machine", How: steps.Ended}}, Running: "compile", Waiting: []string{"layouts", "parity-flat"}}
	text := made(t, p, map[string]string{"machine.out": `{"processor": "P", "cores": 2}`, "compile.out.part": "12345"})
	holds(t, text, "**Not finished**: compile was running when this was written, not yet begun were: layouts, parity-flat", "It had written 5 bytes to compile.out.part", "2 cores of P",
		"**Bytes: not known.**", "**Speed: not known.**")
	text = made(t, p, map[string]string{"compile.outcome.json": `{"name": "compile", "how": "ended"}`, "compile.out": "{\"expected\": 1}\n{\"name\": \"flat/paint\", \"ms\": 3}"})
	holds(t, text, "**Programs: all 1 compiled**")
	if strings.Contains(text, "compile was running") {
		t.Error("it had ended")
	}
}

// Programs that were not tried count, and the one in which the compiler hung when the step was
// killed is named.
func TestPrograms(t *testing.T) {
	killed := steps.Progress{Outcomes: []steps.Outcome{{Name: "compile", How: steps.Killed, Problem: "killed at its limit of 60 s"}}}
	lines := []string{`{"name": "a/bin", "begun": true}`, `{"name": "a/bin", "ms": 5, "bytes": 7}`, `{"name": "b/bin", "same": "a/bin"}`,
		`{"name": "a/paint", "begun": true}`, `{"name": "a/paint", "problem": "hung: no word for 20 s"}`, `{"name": "b/paint", "same": "a/paint", "problem": "hung: no word for 20 s"}`,
		`{"name": "a/shade", "begun": true}`}
	text := made(t, killed, map[string]string{"compile.out": `{"expected": 9}` + "\n" + strings.Join(lines, "\n")})
	holds(t, text, "**Programs: 2 of 9 compiled**, 1 hung.", "* hung: no word for 20 s: a/paint, b/paint", "* under way when the step ended: a/shade", "* not tried: the rest, 4",
		"| bin | 5 ms, 7 | as a |", "| shade | **under way when the step ended** |")
	text = made(t, killed, map[string]string{"compile.out": `{"name": "a/bin", "ms": 5}`})
	holds(t, text, "**Programs: 1 of an unknown number compiled**, 0 hung.")
	killed.Outcomes[0] = steps.Outcome{Name: "compile", How: steps.Ended}
	text = made(t, killed, map[string]string{"compile.out": `{"name": "a/bin", "ms": 5, "bytes": 7}` + "\n" + `{"name": "b/bin", "ms": 0.4, "bytes": 7}`})
	holds(t, text, "**Programs: all 2 compiled**", "| bin | 5 ms, 7 | as a |")
}

// A broken or absent file of a step is no obstacle.
func TestBrokenFiles(t *testing.T) {
	list := []steps.Outcome{{Name: "machine", How: steps.Ended}, {Name: "devices", How: steps.Ended}, {Name: "compile", How: steps.Ended}, {Name: "floors", How: steps.Ended},
		{Name: "parity-flat", How: steps.Ended}, {Name: "row-x", How: steps.Ended}, {Name: "training", How: steps.Ended, Section: "Training"}, {Name: "late", How: steps.LeftOut, Problem: "no time"}}
	for _, broken := range []string{"", "{", "[]", "{}", "null", "[{}]", `{"gpu_images_per_s": [1]}`} {
		files := map[string]string{}
		if broken != "" {
			for _, o := range list {
				files[o.Name+".out"] = broken
			}
		}
		holds(t, made(t, steps.Progress{Outcomes: list}, files), "Left out, no time: late.", "**Speed: not known.**")
	}
}

// Products as fma: they mend, they do not, or nobody knows.
func TestMended(t *testing.T) {
	const equal, differs = `[{"config": "flat", "images": [{"equal": true}]}]`, `[{"config": "flat", "images": [{"equal": false, "first": "paint", "words": ["pixel 5"]}]}]`
	for again, want := range map[string]string{equal: "mend it", differs: "mend none of 1", "": "is not known", "[]": "is not known"} {
		p := steps.Progress{Outcomes: []steps.Outcome{{Name: "parity-flat", How: steps.Ended, Exit: 1, Problem: "exit status 1"}, {Name: "parity-flat" + FMA, How: steps.Ended, Problem: "p"}}}
		holds(t, made(t, p, map[string]string{"parity-flat.out": differs, "parity-flat" + FMA + ".out": again}),
			"**Bytes: DIFFERENT.** 1 of 1 images differ", want, "\"pixel 5\"\n", "parity-flat: exit status 1")
	}
}

// A row says how often the CPU backend was measured, the median of two is between them, and
// no cause is named that was not measured.
func TestRow(t *testing.T) {
	row := func(busy string) string {
		p := steps.Progress{Outcomes: []steps.Outcome{{Name: "row-x", How: steps.Ended}}}
		return made(t, p, map[string]string{"row-x.out": `{"preset": "dead-leaves", "size": 512, "batch": 64, "repeats": 2, "gpu_images_per_s": [100, 300], "gpu_one_batch_images_per_s": [1], "cpu_images_per_s": [10, 20],
			"gpu_busy": [` + busy + `], "steps": ["sample", "cover", "copy out"], "profile_us_per_image": {"sample": 40, "cover": 44, "copy out": 60}}`})
	}
	text := row("0.4, 0.6")
	holds(t, text, "| 200 |", "| 13.3 |", "200 [100, 300]", "15 [10, 20] (2)", "not the device, which is busy 50 % of the time", "may come from the driver's cache")
	if strings.Contains(text, "the host:") {
		t.Error(text)
	}
	holds(t, row("0.9, 0.94"), "the device: most of it cover, 44 of 44 µs")
}

// What was left out is not called fine, and blank lines come one at a time.
func TestLeftOut(t *testing.T) {
	p := steps.Progress{Outcomes: []steps.Outcome{{Name: "machine", How: steps.Ended}, {Name: "floors", How: steps.LeftOut, Problem: "no time was left"}}}
	for _, part := range []string{"prove", "measure"} {
		text := made(t, p, map[string]string{AboutFile: `{"part": "` + part + `"}`, "machine.out": `{"cores": 2, "gpus": [{"pcie_generation": "5", "pcie_lanes": "16"}]}`})
		holds(t, text, "Left out, no time was left: floors.", "PCIe up to generation 5, x16")
		if strings.Contains(text, "was fine") || strings.Contains(text, "\n\n\n") {
			t.Error(text)
		}
	}
}

// What the probe found is said in its own words.
func TestProbe(t *testing.T) {
	for out, want := range map[string]string{
		`[{"index": 1, "probe": [{"name": "sums", "needed": true, "holds": false, "detail": "0 for 1"}]}]`: "**Probe of device 1: NOT PASSED, compared all the same**: sums: 0 for 1.",
		`[{"index": 2, "probe_problem": "it hangs"}]`:                                                      "**Probe of device 2: not passed**, it hangs.",
		`[{"index": 3, "probe": [{"name": "sums", "needed": true, "holds": true}]}]`:                       "**Probe of device 3: passed.**",
		"": "**Probe: not known**, exit status 2.",
	} {
		p := steps.Progress{Outcomes: []steps.Outcome{{Name: "probe", How: steps.Ended, Exit: 2, Problem: "exit status 2"}}}
		holds(t, made(t, p, map[string]string{"probe.out": out}), want)
	}
}
