package dataset

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"

	"leaflitter/store"
)

// pngFormat writes one file a member. Layout flat without pairs names them as the
// folder sink does; layout basicsr, and pairs, put each kind into a folder of its own
// under the same names: what BasicSR and KAIR pair by name or by sorted order.
type pngFormat struct {
	files
	folders bool
}

func newPNGFormat(f files) shardFormat {
	f.enc.png, f.enc.sums = true, true
	return &pngFormat{f, f.job.Layout == "basicsr" || f.job.Pair != nil}
}

func (p *pngFormat) begin(context.Context, shard) (shardWriter, error) { return nil, nil }

// folder is where a member's files go.
func (p *pngFormat) folder(m *member) string {
	if m.kind == "" {
		return "GT"
	}
	return m.folder()
}

func longName(index uint64) string { return fmt.Sprintf("%09d", index) }

func (p *pngFormat) path(index uint64, kind string) string {
	if !p.folders {
		return fileName(index, kind)
	}
	m := member{kind: strings.TrimSuffix(strings.TrimSuffix(kind, "png"), ".")}
	return p.folder(&m) + "/" + longName(index) + ".png"
}

// extra is BasicSR's list of the images, since its folder scan is not sorted.
func (p *pngFormat) extra() []extraFile {
	if p.job.Layout != "basicsr" {
		return nil
	}
	return []extraFile{{"meta_info.txt", func(w io.Writer) error {
		b := bufio.NewWriter(w)
		m := p.enc.members[0]
		for i := range p.job.Count {
			fmt.Fprintf(b, "%s.png (%d,%d,%d)\n", longName(p.job.Start+i), m.height, m.width, m.channels)
		}
		return b.Flush()
	}}}
}

func (p *pngFormat) shardOf(name string) (uint64, bool) {
	index, ok := p.index(name)
	if !ok || index < p.job.Start || index-p.job.Start >= p.job.Count {
		return 0, false
	}
	return p.job.shardOf(index).number, true
}

// index returns the image that a file of the dataset shows.
func (p *pngFormat) index(name string) (uint64, bool) {
	if !p.folders {
		index, kind, ok := parseName(name)
		return index, ok && slices.Contains(p.enc.kinds(), kind)
	}
	for _, m := range p.enc.members {
		digits, ok := strings.CutPrefix(name, p.folder(&m)+"/")
		index, err := strconv.ParseUint(strings.TrimSuffix(digits, ".png"), 10, 64)
		if ok && err == nil && p.path(index, dotted(m.kind, "png")) == name {
			return index, true
		}
	}
	return 0, false
}

func (p *pngFormat) names(s shard) (list []string) {
	kinds := p.enc.kinds()
	for i := range s.count {
		for _, kind := range kinds {
			list = append(list, p.path(s.first+i, kind))
		}
	}
	return list
}

func (p *pngFormat) read(ctx context.Context, st store.Store, index uint64) ([][]byte, error) {
	var list [][]byte
	for _, kind := range p.enc.kinds() {
		data, err := readRange(ctx, st, p.path(index, kind), 0, -1)
		if err != nil {
			return nil, err
		}
		list = append(list, data)
	}
	return list, nil
}
