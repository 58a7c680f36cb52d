//go:build linux && cgo && egl

package main

import (
	"context"
	"fmt"
	"strings"
	"time"

	"leaflitter/bench/gpubox/report"
	"leaflitter/bench/gpubox/steps"
	"leaflitter/scene"
)

// measure runs the steps that tell how fast the device is: the most telling first, so that
// what falls away for lack of time is what would be missed least.
func (b *box) measure(ctx context.Context) {
	limit := 30 * time.Second
	if b.software {
		limit = 90 * time.Second
	}
	list := []steps.Step{b.own("floors", limit, "floors", "-device", b.device)}
	list = append(list, b.rows()...)
	for i := range list[:3] { // whatever hangs before them, and however short the run is
		list[i].Reserve = min(12*time.Second, time.Until(b.Deadline)/16)
	}
	b.Run(ctx, append(list, b.extra()...)...)
}

// rows returns the steps that measure throughput, the most telling first.
func (b *box) rows() (all []steps.Step) {
	limit := 30 * time.Second
	if b.software {
		limit = 90 * time.Second
	}
	for i, s := range subjects(b.software) {
		args := []string{"throughput", "-device", b.device, "-subject", s}
		if b.software {
			args = append(args, "-repeats", "2")
		}
		if i < 2 {
			args = append(args, "-count")
		}
		row := b.own(report.Rows+strings.ReplaceAll(s, ":", "-"), limit, args...)
		row.Wants = `"gpu_images_per_s":`
		all = append(all, row)
	}
	return all
}

// subjects are PRESET:SIZE:BATCH. Software devices get what they can do in minutes.
func subjects(software bool) (all []string) {
	both := func(size, batch int) {
		for _, p := range []string{"dead-leaves", "dead-leaves-pp"} {
			all = append(all, fmt.Sprintf("%s:%d:%d", p, size, batch))
		}
	}
	if software {
		both(128, 8)
		both(256, 4)
		return append(all, "no-depth:128:4")
	}
	for _, batch := range []int{64, 128, 32, 256, 16, 8} {
		both(512, batch)
	}
	for _, p := range scene.Presets() {
		if p.Name != "dead-leaves-pp" && p.Name != "dead-leaves" {
			all = append(all, p.Name+":512:64")
		}
	}
	both(1024, 16)
	both(256, 256)
	both(128, 512)
	both(2048, 4)
	return all
}
