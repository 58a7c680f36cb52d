// Package gpu renders scenes with OpenGL compute shaders, to the same bytes as
// package cpu.
//
// A context lives on one locked OS thread (device.go); Backend hands batches of
// scenes to the threads of its devices. A batch is laid out (layout.go), uploaded
// and run stage by stage (batch.go), and its finished bytes are copied out. The
// shaders are those of package shaders. Screen does the same for one image at a time in
// the context of a window, and leaves it there (screen.go).
//
// Without cgo or the build tag egl, or elsewhere than on Linux, the package has
// the functions that leaflitter calls, and they say that there is no GPU backend.
package gpu

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"leaflitter/render"
)

// Device describes something that can make an OpenGL context.
type Device struct {
	Index    int    `json:"index"`
	Platform string `json:"platform"` // EGL's: device or surfaceless
	Vendor   string `json:"vendor"`
	Renderer string `json:"renderer"`
	Version  string `json:"version"`
	Memory   uint64 `json:"memory"` // bytes of its own; 0: the driver does not tell
	Cuda     int    `json:"cuda"`   // number of the CUDA device it is; -1: none
	Software bool   `json:"software"`
	Usable   bool   `json:"usable"`  // it can run the shaders
	Problem  string `json:"problem"` // why not
}

// Name returns what to call the device in a sentence.
func (d *Device) Name() string {
	if d.Renderer != "" {
		return d.Renderer
	}
	return "EGL " + d.Platform
}

// Primitive is one of the operations that the shaders are made of, and what a device gives
// for it.
type Primitive struct {
	Name   string `json:"name"`
	Needed bool   `json:"needed"` // the bytes of images depend on it
	Holds  bool   `json:"holds"`  // the device gives what the CPU backend computes
	Detail string `json:"detail,omitempty"`
}

// Verdict says which needed primitives fail; nil if none does.
func Verdict(found []Primitive) error {
	var failed []string
	for _, p := range found {
		if p.Needed && !p.Holds {
			failed = append(failed, p.Name+" ("+p.Detail+")")
		}
	}
	if failed == nil {
		return nil
	}
	return fmt.Errorf("%w: %s", ErrInexact, strings.Join(failed, "; "))
}

// ErrInexact is why a device is refused, unless Options.Inexact is set: the probe failed
// there, or could not be run.
var ErrInexact = errors.New("the device does not compute as the CPU backend does")

// Options tune a Backend. The zero value is right for most.
type Options struct {
	Threads int               // goroutines that place leaves; 0: all cores
	Debug   bool              // debug context: what the driver notices goes to Say
	Say     func(line string) // nil: nobody listens
	Warn    func(line string) // what nobody may miss; nil: Say
	Memory  uint64            // bytes of device memory that a batch is planned for, beside half as much again of slack; 0: chosen by device
	Shaders fs.FS             // nil: shaders.Files
	Stats   *render.Stats     // nil: nobody measures
	Count   bool              // count the work, see Work; slow
	Inexact bool              // go on with a device on which a needed primitive fails, see Probe
	// ProgramCache is the directory that keeps compiled programs, and which drivers passed
	// the probe, for the next start; "": none.
	ProgramCache string
}

// ProgramCacheDir returns the directory for Options.ProgramCache that all programs of a user share:
// leaflitter/programs in the user's cache directory, which $XDG_CACHE_HOME or $HOME names;
// "" where neither is set.
func ProgramCacheDir() string {
	dir, err := os.UserCacheDir()
	if err != nil {
		return ""
	}
	return filepath.Join(dir, "leaflitter", "programs")
}

// Work is what the device did for a number of images, counted by the shaders in a debug
// mode (Options.Count) and, where it follows from the layout, by the host.
type Work struct {
	Images      uint64 `json:"images"`       // batches that came again with more leaves included
	Pixels      uint64 `json:"pixels"`       // finished ones: the least that can be tested and shaded
	BinTests    uint64 `json:"bin_tests"`    // leaf against bin
	TileTests   uint64 `json:"tile_tests"`   // leaf against tile
	PixelTests  uint64 `json:"pixel_tests"`  // leaf against pixel
	PolyTests   uint64 `json:"poly_tests"`   // of these, against a polygon
	Covered     uint64 `json:"covered"`      // pixels of all stacks that a leaf covers
	Shaded      uint64 `json:"shaded"`       // pixels of all stacks that are shaded
	Textured    uint64 `json:"textured"`     // of these, of a paint that is not flat
	Taps        uint64 `json:"taps"`         // values that blurs add up
	DeviceBytes uint64 `json:"device_bytes"` // that the stages read and write in the device's memory, caches aside
	Up          uint64 `json:"bytes_up"`     // over the bus
	Down        uint64 `json:"bytes_down"`
}

// Select returns the usable devices that which names: a number, part of a
// renderer's or vendor's name, cuda:N or cuda:N,M (as a scheduler numbers them), all
// (hardware if there is any, else software), or auto (the first hardware device). The
// error is one sentence.
func Select(all []Device, which string) ([]Device, error) {
	if list, ok := strings.CutPrefix(which, "cuda:"); ok {
		return byCuda(all, list)
	}
	var chosen []Device
	switch number, err := strconv.Atoi(which); {
	case which == "all" || which == "auto":
		for _, d := range all {
			if d.Usable && !d.Software {
				chosen = append(chosen, d)
			}
		}
		if which == "auto" && len(chosen) > 1 {
			chosen = chosen[:1]
		}
		for _, d := range all {
			if which == "all" && len(chosen) == 0 && d.Usable {
				chosen = append(chosen, d)
			}
		}
		if len(chosen) == 0 {
			return nil, fmt.Errorf("no hardware GPU can be used: %s", sentence(all))
		}
		return chosen, nil
	case err == nil:
		if number < 0 || number >= len(all) {
			return nil, fmt.Errorf("there is no device %d: %s", number, sentence(all))
		}
		chosen = all[number : number+1]
	default:
		for _, d := range all {
			if strings.Contains(strings.ToLower(d.Vendor+" "+d.Renderer), strings.ToLower(which)) {
				chosen = append(chosen, d)
			}
		}
		if len(chosen) == 0 {
			return nil, fmt.Errorf("no device is named %q: %s", which, sentence(all))
		}
		if len(chosen) > 1 {
			return nil, fmt.Errorf("%d devices are named %q; choose one by its number: %s", len(chosen), which, sentence(all))
		}
	}
	if d := chosen[0]; !d.Usable {
		return nil, fmt.Errorf("device %d (%s) cannot run the shaders: %s", d.Index, d.Name(), d.Problem)
	}
	return chosen, nil
}

// sentence says in one line what there is.
func sentence(all []Device) string {
	if len(all) == 0 {
		return "EGL lists no device"
	}
	parts := make([]string, len(all))
	for i, d := range all {
		parts[i] = fmt.Sprintf("%d is %s", d.Index, d.Name())
		if d.Software {
			parts[i] += " (software)"
		}
		if !d.Usable {
			parts[i] += " (unusable: " + d.Problem + ")"
		}
	}
	return strings.Join(parts, ", ") + "; see leaflitter devices"
}
