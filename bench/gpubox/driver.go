//go:build linux && cgo && egl

package main

import (
	"errors"
	"flag"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"leaflitter/bench/gpubox/report"
)

// vendorVariable tells libglvnd which drivers there are, in place of its own directories.
const vendorVariable = "__EGL_VENDOR_LIBRARY_FILENAMES"

const (
	vendorFile = "10_nvidia.json"
	vendorLib  = "libEGL_nvidia.so.0"
)

// driver looks for the file by which EGL finds NVIDIA's driver, which containers often lack
// or have where nobody looks. Its path goes into a file of its own and not into the report.
func driver(args []string) error {
	f := flag.NewFlagSet("driver", flag.ContinueOnError)
	to := f.String("to", "", "file that receives the path")
	root := f.String("root", "/", "directory to search")
	patience := f.Duration("patience", 12*time.Second, "how long to search at most")
	if err := parse(f, args, false); err != nil {
		return err
	}
	found, path, err := findVendor(*root, *patience, *to+".json")
	switch {
	case errors.Is(err, errTime):
		return printJSON(report.Driver{Found: fmt.Sprintf("not found in %.0f s, in which not all directories were searched", patience.Seconds())})
	case err != nil:
		return err
	}
	if path == "" {
		return printJSON(report.Driver{Found: "not found, and " + vendorLib + " neither: a container with an NVIDIA GPU lacks the driver's graphics parts (NVIDIA_DRIVER_CAPABILITIES=all)"})
	}
	if *to != "" {
		if err := os.WriteFile(*to, []byte(path), 0o600); err != nil {
			return err
		}
	}
	return printJSON(report.Driver{Found: found})
}

// errTime says that the search ended before all was searched.
var errTime = errors.New("no time is left to search")

// findVendor returns the path of the driver's file and says in words where it was. Where
// only the library is there, it makes such a file at made.
func findVendor(root string, patience time.Duration, made string) (words, path string, err error) {
	for _, dir := range []string{"usr/share/glvnd/egl_vendor.d", "etc/glvnd/egl_vendor.d", "usr/local/share/glvnd/egl_vendor.d"} {
		path := filepath.Join(root, dir, vendorFile)
		if _, err := os.Stat(path); err == nil {
			return "found in a usual place", path, nil
		}
	}
	skip := map[string]bool{}
	for _, dir := range []string{"proc", "sys", "dev"} {
		skip[filepath.Join(root, dir)] = true
	}
	deadline, library, late := time.Now().Add(patience), "", error(nil)
	filepath.WalkDir(root, func(name string, e fs.DirEntry, err error) error {
		switch {
		case time.Now().After(deadline):
			late = errTime
			return fs.SkipAll
		case err != nil || skip[name]:
			if e != nil && e.IsDir() {
				return fs.SkipDir
			}
		case e.Name() == vendorFile:
			path = name
			return fs.SkipAll
		case e.Name() == vendorLib && library == "":
			library = name
		}
		return nil
	})
	switch {
	case path != "":
		return "found elsewhere", path, nil
	case library == "":
		return "", "", late
	}
	text := fmt.Sprintf(`{"file_format_version": "1.0.0", "ICD": {"library_path": "%s"}}`, strings.ReplaceAll(library, `"`, `\"`))
	return "not there, made from the driver's library", made, os.WriteFile(made, []byte(text), 0o600)
}
