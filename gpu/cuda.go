package gpu

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// byCuda returns the hardware devices with the CUDA numbers in list ("2" or "0,1"),
// which is how a scheduler names what it allocated. If no more can be used than it
// names, it is these whatever their numbers: a scheduler that hides the other GPUs
// may number the rest anew, and drivers other than NVIDIA's number none.
func byCuda(all []Device, list string) ([]Device, error) {
	var wanted []int
	for _, s := range strings.Split(list, ",") {
		n, err := strconv.Atoi(s)
		if err != nil || n < 0 {
			return nil, fmt.Errorf("device cuda:%s: %q is no number of a GPU; give cuda:0, or cuda:0,1 for two", list, s)
		}
		if !slices.Contains(wanted, n) {
			wanted = append(wanted, n)
		}
	}
	var usable, named []Device
	for _, d := range all {
		if d.Usable && !d.Software {
			usable = append(usable, d)
			if slices.Contains(wanted, d.Cuda) {
				named = append(named, d)
			}
		}
	}
	switch {
	case len(named) == len(wanted):
		return named, nil
	case len(usable) == len(wanted):
		return usable, nil
	}
	return nil, fmt.Errorf("%d usable hardware GPUs have the CUDA numbers %s: %s", len(named), list, sentence(all))
}
