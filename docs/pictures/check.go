package main

import (
	"fmt"
	"os"
	"path/filepath"
)

// mostBytes bounds one picture.
const mostBytes = 250_000

const remedy = "run make gallery, look at the pictures, and commit them"

// check lists what in the documentation is not as it would be made now.
func (a *album) check(docs string) (problems []string) {
	report := func(format string, args ...any) {
		problems = append(problems, fmt.Sprintf(format, args...)+"; "+remedy)
	}
	dir := filepath.Join(docs, a.name)
	sums, err := readSums(dir)
	if err != nil {
		report("%v", err)
		return
	}
	total := 0
	for i := range a.pictures {
		p, d := &a.pictures[i], &a.drawn[i]
		path := filepath.Join(dir, p.file())
		switch sums[p.file()] {
		case d.sum:
		case "":
			report("%s has no checksum of %s", sumsFile, p.file())
		default:
			report("%s: its pixels have changed", path)
		}
		if err := like(path, p, d.image); err != nil {
			report("%v", err)
			continue
		}
		info, err := os.Stat(path)
		if err != nil {
			report("%v", err)
			continue
		}
		total += int(info.Size())
		if info.Size() > mostBytes {
			report("%s has %d bytes, more than %d", path, info.Size(), mostBytes)
		}
	}
	if total > a.most {
		report("the pictures in %s have %d bytes together, more than %d", dir, total, a.most)
	}
	strays, err := a.strays(dir)
	if err != nil {
		report("%v", err)
	}
	for _, name := range strays {
		report("%s belongs to no picture", filepath.Join(dir, name))
	}
	if len(sums) > len(a.pictures) {
		report("%s lists %d pictures, but there are %d", filepath.Join(dir, sumsFile), len(sums), len(a.pictures))
	}
	page := filepath.Join(docs, a.name+".md")
	old, err := os.ReadFile(page)
	if err != nil {
		report("%v", err)
		return problems
	}
	if text, err := a.page(a, string(old)); err != nil {
		report("%s: %v", page, err)
	} else if text != string(old) {
		report("%s is out of date", page)
	}
	return problems
}
