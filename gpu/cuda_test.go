package gpu

import (
	"fmt"
	"testing"
)

func TestSelectByCuda(t *testing.T) {
	gpu := func(index, cuda int) Device { return Device{Index: index, Cuda: cuda, Usable: true} }
	soft := Device{Index: 9, Cuda: -1, Usable: true, Software: true}
	broken := Device{Index: 3, Cuda: 3, Problem: "hidden by a cgroup"}
	four := []Device{gpu(0, 2), gpu(1, 0), gpu(2, 1), broken, soft}
	for _, c := range []struct {
		all  []Device
		list string
		want string // indices, or "error"
	}{
		{four, "0", "[1]"},
		{four, "2", "[0]"},
		{four, "1,2", "[0 2]"},
		{four, "3", "error"},
		{four, "7", "error"},
		{four, "0,7", "error"},
		{[]Device{gpu(0, 0), broken, soft}, "5", "[0]"}, // the others are hidden
		{[]Device{gpu(0, -1), soft}, "1", "[0]"},        // not NVIDIA's
		{[]Device{gpu(0, -1), gpu(1, -1)}, "1", "error"},
		{[]Device{soft}, "0", "error"},
		{nil, "0", "error"},
		{four, "", "error"},
		{four, "-1", "error"},
		{four, "0-1", "error"},
	} {
		chosen, err := Select(c.all, "cuda:"+c.list)
		got := "error"
		if err == nil {
			indices := []int{}
			for _, d := range chosen {
				indices = append(indices, d.Index)
			}
			got = fmt.Sprint(indices)
		}
		if got != c.want {
			t.Errorf("cuda:%s of %d devices: %s (%v), want %s", c.list, len(c.all), got, err, c.want)
		}
	}
}
