package dataset

import (
	"fmt"
	"strconv"
	"strings"

	"leaflitter/render"
)

const (
	manifestName = "manifest.json"
	journalName  = ".leaflitter-journal"
	tempPrefix   = ".leaflitter-tmp-"
)

// labelNames are the labels in the order of a sample's files.
var labelNames = []string{"id", "layer", "depth", "edge"}

// labelList lists the selected labels by name.
func labelList(l render.Labels) []string {
	list := []string{}
	for i, on := range []bool{l.ID, l.Layer, l.Depth, l.Edge} {
		if on {
			list = append(list, labelNames[i])
		}
	}
	return list
}

// kinds are the kinds of a sample's files, given its labels.
func kinds(labels []string) []string {
	list := []string{"png"}
	for _, l := range labels {
		list = append(list, l+".png")
	}
	return list
}

// fileName is the name of a sample's file: 000012.png, 000012.id.png.
func fileName(index uint64, kind string) string { return fmt.Sprintf("%06d.%s", index, kind) }

// parseName splits a file's name; false if fileName cannot have made it.
func parseName(name string) (index uint64, kind string, ok bool) {
	digits, kind, found := strings.Cut(name, ".")
	index, err := strconv.ParseUint(digits, 10, 64)
	if !found || err != nil || fileName(index, kind) != name {
		return 0, "", false
	}
	if kind == "png" {
		return index, kind, true
	}
	for _, l := range labelNames {
		if kind == l+".png" {
			return index, kind, true
		}
	}
	return 0, "", false
}
