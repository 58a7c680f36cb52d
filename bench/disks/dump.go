package disks

import (
	"encoding/binary"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
)

// About is about.json of a dump.
type About struct {
	RMin   float64 `json:"r_min"`
	Size   int     `json:"size"`   // pixels a side
	Leaves int     `json:"leaves"` // records in leaves.bin, front to back
	Record string  `json:"record"` // of a leaf, 32 bytes, little-endian
	IDs    string  `json:"ids"`    // of ids.bin, row by row
}

// Dump writes the leaves and the ids for a program in another language, into
// DIR/r_min-R: leaves.bin, ids.bin and, when those are whole, about.json.
func (s *Subject) Dump(dir string) error {
	dir = filepath.Join(dir, fmt.Sprintf("r_min-%g", s.Config.Leaves.RMin))
	about := filepath.Join(dir, "about.json")
	if err := os.RemoveAll(about); err != nil {
		return err
	}
	if err := os.MkdirAll(dir, 0o777); err != nil {
		return err
	}
	for name, records := range map[string]any{"leaves.bin": s.Leaves, "ids.bin": s.IDs} {
		data, err := binary.Append(nil, binary.LittleEndian, records)
		if err == nil {
			err = os.WriteFile(filepath.Join(dir, name), data, 0o666)
		}
		if err != nil {
			return err
		}
	}
	data, err := json.MarshalIndent(About{RMin: s.Config.Leaves.RMin, Size: s.Config.Image.Width, Leaves: len(s.Leaves),
		Record: "float32 x, y, r, cos, sin, r^2, r; uint32 shape", IDs: "uint32 leaf of each pixel, 1 upwards"}, "", "  ")
	if err != nil {
		return err
	}
	if err := os.WriteFile(about+".tmp", append(data, '\n'), 0o666); err != nil {
		return err
	}
	return os.Rename(about+".tmp", about)
}
