//go:build linux && cgo && egl

package main

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"time"

	"leaflitter/bench/gpubox/report"
	"leaflitter/gpu"
)

// begin runs what both parts begin with, and finds the device. Where there are devices and
// not this one, it ends the run: all that follows would fail.
func (b *box) begin(ctx context.Context) error {
	b.Run(ctx, b.own("machine", 20*time.Second, "machine"),
		b.leaflitter("devices", 30*time.Second, "devices", "--json"))
	found := b.devices("devices")
	if !hardware(found) && os.Getenv(vendorVariable) == "" {
		to := filepath.Join(b.scratch, "vendor")
		b.Run(ctx, b.own("driver", 20*time.Second, "driver", "-to", to))
		if path, err := os.ReadFile(to); err == nil {
			again, variable := b.leaflitter("devices-again", 30*time.Second, "devices", "--json"), vendorVariable+"="+string(path)
			again.Env = []string{variable}
			b.Run(ctx, again)
			if more := b.devices("devices-again"); hardware(more) { // else it hides what there was
				found, b.Env = more, append(b.Env, variable)
			}
		}
	}
	if found == nil { // listing compiles, and a compiler may hang
		var m report.Machine
		data, err := os.ReadFile(filepath.Join(b.Dir, "machine.out"))
		b.software = err != nil || json.Unmarshal(data, &m) != nil || len(m.GPUs) == 0
		return nil
	}
	chosen, err := gpu.Select(found, b.device)
	if err != nil {
		return fmt.Errorf("-d %s cannot be used: %w", b.device, err)
	}
	b.device, b.software = strconv.Itoa(chosen[0].Index), chosen[0].Software
	return nil
}

// devices reads what a step listed; none when it failed.
func (b *box) devices(step string) (found []gpu.Device) {
	data, err := os.ReadFile(filepath.Join(b.Dir, step+".out"))
	if err != nil || json.Unmarshal(data, &found) != nil {
		return nil
	}
	return found
}

func hardware(found []gpu.Device) bool {
	for _, d := range found {
		if d.Usable && !d.Software {
			return true
		}
	}
	return false
}
