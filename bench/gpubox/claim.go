//go:build linux && cgo && egl

package main

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"

	"leaflitter/bench/gpubox/report"
	"leaflitter/bench/gpubox/steps"
)

// claim makes dir ready for a run of part, before the first step: nothing is worth a step
// whose results cannot be kept. It returns the path of dir.
func claim(dir, bundle, part string) (string, error) {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return "", fmt.Errorf("the directory %s cannot be made (%w); give another one for the results with -o", dir, steps.Reason(err))
	}
	dir, err := filepath.Abs(dir)
	if err != nil {
		return "", err
	}
	if err := try(filepath.Join(dir, "trial")); err != nil {
		return "", fmt.Errorf("nothing can be written to %s (%w); give another directory for the results with -o", dir, err)
	}
	if bundle != "" {
		if info, err := os.Stat(bundle); err == nil && info.IsDir() {
			return "", fmt.Errorf("%s is a directory; give a file for the bundle with -b", bundle)
		}
		if err := try(bundle + ".trial"); err != nil {
			return "", fmt.Errorf("nothing can be written beside the bundle %s (%w); give a file in another directory with -b", bundle, err)
		}
	}
	return dir, forget(dir, part)
}

// try writes a file, gives it its name and removes it.
func try(path string) error {
	if err := steps.WriteWhole(path, []byte("trial\n")); err != nil {
		return err
	}
	return steps.Reason(os.Remove(path))
}

// forget removes the results of an earlier run of part, and nothing else.
func forget(dir, part string) error {
	data, err := os.ReadFile(filepath.Join(dir, report.AboutFile))
	if os.IsNotExist(err) {
		return nil
	}
	var a report.About
	if err != nil || json.Unmarshal(data, &a) != nil || a.Part != part {
		return fmt.Errorf("%s holds something else than an earlier gpubox %s; give another directory with -o, or remove this one", dir, part)
	}
	for _, pattern := range []string{"*.out", "*.err", "*.outcome.json", "*.part", "*.tmp", "steps.json", "report.md", "report.json",
		"peers.json", "cuda-peer.json", "training.json", "study.json", report.AboutFile} { // last: until then it is an earlier run
		names, err := filepath.Glob(filepath.Join(dir, pattern))
		if err != nil {
			return err
		}
		for _, name := range names {
			if err := os.Remove(name); err != nil {
				return err
			}
		}
	}
	return nil
}

// unpackedVariable names the directory that bench/gpubox.sh unpacked the archive in.
const unpackedVariable = "GPUBOX_UNPACKED"

// removeUnpacked removes that directory, if this program is in it.
func removeUnpacked() {
	dir := os.Getenv(unpackedVariable)
	if dir == "" {
		return
	}
	exe, err := os.Executable()
	if err == nil {
		dir, err = filepath.EvalSymlinks(dir)
	}
	if err == nil && exe == filepath.Join(dir, "gpubox", "gpubox") {
		os.RemoveAll(dir)
	}
}
